"""What a window of summaries says: each statistic as a residual from its season, with a p-value, against one budget."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np

from monitors.array import Array
from monitors.budget import DAY_S, levels
from monitors.calibrate import sized
from monitors.calibration import Calibration, ShareNorm
from monitors.drift import Before
from monitors.quality.shares import deviance, followed, moved, poisson_deviance
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.season import adapted
from monitors.series import HEALTH, KINDS, bad_values, named_shares, volumes
from streams.exact import from_fixed
from streams.records import Summary, Test
from streams.sketch import Counts, Floats
from streams.state import State

REMARKABLE = 10.0
"""Tests are listed when their p-value is within this many times their family's level."""

LISTED = 50
"""At most so many tests are listed, those of the smallest p-values."""

Named: TypeAlias = Callable[..., tuple[str, str, str]]
"""From the indices of a statistic to its name, field and segment."""


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
    """The windows of a day so far: `whole` if there was a reference from its first window on."""

    whole: bool
    cells: bytes
    counts: dict[str, int]
    sums: dict[str, int]
    due: tuple[float, ...]


class Memory(msgspec.Struct, frozen=True, gc=False, tag="memory"):
    """What outlives a day, for one reference: levels of the numbers of records, offsets of shares, the days before."""

    release: str
    level: tuple[float, ...]
    offset: Array
    before: Before


class Block(NamedTuple):
    """Statistics of one kind: their values, their residuals, how remarkable these are, and how to name them."""

    family: str
    statistic: Floats
    residual: Floats
    size: Floats
    named: Named


class Evidence:
    """Tests windows, in order, each once.

    What it remembers is in the state: "evidence:day" (`Day`) and "evidence:memory" (`Memory`), of the types `HOLDS`.
    """

    def __init__(self, scope: Scope) -> None:
        """Start; the levels follow from the scope's budget."""
        self.scope = scope
        self.levels = levels(scope.false_incidents_per_week, scope.window_s)

    def seen(self, state: State, summaries: Sequence[Summary], reference: Reference | None, now: float) -> Look:
        """Test the window that ends at `now` (s), from the "seen" summaries of all partitions; none: nothing came.

        To be called for each window in order, also for those without summaries. `reference` is that of the release
        that was champion at the window's start; without one there are no tests.

        Step 1. Begin anew when the reference changed. Step 2. Test the window. Step 3. Add it to the day. Step 4. At
        the end of a whole day (UTC), test the day, and let the levels and the days before take it in.
        """
        start = now - self.scope.window_s
        if reference is None:
            return Look(start, now, (), (), 0, self.levels, 0.0)
        memory: Memory | None = state.get("evidence:memory")
        if memory is None or memory.release != reference.release:
            memory = _begin(reference)
            state.put("evidence:memory", memory)
            state.put("evidence:day", None)
        cells, counts, sums = _total(summaries, reference)
        calibration = reference.calibration
        due = calibration.season.expected(start) * np.array(memory.level)
        blocks = _quality(reference, cells, counts, memory, "window") + _health(reference, cells, counts, due, "window")
        day = _extended(state.get("evidence:day"), start, reference, (cells, counts, sums), due)
        ends = now % DAY_S == 0.0
        if ends and day.whole:
            blocks += _daily(reference, day, memory)
            state.put("evidence:memory", _after(memory, reference, day))
        state.put("evidence:day", None if ends else day)
        return self._look(start, now, blocks, calibration)

    def _look(self, start: float, now: float, blocks: Sequence[Block], calibration: Calibration) -> Look:
        """Give each residual its p-value and list the remarkable ones."""
        tested, found = 0, []
        for block in blocks:
            null, level = calibration.nulls[block.family], self.levels[block.family]
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
        families = {block.family for block in blocks if calibration.nulls[block.family].maxima}
        return Look(start, now, tests, alarms, tested, self.levels, sum(self.levels[family] for family in families))


HOLDS: Any = Day | Memory
"""The types of what `Evidence` keeps in the state."""


def _begin(reference: Reference) -> Memory:
    calibration = reference.calibration
    return Memory(
        reference.release, tuple(calibration.level.values.tolist()), calibration.bad_offset, calibration.before
    )


def _total(summaries: Sequence[Summary], reference: Reference) -> tuple[Counts, Counter[str], Counter[str]]:
    """Add up the partitions; cells in the bins of another reference are left out."""
    cells = np.zeros((len(reference.rows), reference.width), dtype=np.int64)
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for summary in summaries:
        counts.update(summary.counts)
        sums.update(summary.sums)
        if summary.reference == reference.release:
            cells += reference.matrix(summary.cells)
    return cells, counts, sums


def _extended(
    day: Day | None,
    start: float,
    reference: Reference,
    window: tuple[Counts, Counter[str], Counter[str]],
    due: Floats,
) -> Day:
    cells, counts, sums = window
    if day is None:
        whole = start % DAY_S == 0.0
        return Day(whole, cells.astype("<i4").tobytes(), dict(counts), dict(sums), tuple(due.tolist()))
    cells = cells + reference.matrix(day.cells)
    together = tuple((np.array(day.due) + due).tolist())
    return Day(
        day.whole,
        cells.astype("<i4").tobytes(),
        dict(counts + Counter(day.counts)),
        dict(sums + Counter(day.sums)),
        together,
    )


def _quality(reference: Reference, cells: Counts, counts: Counter[str], memory: Memory, scale: str) -> list[Block]:
    calibration = reference.calibration
    family = "quality" if scale == "window" else "quality_daily"
    hits, n = bad_values(reference, cells)
    wide = calibration.bad_spread.window if scale == "window" else calibration.bad_spread.day
    residual = deviance(hits, n, moved(calibration.bad.values, memory.offset.values)) / wide.values
    share = hits / np.maximum(n, 1.0)
    fields, rows = reference.fields, reference.rows
    bad = Block(family, share, residual, residual, lambda kind, row, field: (KINDS[kind], fields[field], rows[row]))
    return [bad, *_shares(calibration, counts, scale, family, healthy=False)]


def _health(reference: Reference, cells: Counts, counts: Counter[str], due: Floats, scale: str) -> list[Block]:
    calibration = reference.calibration
    family = "health" if scale == "window" else "health_daily"
    counted = volumes(reference, cells, counts["labels"])
    wide = calibration.volume_spread.window if scale == "window" else calibration.volume_spread.day
    residual = poisson_deviance(counted, due) / wide.values
    names = [("events", "", row) for row in reference.rows] + [("labels", "", "")]
    volume = Block(family, counted, residual, sized(residual), lambda place: names[place])
    return [volume, *_shares(calibration, counts, scale, family, healthy=True)]


def _shares(calibration: Calibration, counts: Counter[str], scale: str, family: str, healthy: bool) -> list[Block]:
    """Shares that are counted by name."""
    shares = {name: pair for name, pair in named_shares(counts).items() if name.startswith(HEALTH) is healthy}
    if not shares:
        return []
    norms = [calibration.named.get(name, calibration.unknown) for name in shares]
    pairs = np.array(list(shares.values()), dtype=np.float64)
    expected = np.array([norm.expected for norm in norms])
    wide = np.array([_spread(norm, scale) for norm in norms])
    residual = deviance(pairs[:, 0], pairs[:, 1], expected) / wide
    names = [_named(name) for name in shares]
    return [Block(family, pairs[:, 0] / np.maximum(pairs[:, 1], 1.0), residual, residual, lambda place: names[place])]


def _daily(reference: Reference, day: Day, memory: Memory) -> list[Block]:
    cells, counts = reference.matrix(day.cells), Counter(day.counts)
    blocks = _quality(reference, cells, counts, memory, "day")
    blocks += _health(reference, cells, counts, np.array(day.due), "day")
    if labels := counts["labels"]:
        centre, wide = reference.calibration.delay
        mean = np.array([from_fixed(day.sums.get("label_delay_s", 0)) / labels])
        late = (mean - centre) / wide
        blocks.append(Block("health_daily", mean, late, late, lambda place: ("label_delay", "", "")))
    return blocks + _drift(reference, cells, memory)


def _drift(reference: Reference, cells: Counts, memory: Memory) -> list[Block]:
    lattice, names = reference.lattice, reference.distances
    bins = lattice.bins(cells)
    apart = lattice.distances(names, reference.own_bins, bins)
    since = lattice.distances(names, lattice.bins(memory.before.cells.values), bins)
    calibration = reference.calibration
    statistic = np.concatenate([apart, since])
    residual = np.concatenate([calibration.drift.residuals(apart), calibration.drift_before.residuals(since)])
    called = (*names, *(f"{name}_before" for name in names))
    fields, rows = tuple(reference.columns), reference.rows

    def named(distance: int, row: int, field: int) -> tuple[str, str, str]:
        return called[distance], fields[field], rows[row]

    def score(distance: int, row: int, _: int) -> tuple[str, str, str]:
        return called[distance], fields[-1], rows[row]

    drift, answers = residual[..., :-1], residual[..., -1:]
    return [
        Block("drift", statistic[..., :-1], drift, drift, named),
        Block("prediction", statistic[..., -1:], answers, answers, score),
    ]


def _after(memory: Memory, reference: Reference, day: Day) -> Memory:
    cells = reference.matrix(day.cells)
    counted = volumes(reference, cells, day.counts.get("labels", 0))
    level = np.array(memory.level)
    after = adapted(level, counted, np.array(day.due) / level)
    hits, n = bad_values(reference, cells)
    offset = memory.offset.values
    offset = followed(offset, deviance(hits, n, moved(reference.calibration.bad.values, offset)))
    return Memory(memory.release, tuple(after.tolist()), Array.of(offset), memory.before.after(cells))


def _spread(norm: ShareNorm, scale: str) -> float:
    return norm.window if scale == "window" else norm.day


def _named(name: str) -> tuple[str, str, str]:
    """Return test, field and segment: ("refused:too_late", "time", "") of "refused:too_late:time"."""
    kind, _, rest = name.partition(":")
    what, _, field = rest.partition(":")
    return (what, field, "") if kind == "flag" else (f"{kind}:{what}", field, "")
