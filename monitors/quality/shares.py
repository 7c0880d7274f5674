"""Shares of bad records: how much larger a window's share is than history's, whatever the number of records."""

import numpy as np

from streams.sketch import Counts, Floats

STEP = 0.1
"""The most that a day moves an expected share, in log-odds: from 1 in 10,000 to a half takes three months."""

FULL = 3.0
"""A residual of so many standard deviations moves it by the whole step, a smaller one in proportion."""


def smoothed(hits: Counts | Floats, n: Counts | Floats) -> Floats:
    """Return a share that is never 0 or 1: (hits + 1/2) / (n + 1), the mean under Jeffreys' prior.

    >>> float(smoothed(np.array(0), np.array(999)))
    0.0005
    """
    share: Floats = (hits + 0.5) / (n + 1.0)
    return share


def deviance(hits: Counts | Floats, n: Counts | Floats, share: Floats) -> Floats:
    """Return the signed root of the binomial deviance of `hits` of `n` records against an expected share in (0, 1).

    About a standard normal where records are independent and n * share is not small, and far more honest than
    (k - n p) / sqrt(n p (1 - p)) where it is: a single record is never far out (McCullagh and Nelder 1989, Generalized
    Linear Models, sections 2.3 and 12.3). NaN where n is 0. Any shapes that broadcast.

    >>> deviance(np.array([0, 1, 54]), np.array([54, 1, 54]), np.array(0.001)).round(1)
    array([-0.3,  3.7, 27.3])
    """
    k, n = np.asarray(hits, dtype=np.float64), np.asarray(n, dtype=np.float64)
    rest = n - k
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.where(k > 0, k * np.log(k / (n * share)), 0.0)
        second = np.where(rest > 0, rest * np.log(rest / (n * (1.0 - share))), 0.0)
        root = np.sqrt(np.maximum(2.0 * (first + second), 0.0)) * np.sign(k - n * share)
    return np.where(n > 0, root, np.nan)


def poisson_deviance(count: Counts | Floats, expected: Floats) -> Floats:
    """Return the signed root of the Poisson deviance of a count against what was expected (> 0).

    >>> poisson_deviance(np.array([0, 50, 80]), np.array([50.0, 50.0, 50.0])).round(1)
    array([-10. ,   0. ,   3.9])
    """
    k = np.asarray(count, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(k > 0, k * np.log(k / expected), 0.0)
    root: Floats = np.sqrt(np.maximum(2.0 * (logs - (k - expected)), 0.0)) * np.sign(k - expected)
    return root


def followed(offset: Floats, residual: Floats) -> Floats:
    """Return how far (in log-odds) the expected shares have moved from history's after a day with these residuals.

    A day moves it by at most `STEP`, up while more than expected is bad and back while less is. So a trickle that grows
    with the seasons (new customers, new destinations) becomes the normal state in weeks, and a field that breaks
    is still found broken after months. Never below history's share.
    """
    moved = offset + STEP * np.clip(np.nan_to_num(residual) / FULL, -1.0, 1.0)
    return np.maximum(moved, 0.0)


def moved(share: Floats, offset: Floats) -> Floats:
    """Return shares in (0, 1) after moving their log-odds.

    >>> float(moved(np.array(0.5), np.array(np.log(3.0))).round(6))
    0.75
    """
    odds = share / (1.0 - share) * np.exp(offset)
    found: Floats = odds / (1.0 + odds)
    return found
