"""Kolmogorov-Smirnov windowing (KSWIN)."""

import math
import random
from functools import cache
from typing import ClassVar

import numpy as np

from monitors.detectors.port import Detector, Part, Whole, scaled


class KSWIN(Detector, kw_only=True):
    """Alarms when the newest values are distributed otherwise than a sample of the older ones in a sliding window.

    The newest `recent` of `window` values against as many drawn from the rest without replacement, by the two-sample
    Kolmogorov-Smirnov test; alarm when its exact p-value is at most `alpha` and its statistic above 0.1 (Raab et al.
    2020, Neurocomputing 416, section 3). The test sees any change of distribution; it is for the worse if the newest
    have the higher mean. Evidence, if so: ln p over ln alpha. Values: any. After an alarm, for worse or better: begins
    anew, with the same `seed`.

    It tests at every value, so even a stationary stream alarms some `alpha` of the time.
    """

    false_alarms: ClassVar[float] = 1e-3

    alpha: Part = 0.005
    window: Whole = 100
    recent: Whole = 30
    seed: int = 0
    values: list[float] = []
    generator: tuple[int, ...] = ()
    """State of the Mersenne Twister that draws the sample; empty before the first draw."""

    def __post_init__(self) -> None:
        if 2 * self.recent > self.window:
            raise ValueError(
                f"KSWIN: recent={self.recent} values are compared with as many older ones, and window={self.window} "
                f"holds fewer: make it at least {2 * self.recent}"
            )

    def step(self, value: float) -> float:
        self.values = [*self.values, value][-self.window :]
        if len(self.values) < self.window:
            return 0.0
        old, new = self._sample(), self.values[-self.recent :]
        apart = largest_gap(old, new)
        p = p_value(apart, self.recent)
        alarm = p <= self.alpha and apart / self.recent > 0.1
        if alarm:
            self.restart()
        worse = sum(new) > sum(old)
        return scaled(-math.log(p), -math.log(self.alpha), alarm) if worse else 0.0

    def _sample(self) -> list[float]:
        draw = random.Random(self.seed)
        if self.generator:
            draw.setstate((3, self.generator, None))
        places = draw.sample(range(self.window - self.recent), self.recent)
        self.generator = draw.getstate()[1]
        return [self.values[place] for place in places]

    def restart(self) -> None:
        self.values, self.generator = [], ()


def largest_gap(old: list[float], new: list[float]) -> int:
    """The two-sample statistic D of samples of equal size n, times n.

    >>> largest_gap([1, 2, 3], [2, 3, 9])
    1
    """
    a, b = np.sort(old), np.sort(new)
    both = np.concatenate((a, b))
    return int(np.abs(np.searchsorted(a, both, "right") - np.searchsorted(b, both, "right")).max())


@cache
def p_value(gap: int, size: int) -> float:
    """The exact two-sided p-value of D = gap / size for two samples of that size each.

    2 (C(2n, n-k) - C(2n, n-2k) + C(2n, n-3k) - ...) / C(2n, n), with n the size and k the gap (Gnedenko and Korolyuk
    1951; in English: Selected Translations in Mathematical Statistics and Probability 1). It is at least 2 / C(2n, n).

    >>> p_value(0, 30), round(p_value(12, 30), 4)
    (1.0, 0.0156)
    """
    if gap == 0:
        return 1.0
    terms = (math.comb(2 * size, size - j * gap) * (-1) ** (j - 1) for j in range(1, size // gap + 1))
    tail: int = sum(terms)
    return 2 * tail / math.comb(2 * size, size)
