"""The history of a pipeline: its events and labels, as the world would have shown them."""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from streams.errors import SourceError, SpecError
from streams.records import Event, Label, order
from streams.sources.files import read_json_lines, read_table
from streams.sources.generator import generated
from streams.sources.identity import columns_of, identities
from streams.sources.inject import Injection, change_fields, delay_labels, times_sent
from streams.sources.labels import Waiting, columns_used, file_labels, row_labels
from streams.sources.lookup import Lookup, read_lookup
from streams.sources.nearest import nearest
from streams.sources.order import KNOWN, READABLE, stream_in_order, whole_in_order
from streams.sources.package import package_file, river_dataset
from streams.sources.payload import SENT, payloads, pick
from streams.sources.times import second, seconds
from streams.sources.user_code import prepared
from streams.spec import LabelSpec, LookupSpec, SourceSpec, WatchedSpec

_ROWS = 4096
"""Objects that are made one table of."""


class History:
    """An iterator over events and labels in order of (time, id), and how many events it will give.

    `events` is None where that is only known at the end (a generator, JSON lines).
    """

    def __init__(self, events: int | None, records: Iterator[Event | Label]) -> None:
        """Keep both; nothing has been taken yet."""
        self.events = events
        self._records = records

    def __iter__(self) -> Iterator[Event | Label]:
        return self

    def __next__(self) -> Event | Label:
        return next(self._records)


def history(
    source: SourceSpec,
    labels: LabelSpec | None,
    lookups: Sequence[LookupSpec],
    watched: WatchedSpec | None,
    home: Path,
    task: str,
    injections: Sequence[Injection] = (),
    start: float | None = None,
    end: float | None = None,
) -> History:
    """Return the events known from `start` to before `end` (s), and their labels, in order of (time, id).

    Files are read at once, so that their mistakes show before the first record; payloads are made piece by piece.
    Every row of the source becomes an event. One whose id or times cannot be made has the id "" and the time of the
    row before, for the contract to refuse; an event without key is its own entity. The columns that labels are made
    of are not in the payload, those of lookups are. Labels of these events come also after `end`; of a file of
    labels, all that were known from `start` on. Paths are relative to `home`.

    Raises SourceError or SpecError.
    """
    reader = _Reader(source, labels, watched, task, tuple(injections), start, end)
    reader.lookups = [read_lookup(spec, home, source.timezone) for spec in lookups]
    if labels is not None and labels.path is not None:
        earliest = -math.inf if start is None else start
        found = [label for label in file_labels(labels, home, task, source.timezone) if label.time >= earliest]
        reader.waiting.add(delay_labels(found, injections))
    if source.kind in ("jsonl", "python"):
        reader.check_injections()
        tables = reader.tables(_objects(source, home))
        return History(None, reader.records(stream_in_order(tables, reader.known, source.lateness)))
    table = _table(source, home)
    reader.check(list(table.columns))
    reader.check_injections()
    times, pieces = whole_in_order(table, reader.known)
    inside = np.searchsorted(times, [reader.start, reader.end])
    return History(int(inside[1] - inside[0]), reader.records(pieces))


def _table(source: SourceSpec, home: Path) -> pd.DataFrame:
    """The whole table of a source, prepared, with its times where `every` makes them."""
    if source.kind != "package":
        table = read_table(home / str(source.path))
    elif source.dataset is not None:
        table = river_dataset(source.dataset)
    else:
        table = read_table(package_file(str(source.package), str(source.path)))
    return _timed(prepared(table, source.prepare, home), source, 0)


def _objects(source: SourceSpec, home: Path) -> Iterator[dict[str, Any] | bytes]:
    return read_json_lines(home / str(source.path)) if source.kind == "jsonl" else generated(str(source.python), home)


def _timed(table: pd.DataFrame, source: SourceSpec, first: int) -> pd.DataFrame:
    """Number the rows and make their times, if `every` says so; `first` is the number of the first row."""
    if source.every is None:
        return table
    if source.time in table and SENT not in table:
        raise SourceError(
            f"source: `every` makes the column {source.time!r}, and the data has one. Give it another name"
        )
    row = np.arange(first, first + len(table))
    made = {source.time: second(source.begin, source.timezone) + row * source.every}
    return table.assign(**({} if "row" in table and SENT not in table else {"row": row}), **made)


def _must_have(table: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse objects of which none has a column (or the head of its path). Raises SourceError."""
    seen = {key for row in table[SENT] if isinstance(row, dict) for key in row}
    for name in names:
        if table[name].isna().all() and not {name, name.partition(".")[0]} & seen:
            raise SourceError(f"source: none of the first {len(table)} rows has {name!r}. {nearest(name, seen)}")


class _Reader:
    """Makes records of rows in order; what it keeps are the labels that are not known yet."""

    def __init__(
        self,
        source: SourceSpec,
        labels: LabelSpec | None,
        watched: WatchedSpec | None,
        task: str,
        injections: Sequence[Injection],
        start: float | None,
        end: float | None,
    ) -> None:
        self.source = source
        self.labels = labels if labels is None or labels.path is None else None  # those that stand in the rows
        self.watched = watched
        self.task = task
        self.injections = injections
        self.start = -math.inf if start is None else start
        self.end = math.inf if end is None else end
        self.lookups: list[Lookup] = []
        self.waiting = Waiting()
        self.own = {source.key, source.time, source.known_at or source.time, *columns_of(source.id)}
        self.hidden = self._hidden(None)

    def _hidden(self, columns: Sequence[str] | None) -> set[str]:
        """Columns that labels are made of, which no payload has."""
        return set() if self.labels is None else columns_used(self.labels, columns) - self.own

    def check(self, columns: list[str]) -> None:
        """Refuse a table that lacks columns, before anything is read of it. Raises SourceError."""
        watched = [] if self.watched is None else [self.watched.column, self.watched.decision or self.watched.column]
        for name in (*sorted(self.own), *watched):
            if name not in columns:
                raise SourceError(f"source: there is no column {name!r}. {nearest(name, columns)}")
        self.hidden = self._hidden(columns)

    def check_injections(self) -> None:
        """Refuse to change what labels are made of, since nobody would see it. Raises SpecError."""
        for injection in self.injections:
            if injection.field in self.hidden:
                raise SpecError(
                    f"injection {injection.text!r}: labels are made of {injection.field!r}, no event has it"
                )

    def known(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """When each row could be known (s), NaN where unreadable."""
        return seconds(table[self.source.known_at or self.source.time], self.source.timezone)

    def tables(self, objects: Iterable[dict[str, Any] | bytes]) -> Iterator[pd.DataFrame]:
        """Objects as tables of the columns that are needed, beside the objects as they were sent."""
        added = {name for lookup in self.lookups for name in lookup.columns}
        needed = self.own | (columns_used(self.labels, None) if self.labels is not None else set())
        needed |= {name for lookup in self.lookups for name in lookup.spec.on}
        needed |= {name for injection in self.injections for name in injection.columns} - added
        rows = iter(objects)
        first = 0
        while sent := list(islice(rows, _ROWS)):
            columns = {name: pd.Series([pick(row, name) for row in sent], dtype=object) for name in sorted(needed)}
            table = _timed(pd.DataFrame(columns | {SENT: pd.Series(sent, dtype=object)}), self.source, first)
            if not first:
                _must_have(table, sorted(needed))
            yield table
            first += len(sent)
        if not first:
            raise SourceError("source: the generator yields nothing. Yield a dict for each event")

    def records(self, pieces: Iterable[pd.DataFrame]) -> Iterator[Event | Label]:
        """Events of all pieces, and every label when it is known; an event comes before a label of its time and id."""
        for piece in pieces:
            times = piece[KNOWN].to_numpy()
            if times[0] >= self.end:
                break
            piece = piece[(times >= self.start) & (times < self.end)]
            if len(piece):
                events = self.events(piece)
                shown: list[Event | Label] = [*events, *self.waiting.known(events[-1].time)]
                yield from sorted(shown, key=order)
        yield from self.waiting.known(math.inf)

    def events(self, piece: pd.DataFrame) -> list[Event]:
        """The events of a piece in order; its labels begin to wait."""
        zone = self.source.timezone
        piece, ids, at = self.identified(piece)
        if self.labels is not None:
            found = row_labels(piece, ids, self.labels, self.task, zone)
            self.waiting.add(delay_labels(found, self.injections))
        for lookup in self.lookups:
            piece = lookup.join(piece)
        piece = change_fields(piece, self.injections, zone)
        keys = identities(piece, self.source.key)
        sent = payloads(piece, self.hidden | {KNOWN, READABLE}, self.added(), zone)
        rows = zip(keys, ids, piece[KNOWN].tolist(), at, sent, strict=True)
        made = [
            Event(key=key or name, id=name, time=time, at=about, payload=row) for key, name, time, about, row in rows
        ]
        times = times_sent(piece, self.injections, zone)
        return made if times is None else [event for event, n in zip(made, times, strict=True) for _ in range(n)]

    def identified(self, piece: pd.DataFrame) -> tuple[pd.DataFrame, list[str], list[float]]:
        """Rows in order of (time, id), their ids ("" for those that are refused) and what time they are about (s)."""
        times = piece[KNOWN].to_numpy()
        about = times if self.source.known_at is None else seconds(piece[self.source.time], self.source.timezone)
        sound = (piece[READABLE].to_numpy() & ~np.isnan(about)).tolist()
        ids = [name if good else "" for name, good in zip(identities(piece, self.source.id), sound, strict=True)]
        at = np.where(sound, about, times).tolist()
        ranks = list(zip(times.tolist(), ids, strict=True))
        place = sorted(range(len(ids)), key=ranks.__getitem__)
        return piece.iloc[place], [ids[i] for i in place], [at[i] for i in place]

    def added(self) -> list[str]:
        """The columns that objects do not have by themselves, or no longer as they were sent."""
        made = [self.source.time, "row"] if self.source.every is not None else []
        changed = [injection.field for injection in self.injections if injection.field]
        return [*made, *(name for lookup in self.lookups for name in lookup.columns), *changed]
