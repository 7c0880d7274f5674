"""Labels: their values by task, and the moment at which each became known."""

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from streams.errors import SourceError
from streams.expressions import compile_expression, names_in
from streams.records import Label, Target, Value
from streams.sources.files import read_table
from streams.sources.identity import identities
from streams.sources.nearest import nearest
from streams.sources.order import KNOWN
from streams.sources.payload import plain
from streams.sources.times import seconds
from streams.spec import LabelSpec

AsTarget: TypeAlias = Callable[[Value], Target]
"""From a value that is there to a label. Raises ValueError if it is none of its task."""


def binary(value: Value) -> Target:
    """0.0 or 1.0."""
    if isinstance(value, str) or value not in (0, 1):
        raise ValueError(f"{value!r} is no binary label. Write `column` as a condition, such as \"answer == 'yes'\"")
    return float(value)


def class_name(value: Value) -> Target:
    """The name of a class; whole numbers are written without a point."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def number(value: Value) -> Target:
    """A finite number."""
    if isinstance(value, str) or value is None or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number. Mend the data, or write `column` as an expression")
    return float(value)


TARGETS: Mapping[str, AsTarget] = {
    "binary": binary,
    "multiclass": class_name,
    "regression": number,
    "anomaly": binary,
    "clustering": class_name,
}
"""How a label is read, by task."""


def columns_used(spec: LabelSpec, columns: Sequence[str] | None) -> set[str]:
    """Return the columns that the labels of a row are made of; no feature may see them.

    `columns` are those of a table; None where they are not known beforehand (objects), then `column` is read as an
    expression if it is one, else as a name or path. Raises SourceError for a column that the table has not.
    """
    used = set(_inputs(spec.column, columns)) | ({spec.known_at} if spec.known_at is not None else set())
    if columns is not None and (absent := sorted(used - set(columns))):
        raise SourceError(f"labels: there is no column {absent[0]!r}. {nearest(absent[0], columns)}")
    return used


def row_labels(piece: pd.DataFrame, ids: Sequence[str], spec: LabelSpec, task: str, zone: str) -> list[Label]:
    """Return the labels of rows in order of (time, id). A missing value, or one never known, gives none.

    A label is known at the earliest together with its event. Raises SourceError for a value that is no label.
    """
    event_s = piece[KNOWN].to_numpy()
    if spec.after is not None:
        known = event_s + spec.after
    else:
        known = np.fmax(seconds(piece[str(spec.known_at)], zone, "later"), event_s)
        known[piece[str(spec.known_at)].isna().to_numpy()] = np.nan
    values = _values(piece, spec.column)
    return _labels(values, ids, known.tolist(), [0] * len(piece), task)


def file_labels(spec: LabelSpec, home: Path, task: str, zone: str) -> list[Label]:
    """Return the labels of a file of its own, in order of (time, id, revision).

    Raises SourceError for a file without the columns, a row without id, or a value that is no label.
    """
    path = home / str(spec.path)
    table = read_table(path)
    named = [str(spec.id), str(spec.known_at)] + ([spec.revision] if spec.revision else [])
    for name in (*named, *_inputs(spec.column, list(table.columns))):
        if name not in table:
            raise SourceError(f"labels: {path} has no column {name!r}. {nearest(name, table.columns)}")
    ids = identities(table, str(spec.id))
    if "" in ids:
        raise SourceError(
            f"labels: row {ids.index('') + 1} of {path} has no {spec.id}. Fill it in, or leave the row out"
        )
    known = seconds(table[str(spec.known_at)], zone, "later")
    if np.isnan(known).all():
        raise SourceError(
            f"labels: no {spec.known_at!r} in {path} is a time. Write ISO 8601, or seconds since the epoch"
        )
    revisions = [0] * len(table)
    if spec.revision:
        revisions = [_revision(value, place, path) for place, value in enumerate(plain(table[spec.revision], zone), 1)]
    return _labels(_values(table, spec.column), ids, known.tolist(), revisions, task)


class Waiting:
    """Labels that are not known yet, in order of (time, id, revision)."""

    def __init__(self) -> None:
        self._labels: list[Label] = []

    def add(self, labels: list[Label]) -> None:
        """Keep labels until they are known."""
        self._labels = sorted(self._labels + labels, key=_order)

    def known(self, time: float) -> list[Label]:
        """Remove and return the labels that are known at `time` (s)."""
        place = bisect_right(self._labels, time, key=lambda label: label.time)
        ready, self._labels = self._labels[:place], self._labels[place:]
        return ready


def _order(label: Label) -> tuple[float, str, int]:
    return label.time, label.id, label.revision


def _inputs(column: str, columns: Sequence[str] | None) -> tuple[str, ...]:
    """A column's name, or the names in an expression."""
    if columns is None:
        return (column,) if column.replace(".", "_").replace("-", "_").isidentifier() else names_in(column)
    return (column,) if column in columns else names_in(column)


def _values(piece: pd.DataFrame, column: str) -> list[Value]:
    if column in piece:
        return plain(piece[column], "UTC")
    names = names_in(column)
    evaluate = compile_expression(column, names)
    rows = zip(*(plain(piece[name], "UTC") for name in names), strict=True)
    return [evaluate(dict(zip(names, row, strict=True))) for row in rows]


def _labels(
    values: Sequence[Value], ids: Sequence[str], known: Sequence[float], revisions: Sequence[int], task: str
) -> list[Label]:
    read = TARGETS[task]
    labels = []
    for value, name, time, revision in zip(values, ids, known, revisions, strict=True):
        if value is None or not name or not math.isfinite(time):
            continue
        try:
            labels.append(Label(key=name, id=name, time=time, value=read(value), revision=revision))
        except ValueError as error:
            raise SourceError(f"label of {name!r}: {error}") from error
    return sorted(labels, key=_order)


def _revision(value: object, place: int, path: Path) -> int:
    if isinstance(value, int | float) and value >= 0 and float(value).is_integer():
        return int(value)
    raise SourceError(f"labels: row {place} of {path} has revision {value!r}. A whole number from 0 is wanted")
