"""Errors of numbers: RMSE, MAE, MAPE, R2 and adjusted R2, all from exact sums.

MAPE leaves out the events whose label is 0, where it has no meaning; it is nan if there are no others. R2 is nan for
fewer than two events or labels that are all the same, adjusted R2 for no more events than inputs + 1.
"""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.metrics.port import Setting
from models.metrics.sums import exact_squares, exact_sum, mean, spread


class Errors:
    """Exact sums of errors and of labels."""

    of: ClassVar[Literal["score", "decision"]] = "score"

    def __init__(self, setting: Setting) -> None:
        """Start from nothing."""
        self.sums = dict.fromkeys(("events", "absolute", "squared", "nonzero", "relative", "label", "label_squared"), 0)

    def update(self, y: NDArray[Any], p: NDArray[Any]) -> None:
        """Add labels and answers."""
        error = p - y
        some = y != 0.0
        self.sums["events"] += len(y)
        self.sums["absolute"] += exact_sum(np.abs(error))
        self.sums["squared"] += exact_squares(error)
        self.sums["nonzero"] += int(some.sum())
        self.sums["relative"] += exact_sum(np.abs(error[some] / y[some]))
        self.sums["label"] += exact_sum(y)
        self.sums["label_squared"] += exact_squares(y)

    def merge(self, other: "Errors", sign: int = 1) -> None:
        for name, total in other.sums.items():
            self.sums[name] += sign * total


def rmse(tally: Errors, setting: Setting) -> float:
    """Root of the mean squared error."""
    return math.sqrt(mean(tally.sums["squared"], tally.sums["events"]))


def mae(tally: Errors, setting: Setting) -> float:
    """Mean absolute error."""
    return mean(tally.sums["absolute"], tally.sums["events"])


def mape(tally: Errors, setting: Setting) -> float:
    """Mean of absolute error by absolute label, over labels other than 0."""
    return mean(tally.sums["relative"], tally.sums["nonzero"])


def r2(tally: Errors, setting: Setting) -> float:
    """Share of the labels' variance that the answers explain; below 0 when their mean would do better."""
    variance = spread(tally.sums["label"], tally.sums["label_squared"], tally.sums["events"])
    return 1.0 - mean(tally.sums["squared"], tally.sums["events"]) / variance if variance > 0.0 else math.nan


def adjusted_r2(tally: Errors, setting: Setting) -> float:
    """R2 corrected for the number of inputs (Theil, "Economic Forecasts and Policy", 1961)."""
    events = tally.sums["events"]
    free = events - setting.inputs - 1
    return 1.0 - (1.0 - r2(tally, setting)) * (events - 1) / free if free > 0 else math.nan
