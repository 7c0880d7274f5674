"""Early drift detection method (EDDM)."""

import math
from typing import ClassVar

import msgspec

from monitors.detectors.port import Detector, Part, Whole, scaled


class Gaps(msgspec.Struct):
    """Values and errors so far, where the last error was, mean and squares of the gaps between errors, their widest."""

    n: int = 0
    errors: int = 0
    last: int = 0
    mean: float = 0.0
    squares: float = 0.0
    widest: float = -1.0
    evidence: float = 0.0


class EDDM(Detector, kw_only=True):
    """Alarms when errors come closer together than they did at their rarest.

    With p' and s' the mean and the standard deviation of the gaps between errors: alarm when (p' + 2 s') over its
    largest value so far falls below `beta` (Baena-García et al. 2006, IWKDDS, section 3). Evidence: one less that
    ratio, over 1 - beta; it is renewed at each error and stays in between. Values: 0 to 1, and 0.5 or more is an error,
    so of shares those of half a window and more. `warm_start` errors come first. After an alarm: begins anew.

    Early is what it is meant to be: it alarms more often on a stationary stream than any of its siblings.
    """

    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0
    false_alarms: ClassVar[float] = 1e-3

    warm_start: Whole = 30
    beta: Part = 0.9
    gaps: Gaps = msgspec.field(default_factory=Gaps)

    def step(self, value: float) -> float:
        g = self.gaps
        g.n += 1
        if value < 0.5:
            return g.evidence
        g.errors += 1
        gap = g.n - g.last
        g.last = g.n
        before = g.mean
        g.mean += (gap - g.mean) / g.errors
        g.squares += (gap - before) * (gap - g.mean)
        if g.n <= self.warm_start:
            return g.evidence
        deviation = math.sqrt(g.squares / (g.errors - 1)) if g.errors > 1 else 0.0
        width = g.mean + 2 * deviation
        if width > g.widest:
            g.widest = width
            g.evidence = 0.0
        elif g.errors > self.warm_start:
            return self._judge(width / g.widest)
        return g.evidence

    def _judge(self, ratio: float) -> float:
        alarm = ratio < self.beta
        self.gaps.evidence = evidence = scaled(1 - ratio, 1 - self.beta, alarm)
        if alarm:
            self.restart()
        return evidence

    def restart(self) -> None:
        self.gaps = Gaps()
