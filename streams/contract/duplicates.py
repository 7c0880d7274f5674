"""Which events were accepted before, by id, within a bounded memory that lives in the keyed state.

The ids form chains, linked lists through the state: `seen:ID` holds the id before it, and `seen` holds the newest chain
and the ends of the older ones. So accepting an event writes two small values, and forgetting walks the oldest chain: a
constant cost per event, and every value immutable, as the overlay wants it. A chain is closed when its time bucket
(an eighth of the memory) is over, or when it has an eighth of the most ids.
"""

from typing import TypeAlias

from streams.state import State

PARTS = 8
"""Chains that the memory is cut into: what is forgotten is forgotten in eighths."""

_Chain: TypeAlias = tuple[float, str, int]  # time bucket, last id, count
_Head: TypeAlias = tuple[float, str, int, tuple[_Chain, ...]]


class Duplicates:
    """Remembers ids for at least `remember_s` (s, event time), but never more than `most` ids.

    >>> state, duplicates = State(), Duplicates(remember_s=60.0, most=1000)
    >>> duplicates.add(state, "a", 0.0)
    >>> duplicates.knows(state, "a"), duplicates.knows(state, "b")
    (True, False)
    """

    __slots__ = ("longest", "most", "width_s")

    def __init__(self, remember_s: float, most: int) -> None:
        self.width_s = remember_s / PARTS
        self.most = most
        self.longest = max(1, most // PARTS)

    def knows(self, state: State, id: str) -> bool:
        """Return whether an event with this id was added and is not forgotten."""
        return state.get("seen:" + id) is not None

    def add(self, state: State, id: str, time: float) -> None:
        """Remember an id that is not known yet; `time` is the event's (s)."""
        head: _Head | None = state.get("seen")
        bucket = time // self.width_s
        now, last, count, closed = head or (bucket, "", 0, ())
        if bucket > now or count >= self.longest:
            closed = self._forget(state, (*closed, (now, last, count)), max(bucket, now))
            now, last, count = max(bucket, now), "", 0
        state.put("seen:" + id, last)
        state.put("seen", (now, id, count + 1, closed))

    def _forget(self, state: State, closed: tuple[_Chain, ...], now: float) -> tuple[_Chain, ...]:
        held = sum(count for _, _, count in closed)
        while closed and (closed[0][0] < now - PARTS or held > self.most - self.longest):
            _, id, count = closed[0]
            while id:
                before = state.get("seen:" + id)
                state.put("seen:" + id, None)
                id = before
            held -= count
            closed = closed[1:]
        return closed
