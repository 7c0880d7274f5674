"""How far a day's distributions are from the reference and from the days before, beside how far days usually are."""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitors.array import Array
from monitors.distances import DISTANCES, ORDERED
from streams.sketch import FIRST, Bins, Counts, Floats

MEMORY_DAYS = 14.0
"""The days before are an exponentially weighted sum: a day's weight falls to 1/e in so many days."""

LEAST = 30
"""A segment's field with fewer values in a day is not tested."""

NARROWEST = 0.15
"""The least spread of a logarithmic distance: history that happened to be steady proves no more."""

UPPER, NORMAL_UPPER = 0.9, 1.2816
"""The quantile of history that a residual of so many standard normal deviations stands for."""

MARGIN = 0.1
"""The usual distance of a field is taken to be at least this part of the typical field's."""


class Lattice:
    """Where the bins of every column stand, so that all columns are compared at once."""

    def __init__(self, columns: Sequence[Bins]) -> None:
        """Lay out columns that stand side by side in a row of cells."""
        widths = np.array([bins.width for bins in columns])
        most = int(widths.max()) - FIRST
        starts = np.concatenate([[0], np.cumsum(widths)[:-1]]) + FIRST
        steps = np.arange(most)
        self.filled: NDArray[np.bool_] = steps < (widths - FIRST)[:, None]
        self.places: NDArray[np.intp] = np.where(self.filled, starts[:, None] + steps, 0)
        self.ordered = np.array([bins.kind == "numeric" for bins in columns])
        self.positions = np.zeros((len(columns), most))
        for i, bins in enumerate(columns):
            if bins.positions is not None:
                scaled = bins.positions / (bins.std or 1.0)
                self.positions[i] = np.pad(scaled, (0, most - len(scaled)), mode="edge")

    def bins(self, cells: Counts | Floats) -> Counts:
        """Return the bins of every column, padded with zeros: shape (..., rows, columns, bins)."""
        taken: Counts = np.where(self.filled, cells[..., self.places], 0)
        return taken

    def distances(self, names: Sequence[str], reference: Counts, window: Counts) -> Floats:
        """Return distances of shape (..., names, rows, columns); NaN where too little was there to compare."""
        enough = (window.sum(axis=-1) >= LEAST) & (reference.sum(axis=-1) >= LEAST)
        found = []
        for name in names:
            distance = DISTANCES[name](reference, window, self.positions)
            fits = enough & self.ordered if name in ORDERED else enough
            found.append(np.where(fits, distance, np.nan))
        return np.stack(found, axis=-3)


class Usual(msgspec.Struct, frozen=True, dict=True):
    """How distances of days were distributed in history, for each of (distances, rows, columns).

    A distance d becomes the residual (log(1 + d / usual) - centre) / spread. `usual` is the median of history, `centre`
    the median of the logarithms, `spread` the larger of their scaled median deviation and what their 90 % quantile asks
    for. NaN where history had too few days.
    """

    usual: Array
    centre: Array
    spread: Array

    def residuals(self, distances: Floats) -> Floats:
        """Return the residuals of distances of shape (..., distances, rows, columns)."""
        logs = np.log1p(distances / self.usual.values)
        residual: Floats = (logs - self.centre.values) / self.spread.values
        return residual


def usual(distances: Floats, least_days: int = 10) -> Usual:
    """Return how the distances of history's days, shape (days, distances, rows, columns), are distributed."""
    known = (~np.isnan(distances)).sum(axis=0) >= least_days
    held = np.where(known, distances, np.nan)
    median = _median(held)
    typical = _median(median.reshape(len(median), -1).T)[:, None, None]
    median = np.maximum(median, np.maximum(MARGIN * typical, 1e-12))
    logs = np.log1p(held / median)
    centre = _median(logs)
    # The upper tail counts too: closed days and storms make some fields far wider above than around their median.
    above = np.nanquantile(np.where(known, logs, 0.0), UPPER, axis=0) - centre
    spread = np.maximum(np.maximum(1.4826 * _median(np.abs(logs - centre)), above / NORMAL_UPPER), NARROWEST)
    return Usual(Array.of(median), Array.of(centre), Array.of(spread))


class Before(msgspec.Struct, frozen=True, dict=True):
    """The days before, as a weighted sum of their cells: shape (rows, width)."""

    cells: Array

    def after(self, day: Counts) -> "Before":
        """Return the sum with one more day."""
        return Before(Array.of(self.cells.values * (1.0 - 1.0 / MEMORY_DAYS) + day))


def _median(values: Floats) -> Floats:
    """The median over axis 0 without NaN; NaN, in silence, where there is nothing else."""
    found: Floats = np.ma.median(np.ma.masked_invalid(values), axis=0).filled(np.nan)  # type: ignore[no-untyped-call]
    return found
