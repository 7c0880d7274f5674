"""Days, weeks and months in the pipeline's time zone, as numpy looks them up."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Days:
    """The local days from `start` to `end` (s); also outside, times count with the first or the last day.

    >>> days = Days(1357016400.0, 1357016400.0 + 3 * 86400.0, "America/New_York")
    >>> len(days.starts), days.place(np.array([1357016400.0 + 90000.0]))
    (3, array([1]))
    """

    def __init__(self, start: float, end: float, zone: str) -> None:
        """Lay out the days; there is at least one."""
        tz = ZoneInfo(zone)
        first = datetime.fromtimestamp(start, tz).replace(hour=0, minute=0, second=0, microsecond=0)
        starts: list[float] = []
        months: list[str] = []
        now = first
        while now.timestamp() < end or not starts:
            starts.append(now.timestamp())
            months.append(now.strftime("%Y-%m"))
            now = (now.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=tz)
        self.starts: Floats = np.array(starts)
        self.months = months
        self.zone = zone

    def __len__(self) -> int:
        return len(self.starts)

    def place(self, times: Floats) -> NDArray[np.intp]:
        """Return the day of each time, shape (n,)."""
        return np.clip(np.searchsorted(self.starts, times, side="right") - 1, 0, len(self.starts) - 1)
