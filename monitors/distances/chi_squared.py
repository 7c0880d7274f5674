"""Pearson's chi-squared statistic of two samples."""

import numpy as np

from streams.sketch import Counts, Floats


def chi_squared(reference: Counts, window: Counts, positions: Floats | None = None) -> Floats:
    """Pearson's X² of the table of two rows, reference and window, and one column per bin: 0 and up.

    The test of homogeneity, in which the reference is a sample too; not of goodness of fit to the reference's shares.
    No continuity correction. Bins empty in both drop out. X² is the sum of (sqrt(W/R) r - sqrt(R/W) w)² / (r + w), with
    counts r and w and their totals R and W (Press et al., Numerical Recipes, eq. 14.3.3), which equals the sum of
    (observed - expected)² / expected over the table. On equal distributions it is about the number of filled bins less
    one, whatever the size of the window; on different ones it grows with it.

    >>> float(chi_squared(np.array([10, 20]), np.array([20, 10])).round(6))
    6.666667
    """
    r_total, w_total = reference.sum(axis=-1, keepdims=True), window.sum(axis=-1, keepdims=True)
    ratio = np.sqrt(np.maximum(w_total, 1) / np.maximum(r_total, 1))
    apart = (ratio * reference - window / ratio) ** 2 / np.maximum(reference + window, 1)
    compared = (r_total > 0) & (w_total > 0)
    return np.where(compared[..., 0], apart.sum(axis=-1), np.nan)
