"""History as windows: what would have been counted, had the reference been there, but not the same days in it."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitors.budget import DAY_S
from monitors.counting import Row, as_texts, count
from monitors.layout import Layout
from monitors.past import Past
from monitors.scope import SCORE, Scope
from monitors.series import bad_values, volumes
from streams.sketch import Bins, Counts, Floats, categorical_bins, numeric_bins

APART_DAYS = 2
"""A value whose first and last day are less than this apart counts as unseen: weather stays over midnight."""

ABSENT = "\0absent"
"""Stands for a category that counts as unseen."""


class Windows(msgspec.Struct, frozen=True):
    """History's windows, without gaps, as arrays (windows, ...), and the cells of its days, (days, rows, width).

    `hits` and `n` are those of `monitors.series.bad_values`, `volume` those of `volumes`; `counts` are by name.
    `delays` are sums (s) of the label delays of the labels that became known in each window.
    """

    starts: list[float]
    hits: Floats
    n: Floats
    volume: Floats
    counts: list[Counter[str]]
    delays: Floats
    days: Counts

    @property
    def per_day(self) -> int:
        """Windows of a day."""
        return len(self.starts) // max(len(self.days), 1)

    def by_day(self, values: Floats) -> Floats:
        """Add up windows to days: from (windows, ...) to (days, ...)."""
        total: Floats = values.reshape(len(self.days), self.per_day, *values.shape[1:]).sum(axis=1)
        return total


def lay_out(past: Past, scope: Scope) -> Layout:
    """Return the layout that the predictions of history ask for."""
    columns = _columns(past, scope)
    kinds = {**scope.fields, SCORE: scope.score_kind}
    bins = {
        name: numeric_bins(columns[name]) if kinds[name] == "numeric" else categorical_bins(as_texts(columns[name]))
        for name in kinds
    }
    return Layout(bins, scope.segments)


def whole_days(past: Past, scope: Scope) -> tuple[float, float]:
    """Return the span (s) of the whole days (UTC) in which every prediction and nearly every label was seen.

    It begins with the second day, when labels of the first have come, and ends when labels are still on their way.
    Raises ValueError where there is no such day.
    """
    if not past.entries:
        raise ValueError("a reference needs history, and there is none: wait for the first outcomes")
    begin = math.floor(past.entries[0].time / DAY_S + 1.0) * DAY_S
    known = max(entry.known for entry in past.entries)
    end = math.floor((known - scope.label_delay_s - scope.grid_s) / DAY_S) * DAY_S
    if end <= begin:
        days = (known - past.entries[0].time) / DAY_S
        raise ValueError(
            f"a reference needs a whole day of history behind the label delay, got {days:.1f} days in all: wait longer"
        )
    return begin, end


def replay(past: Past, layout: Layout, scope: Scope, begin: float, end: float) -> Windows:
    """Count history in windows, with the code that counts live windows.

    A value of a field counts as unseen where only one or two days beside each other held it: to those days it would
    have been new.
    """
    most = round((end - begin) / scope.window_s)
    stretches: list[list[Row]] = [[] for _ in range(most)]
    counts: list[Counter[str]] = [Counter() for _ in range(most)]
    delays = np.zeros(most)
    for entry in past.entries:
        place = int((entry.time - begin) // scope.window_s)
        if 0 <= place < most:
            _tell(entry.row, entry.flags, stretches[place], counts[place])
        place = int((entry.known - begin) // scope.window_s)
        if 0 <= place < most and entry.delay_s is not None:
            counts[place]["labels"] += 1
            delays[place] += entry.delay_s
    for time, name in past.refused:
        place = int((time - begin) // scope.window_s)
        if 0 <= place < most:
            counts[place][name] += 1
    starts = [begin + i * scope.window_s for i in range(most)]
    return _counted(starts, stretches, counts, delays, _with_absent(past, layout, scope))


def _tell(row: Row | None, flags: Sequence[str], rows: list[Row], counts: Counter[str]) -> None:
    counts["predictions"] += 1
    counts.update(f"flag:{flag}" for flag in flags)
    if row is None:
        counts["quarantined"] += 1
    else:
        counts["accepted"] += 1
        rows.append(row)


def _counted(
    starts: list[float], stretches: list[list[Row]], counts: list[Counter[str]], delays: Floats, layout: Layout
) -> Windows:
    per_day = round(DAY_S / (starts[1] - starts[0])) if len(starts) > 1 else 1
    days = np.zeros((len(starts) // per_day, len(layout.rows), layout.width), dtype=np.int64)
    hits, n, volume = [], [], []
    for i, rows in enumerate(stretches):
        cells, _ = count(layout, rows)
        days[i // per_day] += cells
        bad, among = bad_values(layout, cells)
        hits.append(bad)
        n.append(among)
        volume.append(volumes(layout, cells, counts[i]["labels"]))
    return Windows(starts, np.stack(hits), np.stack(n), np.stack(volume), counts, delays, days)


def _columns(past: Past, scope: Scope) -> dict[str, list[Any]]:
    rows = [entry.row for entry in past.entries if entry.row is not None]
    names = (*scope.fields, SCORE)
    if not rows:
        raise ValueError("a reference needs accepted records, and history has none: mend what is refused first")
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))


def _with_absent(past: Past, layout: Layout, scope: Scope) -> Layout:
    """The layout without the values that few days held, so that they count as unseen there."""
    days = np.array([entry.time // DAY_S for entry in past.entries if entry.row is not None])
    columns = _columns(past, scope)
    known = {name: _forget(bins, columns[name], days) if bins.knows else bins for name, bins in layout.columns.items()}
    return msgspec.structs.replace(layout, columns=known)


def _forget(bins: Bins, values: list[Any], days: NDArray[np.float64]) -> Bins:
    if bins.kind == "numeric":
        x = np.array(values, dtype=np.float64)
        present = ~np.isnan(x)
        distinct, held = np.unique(x[present], return_inverse=True)
        stays = distinct[_last(held, days[present]) - _first(held, days[present]) >= APART_DAYS]
        return msgspec.structs.replace(bins, values=tuple(stays.tolist())) if len(stays) else bins
    texts = as_texts(values)
    where = np.array([text is not None for text in texts])
    named, held = np.unique(np.array([text for text in texts if text is not None], dtype=object), return_inverse=True)
    gone = set(named[_last(held, days[where]) - _first(held, days[where]) < APART_DAYS].tolist())
    categories = tuple(f"{ABSENT}{i}" if name in gone else name for i, name in enumerate(bins.categories))
    return msgspec.structs.replace(bins, categories=categories, rare=tuple(n for n in bins.rare if n not in gone))


def _first(groups: NDArray[np.intp], days: NDArray[np.float64]) -> NDArray[np.float64]:
    found = np.full(groups.max(initial=-1) + 1, np.inf)
    np.minimum.at(found, groups, days)
    return found


def _last(groups: NDArray[np.intp], days: NDArray[np.float64]) -> NDArray[np.float64]:
    return -_first(groups, -days)
