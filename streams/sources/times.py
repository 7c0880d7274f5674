"""Columns of times as UTC epoch seconds, whatever they are written in."""

import datetime
import math
import re
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from streams.errors import SpecError

_FARTHEST_S = 1e11
"""The year 5138; what is farther away is no count of seconds (milliseconds of today are)."""

_ZONED = re.compile(r"\d[T ]\d.*(Z|z|[+-]\d\d(:?\d\d)?)$")
_COUNT = re.compile(r"-?\d{9,11}(\.\d+)?")


def seconds(
    column: "pd.Series[Any]", zone: str, ambiguous: Literal["earlier", "later"] = "earlier"
) -> NDArray[np.float64]:
    """Return the UTC epoch seconds of a column of times, NaN where one cannot be read.

    Read are numbers (seconds since the epoch; in texts with nine digits or more), datetimes, and texts in ISO 8601.
    A time that names no zone is of `zone`. A local time that the clocks showed twice is the `ambiguous` one of both:
    the earlier for the moment of a prediction, the later for what a prediction may use, so that a doubt never shows
    the future. A local time that the clocks skipped is the first moment after the gap.

    >>> seconds(pd.Series(["2013-07-01 00:00", "2013-07-01T00:00Z", "soon"]), "America/New_York").tolist()
    [1372651200.0, 1372636800.0, nan]
    """
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _instants(pd.DatetimeIndex(column), zone, ambiguous)
    if pd.api.types.is_bool_dtype(column.dtype):
        return np.full(len(column), np.nan)
    if pd.api.types.is_numeric_dtype(column.dtype):
        numbers: NDArray[np.float64] = column.to_numpy(np.float64, na_value=np.nan).astype(np.float64)
        return np.where(np.abs(numbers) < _FARTHEST_S, numbers, np.nan)
    codes, distinct = pd.factorize(np.array([_text(value) for value in column], dtype=object))
    texts = pd.Series(distinct, dtype=object)
    zoned = np.array([bool(_ZONED.search(text)) for text in distinct], dtype=bool)
    counts = np.array([float(text) if _COUNT.fullmatch(text) else math.nan for text in distinct])
    read = np.full(len(distinct) + 1, np.nan)  # code -1, a missing time, finds the last place
    read[:-1][zoned] = _parse(texts[zoned], "UTC", ambiguous)
    read[:-1][~zoned] = _parse(texts[~zoned], zone, ambiguous)
    read[:-1] = np.where(np.isnan(counts), read[:-1], counts)
    return read[codes]


def second(text: str, zone: str, ambiguous: Literal["earlier", "later"] = "earlier") -> float:
    """Return the UTC epoch seconds of one time or date as `seconds` reads it. Raises SpecError if it is none.

    >>> second("2013-09-03", "America/New_York")
    1378180800.0
    """
    read = float(seconds(pd.Series([text], dtype=object), zone, ambiguous)[0])
    if math.isnan(read):
        raise SpecError(f"{text!r} is no date or time. Write it as 2013-09-03 or 2013-09-03T15:30")
    return read


def _text(value: Any) -> str | None:
    """One value of a column of mixed types as text; None where it cannot be a time."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime.date) and not pd.isna(value):
        return value.isoformat()
    if isinstance(value, float | int | np.number) and not isinstance(value, bool) and abs(float(value)) < _FARTHEST_S:
        return f"{float(value):017.6f}"  # digits enough to be told from a date
    return None


def _parse(texts: "pd.Series[str]", zone: str, ambiguous: Literal["earlier", "later"]) -> NDArray[np.float64]:
    dated = texts.str.strip().where(texts.str.match(r"\s*\d{4}"))  # pandas would read "now" off the clock
    parsed = pd.to_datetime(dated, format="ISO8601", errors="coerce", utc=zone == "UTC")
    return _instants(pd.DatetimeIndex(parsed), zone, ambiguous)


def _instants(times: pd.DatetimeIndex, zone: str, ambiguous: Literal["earlier", "later"]) -> NDArray[np.float64]:
    if times.tz is None:
        summer = np.full(len(times), ambiguous == "earlier")  # the first of the two is on summer time
        times = times.tz_localize(zone, ambiguous=summer, nonexistent="shift_forward")
    utc = times.tz_convert("UTC").as_unit("us")
    return np.where(utc.isna(), np.nan, utc.asi8 / 1e6)
