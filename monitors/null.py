"""How unusual a statistic is: its p-value from the maxima that history gave, with a cautious tail beyond them."""

from functools import cached_property

import msgspec
import numpy as np

from streams.sketch import Floats

TAIL_SHARE = 0.1
"""The part of the history that the tail is fitted on."""

LEAST, MOST = 1.0, 6.0
"""Bounds of the tail's exponent: below, a mean would not exist; above, it would be as good as Gaussian."""

ANCHOR = 1.0
"""A tail starts no lower than here: at the size of what a series has reached before (`monitors.tail`)."""


class Null(msgspec.Struct, frozen=True, dict=True):
    """The largest sizes (`monitors.tail`) of a family in each window (or day) of history, sorted; finite, one for each.

    Inside the history p-values are ranks: (1 + the number of maxima at least as large) / (n + 1). Beyond its largest
    value m they go on as a Pareto tail, 1 / (n + 1) * (m / x) ** a. The exponent a is Hill's estimator over the largest
    tenth (Hill 1975, Annals of Statistics 3, eq. 2.7), kept within 1 to 6: never as light as a Gaussian's.

    >>> null = Null(tuple(float(i) for i in range(1, 100)))
    >>> null.p(99.5) < null.p(99.0) < null.p(50.0)
    True
    """

    maxima: tuple[float, ...]

    def p(self, residual: float) -> float:
        """Return the p-value of one residual."""
        return float(self.ps(np.array([residual]))[0])

    def ps(self, residuals: Floats) -> Floats:
        """Return the p-values of residuals of any shape; NaN (not tested) and nothing learned give 1."""
        n = len(self.maxima)
        if n == 0:
            return np.ones(residuals.shape)
        above = n - np.searchsorted(self._sorted, residuals)
        p = np.asarray((1.0 + above) / (n + 1.0), dtype=np.float64)
        beyond = residuals > self.edge
        if beyond.any():
            p[beyond] = (self.edge / residuals[beyond]) ** self.exponent / (n + 1.0)
        p[np.isnan(residuals)] = 1.0
        return p

    def threshold(self, level: float) -> float:
        """Return the smallest residual whose p-value is at or below the level, about."""
        n = len(self.maxima)
        if n == 0:
            return np.inf
        if level < 1.0 / (n + 1.0):
            return float(self.edge * (1.0 / (n + 1.0) / level) ** (1.0 / self.exponent))
        above = int(level * (n + 1.0)) - 1
        return float(np.nextafter(self._sorted[n - 1 - above], np.inf)) if above < n else -np.inf

    @cached_property
    def edge(self) -> float:
        """Where the tail starts: the largest maximum, but no lower than `ANCHOR`."""
        return max(self.maxima[-1], ANCHOR)

    @cached_property
    def exponent(self) -> float:
        """Hill's estimate of the tail's exponent, within `LEAST` to `MOST`."""
        k = max(int(len(self.maxima) * TAIL_SHARE), 2)
        if len(self.maxima) <= k or self.maxima[-1 - k] <= 0.0:
            return LEAST
        logs = np.log(self._sorted[-k:] / self._sorted[-1 - k])
        mean = float(logs.mean())
        return MOST if mean * MOST <= 1.0 else max(1.0 / mean, LEAST)

    @cached_property
    def _sorted(self) -> Floats:
        return np.array(self.maxima)
