"""Hoeffding drift detection method, test of averages (HDDM-A)."""

import math
from typing import ClassVar

import msgspec

from monitors.detectors.port import Detector, Part, scaled


class Means(msgspec.Struct):
    """Count and mean of all values, and of those up to the cut."""

    n: int = 0
    mean: float = 0.0
    cut_n: int = 0
    cut_mean: float = 0.0


class HDDMA(Detector, kw_only=True):
    """Alarms when the mean of all values exceeds that up to the best cut by more than Hoeffding's inequality allows.

    The cut is where the mean plus its bound sqrt(ln(1/confidence) / 2n) was least. Alarm when the mean of all n values
    is at least sqrt((n - c) / (2 c n) ln(2/confidence)) above that of the first c (Frías-Blanco et al. 2015, IEEE
    Transactions on Knowledge and Data Engineering 27, the A-test). Evidence: that difference over that bound. Values:
    0 to 1, errors or shares of errors; the bound holds for both. One-sided: only rises count. After an alarm: begins
    anew.
    """

    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0
    false_alarms: ClassVar[float] = 2e-5

    confidence: Part = 0.001
    means: Means = msgspec.field(default_factory=Means)

    def step(self, value: float) -> float:
        m = self.means
        m.n += 1
        m.mean += (value - m.mean) / m.n
        if m.cut_n == 0 or m.cut_mean + self._bound(m.cut_n) >= m.mean + self._bound(m.n):
            m.cut_n, m.cut_mean = m.n, m.mean
            return 0.0
        bound = math.sqrt((m.n - m.cut_n) / m.cut_n / m.n / 2 * math.log(2 / self.confidence))
        rise = m.mean - m.cut_mean
        alarm = rise >= bound
        if alarm:
            self.restart()
        return scaled(rise, bound, alarm)

    def _bound(self, n: int) -> float:
        return math.sqrt(math.log(1 / self.confidence) / (2 * n))

    def restart(self) -> None:
        self.means = Means()
