"""Rows kept as columns: 8 bytes a number, 4 a text, where a dict would take sixty; they are dicts when looked at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.features.port import Type
from streams.records.record import Value, Values

_CHUNK = 4096


class Column(msgspec.Struct, frozen=True):
    """One input of all rows, shape (n,): numbers, missing ones NaN; or places in `texts`, whose first is missing."""

    cells: NDArray[Any]
    texts: tuple[Value, ...] = ()

    def values(self, rows: slice) -> list[Value]:
        """Return the rows' values as records have them, None where missing."""
        cells = self.cells[rows]
        if self.texts:
            return [self.texts[place] for place in cells.tolist()]
        missing = np.isnan(cells)
        if missing.any():
            return [None if gone else value for gone, value in zip(missing.tolist(), cells.tolist(), strict=True)]
        listed: list[Value] = cells.tolist()
        return listed


class Rows(Sequence[Values]):
    """A frozen sequence of rows; `columns` has the inputs by name for those who can use them as they are.

    >>> rows = gathered([{"wind": 3, "origin": "JFK"}, {"wind": None}], {"wind": "numeric", "origin": "category"})
    >>> list(rows)
    [{'wind': 3.0, 'origin': 'JFK'}, {'wind': None, 'origin': None}]
    """

    def __init__(self, size: int, columns: Mapping[str, Column]) -> None:
        """Take columns of `size` rows each."""
        self.columns = dict(columns)
        self._size = size
        self._looked_at: tuple[int, list[Values]] = (-1, [])

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Values: ...
    @overload
    def __getitem__(self, place: slice) -> "Rows": ...
    def __getitem__(self, place: int | slice) -> "Values | Rows":
        if isinstance(place, slice):
            return self.take(np.arange(self._size)[place])
        chunk, row = divmod(range(self._size)[place], _CHUNK)
        if self._looked_at[0] != chunk:
            self._looked_at = (chunk, self._chunk(chunk))
        return dict(self._looked_at[1][row])

    def __iter__(self) -> Iterator[Values]:
        for chunk in range(-(-self._size // _CHUNK)):
            yield from self._chunk(chunk)

    def _chunk(self, chunk: int) -> list[Values]:
        """Return some rows as dicts; those of the chunk of this number."""
        rows = slice(chunk * _CHUNK, min((chunk + 1) * _CHUNK, self._size))
        names = tuple(self.columns)
        if not names:
            return [{} for _ in range(rows.start, rows.stop)]
        lists = [column.values(rows) for column in self.columns.values()]
        return [dict(zip(names, values, strict=True)) for values in zip(*lists, strict=True)]

    def matrix(self, texts: Mapping[str, Mapping[Any, int]], numbers: Sequence[str]) -> NDArray[np.float64]:
        """Return columns (n, texts + numbers) as floats, without making a dict: texts by code, then numbers.

        NaN where something is missing, has no code, or is no column.
        """
        made = np.full((self._size, len(texts) + len(numbers)), np.nan)
        for place, (name, codes) in enumerate(texts.items()):
            if name in self.columns:
                column = self.columns[name]
                made[:, place] = np.array([codes.get(text, np.nan) for text in column.texts])[column.cells]
        for place, name in enumerate(numbers, start=len(texts)):
            if name in self.columns:
                made[:, place] = self.columns[name].cells
        return made

    def counts(self, name: str) -> Counter[Value]:
        """Return how often each text of a column occurs, None for missing ones."""
        column = self.columns[name]
        found = np.bincount(column.cells, minlength=len(column.texts)).tolist()
        return Counter({text: count for text, count in zip(column.texts, found, strict=True) if count})

    def take(self, places: NDArray[np.int64]) -> "Rows":
        """Return the rows at these places, in their order."""
        taken = {name: Column(column.cells[places], column.texts) for name, column in self.columns.items()}
        return Rows(len(places), taken)


class RowsBuilder:
    """Takes rows chunk by chunk, so that no more than one chunk of dicts is alive."""

    def __init__(self, types: Mapping[str, Type]) -> None:
        """Keep the inputs that `types` names, in that order."""
        self._types = dict(types)
        self._parts: dict[str, list[NDArray[Any]]] = {name: [] for name in types}
        self._texts: dict[str, dict[Value, int]] = {
            name: {None: 0} for name, type_ in types.items() if type_ == "category"
        }
        self._size = 0

    def add(self, rows: Sequence[Values]) -> None:
        """Add a chunk of rows; what a row lacks is missing, what is not named is left out."""
        for name, parts in self._parts.items():
            values = [row.get(name) for row in rows]
            places = self._texts.get(name)
            if places is None:
                parts.append(np.array(values, dtype=np.float64))
            else:
                parts.append(np.array([places.setdefault(value, len(places)) for value in values], dtype=np.int32))
        self._size += len(rows)

    def done(self) -> Rows:
        """Return all rows."""
        made: dict[str, Column] = {}
        for name, parts in self._parts.items():
            kind = np.int32 if name in self._texts else np.float64
            cells = np.concatenate(parts) if parts else np.empty(0, dtype=kind)
            made[name] = Column(cells, tuple(self._texts.get(name, ())))
            parts.clear()
        return Rows(self._size, made)


def gathered(rows: Sequence[Values], types: Mapping[str, Type]) -> Rows:
    """Return rows, kept by column, of the inputs that `types` names."""
    builder = RowsBuilder(types)
    builder.add(rows)
    return builder.done()
