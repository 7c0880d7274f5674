"""Settled windows as days: sums of what was served, by segment and arm, and when each living test began."""

import math
from collections.abc import Iterable

import msgspec

from monitors.budget import DAY_S
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
