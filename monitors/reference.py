"""What windows are compared with: bins, counts and calibration from history. Plain data, JSON, a member of a release."""

from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitors.scope import OTHER
from streams.sketch import FIRST, Bins, Counts


class Reference(msgspec.Struct, frozen=True, dict=True):
    """The reference of one release, made by `monitors.calibrate.build_reference`.

    `columns` are the bins of every watched field and, last, of the served answer. Counts of a window are a matrix of
    ints: one row for all records and one for each segment (`rows`), one stretch of columns for each field (`offsets`).
    """

    release: str
    start: float
    end: float
    columns: dict[str, Bins]
    segments: tuple[str, ...]
    cells: bytes

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows: "" for all records, then "origin=JFK", ..., "origin=other" for each segment field."""
        named = [f"{name}={value}" for name in self.segments for value in (*self.columns[name].categories, OTHER)]
        return ("", *named)

    @cached_property
    def offsets(self) -> NDArray[np.intp]:
        """Where each column's stretch begins, shape (columns,)."""
        widths = [bins.width for bins in self.columns.values()]
        return np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.intp)

    @cached_property
    def width(self) -> int:
        """The length of a row."""
        return sum(bins.width for bins in self.columns.values())

    def matrix(self, cells: bytes) -> Counts:
        """Return `Summary.cells` as counts of shape (rows, width)."""
        return np.frombuffer(cells, dtype="<i4").reshape(len(self.rows), self.width).astype(np.int64)

    def of_column(self, name: str, counts: Counts) -> Counts:
        """Return the sketches of one column, shape (rows, bins of the column + `FIRST`)."""
        place = list(self.columns).index(name)
        at = self.offsets[place]
        return counts[..., at : at + self.columns[name].width]

    def events(self, counts: Counts) -> Counts:
        """Return the number of records by row, shape (rows,)."""
        first = next(iter(self.columns.values()))
        counted: Counts = counts[..., 0] + counts[..., 1] + counts[..., FIRST : first.width].sum(axis=-1)
        return counted
