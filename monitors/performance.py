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
from collections import defaultdict
from collections.abc import Iterable, Sequence

import msgspec

from models.rollout.verdict import DayBlocks
from models.rollout.verdict import Verdict as Bounds
from monitors.budget import FAMILIES
from monitors.days import Day, Performance

MOST_ALPHA = 0.05


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

    >>> round(alpha(0.8, 1.0), 3)
    0.05
    """
    return min(MOST_ALPHA, false_incidents_per_week / len(FAMILIES) / (1.0 + retrain_per_week))


def margin(metric: str, tolerance: float, usual: float | None) -> float:
    """Return a tolerance of the success metric as one of the mean loss of an event.

    They are the same where the metric is the loss; of the root of a mean square, or of a share of explained variance,
    it depends on the usual loss (for R2 with the residual variance in the place of the variance: a stricter margin).

    >>> margin("rmse", 0.1, usual=4.0)
    0.41...
    """
    if usual is None or metric not in ("rmse", "r2", "adjusted_r2"):
        return tolerance
    return 2.0 * math.sqrt(usual) * tolerance + tolerance**2 if metric == "rmse" else tolerance * usual


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
    counts, sums, total, events = defaultdict[str, int](int), defaultdict[str, float](float), 0.0, 0
    for day in days:
        total, events = total + day.excess, events + day.n
        for name, (n, excess) in day.segments.items():
            counts[name] += n
            sums[name] += excess
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
