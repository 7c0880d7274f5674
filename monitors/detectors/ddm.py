"""Drift detection method (DDM)."""

import math
from typing import ClassVar

import msgspec

from monitors.detectors.port import Detector, Positive, Whole, scaled


class Rates(msgspec.Struct):
    """Count and rate of errors, and rate and deviation when their sum was least."""

    n: int = 0
    rate: float = 0.0
    best_rate: float = 0.0
    best_deviation: float = 0.0
    best: float = math.inf


class DDM(Detector, kw_only=True):
    """Alarms when the error rate leaves the lowest level that it has held by `deviations` of its standard deviations.

    With p_t the error rate so far and s_t = sqrt(p_t (1 - p_t) / t): alarm when p_t + s_t > p_min + 3 s_min, both taken
    where p + s was least (Gama et al. 2004, SBIA, section 3.1). Evidence: p_t + s_t - p_min over `deviations` s_min.
    Values: 0 to 1, an error (0 or 1) or a share of errors; s_t is that of single errors, so for shares of many records
    it is on the safe side: slow. `warm_start` values come first; after as many without one error, the first is an
    alarm, which is the method's weakness. After an alarm: begins anew.
    """

    lowest: ClassVar[float] = 0.0
    highest: ClassVar[float] = 1.0
    false_alarms: ClassVar[float] = 5e-5

    warm_start: Whole = 30
    deviations: Positive = 3.0
    rates: Rates = msgspec.field(default_factory=Rates)

    def step(self, value: float) -> float:
        r = self.rates
        r.n += 1
        r.rate += (value - r.rate) / r.n
        deviation = math.sqrt(max(r.rate * (1 - r.rate), 0.0) / r.n)
        if r.n <= self.warm_start:
            return 0.0
        if r.rate + deviation <= r.best:
            r.best_rate, r.best_deviation, r.best = r.rate, deviation, r.rate + deviation
        threshold = self.deviations * r.best_deviation
        alarm = r.rate + deviation > r.best_rate + threshold
        evidence = scaled(r.rate + deviation - r.best_rate, threshold, alarm)
        if alarm:
            self.restart()
        return evidence

    def restart(self) -> None:
        self.rates = Rates()
