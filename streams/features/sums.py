"""The scorer's view of partial sums: what each entity adds up to in each window, as of the cut.

Running totals, one per window and entity: a record is added when it takes effect and taken back when its bucket
leaves the window, so an answer is one look-up however long the window is. All is integer arithmetic: the order in
which records, writers and revisions come does not change a bit.
"""

import math
from collections.abc import Mapping
from heapq import heappop, heappush
from typing import TypeAlias

from streams.exact import UNIT
from streams.features.port import Window
from streams.records.tables import PartialSum

_Cells: TypeAlias = dict[str, tuple[int, int, int]]


class Totals:
    """Applies partial sums and answers for windows before the cut.

    A record counts from the cut at which it takes effect (`effective_at` <= cut), in the windows that its bucket has
    not left (`bucket` >= cut - over_s). It replaces what the same writer said of the same bucket, unless that took
    effect later. Records take effect after their bucket began. Buckets older than the longest window, and entities
    with nothing left, are forgotten. It can be pickled at any moment.
    """

    def __init__(self, windows: Mapping[str, tuple[float, ...]]) -> None:
        """Take the lengths (s) of the windows of each sum: `Plan.windows`."""
        self.cut = -math.inf
        self._of = {name: _Kept([_Running(over_s) for over_s in sorted(set(ones))]) for name, ones in windows.items()}
        self._totals = {name: {one.over_s: one.totals for one in kept.windows} for name, kept in self._of.items()}
        self._waiting: list[tuple[float, int, PartialSum]] = []
        self._applied = 0

    def apply(self, record: PartialSum) -> None:
        """Take a record in; one that takes effect after the cut waits. Sums that nobody asked for are left out."""
        kept = self._of.get(record.sum)
        if kept is None:
            return
        if record.effective_at <= self.cut:
            kept.replace(record)
        else:
            self._applied += 1
            heappush(self._waiting, (record.effective_at, self._applied, record))

    def advance(self, cut: float) -> None:
        """Move to a later cut. Raises ValueError for an earlier one: what has been forgotten cannot come back."""
        if cut < self.cut:
            raise ValueError(f"totals stand at the cut {self.cut}, got {cut}: cuts only advance; make totals anew")
        if cut == self.cut:
            return
        self.cut = cut
        for kept in self._of.values():
            kept.expire(cut)
        while self._waiting and self._waiting[0][0] <= cut:
            record = heappop(self._waiting)[2]
            self._of[record.sum].replace(record)

    def window(self, sum_name: str, entity: str, over_s: float) -> Window:
        """Return (count, sum, sum of squares) of the entity in [cut - over_s, cut); zeros if nothing is there.

        Raises KeyError for a sum or length that was not asked for in the beginning.
        """
        found = self._totals[sum_name][over_s].get(entity)
        if found is None:
            return 0, 0.0, 0.0
        count, total, squares = found
        return count, total * UNIT, squares * UNIT

    def size(self) -> int:
        """Return how many cells are kept or wait: what the memory goes with."""
        waiting = sum(len(record.cells) for _, _, record in self._waiting)
        return waiting + sum(kept.size() for kept in self._of.values())


class _Running:
    """The totals of one window: entity to [count, sum, sum of squares], and when its buckets leave."""

    __slots__ = ("buckets", "floor", "over_s", "totals")

    def __init__(self, over_s: float) -> None:
        self.over_s = over_s
        self.floor = -math.inf
        self.totals: dict[str, list[int]] = {}
        self.buckets: list[float] = []  # a heap; the earliest leaves first

    def add(self, cells: _Cells) -> None:
        totals = self.totals
        for entity, (count, total, squares) in cells.items():
            found = totals.get(entity)
            if found is None:
                if count or total or squares:
                    totals[entity] = [count, total, squares]
                continue
            found[0] += count
            found[1] += total
            found[2] += squares
            if not (found[0] or found[1] or found[2]):
                del totals[entity]

    def subtract(self, cells: _Cells) -> None:
        totals = self.totals
        for entity, (count, total, squares) in cells.items():
            found = totals.get(entity)
            if found is None:
                if count or total or squares:
                    totals[entity] = [-count, -total, -squares]
                continue
            found[0] -= count
            found[1] -= total
            found[2] -= squares
            if not (found[0] or found[1] or found[2]):
                del totals[entity]


class _Kept:
    """What the writers have said of each bucket of one sum that is still in its longest window."""

    __slots__ = ("buckets", "windows")

    def __init__(self, windows: list[_Running]) -> None:
        self.windows = windows  # the shortest first
        self.buckets: dict[float, dict[int, tuple[float, _Cells]]] = {}

    def replace(self, record: PartialSum) -> None:
        bucket, longest = record.bucket, self.windows[-1]
        if bucket < longest.floor:
            return
        writers = self.buckets.get(bucket)
        if writers is None:
            writers = self.buckets[bucket] = {}
            for running in self.windows:
                if bucket >= running.floor:
                    heappush(running.buckets, bucket)
        effective_at, before = writers.get(record.writer, (-math.inf, None))
        if record.effective_at < effective_at:
            return
        for running in self.windows:
            if bucket >= running.floor:
                if before:
                    running.subtract(before)
                running.add(record.cells)
        writers[record.writer] = record.effective_at, record.cells

    def expire(self, cut: float) -> None:
        for running in self.windows:
            running.floor = floor = cut - running.over_s
            leaving = running.buckets
            while leaving and leaving[0] < floor:
                bucket = heappop(leaving)
                for _, cells in self.buckets[bucket].values():
                    running.subtract(cells)
                if running is self.windows[-1]:  # no window has it any more
                    del self.buckets[bucket]

    def size(self) -> int:
        cells = sum(len(cells) for writers in self.buckets.values() for _, cells in writers.values())
        return cells + sum(len(running.totals) for running in self.windows)
