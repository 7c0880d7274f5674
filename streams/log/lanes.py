"""How a stage reads its streams from memory: partition by partition, or all partitions merged by time."""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

from streams.clock import cut
from streams.errors import StopError
from streams.log.shelf import Shelf
from streams.log.topic import MemoryTopic
from streams.stage import Batch

Place: TypeAlias = tuple[str, int]
"""A topic and a partition."""

_Waiting: TypeAlias = tuple[float, str, int, Place, Any]


class Lease(msgspec.Struct, gc=False):
    """Up to where a batch reads: the next offset by place, and the offsets behind it that were taken already."""

    offsets: dict[Place, int]
    ahead: dict[Place, frozenset[int]] = {}


class PartitionLane:
    """Reads the streams of one partition in the order of their offsets.

    A batch stays within one stretch of `every_s` (s). Its watermark moves once all that is there of the stretch was
    taken, and it stops at the start of every stretch that has records, so that time never passes a boundary unseen.
    """

    def __init__(
        self, slot: int, topics: Sequence[MemoryTopic], every_s: float, lease: Lease, watermark: float
    ) -> None:
        """Go to the offsets and the watermark that were committed."""
        self.slot = slot
        self.watermark = watermark
        self._every_s = every_s
        self._places: list[tuple[Place, Shelf]] = [((t.topic.name, slot), t.shelves[slot]) for t in topics]
        self._at = [lease.offsets[place] for place, _ in self._places]

    def peek(self, most: int, before: float, earliest: float) -> Batch | None:
        """Return the next batch, or None; `before` is the watermark of the streams, `earliest` the least cut."""
        parts = [
            shelf.slice(at, at + most) if at < shelf.end else ()
            for (_, shelf), at in zip(self._places, self._at, strict=True)
        ]
        heads = [part[0].time for part in parts if part]
        if not heads:
            return _empty(self.slot, self.watermark, before, self._every_s, earliest)
        edge, limit = _stretch(min(heads), self._every_s, earliest)
        if _passes_by(self.watermark, edge, before):
            return Batch(self.slot, {}, {}, edge, edge, Lease({}))
        streams: dict[str, list[Any]] = {}
        offsets: dict[Place, int] = {}
        left = False
        for (place, shelf), at, part in zip(self._places, self._at, parts, strict=True):
            n = _count_before(part, limit)
            if n:
                streams[place[0]] = list(part[:n])
                offsets[place] = at + n
                left = left or (
                    n == len(part) and at + n < shelf.end and shelf.slice(at + n, at + n + 1)[0].time < limit
                )
        watermark = self.watermark if left else max(self.watermark, min(before, limit))
        return Batch(self.slot, streams, {}, edge, watermark, Lease(offsets))

    def take(self, batch: Batch) -> None:
        """Go on behind a batch."""
        self.watermark = batch.watermark
        if batch.streams:
            offsets: Mapping[Place, int] = batch.lease.offsets  # type: ignore[attr-defined]
            self._at = [offsets.get(place, at) for (place, _), at in zip(self._places, self._at, strict=True)]

    def is_drained(self, before: float) -> bool:
        """Say whether there is nothing more to read, and time stands at `before`."""
        return self.watermark >= before and all(
            at == shelf.end for (_, shelf), at in zip(self._places, self._at, strict=True)
        )


class MergedLane:
    """Reads all partitions of all streams by (time, id), up to the watermark: the result does not depend on how many.

    What lies in a partition need not be in order, as long as no writer goes back behind its watermark: else StopError.
    A topic of one partition keeps the order of its offsets. Records of equal time are never torn apart.
    """

    def __init__(self, topics: Sequence[MemoryTopic], every_s: float, lease: Lease, watermark: float) -> None:
        """Go to the offsets and the watermark that were committed."""
        self.slot = None
        self.watermark = watermark
        self._every_s = every_s
        self._name = topics[0].topic.name
        self._shelves = {(t.topic.name, i): shelf for t in topics for i, shelf in enumerate(t.shelves)}
        self._spread = {t.topic.name: t.topic.spread for t in topics}
        self._last = dict.fromkeys(self._shelves, watermark)
        self._low = dict(lease.offsets)
        self._ahead: dict[Place, set[int]] = {place: set(lease.ahead.get(place, ())) for place in self._shelves}
        self._seen = dict(lease.offsets)
        self._waiting: list[_Waiting] = []
        self._first = 0

    def peek(self, most: int, before: float, earliest: float) -> Batch | None:
        """Return the next batch, or None; `before` is the watermark of the streams, `earliest` the least cut."""
        self._fetch()
        waiting, first = self._waiting, self._first
        if first == len(waiting) or waiting[first][0] >= before:
            return _empty(None, self.watermark, before, self._every_s, earliest)
        edge, limit = _stretch(waiting[first][0], self._every_s, earliest)
        if _passes_by(self.watermark, edge, before):
            return Batch(None, {}, {}, edge, edge, None)
        limit = min(limit, before)
        end = until = bisect_left(waiting, limit, first, key=_time)
        if end - first > most:
            end = bisect_right(waiting, waiting[first + most - 1][0], first, key=_time)
        watermark = self.watermark if end < until else max(self.watermark, limit)
        return Batch(None, {self._name: [item[4] for item in waiting[first:end]]}, {}, edge, watermark, None)

    def take(self, batch: Batch) -> None:
        """Go on behind a batch, and note in its lease where that is."""
        self.watermark = batch.watermark
        end = self._first + len(batch.streams.get(self._name, ()))
        for _, _, offset, place, _ in self._waiting[self._first : end]:
            self._done(place, offset)
        self._first = end
        if 2 * end > len(self._waiting):
            del self._waiting[:end]
            self._first = 0
        ahead = {place: frozenset(offsets) for place, offsets in self._ahead.items() if offsets}
        batch.lease = Lease(dict(self._low), ahead)

    def is_drained(self, before: float) -> bool:
        """Say whether there is nothing more to read before `before`, where time stands."""
        return self.watermark >= before and all(
            self._seen[place] == shelf.end for place, shelf in self._shelves.items()
        )

    def _done(self, place: Place, offset: int) -> None:
        ahead = self._ahead[place]
        ahead.add(offset)
        while self._low[place] in ahead:
            ahead.remove(self._low[place])
            self._low[place] += 1

    def _fetch(self) -> None:
        """Put what is new among what waits, in order."""
        grown = False
        for place, shelf in self._shelves.items():
            if self._seen[place] == shelf.end:
                continue
            ahead, spread = self._ahead[place], self._spread[place[0]]
            for record in shelf.slice(self._seen[place], shelf.end):
                if record.offset in ahead:
                    continue
                time, id_ = record.time, record.id
                if not spread:
                    self._last[place] = time = max(time, self._last[place])
                    id_ = ""
                elif time < self.watermark:
                    raise StopError(f"{id_} of {place[0]} at {time:.3f} came behind the watermark {self.watermark:.3f}")
                self._waiting.append((time, id_, record.offset, place, record))
            self._seen[place] = shelf.end
            grown = True
        if grown:
            self._waiting.sort(key=_by_time_and_id)


def _stretch(time: float, every_s: float, earliest: float) -> tuple[float, float]:
    """Return start and end of the stretch that a time lies in: everything, for a stage that is not aligned."""
    if not every_s:
        return 0.0, float("inf")
    edge = max(cut(time, every_s), earliest)
    return edge, edge + every_s


def _passes_by(watermark: float, edge: float, before: float) -> bool:
    """Say whether time has to move to the start of the stretch before its records."""
    return float("-inf") < watermark < edge <= before


def _empty(slot: int | None, watermark: float, before: float, every_s: float, earliest: float) -> Batch | None:
    """Return a batch that only moves time, or None where it stands still."""
    if before <= watermark:
        return None
    return Batch(slot, {}, {}, _stretch(before, every_s, earliest)[0], before, Lease({}))


def _count_before(part: Sequence[Any], limit: float) -> int:
    for i, record in enumerate(part):
        if record.time >= limit:
            return i
    return len(part)


def _time(item: _Waiting) -> float:
    return item[0]


def _by_time_and_id(item: _Waiting) -> tuple[float, str, int]:
    return item[:3]
