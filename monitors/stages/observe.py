"""Sums up windows: what came and how it looked once a window is over, how good it was once its labels are in."""

import math
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Literal

import msgspec

from monitors.counting import Row, count
from monitors.expected import expectation
from monitors.judging import Judged, judged, likeliest, withdrawn
from monitors.layout import packed
from monitors.past import QUARANTINED, refusal
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.settling import Settling, add, named
from streams.clock import cut
from streams.exact import to_fixed
from streams.records import Outcome, Prediction, Record, Released, Summary, Target, Value, Values
from streams.stage import Batch
from streams.state import State

Judge = Callable[[Prediction, Target], tuple[dict[str, float], float | None]]
"""Loss of each arm, and the business value of the served decision."""


class Piece(msgspec.Struct, frozen=True, gc=False, tag="piece"):
    """What one batch brought to one window: rows of accepted predictions, counts, sums, and outcomes."""

    rows: tuple[Row, ...]
    counts: dict[str, int]
    sums: dict[str, int]
    outcomes: tuple[Judged, ...]


_NOTHING = Settling()


class _Open:
    """A piece in the making."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.counts: defaultdict[str, int] = defaultdict(int)
        self.outcomes: list[Judged] = []
        self.delay = 0

    def piece(self) -> Piece:
        """Return what is to be kept."""
        sums = {"label_delay_s": self.delay} if self.delay else {}
        return Piece(tuple(self.rows), dict(self.counts), sums, tuple(self.outcomes))


class Observe:
    """Gives two summaries of each window that had records: "seen" at its end, "settled" when its labels are in.

    Predictions belong to the window in which they were made, labels and dead letters ("seen") to that in which they
    became known. Summaries come at ends of windows only. What belongs to a window that was summed up before comes as a
    further summary with a higher `revision`, at the next end: the summaries of a window add up, over partitions and
    revisions. `fetch` gives the reference of a release, or None if it has none; a window is counted in the bins of the
    release that was champion at its start. `judge` is the join's: it says what a label that was revised had cost.

    Counts of "seen": "predictions", "accepted" (those in `cells`), "quarantined", "fallback" (no release served),
    "flag:FLAG", "refused:CODE:FIELD" (events), "refused_label:CODE", "labels". Sums: "label_delay_s". Those of
    "settled": see `monitors.settling`.

    State: "until", the end of the last window that is over; "open" and "settling", the windows with something to sum
    up; "START|I", the pieces of a window; "settling|START".
    """

    name = "observe"
    streams: tuple[str, ...] = ("predictions", "outcomes", "dead-letters")
    tables: tuple[str, ...] = ("control",)
    writes: tuple[str, ...] = ("summaries",)
    single = False
    checkpoints = False
    holds: Any = Piece | Settling | tuple[tuple[float, int] | float, ...] | float | None

    def __init__(self, scope: Scope, fetch: Callable[[str], Reference | None], judge: Judge) -> None:
        """Start without a reference; the control log brings the first."""
        self.aligned_s = scope.window_s
        self._scope = scope
        self._fetch = fetch
        self._judge = judge
        self._expect = expectation(scope.task, scope.metric)
        self._champions: list[tuple[float, str]] = []
        self._fetched: dict[str, Reference | None] = {}
        self._values = itemgetter(*scope.fields) if len(scope.fields) > 1 else None

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Keep what came, then sum up what is over."""
        for record in batch.tables.get("control", ()):
            if isinstance(record, Released) and record.role == "champion":
                insort(self._champions, (record.effective_at, record.key), key=itemgetter(0))
        if batch.streams:
            self._keep(state, batch)
        until: float = state.get("until", -math.inf)
        end = cut(batch.watermark, self._scope.window_s) if batch.watermark > -math.inf else -math.inf
        if end <= until:
            return []
        out = self._sum_up(state, batch.partition or 0, until, end)
        state.put("until", end)
        return out

    def _keep(self, state: State, batch: Batch) -> None:
        """Add the batch to the pieces of its windows."""
        opened: dict[float, _Open] = {}
        self._predicted(opened, batch.streams.get("predictions", ()))
        self._judged(opened, batch.streams.get("outcomes", ()))
        for letter in batch.streams.get("dead-letters", ()):
            _at(opened, letter.time // self._scope.window_s).counts[refusal(letter)] += 1
        pieces = dict(state.get("open", ()))
        for number, one in opened.items():
            start = number * self._scope.window_s
            at = pieces.get(start, 0)
            state.put(f"{start!r}|{at}", one.piece())
            pieces[start] = at + 1
        state.put("open", tuple(sorted(pieces.items())))

    def _predicted(self, opened: dict[float, _Open], predictions: Iterable[Prediction]) -> None:
        window_s = self._scope.window_s
        for prediction in predictions:
            window = _at(opened, prediction.time // window_s)
            counts = window.counts
            counts["predictions"] += 1
            if not prediction.release:
                counts["fallback"] += 1
            if flags := prediction.flags:
                for flag in flags:
                    counts[f"flag:{flag}"] += 1
                if any(flag.startswith(QUARANTINED) for flag in flags):
                    counts["quarantined"] += 1
                    continue
            window.rows.append((*self._row(prediction.features), _answer(prediction)))

    def _row(self, features: Values) -> tuple[Value, ...]:
        if self._values is not None:
            try:
                values: tuple[Value, ...] = self._values(features)
                return values
            except KeyError:
                pass
        return tuple(features.get(name) for name in self._scope.fields)

    def _judged(self, opened: dict[float, _Open], outcomes: Iterable[Outcome]) -> None:
        window_s, expect = self._scope.window_s, self._expect
        references: dict[float, Reference | None] = {}
        for outcome in outcomes:
            window = _at(opened, outcome.time // window_s)
            prediction = outcome.prediction
            number = prediction.time // window_s
            if number not in references:
                references[number] = self._reference(number * window_s)
            kept = judged(expect, outcome, number * window_s, references[number])
            window.outcomes.append(kept)
            if outcome.before is not None:
                losses, value = self._judge(prediction, outcome.before)
                answer = prediction.arms[prediction.served]
                window.outcomes.append(withdrawn(kept, answer, outcome.before, losses, value))
            elif outcome.label is not None:
                window.counts["labels"] += 1
                window.delay += to_fixed(outcome.delay_s)

    def _reference(self, start: float) -> Reference | None:
        """The reference of the release that was champion at the start of a window."""
        place = bisect_right(self._champions, start, key=itemgetter(0))
        if not place:
            return None
        release = self._champions[place - 1][1]
        if release not in self._fetched:
            self._fetched[release] = self._fetch(release)
        return self._fetched[release]

    def _sum_up(self, state: State, writer: int, until: float, end: float) -> list[Record]:
        """Sum up every window that ended by `end` (s).

        Step 1. In the order of the ends at which they come: settle what is due before, then the window itself. A window
        that was over before (by `until`) comes at the next end. Step 2. Settle what is due by `end`.
        """
        out: list[Record] = []
        opened: tuple[tuple[float, int], ...] = state.get("open", ())
        settling = set(state.get("settling", ()))
        window_s = self._scope.window_s
        over = [entry for entry in opened if entry[0] + window_s <= end]
        for start, pieces in over:
            at = max(start + window_s, until + window_s)
            out += self._settle(state, settling, writer, until, at - window_s)
            out.append(self._seen(state, settling, writer, start, pieces, at))
        out += self._settle(state, settling, writer, until, end)
        state.put("open", opened[len(over) :])
        state.put("settling", tuple(sorted(settling)))
        return out

    def _seen(self, state: State, settling: set[float], writer: int, start: float, pieces: int, at: float) -> Summary:
        """Sum up a window, and hand its outcomes on to the windows of their predictions."""
        rows: list[Row] = []
        counts: Counter[str] = Counter()
        sums: Counter[str] = Counter()
        outcomes: dict[float, list[Judged]] = {}
        for i in range(pieces):
            piece: Piece = state.get(f"{start!r}|{i}")
            rows += piece.rows
            counts.update(piece.counts)
            sums.update(piece.sums)
            for one in piece.outcomes:
                outcomes.setdefault(one.start, []).append(one)
            state.put(f"{start!r}|{i}", None)
        for predicted, found in outcomes.items():
            place = f"settling|{predicted!r}"
            state.put(place, add(state.get(place, _NOTHING), found))
            settling.add(predicted)
        counts["accepted"] = len(rows)
        reference = self._reference(start)
        due = start + self._scope.window_s
        summary = self._summary("seen", start, writer, due, at, dict(sorted(counts.items())), dict(sums))
        if reference is None:
            return summary
        matrix, unseen = count(reference, rows)
        return msgspec.structs.replace(summary, reference=reference.release, cells=packed(matrix), unseen=unseen)

    def _settle(self, state: State, settling: set[float], writer: int, until: float, end: float) -> list[Record]:
        """Sum up the answers of every window whose labels are in, or too late, by `end` (s)."""
        out: list[Record] = []
        scope = self._scope
        for start in sorted(settling):
            due = start + scope.window_s + scope.settles_s
            at = max(due, until + scope.window_s)
            if at > end:
                continue
            counts, sums = named(state.get(f"settling|{start!r}"), scope)
            out.append(self._summary("settled", start, writer, due, at, counts, sums))
            state.put(f"settling|{start!r}", None)
            settling.discard(start)
        return out

    def _summary(
        self,
        kind: Literal["seen", "settled"],
        start: float,
        writer: int,
        due: float,
        at: float,
        counts: dict[str, int],
        sums: dict[str, int],
    ) -> Summary:
        """A summary that was due at one end of a window (s) and comes at another."""
        window_s = self._scope.window_s
        revision = round((at - due) / window_s)
        return Summary(
            f"{start:.0f}",
            f"{kind}|{start:.0f}|{writer}|{revision}",
            at,
            kind,
            start,
            start + window_s,
            writer,
            counts,
            sums,
            revision=revision,
        )


def _at(opened: dict[float, _Open], number: float) -> _Open:
    """The piece of the window of a number: windows are numbered from the epoch."""
    window = opened.get(number)
    if window is None:
        window = opened[number] = _Open()
    return window


def _answer(prediction: Prediction) -> Value:
    """The served answer as it is watched: a number, or the likeliest class."""
    answer = prediction.arms[prediction.served]
    return likeliest(answer) if isinstance(answer, dict) else answer
