"""What a stage was not yet given of a table."""

from heapq import heappop, heappush
from typing import Any

from streams.log.shelf import Shelf
from streams.records import Record


class Table:
    """Gives the records of a table by (effective at, offset), each once, when the cut has reached it."""

    def __init__(self, shelf: Shelf) -> None:
        """Start at the beginning of the table."""
        self._shelf = shelf
        self._at = 0
        self._waiting: list[tuple[float, int, Any]] = []

    def take(self, cut: float) -> list[Any]:
        """Return what became effective up to the cut (s) and was not given before."""
        shelf, waiting = self._shelf, self._waiting
        if self._at != shelf.end:
            for record in shelf.read(self._at, shelf.end):
                heappush(waiting, (effective_at(record), record.offset, record))
            self._at = shelf.end
        effective = []
        while waiting and waiting[0][0] <= cut:
            effective.append(heappop(waiting)[2])
        return effective


def effective_at(record: Record) -> float:
    """Return from when on (s) a record may be used: its own time, where it does not say otherwise."""
    at: float = getattr(record, "effective_at", record.time)
    return at
