"""What each column of a table looks like: its type, range, categories and gaps."""

import math
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from streams.sources.times import seconds

FEW = 50
"""Texts with at most so many different values are categories."""

_READABLE = 0.99
_YEARS = (3.0e8, 4.1e9)  # from 1979 to 2099: numbers between them may be seconds since the epoch
_TIME_HINTS = ("time", "date", "stamp", "_at", "when", "ts", "day")


class Column(NamedTuple):
    """One column. `low` and `high` are its range (numbers), `distinct` the different values, without missing ones.

    `times` are the UTC epoch seconds of its rows if it is a column of times.
    """

    name: str
    type: Literal["float", "int", "str", "bool", "time", "nothing"]
    rows: int
    missing: int
    distinct: int
    low: float = math.nan
    high: float = math.nan
    categories: tuple[str, ...] = ()
    longest: int = 0
    times: NDArray[np.float64] | None = None

    @property
    def constant(self) -> bool:
        return self.distinct < 2

    @property
    def unique(self) -> bool:
        return self.distinct == self.rows


def describe_columns(table: pd.DataFrame) -> list[Column]:
    """Describe every column of a table with at least one row."""
    return [_describe(str(name), table[name]) for name in table.columns]


def _describe(name: str, values: "pd.Series[Any]") -> Column:
    there = values.dropna()
    rows, missing = len(values), len(values) - len(there)
    if there.empty:
        return Column(name, "nothing", rows, missing, 0)
    times = _times(name, values, there)
    distinct = int(there.astype(str).nunique() if there.dtype == object else there.nunique())
    if times is not None:
        return Column(name, "time", rows, missing, distinct, times=times)
    if pd.api.types.is_bool_dtype(there.infer_objects().dtype):
        return Column(name, "bool", rows, missing, distinct)
    if pd.api.types.is_numeric_dtype(values.dtype):
        return _number(name, there.astype(float), rows, missing, distinct)
    texts = there.astype(str)
    few = tuple(sorted(set(texts))) if distinct <= FEW else ()
    return Column(name, "str", rows, missing, distinct, categories=few, longest=int(texts.str.len().max()))


def _number(name: str, there: "pd.Series[float]", rows: int, missing: int, distinct: int) -> Column:
    finite = there[np.isfinite(there)]
    whole = bool((finite % 1 == 0).all())
    low, high = (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)
    return Column(name, "int" if whole else "float", rows, missing, distinct, low, high)


def _times(name: str, values: "pd.Series[Any]", there: "pd.Series[Any]") -> NDArray[np.float64] | None:
    """Return a column's times; numbers count as times only if the name says so too."""
    hinted = any(hint in name.lower() for hint in _TIME_HINTS)
    if pd.api.types.is_bool_dtype(values.dtype):
        return None
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = there.astype(float)
        if not (hinted and numbers.between(*_YEARS).all()):
            return None
    elif not pd.api.types.is_datetime64_any_dtype(values.dtype):
        head = there.iloc[:200].astype(str)
        if not hinted and not head.str.match(r"\d{4}-\d\d-\d\d").all():
            return None
        if np.isnan(seconds(head, "UTC")).mean() > 1 - _READABLE:
            return None
    read = seconds(values, "UTC")
    return read if np.isfinite(read).sum() >= _READABLE * len(there) else None
