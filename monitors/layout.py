"""Where the counts of a window stand: one row for all records and one for each segment, one stretch for each field."""

import zlib
from functools import cached_property

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitors.drift import Lattice
from monitors.scope import OTHER
from streams.sketch import FIRST, Bins, Counts


def packed(matrix: Counts) -> bytes:
    """Return counts as `Summary.cells`: little-endian int32, deflated, because nearly all of them are 0."""
    return zlib.compress(matrix.astype("<i4").tobytes(), 1)


class Layout(msgspec.Struct, frozen=True, dict=True):
    """The bins of every watched field and, last, of the served answer (`columns`); `segments` are fields among them."""

    columns: dict[str, Bins]
    segments: tuple[str, ...]

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The watched fields, without the served answer."""
        return tuple(self.columns)[:-1]

    @cached_property
    def rows(self) -> tuple[str, ...]:
        """Names of the rows: "" for all records, then "origin=JFK", ..., "origin=other" for each segment field."""
        named = [f"{name}={value}" for name in self.segments for value in (*self.columns[name].categories, OTHER)]
        return ("", *named)

    @cached_property
    def sums(self) -> dict[str, tuple[dict[object, str], str]]:
        """By segment field: the name of the sum of each value, such as "served|origin=JFK", and that of all others."""
        return {
            name: (
                {value: f"served|{name}={value}" for value in self.columns[name].categories},
                f"served|{name}={OTHER}",
            )
            for name in self.segments
        }

    @cached_property
    def width(self) -> int:
        """The length of a row."""
        return sum(bins.width for bins in self.columns.values())

    @cached_property
    def offsets(self) -> NDArray[np.intp]:
        """Where each column's stretch begins, shape (columns,)."""
        widths = [bins.width for bins in self.columns.values()]
        return np.concatenate([[0], np.cumsum(widths)[:-1]]).astype(np.intp)

    @cached_property
    def knows(self) -> NDArray[np.bool_]:
        """Whether new values of a field can be told, shape (fields,), without the served answer."""
        return np.array([self.columns[name].knows for name in self.fields], dtype=np.bool_)

    @cached_property
    def lattice(self) -> Lattice:
        """Where the bins of the columns stand."""
        return Lattice(tuple(self.columns.values()))

    def matrix(self, cells: bytes) -> Counts:
        """Return `Summary.cells` as counts of shape (rows, width)."""
        plain = np.frombuffer(zlib.decompress(cells), dtype="<i4")
        return plain.reshape(len(self.rows), self.width).astype(np.int64)

    def sketch(self, name: str, cells: Counts) -> Counts:
        """Return the sketches of one column (see `streams.sketch`), shape (..., rows, width of the column)."""
        at = self.offsets[list(self.columns).index(name)]
        return cells[..., at : at + self.columns[name].width]

    def events(self, cells: Counts) -> Counts:
        """Return the number of records by row, shape (..., rows)."""
        first = next(iter(self.columns.values()))
        counted: Counts = cells[..., 0] + cells[..., 1] + cells[..., FIRST : first.width].sum(axis=-1)
        return counted
