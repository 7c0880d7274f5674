"""Teaches the incremental arms, one outcome at a time in the order in which outcomes became known."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from models.learners.port import Learner
from models.serving import Serving
from streams.clock import cut
from streams.records import Outcome, Record, Snapshot
from streams.stage import Batch
from streams.state import State


class Learn:
    """Holds the learners of its arms and gives a snapshot of each at the first boundary after it learned.

    Only first labels are learned, of records that were not quarantined, and not of a time that is on hold. State by
    arm: its newest snapshot; what was learned since is learned again after a crash.
    """

    name = "learn"
    streams: tuple[str, ...] = ("outcomes",)
    tables: tuple[str, ...] = ("control",)
    writes: tuple[str, ...] = ("snapshots",)
    single = True
    checkpoints = True
    holds: Any = Snapshot

    def __init__(self, arms: Sequence[str], build: Callable[[str], Learner], snapshots_s: float) -> None:
        """`build` makes the untaught learner of an arm; snapshots are at multiples of `snapshots_s`."""
        self.aligned_s = snapshots_s
        self._arms = tuple(arms)
        self._build = build
        self._learners: dict[str, Learner] = {}
        self._learned: dict[str, int] = {}
        self._due: float | None = None
        self._state: State | None = None
        self._serving = Serving()

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Learn the batch; give snapshots when their boundary has passed."""
        for record in batch.tables.get("control", ()):
            self._serving.apply(record)
        if self._state is not state:
            self._load(state)
        for outcome in batch.streams.get("outcomes", ()):
            if self._teaches(outcome):
                for name, learner in self._learners.items():
                    learner.learn(outcome.prediction.features, outcome.label)
                    self._learned[name] += 1
                self._due = cut(outcome.time, self.aligned_s) + self.aligned_s
        if self._due is None or batch.watermark < self._due:
            return []
        due, self._due = self._due, None
        return [self._snapshot(state, name, due) for name in self._arms]

    def _load(self, state: State) -> None:
        """Go back to the newest snapshots: another state means that what was learned since was not committed."""
        self._state, self._due = state, None
        for name in self._arms:
            learner = self._learners[name] = self._build(name)
            last: Snapshot | None = state.get(name)
            self._learned[name] = 0
            if last is not None:
                learner.load(last.data)
                self._learned[name] = last.learned

    def _teaches(self, outcome: Outcome) -> bool:
        if outcome.label is None or outcome.revision or not outcome.prediction.features:
            return False
        return not self._serving.holds or not self._serving.held(outcome.prediction.time)

    def _snapshot(self, state: State, name: str, due: float) -> Snapshot:
        data = self._learners[name].dump()
        snapshot = Snapshot(name, f"{name}@{due:.0f}", due, due, self._learned[name], sha256(data).hexdigest(), data)
        state.put(name, snapshot)
        return snapshot
