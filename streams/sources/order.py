"""Rows in the order in which the world would have shown them: by the time at which each could be known."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from streams.errors import SourceError

KNOWN = "\0known"
"""The column (s) that rows are in order by; a row without a readable time has that of the row before."""

READABLE = "\0readable"
"""The column that says whether `KNOWN` is the row's own time."""

_ROWS = 8192
"""Rows in a piece, about: enough for numpy, few enough that their payloads are little memory."""

Known: TypeAlias = Callable[[pd.DataFrame], NDArray[np.float64]]
"""From rows to the times (s) at which they could be known, NaN where unreadable."""


def whole_in_order(table: pd.DataFrame, known: Known) -> tuple[NDArray[np.float64], Iterator[pd.DataFrame]]:
    """Return the times of a whole table in order, and its rows in pieces of that order; equal times are not torn.

    Rows of equal time keep their order. Raises SourceError if no row has a readable time.
    """
    times, readable = _filled(known(table), None)
    place = np.argsort(times, kind="stable")

    def pieces() -> Iterator[pd.DataFrame]:
        for begin, end in _cuts(times[place]):
            rows = place[begin:end]
            yield table.iloc[rows].assign(**{KNOWN: times[rows], READABLE: readable[rows]})

    return times[place], pieces()


def stream_in_order(tables: Iterable[pd.DataFrame], known: Known, lateness_s: float) -> Iterator[pd.DataFrame]:
    """Yield the rows of a stream of tables in pieces, in order of time; only rows that may still be passed are held.

    A row may come up to `lateness_s` (s) of event time behind the newest before it. Raises SourceError if one comes
    later, or if no row of the first table has a readable time.
    """
    held: pd.DataFrame | None = None
    last: float | None = None
    newest = -np.inf
    for table in tables:
        times, readable = _filled(known(table), last)
        last = float(times[-1])
        passed = np.maximum.accumulate(np.maximum(times, newest))
        if np.any(times < passed - lateness_s):
            late = int(np.argmax(times < passed - lateness_s))
            behind = passed[late] - times[late]
            raise SourceError(
                f"a row known at {times[late]:.0f} s comes {behind:.0f} s behind the newest before it, "
                f"and lateness is {lateness_s:.0f} s. Sort the rows by known_at, or raise lateness"
            )
        newest = float(passed[-1])
        table = table.assign(**{KNOWN: times, READABLE: readable})
        held = table if held is None or held.empty else pd.concat([held, table], ignore_index=True)
        sure = held[KNOWN].to_numpy() < newest - lateness_s
        yield from _sorted_pieces(held[sure])
        held = held[~sure]
    if held is not None:
        yield from _sorted_pieces(held)


def _sorted_pieces(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    table = table.sort_values(KNOWN, kind="stable")
    for begin, end in _cuts(table[KNOWN].to_numpy()):
        yield table.iloc[begin:end]


def _cuts(times: NDArray[np.float64]) -> Iterator[tuple[int, int]]:
    """Ranges of about `_ROWS` rows that begin where the time changes."""
    begin = 0
    while begin < len(times):
        end = min(begin + _ROWS, len(times))
        end = int(np.searchsorted(times, times[end - 1], side="right"))
        yield begin, end
        begin = end


def _filled(times: NDArray[np.float64], last: float | None) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Unreadable times filled with the one before (or `last`; at the very beginning the one after)."""
    readable = ~np.isnan(times)
    if last is None and not readable.any():
        raise SourceError(
            "no row has a readable time. Times are ISO 8601 texts or seconds (not milliseconds) since the epoch: "
            "mend `time` and `known_at`, or write a `prepare` function that makes them so"
        )
    first = times[int(np.argmax(readable))] if last is None else last
    before = np.maximum.accumulate(np.where(readable, np.arange(len(times)), -1))
    return np.where(before >= 0, times[before], first), readable
