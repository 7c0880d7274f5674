"""Windows, looks and findings as the tests of deciding want them: made by hand, so that the truth is known."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from monitors.budget import DAY_S, levels
from monitors.days import Performance, add, close
from monitors.evidence import Look
from monitors.policy import Rule, Rules
from streams.exact import to_fixed
from streams.records import Summary, control

HOUR = 3600.0
LEVELS = levels(1.0, HOUR)


def sign(
    name: str = "missing",
    field: str = "",
    segment: str = "",
    p: float = 1e-6,
    family: str = "quality",
    size: float = 9.0,
) -> control.Test:
    return control.Test(family, name, field, segment, 0.5, size, p)


def look(end: float, *tests: control.Test) -> Look:
    alarms = tuple(each for each in tests if each.p <= LEVELS[each.family])
    return Look(end - HOUR, end, tests, alarms, 100, LEVELS, 0.01)


def settled(
    start: float, scores: Sequence[float], labels: Sequence[int], writer: int = 0, segment: str = ""
) -> Summary:
    """A settled window of a binary task that is judged by log loss."""
    counts: dict[str, int] = {"labelled": len(scores), "n:served": len(scores)}
    sums: dict[str, int] = {"loss:served": 0, "expected:served": 0}
    for p, y in zip(scores, labels, strict=True):
        loss = to_fixed(-math.log(p if y else 1.0 - p))
        expected = to_fixed(-p * math.log(p) - (1.0 - p) * math.log(1.0 - p))
        place = min(int(p * 10), 9)
        for name, n in ((f"reliability:{place}", 1), (f"right:{place}", y)):
            counts[name] = counts.get(name, 0) + n
        sums[f"score:{place}"] = sums.get(f"score:{place}", 0) + to_fixed(p)
        for name in ("", f"|{segment}") if segment else ("",):
            if name:
                counts[f"n:served{name}"] = counts.get(f"n:served{name}", 0) + 1
            sums[f"loss:served{name}"] = sums.get(f"loss:served{name}", 0) + loss
            sums[f"expected:served{name}"] = sums.get(f"expected:served{name}", 0) + expected
    time = start + HOUR
    return Summary("", f"settled-{start:.0f}-{writer}", time, "settled", start, time, writer, counts, sums)


def day(start: float, n: int, excess: float, arms: dict[str, float] | None = None) -> Summary:
    """A whole day in one settled window: n events that lose `excess` more than they expect, each."""
    sums = {"loss:served": to_fixed((0.5 + excess) * n), "expected:served": to_fixed(0.5 * n)}
    counts = {"n:served": n}
    for name, loss in (arms or {}).items():
        counts[f"n:{name}"] = n
        sums[f"loss:{name}"] = to_fixed(loss * n)
    return Summary("", f"day-{start:.0f}", start + DAY_S, "settled", start, start + DAY_S, 0, counts, sums)


def days(excesses: Sequence[float], first: int = 0) -> Iterator[Performance]:
    """The performance after each of the days."""
    performance = Performance()
    for i, excess in enumerate(excesses, start=first):
        performance = close(add(performance, [day(i * DAY_S, 900, excess)]), (i + 1) * DAY_S)
        yield performance


def noise(rng: np.random.Generator, n: int, sd: float = 0.03, rho: float = 0.1) -> list[float]:
    """Mean excess of days without a true one: normal, a little correlated, as days of flights are."""
    out, last = [], 0.0
    for _ in range(n):
        last = rho * last + math.sqrt(1.0 - rho * rho) * float(rng.normal())
        out.append(sd * last)
    return out


def rules(**changes: Rule) -> Rules:
    remedies = {
        "pause": Rule(("unit_change", "missing_upstream", "broken_upstream"), 0.0),
        "mask": Rule(("unit_change", "missing_upstream"), 86400.0),
        "recalibrate": Rule(("prior_shift", "concept_change"), 43200.0),
        "retrain": Rule(("concept_change", "stale"), 3 * 86400.0),
        "rollback": Rule(("worse_after_release",), 0.0),
    }
    return Rules(pipeline="flights", remedies=remedies | changes, retrain_per_week=1.0)
