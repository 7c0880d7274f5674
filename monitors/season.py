"""What a count should be at this hour of the week: a profile of history, drawn to calmer averages where it is thin."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
from numpy.typing import NDArray

from monitors.array import Array
from monitors.budget import DAY_S, WEEK_S
from streams.sketch import Floats

PSEUDO_WEEKS = 2.0
"""How many weeks of its own a slot of the week needs before it counts as much as what it is drawn to."""

FLOOR = 0.02
"""The least that is expected in a window, so that the first record of a rare segment is no sensation."""

ADAPT_DAYS = 7.0
"""How many days a change of level takes, about, to become the new normal."""

STEADY = 20.0
"""Records a day that are added to both sides before levels are compared: rare segments keep their level."""


class Season(msgspec.Struct, frozen=True, dict=True):
    """Expected counts of several series by slot of the week in local time: `profile` has the shape (slots, series)."""

    profile: Array
    window_s: float
    timezone: str

    def expected(self, start: float) -> Floats:
        """Return what is expected in the window from `start` (s), shape (series,)."""
        found: Floats = self.profile.values[slot(start, self.window_s, self._zone)]
        return found

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


def fit(counts: Floats, starts: Sequence[float], window_s: float, timezone: str) -> tuple[Season, Floats]:
    """Return the season of series, and what it would have expected of each window without having seen that window.

    `counts` has the shape (windows, series), `starts` (s) the windows, without gaps; what is returned beside the season
    has the shape of `counts`. A slot's expectation is the mean of its windows, with `PSEUDO_WEEKS` windows more of
    the mean of its time of day times the factor of its day of the week. Windows far from their slot's median count as
    nearer: a storm of one week is not the season of the next ones.
    """
    zone = ZoneInfo(timezone)
    slots = np.array([slot(start, window_s, zone) for start in starts], dtype=np.intp)
    most, daily = round(WEEK_S / window_s), round(DAY_S / window_s)
    tame = _tamed(counts, slots, most)
    sums, n = _sums(tame, slots, most)
    prior = _prior(tame, slots, daily)
    profile = np.maximum((sums + PSEUDO_WEEKS * prior) / (n + PSEUDO_WEEKS), FLOOR)
    without = (sums[slots] - tame + PSEUDO_WEEKS * prior[slots]) / (n[slots] - 1.0 + PSEUDO_WEEKS)
    return Season(Array.of(profile), window_s, timezone), np.maximum(without, FLOOR)


def adapted(level: Floats, counted: Floats, expected: Floats) -> Floats:
    """Return the level of each series after a day: what was counted, over what the season expected, in the long run.

    A day moves it by a seventh of the way (in logarithms), and no day counts as less than half or more than twice.
    """
    ratio = (counted + STEADY) / (expected * level + STEADY)
    moved: Floats = level * np.clip(ratio, 0.5, 2.0) ** (1.0 / ADAPT_DAYS)
    return moved


def slot(start: float, window_s: float, zone: ZoneInfo) -> int:
    """Return the slot of the week (in local time) in which a window starts (s)."""
    shift = datetime.fromtimestamp(start, UTC).astimezone(zone).utcoffset()
    local = start + (shift.total_seconds() if shift is not None else 0.0)
    return int(local % WEEK_S // window_s)


def _sums(counts: Floats, slots: NDArray[np.intp], most: int) -> tuple[Floats, Floats]:
    """Sums by slot, shape (slots, series), and the number of windows, shape (slots, 1)."""
    sums = np.zeros((most, counts.shape[1]))
    np.add.at(sums, slots, counts)
    return sums, np.bincount(slots, minlength=most).astype(np.float64)[:, None]


def _tamed(counts: Floats, slots: NDArray[np.intp], most: int) -> Floats:
    """Counts drawn to within half and twice the median of their slot, give or take three standard deviations."""
    tame = counts.copy()
    for place in range(most):
        mine = slots == place
        if np.count_nonzero(mine) > 2:
            middle = np.median(counts[mine], axis=0)
            noise = 3.0 * np.sqrt(middle + 1.0)
            tame[mine] = np.clip(counts[mine], middle / 2.0 - noise, 2.0 * middle + noise)
    return tame


def _prior(counts: Floats, slots: NDArray[np.intp], daily: int) -> Floats:
    """The mean of the time of day times the factor of the day of the week, shape (slots, series)."""
    by_time, n_time = _sums(counts, slots % daily, daily)
    by_day, n_day = _sums(counts, slots // daily, 7)
    overall = np.maximum(counts.mean(axis=0), 1e-12)
    factor = np.where(n_day > 0, by_day / np.maximum(n_day, 1.0) / overall, 1.0)
    time = np.where(n_time > 0, by_time / np.maximum(n_time, 1.0), overall)
    prior: Floats = (factor[:, None, :] * time[None, :, :]).reshape(7 * daily, -1)
    return prior
