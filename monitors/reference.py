"""What windows are compared with: bins, counts and calibration from history. Plain data, a member of a release."""

from functools import cached_property

from monitors.array import Array
from monitors.calibration import Calibration
from monitors.layout import Layout
from streams.sketch import Counts


class Reference(Layout, frozen=True, dict=True):
    """The reference of one release, made by `monitors.calibrate.build_reference`.

    `cells` are its own counts in its own bins, shape (rows, width), of history from `start` to `end` (s). `calibration`
    belongs to windows of `window_s` and to the named distances.
    """

    release: str
    start: float
    end: float
    window_s: float
    distances: tuple[str, ...]
    cells: Array
    calibration: Calibration

    @cached_property
    def own_bins(self) -> Counts:
        """Its own counts by row, column and bin, as `lattice` lays them out."""
        return self.lattice.bins(self.cells.values)
