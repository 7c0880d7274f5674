"""Tables joined as of the moment of prediction: the newest row of the same entity that could be known by then."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from streams.errors import SourceError
from streams.sources.files import read_table
from streams.sources.nearest import nearest
from streams.sources.order import KNOWN
from streams.sources.package import package_file
from streams.sources.times import seconds
from streams.sources.user_code import prepared
from streams.spec import LookupSpec


class Lookup:
    """A table that is ready to be joined; `columns` are those that it adds.

    A row is usable from its `time` + `known_after` on, and not after its `time` + `within`. Of two rows that become
    usable at the same moment the later in the table counts.
    """

    def __init__(self, spec: LookupSpec, table: pd.DataFrame, zone: str) -> None:
        """Index the table. Raises SourceError for absent columns and if no time is readable."""
        for name in (*spec.on, spec.time):
            if name not in table:
                raise SourceError(f"lookup {spec.name}: there is no column {name!r}. {nearest(name, table.columns)}")
        about = seconds(table[spec.time], zone, "later")
        sound = ~np.isnan(about) & table[list(spec.on)].notna().all(axis=1).to_numpy()
        if not sound.any():
            raise SourceError(
                f"lookup {spec.name}: no row has a readable {spec.time!r} and all of {', '.join(spec.on)}"
            )
        table, about = table[sound], about[sound]
        self.spec = spec
        self.columns = [name for name in table.columns if name not in (*spec.on, spec.time)]
        usable = about + spec.known_after
        self._entities = pd.MultiIndex.from_frame(_keys(table, spec.on).drop_duplicates())
        self._moments = np.unique(usable)
        place = self._place(self._entities.get_indexer(pd.MultiIndex.from_frame(_keys(table, spec.on))), usable)
        order = np.argsort(place, kind="stable")
        self._places = place[order]
        self._about = about[order]
        whole = [name for name in self.columns if table[name].dtype.kind in "biu"]
        self._table = (
            table[self.columns].iloc[order].reset_index(drop=True).astype(dict.fromkeys(whole, object))
        )  # stays whole beside missing

    def join(self, piece: pd.DataFrame) -> pd.DataFrame:
        """Return the rows with the table's columns as of `KNOWN`, missing where no row is usable.

        Raises SourceError if the rows lack a column of `on`, or have one that the table would add.
        """
        for name in self.spec.on:
            if name not in piece:
                raise SourceError(f"lookup {self.spec.name}: events have no {name!r}. {nearest(name, piece.columns)}")
        if twice := sorted(set(self.columns) & set(piece.columns)):
            raise SourceError(
                f"lookup {self.spec.name}: {twice[0]!r} is a column of the events too. "
                "Rename or drop it in a `prepare` function"
            )
        known = piece[KNOWN].to_numpy()
        entity = self._entities.get_indexer(pd.MultiIndex.from_frame(_keys(piece, self.spec.on)))
        row = np.searchsorted(self._places, self._place(entity, known), side="right") - 1
        found = (entity >= 0) & (row >= 0) & (self._places[row] // (len(self._moments) + 1) == entity)
        if self.spec.within is not None:
            found &= known - self._about[row] <= self.spec.within
        joined = self._table.reindex(np.where(found, row, -1))
        return pd.concat([piece, joined.set_axis(piece.index)], axis=1)

    def _place(self, entity: NDArray[np.intp], time: NDArray[np.float64]) -> NDArray[np.int64]:
        """One integer that sorts by entity, then by time: what makes the join a single binary search."""
        return entity.astype(np.int64) * (len(self._moments) + 1) + np.searchsorted(self._moments, time, side="right")


def read_lookup(spec: LookupSpec, home: Path, zone: str) -> Lookup:
    """Read, prepare and index the table of a `[[lookup]]`. Raises SourceError."""
    path = package_file(spec.package, spec.path) if spec.package else home / spec.path
    return Lookup(spec, prepared(read_table(path), spec.prepare, home), zone)


def _keys(table: pd.DataFrame, on: tuple[str, ...]) -> pd.DataFrame:
    """The columns of `on`; without any, all rows belong to one entity."""
    return table[list(on)] if on else pd.DataFrame({"": np.zeros(len(table), dtype=np.int8)})
