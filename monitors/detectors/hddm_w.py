"""Hoeffding drift detection method, test of weighted averages (HDDM-W)."""

import math
from typing import ClassVar

import msgspec

from monitors.detectors.port import Detector, Part, scaled


class Faded(msgspec.Struct):
    """A moving average with exponential weights, and the sum of their squares, on which its bound depends."""

    n: int = 0
    mean: float = 0.0
    weight: float = 1.0

    def add(self, value: float, part: float) -> None:
        self.mean = value if self.n == 0 else part * value + (1 - part) * self.mean
        self.weight = part**2 + (1 - part) ** 2 * self.weight
        self.n += 1


class Averages(msgspec.Struct):
    """The averages of all values, of those up to the cut and of those since, and the least upper bound so far."""

    every: Faded = msgspec.field(default_factory=Faded)
    before: Faded = msgspec.field(default_factory=Faded)
    since: Faded = msgspec.field(default_factory=Faded)
    least: float = math.inf


class HDDMW(Detector, kw_only=True):
    """Alarms when the moving average since the best cut exceeds that before by more than McDiarmid's inequality allows.

    The cut is where the moving average plus its bound sqrt(w ln(1/confidence) / 2) was least, w being the sum of the
    squared weights. Alarm when the average since is more than sqrt((w1 + w2) ln(1/confidence) / 2) above that before
    (Frías-Blanco et al. 2015, IEEE Transactions on Knowledge and Data Engineering 27, the W-test). Evidence: that
    difference over that bound. Values: 0 to 1, errors or shares of errors. `part` is the weight of the newest value:
    more reacts faster to abrupt changes. One-sided: only rises count. After an alarm: begins anew.
    """

    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0
    false_alarms: ClassVar[float] = 8e-4

    confidence: Part = 0.001
    part: Part = 0.05
    averages: Averages = msgspec.field(default_factory=Averages)

    def step(self, value: float) -> float:
        a = self.averages
        a.every.add(value, self.part)
        upper = a.every.mean + self._bound(a.every.weight)
        if upper < a.least:
            a.least = upper
            a.before = msgspec.structs.replace(a.every)
            a.since = Faded()
            return 0.0
        a.since.add(value, self.part)
        rise, bound = a.since.mean - a.before.mean, self._bound(a.before.weight + a.since.weight)
        alarm = rise > bound
        if alarm:
            self.restart()
        return scaled(rise, bound, alarm)

    def _bound(self, weight: float) -> float:
        return math.sqrt(weight * math.log(1 / self.confidence) / 2)

    def restart(self) -> None:
        self.averages = Averages()
