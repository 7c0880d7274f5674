"""When only the share of each class has changed: scores adjusted to a new prior, known or estimated.

Saerens, Latinne and Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities: a simple
procedure" (2002). For a binary score a new prior is an offset of the logit, hence a `Platt` of slope 1.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from models.calibration.calibrators import Floats, Platt, labels, logits
from streams.errors import StopError


def adjusted(p: Floats, old: Floats, new: Floats) -> Floats:
    """Return scores (n, classes) that were right under the prior `old` (classes,) as they are under `new` (eq. 2.4)."""
    weighted = p * (new / old)
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def estimated_prior(p: Floats, old: Floats, rounds: int = 1000, tolerance: float = 1e-9) -> Floats:
    """Return the prior (classes,) under which unlabelled scores (n, classes) are likeliest, by EM (eq. 2.9).

    It stops when no class moves by more than `tolerance`, or after so many rounds.
    """
    prior = old
    for _ in range(rounds):
        before, prior = prior, adjusted(p, old, prior).mean(axis=0)
        if np.abs(prior - before).max() <= tolerance:
            break
    return prior


def known_prior(old: float, new: float) -> Platt:
    """Return the offset for a binary score, from the rates of positives before and now, both within (0, 1).

    >>> round(known_prior(0.5, 0.1).apply(0.5), 6)
    0.1
    """
    _refuse(old)
    _refuse(new)
    return Platt(1.0, math.log(new / (1.0 - new)) - math.log(old / (1.0 - old)))


def recent_rate(p: Floats, rate: float) -> Platt:
    """Return the offset that makes the mean of recent scores (n,) equal the recent rate of positives."""
    _refuse(rate)
    x = logits(p)
    return Platt(1.0, float(brentq(lambda offset: float(np.mean(expit(x + offset))) - rate, -60.0, 60.0)))


def fit_prior_shift(p: Floats, y: NDArray[Any]) -> Platt:
    """Return the offset for the rate of recent labels, (positives + 1) / (n + 2)."""
    positive = labels(p, y)
    return recent_rate(p, (int(positive.sum()) + 1) / (len(p) + 2))


def _refuse(rate: float) -> None:
    if not 0.0 < rate < 1.0:
        raise StopError(f"calibration: got a rate of {rate}. Give one between 0 and 1, from more events.")
