"""What the detectors of the pipeline file say about the answers: a second opinion, which never alarms alone.

Each reads one value per settled window, higher is worse: those of any range the mean excess loss in deviations of
the windows so far, those of shares (0 to 1) the share of wrong decisions. Their alarms say since when and who agrees;
whether there is an alarm is for the budget to say.
"""

import math
from collections.abc import Sequence

import msgspec

from monitors.detectors import DETECTORS
from streams.exact import from_fixed
from streams.records import Summary

LEAST = 24
"""Windows whose spread is learned before detectors of any range get a value."""

KEPT = 32
"""Alarms that are kept."""


class Opinion(msgspec.Struct, frozen=True, gc=False):
    """The detectors' state by name, the windows so far (number and sum of squares), and their newest alarms."""

    detectors: dict[str, bytes] = {}
    n: int = 0
    squares: float = 0.0
    alarms: tuple[tuple[str, float], ...] = ()


def hear(opinion: Opinion, names: Sequence[str], settled: Sequence[Summary]) -> Opinion:
    """Return what the named detectors say after further settled windows, each whole, in the order of their starts."""
    detectors = {
        name: DETECTORS[name].load(opinion.detectors[name]) if name in opinion.detectors else DETECTORS[name]()
        for name in names
    }
    n, squares, alarms = opinion.n, opinion.squares, list(opinion.alarms)
    for summary in settled:
        excess, wrong = mean_excess(summary), wrong_share(summary)
        scaled = excess / math.sqrt(squares / n) if excess is not None and n >= LEAST and squares > 0.0 else None
        for name, detector in detectors.items():
            value = wrong if detector.highest == 1.0 else scaled
            if value is not None and detector.update(value) >= 1.0:
                alarms.append((name, summary.end))
        if excess is not None:
            n, squares = n + 1, squares + excess * excess
    return Opinion({name: each.dump() for name, each in detectors.items()}, n, squares, tuple(alarms[-KEPT:]))


def agreeing(opinion: Opinion, since: float) -> tuple[str, ...]:
    """Return the detectors that alarmed for windows that ended after `since` (s), by name."""
    return tuple(sorted({name for name, at in opinion.alarms if at > since}))


def mean_excess(summary: Summary) -> float | None:
    """Return the mean excess loss of an event in a settled window; None where nothing states what it expects."""
    n = summary.counts.get("n:served", 0)
    if n <= 0 or "expected:served" not in summary.sums:
        return None
    return from_fixed(summary.sums["loss:served"] - summary.sums["expected:served"]) / n


def wrong_share(summary: Summary) -> float | None:
    """Return the share of wrong decisions in a settled window; None where none was taken."""
    pairs = {name[10:]: n for name, n in summary.counts.items() if name.startswith("confusion:")}
    total = sum(pairs.values())
    if total <= 0:
        return None
    right = sum(n for name, n in pairs.items() if name.partition("|")[0] == name.partition("|")[2])
    return min(max(1.0 - right / total, 0.0), 1.0)
