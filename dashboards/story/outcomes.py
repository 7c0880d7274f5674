"""One pass over the outcomes of a run: everything that labels say about the answers, in bounded memory."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from dashboards.story.days import Days
from dashboards.story.run import Run
from models.metrics.arrays import from_records
from models.metrics.losses import loss_for
from models.metrics.port import Setting
from models.metrics.scores import Scores
from monitors.expected import expectation
from streams.records import Score, Target

Floats = NDArray[np.float64]
SERVED = "served"
CHUNK = 8192
"""Outcomes that are added up together."""


class Answered(msgspec.Struct, gc=False):
    """What is read of a prediction."""

    time: float
    arms: dict[str, Score]
    served: str
    decision: Target | None = None
    flags: tuple[str, ...] = ()


class Line(msgspec.Struct, gc=False):
    """What is read of an outcome: the rest of the line is passed over."""

    prediction: Answered
    label: Target | None = None
    delay_s: float = 0.0
    revision: int = 0
    before: Target | None = None
    losses: dict[str, float] = {}


def lines(folder: Path) -> Iterator[Line]:
    """Yield the outcomes of all partitions of a run folder, partition by partition."""
    decoder = msgspec.json.Decoder(Line)
    for path in sorted(folder.glob("outcomes-*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                yield decoder.decode(line)


def classes_of(folder: Path) -> tuple[str, ...]:
    """Return every class that a label or an answer names, sorted."""
    found: set[str] = set()
    for line in lines(folder):
        found.update(*(score for score in line.prediction.arms.values() if isinstance(score, dict)))
        found.update(str(label) for label in (line.label, line.before) if label is not None)
    return tuple(sorted(found))


class Told:
    """The tallies of the pass. Metrics count from the end of the warm-up on, days from the beginning.

    `scores` is by arm and then by (month, held out), so that every part adds up to the whole exactly.
    """

    def __init__(self, run: Run, classes: tuple[str, ...], thresholds: dict[str, float], usual: float) -> None:
        """Start from nothing; `thresholds` are those of releases, `usual` that of every other arm."""
        self.run = run
        self.days = Days(run.start, run.end, run.timezone)
        self.classes = classes
        self.thresholds = thresholds
        self.usual = usual
        self.scores: dict[str, dict[tuple[str, bool], Scores]] = defaultdict(dict)
        self.loss: dict[str, Floats] = defaultdict(self._zeros)
        self.number: dict[str, Floats] = defaultdict(self._zeros)
        self.behind: dict[str, Floats] = defaultdict(self._zeros)
        self.paired: dict[str, Floats] = defaultdict(self._zeros)
        self.excess, self.judged = self._zeros(), self._zeros()
        self.accepted, self.quarantined = self._zeros(), self._zeros()
        self.flags: Counter[str] = Counter()
        self.delays: list[Floats] = []
        self.residuals: list[Floats] = []
        self.served_by: Counter[str] = Counter()
        self.labelled = self.unlabelled = 0
        self._loss = loss_for(run.task, run.metric)
        self._expect = expectation(run.task, run.metric)

    def _zeros(self) -> Floats:
        return np.zeros(len(self.days))

    def add(self, chunk: Sequence[Line]) -> None:
        """Add a chunk of outcomes; a revision adds its label and takes away the one before."""
        fresh = [line for line in chunk if not line.revision]
        times = np.array([line.prediction.time for line in fresh])
        bad = np.array([_quarantined(line.prediction) for line in fresh], dtype=bool)
        place = self.days.place(times)
        self.accepted += np.bincount(place[~bad], minlength=len(self.days))
        self.quarantined += np.bincount(place[bad], minlength=len(self.days))
        for line in fresh:
            if line.prediction.flags:
                self.flags.update(line.prediction.flags)
        labelled = sum(line.label is not None for line in fresh)
        self.labelled += labelled
        self.unlabelled += len(fresh) - labelled
        sound = [line for line in chunk if line.label is not None and not _quarantined(line.prediction)]
        self._count(sound, 1)
        self._count([_before(line, self._loss) for line in sound if line.revision and line.before is not None], -1)

    def _count(self, chunk: list[Line], sign: int) -> None:
        if not chunk:
            return
        times = np.array([line.prediction.time for line in chunk])
        place = self.days.place(times)
        self._add_losses(chunk, place, sign)
        scored = times >= self.run.warmup_end
        if sign > 0:
            self.delays.append(np.array([line.delay_s for line in chunk if not line.revision], dtype=np.float32))
        if not scored.any():
            return
        rows = [line for line, counts in zip(chunk, scored.tolist(), strict=True) if counts]
        times, place = times[scored], place[scored]
        held = times >= (self.run.held_out_from if self.run.held_out_from is not None else np.inf)
        keys = list(zip((self.days.months[i] for i in place.tolist()), held.tolist(), strict=True))
        for key in dict.fromkeys(keys):
            self._add_scores([row for row, own in zip(rows, keys, strict=True) if own == key], key, sign)

    def _add_losses(self, chunk: list[Line], place: NDArray[np.intp], sign: int) -> None:
        """Add up losses by day: of every arm, of what was served, and their paired differences."""
        served = np.array([line.losses.get(line.prediction.served, np.nan) for line in chunk])
        later = np.array([line.prediction.time for line in chunk]) >= self.run.warmup_end
        for arm in (SERVED, *{arm: None for line in chunk for arm in line.losses}):
            own = served if arm == SERVED else np.array([line.losses.get(arm, np.nan) for line in chunk])
            there = np.isfinite(own)
            self.loss[arm] += sign * self._by_day(place[there], own[there])
            self.number[arm] += sign * self._by_day(place[there])
            paired = there & np.isfinite(served) & later
            self.behind[arm] += sign * self._by_day(place[paired], own[paired] - served[paired])
            self.paired[arm] += sign * self._by_day(place[paired])
        self._add_expected(chunk, place, served, sign)

    def _add_expected(self, chunk: list[Line], place: NDArray[np.intp], served: Floats, sign: int) -> None:
        """Add up by how much the served loss exceeds what the answers expected of themselves."""
        answers = [line.prediction.arms.get(line.prediction.served) for line in chunk]
        found = [None if answer is None else self._expect(answer) for answer in answers]
        expected = np.array([0.0 if each is None else each for each in found])
        there = np.isfinite(served)
        self.excess += sign * self._by_day(place[there], (served - expected)[there])
        self.judged += sign * self._by_day(place[there])

    def _by_day(self, place: NDArray[np.intp], weights: Floats | None = None) -> Floats:
        return np.bincount(place, weights=weights, minlength=len(self.days)).astype(np.float64)

    def _add_scores(self, rows: list[Line], key: tuple[str, bool], sign: int) -> None:
        arms = [row.prediction.arms for row in rows]
        for arm in dict.fromkeys(name for each in arms for name in each):
            self._score(arm, key, rows, [each.get(arm) for each in arms], None, sign)
        served = [each.get(row.prediction.served) for each, row in zip(arms, rows, strict=True)]
        self._score(SERVED, key, rows, served, [row.prediction.decision for row in rows], sign)
        if sign > 0:
            self.served_by.update(row.prediction.served for row in rows)

    def _score(
        self,
        arm: str,
        key: tuple[str, bool],
        rows: list[Line],
        answers: Sequence[Score | None],
        decisions: Sequence[Target | None] | None,
        sign: int,
    ) -> None:
        """Add the answers of one arm to its scores of one part of the period."""
        given = [(i, answer) for i, answer in enumerate(answers) if answer is not None and answer != {}]
        if not given:
            return
        there = [i for i, _ in given]
        tally = self.scores[arm].get(key)
        if tally is None:
            tally = self.scores[arm][key] = self.new_scores(arm)
        labels = [label for label in (rows[i].label for i in there) if label is not None]
        y, p = from_records(tally.setting, labels, [answer for _, answer in given])
        taken = None if decisions is None else self._decided([decisions[i] for i in there], p)
        part = tally if sign > 0 else self.new_scores(arm)
        part.update(y, p, taken)
        if sign < 0:
            tally.merge(part, -1)
        if arm == SERVED and self.run.task == "regression" and sign > 0:
            self.residuals.append((p - y).astype(np.float32))

    def _decided(self, decisions: Sequence[Target | None], p: Floats) -> Floats | None:
        """Return the served decisions as the tallies take them; where none was taken, the usual one."""
        if self.run.task == "regression":
            return None
        if self.run.task == "binary":
            usual = p >= self.usual
            return np.array([u if d is None else float(d) for d, u in zip(decisions, usual.tolist(), strict=True)])
        likely = p.argmax(axis=1).tolist()
        known = {name: i for i, name in enumerate(self.classes)}
        return np.array([float(known.get(str(d), u)) for d, u in zip(decisions, likely, strict=True)])

    def new_scores(self, arm: str) -> Scores:
        """Return empty scores with an arm's setting."""
        setting = Setting(
            self.run.task,
            classes=self.classes,
            threshold=self.thresholds.get(arm, self.usual),
            inputs=self.run.inputs,
            value=self.run.value,
        )
        return Scores(setting)

    def merged(self, arm: str, wanted: Callable[[tuple[str, bool]], bool]) -> Scores:
        """Return an arm's scores over the parts that are wanted."""
        total = self.new_scores(arm)
        for key, part in self.scores[arm].items():
            if wanted(key):
                total.merge(part)
        return total


def read_outcomes(told: Told, outcomes: Iterable[Line]) -> None:
    """Run the pass."""
    chunk: list[Line] = []
    for line in outcomes:
        chunk.append(line)
        if len(chunk) == CHUNK:
            told.add(chunk)
            chunk = []
    if chunk:
        told.add(chunk)


def _quarantined(answered: Answered) -> bool:
    return bool(answered.flags) and answered.flags[0].startswith("quarantined:")


def _before(line: Line, loss: Callable[[Any, Any], float]) -> Line:
    """Return the outcome with the label that was replaced, and what it had cost."""
    losses = {arm: loss(line.before, answer) for arm, answer in line.prediction.arms.items() if answer != {}}
    return msgspec.structs.replace(line, label=line.before, losses=losses)
