"""Area under the ROC curve: online from counts in fixed bins of the score, and exact for arrays.

The area is the chance that a positive event scores above a negative one, a tie counting half (Hanley and McNeil,
"The meaning and use of the area under a ROC curve", 1982). In bins, all pairs that share a bin count as ties. So the
error is at most half the share of such pairs, which `max_error` reads from the counts themselves.
"""

import math
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from models.metrics.port import Setting

BINS = 1000
_EDGES = np.sin(np.linspace(0.0, np.pi / 2, BINS + 1)[1:-1]) ** 2
"""Equal steps of arcsin(sqrt(p)): .0016 wide at p = .5, .0001 at .001, where the scores of rare events lie."""


class ScoreBins:
    """How many events of each label had a score in each bin: `counts`[label, bin], exact integers."""

    of: ClassVar[Literal["score", "decision"]] = "score"

    def __init__(self, setting: Setting) -> None:
        """Start from nothing; 16 kB."""
        self.counts = np.zeros((2, BINS), dtype=np.int64)

    def update(self, y: NDArray[Any], p: NDArray[Any]) -> None:
        """Add binary labels and the probability of the positive class."""
        cells = np.searchsorted(_EDGES, p, side="right") + BINS * y
        self.counts += np.bincount(cells, minlength=2 * BINS).reshape(2, BINS)

    def merge(self, other: "ScoreBins", sign: int = 1) -> None:
        self.counts += sign * other.counts


def roc_auc(tally: ScoreBins, setting: Setting) -> float:
    """Area from the bins, within `max_error`; nan unless both labels occurred."""
    return _area(tally.counts[0], tally.counts[1])


def max_error(tally: ScoreBins) -> float:
    """The most by which the binned area can differ from the exact one; nan unless both labels occurred."""
    negatives, positives = tally.counts
    pairs = int(negatives.sum()) * int(positives.sum())
    return float(negatives.astype(np.float64) @ positives) / (2 * pairs) if pairs else math.nan


def exact_roc_auc(y: NDArray[Any], p: NDArray[np.float64]) -> float:
    """Return the exact area for labels 0/1 and scores of any scale, shape (n,); nan unless both labels occurred.

    >>> exact_roc_auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    _, places = np.unique(p, return_inverse=True)
    positive = np.asarray(y) == 1
    return _area(np.bincount(places[~positive], minlength=len(p)), np.bincount(places[positive], minlength=len(p)))


def _area(negatives: NDArray[np.int64], positives: NDArray[np.int64]) -> float:
    pairs = int(negatives.sum()) * int(positives.sum())
    if pairs == 0:
        return math.nan
    below = np.cumsum(negatives) - negatives / 2
    return float(positives @ below) / pairs
