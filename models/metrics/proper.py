"""Proper scores of probabilities: log loss (Good, 1952) and the Brier score (Brier, 1950).

A probability below 1e-15 counts as 1e-15 in the log loss, so that one event costs at most 34.5. The Brier score of a
binary task is (p - y)**2, from 0 to 1; of a multiclass task the sum over the classes, Brier's own, from 0 to 2.
"""

from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.metrics.port import Setting
from models.metrics.sums import exact_sum, mean

CLIP = 1e-15


class ProperScores:
    """Exact sums of both losses."""

    of: ClassVar[Literal["score", "decision"]] = "score"

    def __init__(self, setting: Setting) -> None:
        """Start from nothing."""
        self.binary = setting.task == "binary"
        self.events = 0
        self.log_total = 0
        self.brier_total = 0

    def update(self, y: NDArray[Any], p: NDArray[Any]) -> None:
        """Add labels and probabilities: of the positive class, or of each class."""
        if self.binary:
            given = np.where(y, p, 1.0 - p)
            square = (1.0 - given) ** 2
        else:
            given = p[np.arange(len(y)), y]
            square = np.einsum("ij,ij->i", p, p) - given**2 + (1.0 - given) ** 2
        self.events += len(y)
        self.log_total += exact_sum(-np.log(np.maximum(given, CLIP)))
        self.brier_total += exact_sum(square)

    def merge(self, other: "ProperScores", sign: int = 1) -> None:
        self.events += sign * other.events
        self.log_total += sign * other.log_total
        self.brier_total += sign * other.brier_total


def log_loss(tally: ProperScores, setting: Setting) -> float:
    """Mean negative log of the probability that was given to what happened."""
    return mean(tally.log_total, tally.events)


def brier(tally: ProperScores, setting: Setting) -> float:
    """Mean squared distance between the probabilities and what happened."""
    return mean(tally.brier_total, tally.events)
