"""Teaches the incremental arms, one outcome at a time in the order in which outcomes became known."""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import Any

from models.learners.port import Learner
from models.serving import Serving
from streams.clock import cut
from streams.records import Outcome, Record, Snapshot
from streams.stage import Batch
from streams.state import State

Adopt = Callable[[str], tuple[Learner, Iterable[Outcome]] | None]
"""From a release to its learner and the outcomes known since its training, in order; None if it is not incremental."""


class Learn:
    """Holds the learners of its arms and gives a snapshot of each at the first boundary after it learned.

    The standing arms learn from the first outcome on; a release whose learner is incremental is adopted when it takes
    a role, caught up with what became known since its training, and learns until it is retired. So a displaced
    champion is always ready to serve again. Only first labels are learned, of records that were not quarantined, and
    not of a time that is on hold. State by arm: its newest snapshot; what was learned since is learned again after a
    crash.
    """

    name = "learn"
    streams: tuple[str, ...] = ("outcomes",)
    tables: tuple[str, ...] = ("control",)
    writes: tuple[str, ...] = ("snapshots",)
    single = True
    checkpoints = True
    holds: Any = Snapshot

    def __init__(
        self, standing: Sequence[str], build: Callable[[str], Learner], adopt: Adopt, snapshots_s: float
    ) -> None:
        """`build` makes the untaught learner of a standing arm; snapshots are at multiples of `snapshots_s`."""
        self.aligned_s = snapshots_s
        self._standing = tuple(standing)
        self._build = build
        self._adopt = adopt
        self._learners: dict[str, Learner] = {}
        self._learned: dict[str, int] = {}
        self._frozen: set[str] = set()
        self._due: float | None = None
        self._state: State | None = None
        self._serving = Serving()

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Learn the batch; give snapshots when their boundary has passed."""
        anew = self._state is not state
        if anew:
            self._load(state)
        control = batch.tables.get("control", ())
        for record in control:
            self._serving.apply(record)
        if control or anew:
            self._follow_roles(state, batch.cut)
        for outcome in batch.streams.get("outcomes", ()):
            if self._teaches(outcome):
                for name, learner in self._learners.items():
                    learner.learn(outcome.prediction.features, outcome.label)
                    self._learned[name] += 1
                self._due = cut(outcome.time, self.aligned_s) + self.aligned_s
        if self._due is None or batch.watermark < self._due:
            return []
        due, self._due = self._due, None
        return [self._snapshot(state, name, due) for name in self._learners]

    def _load(self, state: State) -> None:
        """Go back to the newest snapshots: another state means that what was learned since was not committed."""
        self._state, self._due = state, None
        self._learners, self._learned = {}, {}
        for name in self._standing:
            self._learners[name] = self._build(name)
            self._learned[name] = 0
            self._restore(state, name)

    def _restore(self, state: State, name: str) -> bool:
        last: Snapshot | None = state.get(name)
        if last is not None:
            self._learners[name].load(last.data)
            self._learned[name] = last.learned
        return last is not None

    def _follow_roles(self, state: State, edge: float) -> None:
        """Adopt the releases that took a role, as of the outcomes before `edge` (s); drop those that lost theirs."""
        wanted = self._serving.releases()
        for name in wanted:
            if name in self._learners or name in self._frozen:
                continue
            adopted = self._adopt(name)
            if adopted is None:
                self._frozen.add(name)
                continue
            self._learners[name], since = adopted
            self._learned[name] = 0
            if not self._restore(state, name):
                self._catch_up(name, since, edge)
        for name in [name for name in self._learners if name not in wanted and name not in self._standing]:
            del self._learners[name], self._learned[name]
            state.put(name, None)

    def _catch_up(self, name: str, since: Iterable[Outcome], edge: float) -> None:
        for outcome in since:
            if outcome.time >= edge:
                break
            if outcome.label is not None and self._teaches(outcome):
                self._learners[name].learn(outcome.prediction.features, outcome.label)
                self._learned[name] += 1

    def _teaches(self, outcome: Outcome) -> bool:
        if outcome.label is None or outcome.revision or not outcome.prediction.features:
            return False
        return not self._serving.holds or not self._serving.held(outcome.prediction.time)

    def _snapshot(self, state: State, name: str, due: float) -> Snapshot:
        data = self._learners[name].dump()
        snapshot = Snapshot(name, f"{name}@{due:.0f}", due, due, self._learned[name], sha256(data).hexdigest(), data)
        state.put(name, snapshot)
        return snapshot
