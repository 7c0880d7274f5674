"""Arithmetic that features share: what counts as a number, and statistics of a window."""

import math

from streams.records.record import Value

_LARGEST = 1.7976931348623157e308


def number(value: Value) -> float | None:
    """Return a value as a finite float; None for what is missing, text, NaN, infinite or beyond a float.

    >>> number(True), number(float("nan")), number("12"), number(10**400)
    (1.0, None, None, None)
    """
    if value is None or isinstance(value, str) or not -_LARGEST <= value <= _LARGEST:
        return None
    return float(value)


def finite(value: float) -> float | None:
    """Return the value, or None if it is NaN or infinite."""
    return value if -_LARGEST <= value <= _LARGEST else None


def spread(count: float, total: float, squares: float) -> float | None:
    """Return the population standard deviation from count, sum and sum of squares.

    None below two values, and where rounding leaves nothing of the difference (less than 1e-12 of the mean square):
    values that do not differ have no scale to measure in.

    >>> spread(4, 20.0, 110.0)
    1.5811388300841898
    """
    if count < 2:
        return None
    mean = total / count
    variance = squares / count - mean * mean
    if not 1e-12 * squares / count < variance <= _LARGEST:
        return None
    return math.sqrt(variance)


def statistic(kind: str, count: int, total: float, squares: float) -> float | None:
    """Return count, sum, mean or std of a window; all but the count are missing where nothing was counted.

    >>> statistic("mean", 4, 20.0, 110.0), statistic("mean", 0, 0.0, 0.0), statistic("count", 0, 0.0, 0.0)
    (5.0, None, 0)
    """
    if kind == "count":
        return count
    if not count:
        return None
    if kind == "mean":
        return total / count
    return total if kind == "sum" else spread(count, total, squares)
