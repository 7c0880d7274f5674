"""Rows of a table as payloads: dicts of plain Python values."""

import datetime
import decimal
import math
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
import pandas as pd

from streams.sources.times import seconds

SENT = "\0sent"
"""The column that holds each row as its producer sent it (an object, or bytes), where the source has objects."""

_PLAIN = {str, int, bool, float, dict, list}


def payloads(
    frame: pd.DataFrame, drop: Collection[str], added: Collection[str], zone: str
) -> list[dict[str, Any] | bytes]:
    """Return one payload a row, without the columns `drop`.

    Missing is None, times are UTC epoch seconds (those without a zone are of `zone`), numpy's numbers become
    Python's. Of a source of objects each row stays as it was sent; only columns in `added` are set in it.
    """
    if SENT not in frame:
        names = [name for name in frame.columns if name not in drop]
        columns = (plain(frame[name], zone) for name in names)
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    names = [name for name in added if name in frame and name not in drop]
    rows: Iterable[tuple[Any, ...]] = zip(*(plain(frame[name], zone) for name in names), strict=True)
    if not names:
        rows = [()] * len(frame)
    return [_amended(sent, drop, names, row) for sent, row in zip(frame[SENT].tolist(), rows, strict=True)]


def plain(column: "pd.Series[Any]", zone: str) -> list[Any]:
    """Return a column's values as Python's own, None where missing."""
    kind = column.dtype
    if pd.api.types.is_datetime64_any_dtype(kind):
        column = pd.Series(seconds(column, zone))
    elif pd.api.types.is_timedelta64_dtype(kind):
        column = column.dt.total_seconds()
    missing = column.isna().to_numpy()
    values: list[Any] = column.tolist()
    if missing.any():
        values = [None if lost else value for value, lost in zip(values, missing, strict=True)]
    if set(map(type, values)) - _PLAIN - {type(None)}:
        values = [value if type(value) in _PLAIN else _plain(value) for value in values]
    return values


def pick(row: dict[str, Any] | bytes, path: str) -> Any:
    """Return the value of a column of an object: its key, or a dotted path into it; None where there is none."""
    if not isinstance(row, dict):
        return None
    if path in row:
        return row[path]
    head, _, rest = path.partition(".")
    return pick(row[head], rest) if rest and isinstance(row.get(head), dict) else None


def _amended(
    sent: dict[str, Any] | bytes, drop: Collection[str], names: list[str], row: tuple[Any, ...]
) -> dict[str, Any] | bytes:
    if isinstance(sent, bytes):
        return sent
    for path in drop:
        sent = _without(sent, path)
    payload = sent
    for path, value in zip(names, row, strict=True):
        if value is not None or pick(sent, path) is not None:  # what was not there is not set to missing
            payload = _with(payload, path, value)
    if any(type(value) is float and math.isnan(value) for value in payload.values()):
        payload = {
            name: None if type(value) is float and math.isnan(value) else value for name, value in payload.items()
        }
    return payload


def _with(sent: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of the object with a value at a path."""
    head, _, rest = path.partition(".")
    if path not in sent and rest and isinstance(sent.get(head), dict):
        return {**sent, head: _with(sent[head], rest, value)}
    return {**sent, path: value}


def _without(sent: dict[str, Any], path: str) -> dict[str, Any]:
    """A copy of the object without the value at a path."""
    if path in sent:
        return {name: value for name, value in sent.items() if name != path}
    head, _, rest = path.partition(".")
    if rest and isinstance(sent.get(head), dict):
        return {**sent, head: _without(sent[head], rest)}
    return sent


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    if isinstance(value, datetime.datetime) and value.tzinfo is not None:
        return value.timestamp()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return float(value) if isinstance(value, decimal.Decimal) else value
