"""The loop around a stage: poll, step, commit."""

from collections.abc import Mapping
from typing import Any

from streams.log.port import Assigned, Revoked, Seat
from streams.records import Record, Snapshot, order
from streams.stage import Batch, Stage
from streams.state import State


class Worker:
    """Runs one stage at one seat; holds the state of the partitions that are assigned to it."""

    def __init__(self, stage: Stage, seat: Seat, most: int = 1000) -> None:
        """`most` is about how many records a poll may bring."""
        self.stage = stage
        self._seat = seat
        self._most = most
        self._states: dict[int | None, State] = {}
        self._done: list[Batch] = []
        self._out: list[Record] = []

    def run_once(self, wait_s: float = 0.0) -> bool:
        """Poll once, step and commit what came; return whether anything came."""
        polled = self._seat.poll(self._most, wait_s)
        for item in polled:
            if isinstance(item, Batch):
                self._step(item)
            elif isinstance(item, Assigned):
                self._assign(item)
            else:
                self._revoke(item)
        if self._done and (not self.stage.checkpoints or self._at_checkpoint()):
            self._commit()
        return bool(polled)

    def _at_checkpoint(self) -> bool:
        """A stage with checkpoints commits only with a snapshot: what it learned in between is learned again."""
        return any(isinstance(record, Snapshot) for record in self._out) or not any(b.streams for b in self._done)

    def _step(self, batch: Batch) -> None:
        state = self._states[batch.partition]
        self._out += self.stage.step(state, batch)
        self._done.append(batch)

    def _commit(self) -> None:
        changes: Mapping[int | None, Mapping[str, Any]] = {
            slot: changed for slot, state in self._states.items() if (changed := state.changes())
        }
        self._out.sort(key=order)
        self._seat.commit(self._done, self._out, changes)
        for slot in changes:
            self._states[slot].apply()
        self._done, self._out = [], []

    def _assign(self, assigned: Assigned) -> None:
        for slot in assigned.partitions:
            self._states[slot] = state = State()
            for key, value in self._seat.restore(slot):
                state.put(key, value)
            state.apply()

    def _revoke(self, revoked: Revoked) -> None:
        if revoked.lost:
            self._done, self._out = [], []
        elif self._done:
            self._commit()
        for slot in revoked.partitions:
            del self._states[slot]
