"""Counts one window's accepted predictions in the bins of a reference: rows of values in, `Summary.cells` out."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from monitors.layout import Layout
from streams.records import Value
from streams.sketch import FIRST, MISSING, UNSEEN, Counts

Row: TypeAlias = tuple[Value, ...]
"""The values of one record, in the order of `Layout.columns`: the watched fields, then the served answer."""

Unseen: TypeAlias = dict[str, dict[str, int]]
"""How often values came that the reference never held, by column and value (as text)."""

CHUNK = 8192
"""Records that are binned together: more takes more memory and is no faster."""

_TEXT = frozenset({str, type(None)})

KEPT = 16
"""Unseen values that are kept for each column."""


def count(layout: Layout, rows: Sequence[Row]) -> tuple[Counts, Unseen]:
    """Count records in the bins of a layout: a matrix of shape (rows, width), and a few unseen values.

    Every record counts in row 0 and in one row of each segment field. The result of two sets of records is the sum of
    theirs (of the unseen values: `merge_unseen`).
    """
    cells = np.zeros(len(layout.rows) * layout.width, dtype=np.int64)
    unseen: dict[str, Counter[str]] = {}
    for at in range(0, len(rows), CHUNK):
        _add(layout, rows[at : at + CHUNK], cells, unseen)
    matrix: Counts = cells.reshape(len(layout.rows), layout.width)
    return matrix, {name: _few(found) for name, found in unseen.items()}


def as_texts(values: Any) -> Sequence[str | None]:
    """Return categories as text, as bins know them; a category may be a number or a truth value."""
    if all(map(_TEXT.__contains__, map(type, values))):
        texts: Sequence[str | None] = values
        return texts
    return [value if value is None or isinstance(value, str) else str(value) for value in values]


def merge_unseen(parts: Sequence[Unseen]) -> Unseen:
    """Add up the unseen values of several partitions, keeping as few again."""
    total: dict[str, Counter[str]] = {}
    for part in parts:
        for name, found in part.items():
            total.setdefault(name, Counter()).update(found)
    return {name: _few(found) for name, found in sorted(total.items())}


def _add(layout: Layout, rows: Sequence[Row], cells: Counts, unseen: dict[str, Counter[str]]) -> None:
    columns = dict(zip(layout.columns, zip(*rows, strict=True), strict=True))
    codes = np.empty((len(rows), len(columns)), dtype=np.intp)
    strangers: list[tuple[int, NDArray[np.bool_]]] = []
    for i, (name, bins) in enumerate(layout.columns.items()):
        values: Any = columns[name] if bins.kind == "numeric" else as_texts(columns[name])
        placed, new = bins.place(values)
        codes[:, i] = placed
        if new.any():
            strangers.append((i, new))
            found = (value for value, is_new in zip(values, new.tolist(), strict=True) if is_new)
            unseen.setdefault(name, Counter()).update(map(str, found))
    starts = _starts(layout, codes)
    placed = starts[:, :, None] + (codes + layout.offsets)[:, None, :]
    cells += np.bincount(placed.ravel(), minlength=len(cells))
    for i, new in strangers:
        cells += np.bincount((starts[new] + layout.offsets[i] + UNSEEN).ravel(), minlength=len(cells))


def _starts(layout: Layout, codes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where the rows begin in which each record counts, in the flat matrix: shape (records, 1 + segment fields)."""
    starts = np.zeros((len(codes), 1 + len(layout.segments)), dtype=np.intp)
    first = 1
    for i, name in enumerate(layout.segments, start=1):
        place = list(layout.columns).index(name)
        values = layout.columns[name].width - FIRST
        own = codes[:, place]
        starts[:, i] = first + np.where(own == MISSING, values - 1, own - FIRST)
        first += values
    return starts * layout.width


def _few(found: Counter[str]) -> dict[str, int]:
    """The values of the smallest checksums: a choice that does not depend on the order of records."""
    chosen = sorted(found, key=lambda value: (crc32(value.encode()), value))[:KEPT]
    return {value: found[value] for value in sorted(chosen)}
