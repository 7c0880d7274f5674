"""Expected calibration error, and the reliability table behind it.

Guo et al., "On calibration of modern neural networks" (2017), equation 3: scores in bins of equal width, the mean over
events of the distance between a bin's mean score and its observed rate. Multiclass: the score is the probability of
the most probable class, the rate how often it was right. A score on an edge belongs to the bin above, 1 to the last.
"""

import math
from typing import Any, ClassVar, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.metrics.port import Setting

_SCALE = 2.0**30
"""Scores are summed as integers of this scale: each is off by at most 5e-10, and 8e9 events fit in a bin."""


class ReliabilityBin(msgspec.Struct, frozen=True):
    """One row of the table: scores from `low` up to `high`, their mean, the observed rate, the number of events."""

    low: float
    high: float
    mean_score: float
    observed_rate: float
    events: int


class Reliability:
    """Events, right ones and the sum of scores of each bin, exact integers."""

    of: ClassVar[Literal["score", "decision"]] = "score"

    def __init__(self, setting: Setting) -> None:
        """Start from nothing, with the setting's number of bins."""
        self.binary = setting.task == "binary"
        self.size = setting.bins
        self.events = np.zeros(self.size, dtype=np.int64)
        self.right = np.zeros(self.size, dtype=np.int64)
        self.total = np.zeros(self.size, dtype=np.int64)

    def update(self, y: NDArray[Any], p: NDArray[Any]) -> None:
        """Add labels and probabilities: of the positive class, or of each class."""
        score, right = (p, y) if self.binary else (p.max(axis=1), p.argmax(axis=1) == y)
        place = np.minimum((score * self.size).astype(np.int64), self.size - 1)
        self.events += np.bincount(place, minlength=self.size)
        self.right += np.bincount(place[right], minlength=self.size)
        np.add.at(self.total, place, np.rint(score * _SCALE).astype(np.int64))

    def merge(self, other: "Reliability", sign: int = 1) -> None:
        self.events += sign * other.events
        self.right += sign * other.right
        self.total += sign * other.total

    def table(self) -> list[ReliabilityBin]:
        """Return the bins that have events, from low to high."""
        return [
            ReliabilityBin(
                low=i / self.size,
                high=(i + 1) / self.size,
                mean_score=float(self.total[i] / _SCALE / self.events[i]),
                observed_rate=float(self.right[i] / self.events[i]),
                events=int(self.events[i]),
            )
            for i in np.flatnonzero(self.events).tolist()
        ]


def calibration_error(tally: Reliability, setting: Setting) -> float:
    """Mean over events of the distance between score and observed rate, bin by bin."""
    events = int(tally.events.sum())
    return float(np.abs(tally.total / _SCALE - tally.right).sum()) / events if events else math.nan
