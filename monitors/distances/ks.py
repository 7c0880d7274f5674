"""Two-sample Kolmogorov-Smirnov statistic."""

import numpy as np

from monitors.distances.port import shares
from streams.sketch import Counts, Floats


def ks(reference: Counts, window: Counts, positions: Floats | None = None) -> Floats:
    """The largest difference of the cumulative shares at the borders between bins: 0 to 1, two-sided.

    It is the statistic D, not its p-value (Smirnov 1948, Annals of Mathematical Statistics 19). From counts it is
    exact if each bin holds one distinct value, and otherwise at most the D of the raw values, short of it by no more
    than the larger share that one bin holds (1/32 of the reference with 32 quantile bins, plus what the window has
    more in it). For bins in order; on categories it has no meaning.

    >>> float(ks(np.array([5, 5, 0]), np.array([0, 5, 5])))
    0.5
    """
    apart = np.cumsum(shares(reference), axis=-1) - np.cumsum(shares(window), axis=-1)
    largest: Floats = np.abs(apart).max(axis=-1)
    return largest
