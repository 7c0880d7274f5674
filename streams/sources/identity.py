"""Who and which: the texts of key and id columns, and of templates over columns."""

import math
from string import Formatter
from typing import Any

import pandas as pd

from streams.errors import SpecError
from streams.sources.times import seconds


def parts(template: str) -> list[tuple[str, str | None]]:
    """Return the (text, column) pairs of a template; a name without braces is one column.

    Raises SpecError for braces that do not match, and for format specifications.

    >>> parts("{carrier}-{flight}")
    [('', 'carrier'), ('-', 'flight')]
    """
    if "{" not in template and "}" not in template:
        return [("", template)]
    try:
        read = list(Formatter().parse(template))
    except ValueError as error:
        raise SpecError(f"id {template!r}: {error}. Write column names in braces, such as '{{carrier}}'") from error
    if any(spec or convert or column == "" for _, column, spec, convert in read):
        raise SpecError(f"id {template!r}: only plain column names go in braces, such as '{{carrier}}'")
    return [(text, column) for text, column, _, _ in read]


def columns_of(template: str) -> list[str]:
    """Return the columns that a template reads."""
    return [column for _, column in parts(template) if column is not None]


def identities(frame: pd.DataFrame, template: str) -> list[str]:
    """Return the text of each row; "" where one of its columns is missing or is no number or text."""
    pieces: list[list[str]] = []
    for text, column in parts(template):
        if text:
            pieces.append([text] * len(frame))
        if column is not None:
            pieces.append(texts(frame[column]))
    if len(pieces) == 1:
        return pieces[0]
    return ["".join(row) if all(row) else "" for row in zip(*pieces, strict=True)]


def texts(column: "pd.Series[Any]") -> list[str]:
    """Return values as texts: whole numbers without a point, times as ISO 8601 in UTC, "" where missing."""
    if pd.api.types.is_integer_dtype(column.dtype) and not column.isna().any():
        return list(map(str, column.tolist()))
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        utc = pd.to_datetime(pd.Series(seconds(column, "UTC")), unit="s")
        return utc.dt.strftime("%Y-%m-%dT%H:%M:%SZ").fillna("").tolist()
    values: list[Any] = column.tolist()
    return [value if type(value) is str else _text(value) for value in values]


def _text(value: object) -> str:
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value) if math.isfinite(value) else ""
    return str(value) if isinstance(value, str | int) else ""
