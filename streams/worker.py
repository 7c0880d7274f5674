"""The loop around a stage: poll, step, commit."""

from streams.errors import RetryError
from streams.log.port import Assigned, Revoked, Seat
from streams.records import Record, order
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
        self._open_until = float("-inf")

    def run_once(self, wait_s: float = 0.0) -> bool:
        """Poll once, step and commit what came; return whether anything came.

        Raises RetryError after a passing fault: everything stands as it was committed, and may be tried again.
        """
        polled = self._seat.poll(self._most, wait_s)
        try:
            for item in polled:
                if isinstance(item, Batch):
                    self._step(item)
                elif isinstance(item, Assigned):
                    self._assign(item.partitions)
                else:
                    self._revoke(item)
            if self._done and self._is_complete():
                self._commit()
        except RetryError:
            self._abort()
            raise
        return bool(polled)

    def _step(self, batch: Batch) -> None:
        self._out += self.stage.step(self._states[batch.partition], batch)
        self._done.append(batch)
        if batch.streams:
            self._open_until = batch.cut + self.stage.aligned_s

    def _is_complete(self) -> bool:
        """Say whether what was done may be committed; a stage with checkpoints has to be at one."""
        return not self.stage.checkpoints or self._done[-1].watermark >= self._open_until

    def _commit(self) -> None:
        changes = {slot: changed for slot, state in self._states.items() if (changed := state.changes())}
        self._out.sort(key=order)
        self._seat.commit(self._done, self._out, changes)
        for slot in changes:
            self._states[slot].apply()
        self._done, self._out = [], []

    def _abort(self) -> None:
        """Go back to what was committed."""
        self._done, self._out = [], []
        self._open_until = float("-inf")
        if self.stage.checkpoints:
            self._assign(tuple(self._states))
        for state in self._states.values():
            state.drop()
        self._seat.rewind()

    def _assign(self, partitions: tuple[int | None, ...]) -> None:
        for slot in partitions:
            self._states[slot] = state = State()
            for key, value in self._seat.restore(slot):
                state.put(key, value)
            state.apply()

    def _revoke(self, revoked: Revoked) -> None:
        if self._done and not revoked.lost and self._is_complete():
            self._commit()
        elif self._done:
            self._abort()
        for slot in revoked.partitions:
            del self._states[slot]
