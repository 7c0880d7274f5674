"""How remarkable a residual is for its own series: some fields are often far out, for hours, and others never."""

import msgspec
import numpy as np

from monitors.array import Array
from streams.sketch import Floats

ANCHOR = 4.0
"""A series that history never saw further out is taken to have been so far out, in standard deviations."""

USUAL = 3.0
"""The exponent that a tail is drawn to, and in whose power sizes are told."""

HEAVIEST, STEEPEST = 1.0, 6.0
"""Bounds of exponents."""

PRIOR = 5.0
"""How many of history's days the usual exponent weighs as much as."""

TOP_SHARE = 0.1
"""The share of days whose maxima give the exponent."""


class Tail(msgspec.Struct, frozen=True, dict=True):
    """The upper tails of many series, one of each shape of residuals: P(z > x) is about (edge / x) ** exponent.

    `edge` is the largest residual of history, at least `ANCHOR`. Sizes compare series whose tails differ: those of
    equal probability have equal size. So the largest size over fields and segments is not that of whoever is loudest,
    but of whoever is furthest from its own past (Westfall and Young 1993, Resampling-Based Multiple Testing, section
    2.3: minimal p-values instead of maximal statistics).
    """

    edge: Array
    exponent: Array

    def sizes(self, residuals: Floats) -> Floats:
        """Return (residual / edge) ** (exponent / 3), 0 for negative residuals, of shape (..., series)."""
        return _sizes(residuals, self.edge.values, self.exponent.values)


def fit(residuals: Floats, per_day: int = 1) -> tuple[Tail, Floats]:
    """Return the tails of series from residuals of shape (windows, ...), and the sizes that history's windows have.

    `windows` are days of `per_day` windows each. A window's size is measured against the other days only. The exponent
    is Hill's estimator over the largest daily maxima (Hill 1975, Annals of Statistics 3, eq. 2.7) with a gamma prior
    around `USUAL`, between 1 and 6. NaN, for what was not tested, stay NaN.
    """
    days = residuals.reshape(-1, per_day, *residuals.shape[1:])
    known = np.where(np.isnan(days), 0.0, days)
    highest = np.sort(np.maximum(known.max(axis=1), ANCHOR), axis=0)
    top = max(round(len(highest) * TOP_SHARE), 1)
    base = highest[-1 - top] if len(highest) > top else highest[0]
    logs = np.log(highest[-top:] / base).sum(axis=0)
    exponent = (top + PRIOR) / (logs + PRIOR / USUAL)
    exponent = np.clip(exponent, HEAVIEST, STEEPEST)
    largest = highest[-1]
    second = highest[-2] if len(highest) > 1 else highest[-1]
    holds = np.maximum(known.max(axis=1), ANCHOR) == largest
    others = np.where(holds, second, largest)[:, None]
    sizes = _sizes(days, others, exponent).reshape(residuals.shape)
    return Tail(Array.of(largest), Array.of(exponent)), sizes


def _sizes(residuals: Floats, edge: Floats, exponent: Floats) -> Floats:
    found: Floats = np.maximum(residuals / edge, 0.0) ** (exponent / USUAL)
    return found
