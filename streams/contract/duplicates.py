"""Which events were accepted before, by id, within a bounded memory that lives in the keyed state.

The ids form chains, linked lists through the state: `seen:ID` holds the event's time and the id before it, and `seen`
holds the newest chain and the ends of the older ones. So accepting an event writes two small values, and forgetting
walks the oldest chain: a constant cost per event, and every value immutable, as the overlay wants it. A chain is closed
when its time bucket (an eighth of the memory) is over, or when it has an eighth of the most ids.
"""

from typing import TypeAlias

from streams.state import State

PARTS = 8
"""Chains that the memory is cut into: what is forgotten is forgotten in eighths."""

_Held: TypeAlias = tuple[float, str] | tuple[()]  # time of the event, the id before it in the chain
_Chain: TypeAlias = tuple[float, str, int]  # time bucket, last id, count
_Head: TypeAlias = tuple[float, str, int, tuple[_Chain, ...]]


class Duplicates:
    """Knows an id for `remember_s` (s, event time) after it was added, unless more than `most` ids crowd it out.

    >>> state, duplicates = State(), Duplicates(remember_s=60.0, most=1000)
    >>> duplicates.add(state, "a", 0.0, ())
    >>> duplicates.find(state, "a", 60.0) is None, duplicates.find(state, "a", 60.1), duplicates.find(state, "b", 0.0)
    (True, (0.0, ''), ())
    """

    __slots__ = ("longest", "most", "remember_s", "width_s")

    def __init__(self, remember_s: float, most: int) -> None:
        self.remember_s = remember_s
        self.width_s = remember_s / PARTS
        self.most = most
        self.longest = max(1, most // PARTS)

    def find(self, state: State, id: str, time: float) -> _Held | None:
        """Return None if the id is known: added at most `remember_s` before `time` (s). Else what `add` wants."""
        held: _Held = state.get("seen:" + id, ())
        return None if held and time - held[0] <= self.remember_s else held

    def add(self, state: State, id: str, time: float, held: _Held) -> None:
        """Remember an id that is not known at `time`, the event's (s); `held` is what `find` returned."""
        if held:  # too old to be known, not yet forgotten: it keeps its place in its chain
            state.put("seen:" + id, (time, held[1]))
            return
        bucket = time // self.width_s
        head: _Head = state.get("seen") or (bucket, "", 0, ())
        if bucket > head[0] or head[2] >= self.longest:
            head = self._forget(state, head, max(bucket, head[0]), time)
        state.put("seen:" + id, (time, head[1]))
        state.put("seen", (head[0], id, head[2] + 1, head[3]))

    def _forget(self, state: State, head: _Head, bucket: float, time: float) -> _Head:
        """Close the newest chain, walk the oldest ones away, and begin a new one with those ids that were renewed."""
        closed = (*head[3], head[:3])
        total, last, count = sum(chain[2] for chain in closed), "", 0
        while closed and (closed[0][0] < bucket - PARTS or total > self.most - self.longest):
            crowded = total > self.most - self.longest
            _, id, length = closed[0]
            while id:
                at, before = state.get("seen:" + id)
                renewed = not crowded and time - at <= self.remember_s
                state.put("seen:" + id, (at, last) if renewed else None)
                last, count = (id, count + 1) if renewed else (last, count)
                id = before
            total, closed = total - length, closed[1:]
        return bucket, last, count, closed
