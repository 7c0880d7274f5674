"""Wasserstein distance of order 1, the earth mover's distance."""

import numpy as np

from monitors.distances.port import shares
from streams.sketch import Counts, Floats


def wasserstein(reference: Counts, window: Counts, positions: Floats | None = None) -> Floats:
    """The area between the two cumulative distributions, in the unit of the positions: 0 and up.

    The integral of |R(x) - W(x)| dx (Vallender 1974, Theory of Probability and Its Applications 18), with each bin's
    mass at its position. Dividing the positions by the reference's standard deviation makes fields comparable. Empty
    bins need no treatment.

    Exact if each bin holds one distinct value, at its position. Otherwise it is off by at most the mean distance of
    the reference's values to their bin's position plus the same for the window's. That is small inside the reference's
    range, but what lies beyond it counts at the centre of the outermost bin: for such windows it is a lower bound in
    effect, and stops growing. For bins in order; raises ValueError when there are no positions.

    >>> float(wasserstein(np.array([4, 0]), np.array([1, 3]), np.array([10.0, 30.0])))
    15.0
    """
    if positions is None:
        raise ValueError("the Wasserstein distance needs the bins' positions, and categories have none: leave them out")
    apart = np.cumsum(shares(reference), axis=-1) - np.cumsum(shares(window), axis=-1)
    area: Floats = (np.abs(apart[..., :-1]) * np.diff(positions, axis=-1)).sum(axis=-1)
    return np.where(np.isnan(apart[..., -1]), np.nan, area)
