"""Whether the served answers lose more than they should: settled windows as day blocks, tested however often one looks.

**Excess loss.** A probability states the loss that it expects of itself (`monitors.expected`); the observed loss less
this one has mean 0 for a calibrated model, however hard the records of the day are. Where answers state no expectation
(regression), it is the mean loss of the first 14 days plus twice its standard error.

**What alarms.** The mean excess is above the declared tolerance, and shown to be above half of it. (To show that it is
above all of it takes twice as long; see docs/decisions/0501-performance-tests.md.)

**The budget.** The family's share is so many false incidents a week. Every week a new test begins, and each lives four
weeks: so one that has run long without a change never hides a new one. A test that may be looked at daily and is ever
wrong with chance alpha costs alpha false incidents; with one begun every week alpha is therefore the weekly share.
Only one side is looked at, so the bounds of `models.rollout.verdict` are taken at 2 alpha.
After a remedy tests begin anew, which happens at most `retrain_per_week` times a week: alpha = share / (1 +
retrain_per_week), and never above .05, up to where the bounds of `models.rollout.verdict` were examined. False
incidents a week are then at most the share, by the union bound.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from models.rollout.verdict import DayBlocks
from models.rollout.verdict import Verdict as Bounds
from monitors.budget import DAY_S, FAMILIES
from monitors.judging import BINS
from streams.clock import cut
from streams.exact import from_fixed
from streams.records import Summary

LIFE_DAYS = 28
"""How many days a test lives, and days are kept for twice."""

EVERY_DAYS = 7
"""How often a test begins."""

NORM_DAYS = 14
"""How many days tell the usual loss, where answers do not state what they expect."""

MOST_ALPHA = 0.05


class Day(msgspec.Struct, frozen=True, gc=False):
    """One day of settled windows, from `start` (s): sums over `n` labelled events that a release or fallback served.

    `segments` has number and excess loss, `arms` number and loss of everyone who answered, `bins` number of events,
    number of those that came true and sum of scores, by tenth of the score. `value` is None where none is declared.
    """

    start: float
    n: int
    loss: float
    expected: float
    value: float | None = None
    segments: dict[str, tuple[int, float]] = {}
    arms: dict[str, tuple[int, float]] = {}
    bins: tuple[tuple[int, int, float], ...] = ()

    @property
    def excess(self) -> float:
        """Observed less expected loss, over all events."""
        return self.loss - self.expected


class Open(msgspec.Struct, frozen=True, gc=False):
    """A day that is not over: exact sums of its settled windows so far."""

    start: float
    counts: dict[str, int]
    sums: dict[str, int]


class Performance(msgspec.Struct, frozen=True, gc=False):
    """What is remembered: open days, closed ones (bounded), when (s) each living test began, and the usual loss.

    `norm` has number, loss and squared daily mean loss of the first days, by segment ("" is all), and `norm_days` how
    many; it is only used where answers state no expectation.
    """

    open: tuple[Open, ...] = ()
    days: tuple[Day, ...] = ()
    starts: tuple[float, ...] = ()
    norm: dict[str, tuple[int, float]] = {}
    norm_means: tuple[float, ...] = ()

    @property
    def usual(self) -> float | None:
        """The usual loss of an event plus twice its standard error; None while it is not known."""
        means = self.norm_means
        if len(means) < NORM_DAYS:
            return None
        mean = math.fsum(means) / len(means)
        spread = math.sqrt(math.fsum((each - mean) ** 2 for each in means) / (len(means) - 1))
        return mean + 2.0 * spread / math.sqrt(len(means))


class Excess(msgspec.Struct, frozen=True):
    """What the strongest living test says: mean excess loss of an event since `start` (s), lower bound, p-value.

    `p` is that of "the mean excess is at most half the tolerance", `alarms` whether it is an alarm of the family.
    """

    start: float
    mean: float
    lower: float
    p: float
    alarms: bool


def alpha(false_incidents_per_week: float, retrain_per_week: float) -> float:
    """Return the chance at which one test may ever be wrong.

    >>> round(alpha(0.7, 1.0), 3)
    0.05
    """
    return min(MOST_ALPHA, false_incidents_per_week / len(FAMILIES) / (1.0 + retrain_per_week))


def add(performance: Performance, settled: Iterable[Summary]) -> Performance:
    """Return with further settled windows; those of days that were closed already change nothing."""
    days = {day.start: day for day in performance.open}
    closed = performance.days[-1].start if performance.days else -math.inf
    for summary in settled:
        start = cut(summary.start, DAY_S)
        if start <= closed:
            continue
        before = days.get(start, Open(start, {}, {}))
        days[start] = Open(start, _plus(before.counts, summary.counts), _plus(before.sums, summary.sums))
    return msgspec.structs.replace(performance, open=tuple(days[start] for start in sorted(days)))


def close(performance: Performance, until: float) -> Performance:
    """Return with the days that ended by `until` (s) closed: those with labelled events become blocks."""
    for one in [day for day in performance.open if day.start + DAY_S <= until]:
        performance = _close(performance, one)
    return performance


def anew(performance: Performance, at: float) -> Performance:
    """Return with all tests ended: the next one begins with the first whole day from `at` (s) on."""
    return msgspec.structs.replace(performance, starts=(math.ceil(at / DAY_S) * DAY_S,))


def judge(performance: Performance, tolerance: float, level: float) -> Excess | None:
    """Return the strongest living test, each of which may ever be wrong with chance `level`; None before a block.

    An alarm goes before none, then the smallest p-value.
    """
    found = []
    for start in performance.starts:
        blocks = as_blocks(day for day in performance.days if day.start >= start)
        if blocks.blocks:
            p, mean = p_value(blocks, tolerance / 2.0), blocks.mean
            found.append(Excess(start, mean, _lower(blocks, level), p, p <= level and mean > tolerance))
    return min(found, key=lambda each: (not each.alarms, each.p, -each.mean, each.start), default=None)


def as_blocks(days: Iterable[Day]) -> DayBlocks:
    """Return days as blocks of excess loss."""
    blocks = DayBlocks()
    for day in days:
        blocks = blocks.add(day.n, day.excess)
    return blocks


def p_value(blocks: DayBlocks, bound: float) -> float:
    """Return the least chance of error (within 3 %) at which the mean is shown to be above `bound`; 1 if at none.

    It is valid however often one looks.
    """
    low, high = -12.0, -0.5
    if _lower(blocks, 10.0**high) <= bound:
        return 1.0
    while high - low > 0.0125:
        middle = (low + high) / 2.0
        low, high = (low, middle) if _lower(blocks, 10.0**middle) > bound else (middle, high)
    return float(10.0**high)


def changed(days: Sequence[Day], tolerance: float) -> float:
    """Return the start (s) of the day from which the loss above the tolerance adds up to most: when it changed.

    The maximum of the backward sums is the likeliest change point of normal blocks whose means lie as far below the
    tolerance before it as above after it (Page 1954, Biometrika 41). `days` must not be empty.
    """
    total, best, start = 0.0, -math.inf, days[-1].start
    for day in reversed(days):
        total += day.excess - tolerance * day.n
        if total > best:
            best, start = total, day.start
    return start


def ranked_segments(days: Iterable[Day], most: int = 3) -> tuple[str, ...]:
    """Return the segments in which events lose more than over all, by their part in the loss; at most so many."""
    counts, sums, total, events = Counter[str](), Counter[str](), 0.0, 0
    for day in days:
        total, events = total + day.excess, events + day.n
        for name, (n, excess) in day.segments.items():
            counts[name] += n
            sums[name] += excess  # type: ignore[assignment]  # a Counter adds floats as well
    mean = total / events if events else 0.0
    worse = [name for name, n in counts.items() if n and sums[name] > 2.0 * mean * n and sums[name] > 0.2 * total]
    return tuple(sorted(worse, key=lambda name: (-sums[name], name))[:most])


def after_release(days: Iterable[Day], new: str, old: str, since: float, level: float) -> Bounds:
    """Return the bounds of a new champion's loss less the previous one's, on the events that both answered.

    Days from `since` (s) on in which they did not answer the same number are left out. The new one is worse if
    the lower bound is above 0.
    """
    blocks = DayBlocks()
    for day in days:
        (n, loss), (n_old, loss_old) = day.arms.get(new, (0, 0.0)), day.arms.get(old, (0, 0.0))
        if day.start >= since and n == n_old:
            blocks = blocks.add(n, loss - loss_old)
    return blocks.verdict(level)


def _lower(blocks: DayBlocks, level: float) -> float:
    lower = blocks.verdict(2.0 * level).lower
    return -math.inf if lower is None else lower


def _plus(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    total = dict(one)
    for name, n in other.items():
        total[name] = total.get(name, 0) + n
    return dict(sorted(total.items()))


def _close(performance: Performance, one: Open) -> Performance:
    rest = tuple(day for day in performance.open if day.start != one.start)
    performance = msgspec.structs.replace(performance, open=rest)
    n = one.counts.get("n:served", 0)
    if n <= 0:
        return performance
    if "expected:served" not in one.sums and performance.usual is None:
        return _learn_norm(performance, one, n)
    day = _day(performance, one, n)
    days = (*performance.days, day)[-2 * LIFE_DAYS :]
    living = tuple(start for start in performance.starts if day.start < start + LIFE_DAYS * DAY_S)
    if not living or day.start >= living[-1] + EVERY_DAYS * DAY_S:
        living = (*living, day.start)
    return msgspec.structs.replace(performance, days=days, starts=living)


def _learn_norm(performance: Performance, one: Open, n: int) -> Performance:
    norm = dict(performance.norm)
    for name, (more, loss) in _losses(one).items():
        before = norm.get(name, (0, 0.0))
        norm[name] = (before[0] + more, before[1] + loss)
    means = (*performance.norm_means, from_fixed(one.sums["loss:served"]) / n)
    return msgspec.structs.replace(performance, norm=norm, norm_means=means)


def _day(performance: Performance, one: Open, n: int) -> Day:
    counts, sums = one.counts, one.sums
    usual = performance.usual if "expected:served" not in sums else None
    loss = from_fixed(sums["loss:served"])
    segments = {}
    for name, (more, lost) in _losses(one).items():
        if usual is not None:
            before = performance.norm.get(name, (0, 0.0))
            wanted = more * (before[1] / before[0] if before[0] else usual)
        else:
            wanted = from_fixed(sums.get(f"expected:served|{name}", 0))
        if name:
            segments[name] = (more, lost - wanted)
    reliability = tuple(
        (counts.get(f"reliability:{i}", 0), counts.get(f"right:{i}", 0), from_fixed(sums.get(f"score:{i}", 0)))
        for i in range(BINS)
    )
    return Day(
        one.start,
        n,
        loss,
        usual * n if usual is not None else from_fixed(sums["expected:served"]),
        from_fixed(sums["value:served"]) if "value:served" in sums else None,
        segments,
        {name[2:]: (m, from_fixed(sums.get(f"loss:{name[2:]}", 0))) for name, m in counts.items() if _is_arm(name)},
        reliability if any(each[0] for each in reliability) else (),
    )


def _losses(one: Open) -> dict[str, tuple[int, float]]:
    """Number and loss of what was served, by segment; "" is all."""
    prefix = "n:served"
    return {
        name[len(prefix) :].removeprefix("|"): (n, from_fixed(one.sums.get(f"loss:{name[2:]}", 0)))
        for name, n in one.counts.items()
        if name == prefix or name.startswith(prefix + "|")
    }


def _is_arm(name: str) -> bool:
    return name.startswith("n:") and not name.startswith("n:served")
