"""Jensen-Shannon distance."""

import numpy as np
from scipy.special import rel_entr

from monitors.distances.port import shares
from streams.sketch import Counts, Floats


def jensen_shannon(reference: Counts, window: Counts, positions: Floats | None = None) -> Floats:
    """The square root of the Jensen-Shannon divergence: from 0 to sqrt(ln 2), about 0.8326.

    The divergence is the mean of KL(r || m) and KL(w || m), with shares r and w and m = (r + w) / 2 (Lin 1991, IEEE
    Transactions on Information Theory 37, section 4); its square root is a metric (Endres and Schindelin 2003).
    Bins: those of the counts. Natural logarithm (base 2 would give the value divided by sqrt(ln 2)). Empty bins need
    no treatment: 0 ln 0 is 0, and m is positive where either is.

    >>> float(jensen_shannon(np.array([7, 0]), np.array([0, 9])).round(6))
    0.832555
    """
    r, w = shares(reference), shares(window)
    middle = (r + w) / 2
    divergence: Floats = (rel_entr(r, middle) + rel_entr(w, middle)).sum(axis=-1) / 2
    return np.sqrt(np.maximum(divergence, 0.0))
