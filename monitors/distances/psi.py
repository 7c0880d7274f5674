"""Population stability index."""

import numpy as np

from monitors.distances.port import shares
from streams.sketch import Counts, Floats

FLOOR = 1e-4
"""The least share that a bin is taken to have: without it one empty bin would make the index infinite."""


def psi(reference: Counts, window: Counts, positions: Floats | None = None) -> Floats:
    """The sum over bins of (w - r) ln(w / r), r and w being the shares of reference and window; 0 and up.

    Bins: those of the counts, here quantile bins of the reference. Natural logarithm. Empty bins: every share is raised
    to at least `FLOOR`, without sharing out the rest again. It is Jeffreys' divergence (Kullback and Leibler 1951,
    Annals of Mathematical Statistics 22, section 2), known as PSI from credit scoring, where 0.1 and 0.25 are the
    customary marks. On equal distributions it is not 0 but about (bins - 1) (1/n + 1/m), for n and m records (Yurdakul
    and Naranjo 2020, Journal of Risk Model Validation 14): in small windows the marks mean nothing, only a comparison
    with windows of the same size does.

    >>> float(psi(np.array([50, 50]), np.array([90, 10])).round(5))
    0.87889
    """
    r, w = np.maximum(shares(reference), FLOOR), np.maximum(shares(window), FLOOR)
    total: Floats = ((w - r) * np.log(w / r)).sum(axis=-1)
    return total
