"""Sums of floats without rounding, so that no order of adding or merging changes a bit.

A float is an integer times a power of two. The integers are summed apart for each power, as whole numbers, and then
joined to one Python integer in units of 2**-1126, the least that a float's last bit can be worth. The idea of
one accumulator per exponent is that of the "small superaccumulator" of Neal, "Fast exact summation using small and
large superaccumulators" (2015), section 2.
"""

import math
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

_UNIT_BITS = 1126
_HALF = 2.0**27
_ROWS = 2**26
"""Above this many rows the halves of a mantissa could sum to more than the 2**53 that a float holds exactly."""


def exact_sum(x: Floats) -> int:
    """Return the sum of finite floats, exactly, in units of 2**-1126.

    >>> mean(exact_sum(np.array([1e100, 1.0, -1e100])), 1)
    1.0
    """
    if len(x) > _ROWS:
        return exact_sum(x[:_ROWS]) + exact_sum(x[_ROWS:])
    if len(x) == 0:
        return 0
    mantissa, exponent = np.frexp(x)
    high = np.floor(mantissa * 2.0**26)
    low = mantissa * 2.0**53 - high * _HALF
    least = int(exponent.min())
    place = exponent - least
    highs = np.bincount(place, weights=high)
    lows = np.bincount(place, weights=low)
    return sum(
        ((int(highs[i]) << 27) + int(lows[i])) << (i + least + _UNIT_BITS - 53)
        for i in np.flatnonzero((highs != 0) | (lows != 0)).tolist()
    )


def exact_squares(x: Floats) -> int:
    """Return the sum of the squares of finite floats (below 1e100), exactly, in units of 2**-1126.

    The square's rounding error is itself a float, found by Dekker's product: "A floating-point technique for
    extending the available precision" (1971), section 5.
    """
    square = x * x
    scaled = x * (_HALF + 1.0)
    high = scaled - (scaled - x)
    low = x - high
    error = ((high * high - square) + 2.0 * high * low) + low * low
    return exact_sum(square) + exact_sum(error)


def mean(total: int, count: int) -> float:
    """Return an exact sum divided by a count, rounded once; nan for a count of zero."""
    return total / (count << _UNIT_BITS) if count else math.nan


def spread(total: int, squares: int, count: int) -> float:
    """Return the mean squared deviation from the mean, from exact sums, without cancellation; nan when empty."""
    if count == 0:
        return math.nan
    average = Fraction(total, count << _UNIT_BITS)
    return float(Fraction(squares, count << _UNIT_BITS) - average * average)
