"""What a window of summaries says: each statistic as a residual from its season, with a p-value, against one budget."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from monitors.array import Array
from monitors.blocks import Block, of_day, of_delay, of_window
from monitors.budget import DAY_S, levels
from monitors.drift import Before
from monitors.layout import packed
from monitors.quality.shares import deviance, followed, moved
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.season import adapted
from monitors.series import bad_values, volumes
from monitors.volume import silence
from streams.exact import from_fixed
from streams.records import Summary, Test
from streams.sketch import Counts, Floats
from streams.state import State

REMARKABLE = 10.0
"""Tests are listed when their p-value is within this many times their family's level."""

LISTED = 50
"""At most so many tests are listed, those of the smallest p-values."""


class Look(msgspec.Struct, frozen=True):
    """The tests of one window, from `start` to `end` (s).

    `tests` are the remarkable ones (p at most ten times its family's level), smallest p first, at most 50; `alarms`
    are those of them at or below the level. `tested` counts all, `levels` is the level of each family, `spent` what
    these tests cost of the budget, in false incidents.
    """

    start: float
    end: float
    tests: tuple[Test, ...]
    alarms: tuple[Test, ...]
    tested: int
    levels: dict[str, float]
    spent: float


class Day(msgspec.Struct, frozen=True, gc=False, tag="day"):
    """The windows of a day so far: `whole` if all of them were tested against one reference. `delay` in fixed point."""

    whole: bool
    cells: bytes
    counts: dict[str, int]
    delay: int
    due: tuple[float, ...]


class Memory(msgspec.Struct, frozen=True, gc=False, tag="memory"):
    """What outlives a day, for one reference: levels of the numbers of records, offsets of shares, the days before."""

    release: str
    level: tuple[float, ...]
    offset: Array
    before: Before


class Quiet(msgspec.Struct, frozen=True, gc=False, tag="quiet"):
    """How many records were due since the last one, by row, and of the labels (see `monitors.volume`)."""

    due: tuple[float, ...]


class Window(NamedTuple):
    """One window, all partitions together: cells, counts by name, and the sum of label delays (fixed point)."""

    cells: Counts
    counts: Counter[str]
    delay: int


class Evidence:
    """Tests windows, in order, each once.

    What it remembers is in the state: "evidence:day" (`Day`), "evidence:memory" (`Memory`) and "evidence:quiet"
    (`Quiet`), of the types `HOLDS`.
    """

    def __init__(self, scope: Scope) -> None:
        """Start; the levels follow from the scope's budget."""
        self.scope = scope
        self.levels = levels(scope.false_incidents_per_week, scope.window_s)

    def seen(self, state: State, summaries: Sequence[Summary], reference: Reference | None, now: float) -> Look:
        """Test the window that ends at `now` (s), from the "seen" summaries of all partitions; none: nothing came.

        To be called for each window in order, also for those without summaries. `reference` is that of the release
        that was champion at the window's start; without one, or where summaries were counted in the bins of another,
        there are no tests.

        Step 1. Begin anew when the reference changed. Step 2. Test the window. Step 3. Add it to the day. Step 4. At
        the end of a whole day (UTC), test the day, and let the levels and the days before take it in.
        """
        start = now - self.scope.window_s
        if reference is None:
            return self._nothing(now)
        memory: Memory | None = state.get("evidence:memory")
        if memory is None or memory.release != reference.release:
            memory = _begin(reference)
            state.put("evidence:memory", memory)
            state.put("evidence:day", None)
            state.put("evidence:quiet", None)
        if not all(summary.reference == reference.release for summary in summaries):
            state.put("evidence:day", None)
            return self._nothing(now)
        window = _total(summaries, reference)
        due = reference.calibration.season.expected(start) * np.array(memory.level)
        offset = memory.offset.values
        quiet = _quiet(state.get("evidence:quiet"), volumes(reference, window.cells, window.counts["labels"]), due)
        state.put("evidence:quiet", quiet)
        blocks = of_window(reference, window.cells, window.counts, offset, due, np.array(quiet.due))
        day = _extended(state.get("evidence:day"), start, reference, window, due)
        ends = now % DAY_S == 0.0
        if ends and day.whole:
            cells = reference.matrix(day.cells)
            blocks += of_day(reference, cells, day.counts, offset, np.array(day.due), memory.before.cells.values)
            if labels := day.counts.get("labels", 0):
                blocks.append(of_delay(reference, from_fixed(day.delay) / labels))
            state.put("evidence:memory", _after(memory, reference, cells, day))
        state.put("evidence:day", None if ends else day)
        return self._look(start, now, blocks, reference)

    def _nothing(self, now: float) -> Look:
        return Look(now - self.scope.window_s, now, (), (), 0, self.levels, 0.0)

    def _look(self, start: float, now: float, blocks: Sequence[Block], reference: Reference) -> Look:
        """Give each residual its p-value and list the remarkable ones."""
        nulls = reference.calibration.nulls
        tested, found = 0, []
        for block in blocks:
            null, level = nulls[block.family], self.levels[block.family]
            tested += int(np.count_nonzero(~np.isnan(block.size)))
            border = null.threshold(REMARKABLE * level)
            for place in zip(*np.nonzero(block.size >= border), strict=True):
                p = null.p(float(block.size[place]))
                name, field, segment = block.named(*place)
                statistic, residual = float(block.statistic[place]), float(block.residual[place])
                test = Test(block.family, name, field, segment, statistic, residual, p)
                found.append((p, -float(block.size[place]), test))
        found.sort(key=lambda entry: (entry[0], entry[1], entry[2].name, entry[2].field, entry[2].segment))
        tests = tuple(test for p, _, test in found[:LISTED] if p <= REMARKABLE * self.levels[test.family])
        alarms = tuple(test for test in tests if test.p <= self.levels[test.family])
        families = {block.family for block in blocks if nulls[block.family].maxima}
        return Look(start, now, tests, alarms, tested, self.levels, sum(self.levels[family] for family in families))


HOLDS: Any = Day | Memory | Quiet
"""The types of what `Evidence` keeps in the state."""


def _begin(reference: Reference) -> Memory:
    calibration = reference.calibration
    return Memory(
        reference.release, tuple(calibration.level.values.tolist()), calibration.bad_offset, calibration.before
    )


def _total(summaries: Sequence[Summary], reference: Reference) -> Window:
    """Add up the partitions."""
    cells = np.zeros((len(reference.rows), reference.width), dtype=np.int64)
    counts: Counter[str] = Counter()
    delay = 0
    for summary in summaries:
        counts.update(summary.counts)
        delay += summary.sums.get("label_delay_s", 0)
        cells += reference.matrix(summary.cells)
    return Window(cells, counts, delay)


def _quiet(quiet: Quiet | None, counted: Floats, due: Floats) -> Quiet:
    before = np.zeros(len(due)) if quiet is None else np.array(quiet.due)
    return Quiet(tuple(silence(before, counted, due).tolist()))


def _extended(day: Day | None, start: float, reference: Reference, window: Window, due: Floats) -> Day:
    """The day with one more window."""
    cells, counts, delay = window
    if day is None:
        whole = start % DAY_S == 0.0
        return Day(whole, packed(cells), dict(counts), delay, tuple(due.tolist()))
    cells = cells + reference.matrix(day.cells)
    counts.update(day.counts)
    together = tuple((np.array(day.due) + due).tolist())
    return Day(day.whole, packed(cells), dict(counts), delay + day.delay, together)


def _after(memory: Memory, reference: Reference, cells: Counts, day: Day) -> Memory:
    """What is remembered after a day."""
    counted = volumes(reference, cells, day.counts.get("labels", 0))
    level = np.array(memory.level)
    after = adapted(level, counted, np.array(day.due) / level)
    hits, n = bad_values(reference, cells)
    offset = memory.offset.values
    offset = followed(offset, deviance(hits, n, moved(reference.calibration.bad.values, offset)))
    return Memory(memory.release, tuple(after.tolist()), Array.of(offset), memory.before.after(cells))
