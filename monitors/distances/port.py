"""What a distance between two distributions is: a pure function of counts in the same bins."""

from typing import Protocol

import numpy as np

from streams.sketch import Counts, Floats


class Distance(Protocol):
    """How far a window is from a reference, 0 when their shares are the same; larger is farther.

    `reference` and `window` are counts of shape (..., bins), without missing, invalid and unseen: ``sketch[FIRST:]``.
    They broadcast, and the result has the shape (...). Bins in which both are empty change nothing, so fields of
    different numbers of bins stack when they are padded with zeros. A distance that needs positions takes them from
    `Bins.positions`, shape (..., bins), ascending where counts are; the others ignore them.

    The result is NaN where the reference or the window is empty: nothing was compared. Counts are not changed.
    """

    def __call__(self, reference: Counts, window: Counts, positions: Floats | None = None) -> Floats: ...


def shares(counts: Counts) -> Floats:
    """Counts of shape (..., bins) as shares that add up to 1; NaN throughout where there is nothing to share.

    >>> shares(np.array([[1, 3], [0, 0]]))
    array([[0.25, 0.75],
           [ nan,  nan]])
    """
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.maximum(total, 1), np.nan)
