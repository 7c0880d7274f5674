"""Page-Hinkley test."""

import math
from typing import Annotated, ClassVar

import msgspec

from monitors.detectors.port import Detector, Positive, Whole, scaled


class Sums(msgspec.Struct):
    """Count and mean of the values, their faded sum of deviations, and the least that it has been."""

    n: int = 0
    mean: float = 0.0
    total: float = 0.0
    least: float = math.inf


class PageHinkley(Detector, kw_only=True):
    """Adds up how far values lie above their mean so far, less a tolerance; alarms when the sum has risen enough.

    m_t = alpha m_(t-1) + (x_t - mean_t - delta), and the statistic is m_t - min(m_1..m_t) (Page 1954, Biometrika 41;
    with the fading factor alpha: Gama et al. 2013, Machine Learning 90). One-sided: only rises count.
    Evidence: the statistic over `threshold`. Values: any; `delta` and `threshold` are in their unit, so scale the
    series or set them. `min_instances` values come first. After an alarm: begins anew.

    >>> detector = PageHinkley(threshold=5.0)
    >>> [round(detector.update(x), 2) for x in [0.0] * 100 + [1.0] * 6][-7:]
    [0.0, 0.2, 0.39, 0.59, 0.78, 0.97, 1.15]
    """

    false_alarms: ClassVar[float] = 8e-5

    min_instances: Whole = 30
    delta: float = 0.005
    threshold: Positive = 50.0
    alpha: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1 - 0.0001
    sums: Sums = msgspec.field(default_factory=Sums)

    def step(self, value: float) -> float:
        s = self.sums
        s.n += 1
        s.mean += (value - s.mean) / s.n
        s.total = self.alpha * s.total + (value - s.mean) - self.delta
        s.least = min(s.least, s.total)
        if s.n < self.min_instances:
            return 0.0
        rise = s.total - s.least
        alarm = rise > self.threshold
        if alarm:
            self.restart()
        return scaled(rise, self.threshold, alarm)

    def restart(self) -> None:
        self.sums = Sums()
