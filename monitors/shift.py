"""What kind of change made the answers worse: told from the reliability counts of days, ten bins of the score.

- **prior shift**: moving all scores by one offset (of the logit) brings most of the lost part back;
- **calibration shift**: a slope is needed too;
- **concept change**: scores tell less apart than they did, which no calibration brings back: excess remains after the
  best one. The area under the ROC curve depends neither on the prior nor on any rising recalibration, so it is compared
  with the days before the change; without such days, with the area that the scores claim of themselves.

Prior, calibration and rank as the parts of a change: Moreno-Torres et al. 2012, "A unifying view on dataset shift in
classification", Pattern Recognition 45; recalibration by offset and slope: Cox 1958, Biometrika 45.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from monitors.days import Day

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["prior_shift", "calibration_shift", "concept_change"]

LEAST_DAYS = 7
"""Days before the change that are needed to say how well scores were ordered."""

LEAST_DROP = 0.02
"""Smaller losses of the area under the curve are not told from the coarseness of ten bins."""

OFFSET_PART = 0.7
"""The part of what recalibration brings that one offset has to bring for a prior shift."""

_ROUNDS = 25


def kind_of(before: Sequence[Day], since: Sequence[Day]) -> Kind:
    """Return the kind of a change for the worse, from the days before it and since; numbers cannot be recalibrated."""
    counts = _pooled(since)
    if counts is None:
        return "concept_change"
    _, rate, score = counts
    weight = counts[0] / counts[0].sum()
    offset = _gain(weight, rate, score, slope=False)
    both = _gain(weight, rate, score, slope=True)
    if _order_lost(before, since):
        return "concept_change"
    return "prior_shift" if offset >= OFFSET_PART * both else "calibration_shift"


def auc(day: Day, claimed: bool = False) -> float:
    """Return the area under the ROC curve from ten bins (ties count half); nan without both labels.

    `claimed`: the one to be expected if every score were right.

    >>> auc(Day(0.0, 4, 0.0, 0.0, bins=((2, 0, 0.2), (2, 2, 1.8)))), auc(Day(0.0, 4, 0, 0, bins=((4, 1, 2.0),)), True)
    (1.0, 0.5)
    """
    n, right, score = np.array(day.bins, dtype=np.float64).reshape(-1, 3).T
    positive = score if claimed else right
    negative = n - positive
    pairs = positive.sum() * negative.sum()
    if not pairs:
        return math.nan
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2.0)).sum() / pairs)


def _order_lost(before: Sequence[Day], since: Sequence[Day]) -> bool:
    old, new = _areas(before), _areas(since)
    if len(old) < LEAST_DAYS:
        old = _areas(since, claimed=True)
    if not len(old) or not len(new):
        return False
    spread = float(np.concatenate([old - old.mean(), new - new.mean()]).std())
    error = spread * math.sqrt(1.0 / len(old) + 1.0 / len(new))
    drop = float(old.mean() - new.mean())
    return drop > max(LEAST_DROP, 2.0 * error)


def _areas(days: Iterable[Day], claimed: bool = False) -> Floats:
    areas = np.array([auc(day, claimed) for day in days], dtype=np.float64)
    known: Floats = areas[~np.isnan(areas)]
    return known


def _pooled(days: Iterable[Day]) -> tuple[Floats, Floats, Floats] | None:
    """Number, rate and mean score of the bins that have events; None where nothing has a probability."""
    tables = [day.bins for day in days if day.bins]
    if not tables:
        return None
    n, right, score = np.array(tables, dtype=np.float64).sum(axis=0).T
    filled = n > 0
    n = n[filled]
    return n, right[filled] / n, np.clip(score[filled] / n, 1e-6, 1.0 - 1e-6)


def _gain(weight: Floats, rate: Floats, score: Floats, slope: bool) -> float:
    """Return by how much the log loss of an event falls under the best offset (and slope) of the logit."""
    x = np.log(score / (1.0 - score))
    columns = np.stack([np.ones_like(x), x], axis=1)[:, : 2 if slope else 1]
    curve = np.array([0.0, 1.0])[: columns.shape[1]]
    fixed = np.zeros_like(x) if slope else x
    for _ in range(_ROUNDS):
        p = expit(columns @ curve + fixed)
        ridge = 1e-9 * np.eye(len(curve))
        hessian = (columns * (weight * p * (1.0 - p))[:, None]).T @ columns + ridge
        curve = curve + np.clip(np.linalg.solve(hessian, columns.T @ (weight * (rate - p))), -1.0, 1.0)
    return max(_loss(weight, rate, x) - _loss(weight, rate, columns @ curve + fixed), 0.0)


def _loss(weight: Floats, rate: Floats, z: Floats) -> float:
    return float((weight * (np.logaddexp(0.0, z) - rate * z)).sum())
