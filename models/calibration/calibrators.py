"""Calibrators of a binary score: plain data, fitted on scores and labels, applied to one score or to many.

Fitting wants `p` (scores, 0 to 1) and `y` (labels 0/1), both of shape (n,), and raises StopError without events.
"""

import math
from bisect import bisect_right
from typing import Any, TypeAlias, overload

import msgspec
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression

from streams.errors import StopError

Floats: TypeAlias = NDArray[np.float64]

_CLIP = 1e-6
"""Scores nearer to 0 or 1 than this count as this near, so that a logit is at most 13.8."""


class Identity(msgspec.Struct, frozen=True, tag="none"):
    """Leaves scores as they are."""

    @overload
    def apply(self, p: float) -> float: ...
    @overload
    def apply(self, p: Floats) -> Floats: ...
    def apply(self, p: float | Floats) -> float | Floats:
        """Return the score, or scores, unchanged."""
        return p


class Platt(msgspec.Struct, frozen=True, tag="platt"):
    """A logistic curve over the logit: ``sigmoid(slope * logit(p) + intercept)``.

    >>> round(Platt(slope=1.0, intercept=-1.0).apply(0.5), 4)
    0.2689
    """

    slope: float
    intercept: float

    @overload
    def apply(self, p: float) -> float: ...
    @overload
    def apply(self, p: Floats) -> Floats: ...
    def apply(self, p: float | Floats) -> float | Floats:
        """Return the calibrated probability of one score, or of an array of any shape."""
        if isinstance(p, np.ndarray):
            return np.asarray(expit(self.slope * logits(p) + self.intercept))
        near = min(max(p, _CLIP), 1.0 - _CLIP)
        x = self.slope * math.log(near / (1.0 - near)) + self.intercept
        return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


class Isotonic(msgspec.Struct, frozen=True, tag="isotonic"):
    """A rising line through knots, flat beyond the first and last.

    >>> Isotonic(scores=(0.2, 0.6), rates=(0.1, 0.5)).apply(0.4)
    0.3...
    """

    scores: tuple[float, ...]
    rates: tuple[float, ...]

    @overload
    def apply(self, p: float) -> float: ...
    @overload
    def apply(self, p: Floats) -> Floats: ...
    def apply(self, p: float | Floats) -> float | Floats:
        """Return the calibrated probability of one score, or of an array of any shape."""
        if isinstance(p, np.ndarray):
            return np.interp(p, self.scores, self.rates)
        above = bisect_right(self.scores, p)
        if above in (0, len(self.scores)):
            return self.rates[max(above - 1, 0)]
        left, right = self.scores[above - 1], self.scores[above]
        share = (p - left) / (right - left)
        return self.rates[above - 1] + share * (self.rates[above] - self.rates[above - 1])


Calibrator: TypeAlias = Identity | Platt | Isotonic
"""What a release carries; msgspec tells them apart by tag."""


def fit_identity(p: Floats, y: NDArray[Any]) -> Identity:
    """Return the identity, whatever the data."""
    return Identity()


def fit_platt(p: Floats, y: NDArray[Any]) -> Platt:
    """Return the likeliest slope and intercept.

    Platt, "Probabilistic outputs for support vector machines" (1999), section 2.2: the targets are
    (positives + 1) / (positives + 2) and 1 / (negatives + 2), so the fit exists even where labels can be separated.
    """
    positive = labels(p, y)
    count = int(positive.sum())
    target = np.where(positive, (count + 1) / (count + 2), 1 / (len(p) - count + 2))
    x = logits(p)

    def loss(curve: Floats) -> tuple[float, Floats]:
        z = curve[0] * x + curve[1]
        wrong = expit(z) - target
        return float(np.mean(np.logaddexp(0.0, z) - target * z)), np.array([np.mean(wrong * x), np.mean(wrong)])

    slope, intercept = minimize(loss, np.array([1.0, 0.0]), jac=True, method="BFGS", options={"gtol": 1e-8}).x
    return Platt(float(slope), float(intercept))


def fit_isotonic(p: Floats, y: NDArray[Any]) -> Isotonic:
    """Return the rising rates nearest to the labels (Zadrozny and Elkan, 2002, section 3.3), as knots.

    Rates are kept within 1 / (n + 2) of 0 and 1, because no number of events proves that something never happens.
    """
    positive = labels(p, y)
    least = 1.0 / (len(p) + 2)
    fitted = IsotonicRegression(y_min=least, y_max=1.0 - least, out_of_bounds="clip").fit(p, positive.astype(float))
    return Isotonic(tuple(fitted.X_thresholds_.tolist()), tuple(fitted.y_thresholds_.tolist()))


def logits(p: Floats) -> Floats:
    """Return the log odds of scores, which are kept 1e-6 away from 0 and 1."""
    near = np.clip(p, _CLIP, 1.0 - _CLIP)
    return np.log(near / (1.0 - near))


def labels(p: Floats, y: NDArray[Any]) -> NDArray[np.bool_]:
    """Return labels as bool; StopError where there is nothing to fit on."""
    if len(p) == 0 or np.shape(p) != np.shape(y):
        raise StopError(f"calibration: got {np.shape(p)} scores and {np.shape(y)} labels. Give a window with outcomes.")
    return np.asarray(np.asarray(y) == 1)
