"""A small but real pipeline and its history, and ways to run it: the ground that the laws stand on.

The history has what goes wrong in the world: labels that come late, too late, never, twice, revised, before their event
or for no event; events twice, without id, or out of range.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from infra.pipeline import examine
from infra.sections import Pipeline
from infra.wiring import Wiring
from models.releases.registry import Registry
from models.releases.signing import SigningKey
from streams import lockstep
from streams.log.codec import Codec
from streams.log.memory import MemoryLog, MemorySeat
from streams.log.port import Assigned, Changes, Revoked
from streams.records import Event, Label, PartialSum, Prediction, Record, Snapshot, order
from streams.stage import Batch, Stage
from streams.worker import Worker

HOUR = 3600.0
START = 1_400_000_400.0
"""A moment that is no multiple of anything."""

STAGES = ("score", "join", "aggregate", "learn")
"""What the laws run: what every later stage stands on."""

FILE = """
[problem]
goal     = "Tell which machines will fail a check"
task     = "binary"
target   = "fails"
success  = { metric = "log_loss", below = 0.6 }
value    = { hit = 5.0, miss = -9.0, false_alarm = -1.0 }
limits   = { label_delay = "2h", revisions = "1h" }

[source]
kind = "python"
python = "nothing.py:nothing"
key = "machine"
id = "check"
time = "at"

[labels]
column = "failed"
known_at = "told"

[[field]]
name = "heat"
type = "float"
min = 0
max = 100
[[field]]
name = "line"
type = "str"
categories = ["a", "b", "c"]

[[feature]]
name = "clock"
calendar = ["hour"]
[[feature]]
name = "heat_2h"
aggregate = "mean"
of = "heat"
over = "2h"
[[feature]]
name = "busy_1h"
aggregate = "count"
of = "events"
by = ["line"]
over = "1h"
[[feature]]
name = "fails_1h"
aggregate = "mean"
of = "label"
by = []
over = "1h"
[[feature]]
name = "fails_line_3h"
aggregate = "mean"
of = "label"
by = ["line"]
over = "3h"

[model]
warmup = "90d"
snapshots = "1h"
champion = { learner = "sklearn.linear_model.LogisticRegression", name = "batch" }
[[model.challenger]]
name = "online"
learner = "river.linear_model.LogisticRegression"
scale = true

[monitor]
freshness = "10m"
"""


def pipeline() -> Pipeline:
    found, mistakes = examine(FILE.encode())
    assert found is not None, mistakes
    return found


def make_history(seed: int = 1, events: int = 400, hours: float = 20.0) -> list[Event | Label]:
    """Events and labels in order of (time, id)."""
    rng = random.Random(seed)
    out: list[Event | Label] = []
    for i in range(events):
        time = START + rng.random() * hours * HOUR
        if i % 10 == 0:
            time = time // 600.0 * 600.0  # on a cut
        line, heat = rng.choice("abc"), rng.uniform(0, 100)
        late = 1.0 if rng.random() < (0.1 + heat / 130 if line == "a" else 0.3) else 0.0
        id_, key = f"c{i:04}", f"m{rng.randrange(12)}"
        out.append(Event(key, id_, time, time, {"heat": heat, "line": line}))
        out += _labels(rng, id_, time, late)
        if i % 25 == 3:
            out.append(Event(key, id_, time + rng.choice([0.0, 30.0, HOUR]), time, {"heat": 1.0, "line": "b"}))
        if i % 25 == 7:
            out.append(Event(key, f"hot{i:04}", time, time, {"heat": 400.0, "line": line}))
        if i % 50 == 9:
            out.append(Event(key, "", time, time, {"heat": 4.0, "line": line}))
    return sorted(out, key=order)


def _labels(rng: random.Random, id_: str, time: float, late: float) -> list[Label]:
    delay_s = rng.expovariate(1 / (0.6 * HOUR))
    kind = rng.randrange(20)
    if kind == 0:
        return []
    if kind == 1:
        return [Label(f"x{id_}", f"x{id_}", time + delay_s, late)]
    if kind in (2, 3):
        early = time - rng.choice([5.0, 400.0, HOUR])
        return [Label(id_, id_, early, late), Label(id_, id_, early + rng.choice([1.0, 500.0]), 1 - late, 1)]
    labels = [Label(id_, id_, time + delay_s, late)]
    if kind in (4, 5, 6):
        labels.append(Label(id_, id_, time + delay_s + rng.choice([0.0, 60.0, 2 * HOUR]), 1 - late, 1))
    if kind == 7:
        labels.append(labels[0])
    if kind == 8:
        return [Label(id_, id_, time + 2 * HOUR, late)]  # the last moment
    return labels


class Killed(Exception):  # noqa: N818 it is no error of the code under test
    """The process is gone."""


class FragileSeat(MemorySeat):
    """Polls as many records as it is told, and dies in a commit when that is wanted."""

    most: Callable[[int], int] = staticmethod(lambda most: most)
    doomed = False

    def poll(self, most: int, wait_s: float = 0.0) -> list[Batch | Assigned | Revoked]:
        return super().poll(self.most(most), wait_s)

    def commit(self, done: list[Batch], out: list[Record], changes: Changes) -> None:
        if self.doomed:
            raise Killed
        super().commit(done, out, changes)


Fate = Callable[[str], str]
"""From a stage's name to what happens at its next step: "", "before" (killed before it) or "within" (in its commit)."""


class Mortal:
    """A worker that may be killed at any step; another takes over, with nothing but the log."""

    def __init__(self, log: MemoryLog, make: Callable[[], Stage], most: int | Callable[[int], int], fate: Fate) -> None:
        self._log, self._make, self._most, self._fate = log, make, most, fate
        self.deaths = 0
        self._start()

    def _start(self) -> None:
        self.stage = self._make()
        self._log.seat(self.stage)
        self._seat = FragileSeat(self._log, self.stage)
        self._log.owners[self.stage.name] = self._seat
        if callable(self._most):
            self._seat.most = self._most
        self._worker = Worker(self.stage, self._seat, 1000 if callable(self._most) else self._most)

    def run_once(self) -> bool:
        fate = self._fate(self.stage.name)
        if fate == "before":
            self.deaths += 1
            self._start()
        self._seat.doomed = fate == "within"
        try:
            return self._worker.run_once()
        except Killed:
            self.deaths += 1
            self._start()
            return True
        finally:
            self._seat.doomed = False


class Recorder(MemoryLog):
    """A log that remembers what it forgets: every prediction, partial sum and snapshot."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.all: dict[type[Record], list[Any]] = {Prediction: [], PartialSum: [], Snapshot: []}

    def append(self, records: Iterable[Record]) -> None:
        records = list(records)
        super().append(records)
        for record in records:
            if type(record) in self.all:
                self.all[type(record)].append(record)


class Seen(msgspec.Struct):
    """What a run came to; equal for runs that must not differ. Positions in the log are left out."""

    outcomes: dict[tuple[str, int], Any]
    predictions: dict[str, Any]
    sums: dict[tuple[str, float], dict[str, list[int]]]
    snapshots: dict[str, str]
    letters: list[Any]
    deaths: int = 0

    def same(self, other: "Seen") -> None:
        """Assert that nothing differs, field by field so that a failure says where."""
        assert sorted(self.outcomes) == sorted(other.outcomes)
        for name, outcome in self.outcomes.items():
            assert outcome == other.outcomes[name]
        assert self.predictions == other.predictions
        assert self.sums == other.sums
        assert self.snapshots == other.snapshots
        assert self.letters == other.letters


def run(
    history: Iterable[Event | Label],
    partitions: int = 1,
    most: int | Callable[[int], int] = 1000,
    codec: Codec | None = None,
    fate: Fate = lambda _: "",
    of: Pipeline | None = None,
    home: Path = Path(),
) -> Seen:
    """Run a pipeline over a history to the end, labels and all."""
    spec = of or pipeline()
    log = Recorder(partitions, codec=codec, horizon_s=25 * HOUR)
    workers = [Mortal(log, make, most, fate) for make in makers(spec, log, home)]
    at = lockstep.run(log, workers, history, spec.monitor.freshness)
    lockstep.finish(log, workers, at + 2 * spec.problem.limits.label_delay + 4 * HOUR, at)
    seen = gather(log)
    seen.deaths = sum(worker.deaths for worker in workers)
    return seen


def makers(spec: Pipeline, log: MemoryLog, home: Path = Path()) -> Sequence[Callable[[], Stage]]:
    """What makes each stage anew."""
    wiring = Wiring(spec, home, Registry("memory://laws", SigningKey("laws", bytes(16))))
    return [make for make in wiring.stages(log, ()) if make().name in STAGES]


def gather(log: Recorder) -> Seen:
    """Read what a run has written."""
    outcomes, predictions = {}, {}
    for outcome in everything(log, "outcomes"):
        assert (outcome.id, outcome.revision) not in outcomes, f"{outcome.id} has two outcomes"
        outcomes[outcome.id, outcome.revision] = plain(outcome)
    for prediction in log.all[Prediction]:
        assert prediction.id not in predictions, f"{prediction.id} was predicted twice"
        predictions[prediction.id] = plain(prediction)
    snapshots = {each.id: each.digest for each in log.all[Snapshot]}
    assert len(snapshots) == len(log.all[Snapshot])
    letters = sorted((plain(each) for each in everything(log, "dead-letters")), key=msgspec.json.encode)
    return Seen(outcomes, predictions, sums(log.all[PartialSum]), snapshots, letters)


def everything(log: MemoryLog, topic: str) -> list[Any]:
    return list(log.read(topic, {i: (0, end) for i, end in log.ends(topic).items()}))


def sums(records: Iterable[PartialSum]) -> dict[tuple[str, float], dict[str, list[int]]]:
    """Partial sums added up over partitions, the last word of each writer; what adds up to nothing is left out."""
    newest = {each.key: each for each in records}
    total: dict[tuple[str, float], dict[str, list[int]]] = {}
    for each in newest.values():
        cells = total.setdefault((each.sum, each.bucket), {})
        for entity, cell in each.cells.items():
            cells[entity] = [a + b for a, b in zip(cells.get(entity, [0, 0, 0]), cell, strict=True)]
    return {name: {key: cell for key, cell in cells.items() if any(cell)} for name, cells in total.items()}


def plain(record: Record) -> Any:
    """A record without its places in the log."""
    return _placeless(msgspec.to_builtins(record, builtin_types=(bytes,)))


def _placeless(value: Any) -> Any:
    if isinstance(value, dict):
        places = ("partition", "offset", "source_partition", "source_offset")
        return {key: _placeless(part) for key, part in value.items() if key not in places}
    return value
