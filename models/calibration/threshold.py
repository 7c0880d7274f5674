"""The threshold of a binary decision that is worth most: act if the score is at least this."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.metrics.port import ValueTable
from streams.errors import SpecError


def calibrated_threshold(table: ValueTable) -> float:
    """Return the threshold for calibrated scores (Elkan, "The foundations of cost-sensitive learning", 2001, eq. 2).

    Acting pays where ``p * hit + (1 - p) * false_alarm > p * miss + (1 - p) * correct_rejection``. Raises SpecError
    unless a hit is worth more than a miss, and a correct rejection more than a false alarm: otherwise one would
    always act, or never.

    >>> round(calibrated_threshold(ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0)), 4)
    0.1111
    """
    act = table.hit - table.miss
    wait = table.correct_rejection - table.false_alarm
    if not (act > 0.0 and wait > 0.0):
        raise SpecError(
            f"problem.value: got hit {table.hit}, miss {table.miss}, false_alarm {table.false_alarm}, "
            f"correct_rejection {table.correct_rejection}. Make hit worth more than miss, and correct_rejection "
            "more than false_alarm; otherwise no score changes what is best."
        )
    return wait / (act + wait)


def empirical_threshold(p: NDArray[np.float64], y: NDArray[Any], table: ValueTable) -> float:
    """Return the threshold that would have been worth most on these scores and labels 0/1, shape (n,).

    It lies halfway between two neighbouring scores; it is 0 where always acting was best, and above every score where
    never acting was. Of equal ones the lowest is taken. Without events it is that of calibrated scores.
    """
    if len(p) == 0:
        return calibrated_threshold(table)
    scores, place = np.unique(p, return_inverse=True)
    gain = np.where(np.asarray(y) == 1, table.hit - table.miss, table.false_alarm - table.correct_rejection)
    by_score = np.bincount(place, weights=gain, minlength=len(scores))
    worth = np.append(np.cumsum(by_score[::-1])[::-1], 0.0)
    best = int(np.argmax(worth))
    if best == 0:
        return 0.0
    if best == len(scores):
        return math.nextafter(float(scores[-1]), math.inf)
    return float(scores[best - 1] + scores[best]) / 2
