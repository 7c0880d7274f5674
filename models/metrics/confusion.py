"""Confusion counts, and the metrics of decisions that are read from them.

The macro averages run over the classes that were seen as label or as answer; where a class's precision or recall is
0/0 it counts as 0, as in scikit-learn with ``zero_division=0``. For a binary task 0/0 is undefined: nan.
"""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.metrics.port import Setting


class Confusion:
    """How often each answer was given to each label: `counts`[label, answer], exact integers."""

    of: ClassVar[Literal["score", "decision"]] = "decision"

    def __init__(self, setting: Setting) -> None:
        """Start from nothing; binary has the classes 0 and 1."""
        self.size = 2 if setting.task == "binary" else len(setting.classes)
        self.counts = np.zeros((self.size, self.size), dtype=np.int64)

    def update(self, y: NDArray[Any], p: NDArray[Any]) -> None:
        """Add labels and decisions, both bool or class index, shape (n,)."""
        cells = y.astype(np.int64) * self.size + p
        self.counts += np.bincount(cells, minlength=self.size**2).reshape(self.size, self.size)

    def merge(self, other: "Confusion", sign: int = 1) -> None:
        self.counts += sign * other.counts


def accuracy(tally: Confusion, setting: Setting) -> float:
    """Share of events answered right."""
    return _ratio(int(tally.counts.trace()), int(tally.counts.sum()))


def balanced_accuracy(tally: Confusion, setting: Setting) -> float:
    """Mean over the classes that occurred of the share of each that was answered right."""
    seen = tally.counts.sum(axis=1)
    present = seen > 0
    return float(np.mean(tally.counts.diagonal()[present] / seen[present])) if present.any() else math.nan


def precision(tally: Confusion, setting: Setting) -> float:
    """Of the events answered with a class, the share that is of it; positive class, or macro average."""
    return _of_classes(tally.counts.diagonal(), tally.counts.sum(axis=0), tally, setting)


def recall(tally: Confusion, setting: Setting) -> float:
    """Of the events of a class, the share answered with it; positive class, or macro average."""
    return _of_classes(tally.counts.diagonal(), tally.counts.sum(axis=1), tally, setting)


def f1(tally: Confusion, setting: Setting) -> float:
    """Harmonic mean of precision and recall; positive class, or macro average."""
    both = tally.counts.sum(axis=0) + tally.counts.sum(axis=1)
    return _of_classes(2 * tally.counts.diagonal(), both, tally, setting)


def _of_classes(right: NDArray[np.int64], among: NDArray[np.int64], tally: Confusion, setting: Setting) -> float:
    if setting.task == "binary":
        return _ratio(int(right[1]), int(among[1]))
    present = (tally.counts.sum(axis=0) + tally.counts.sum(axis=1)) > 0
    if not present.any():
        return math.nan
    return float(np.mean(right[present] / np.maximum(among[present], 1)))


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else math.nan
