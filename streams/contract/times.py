"""Times of fields, as seconds since the epoch."""

from datetime import UTC, datetime, tzinfo

EARLIEST = -62135596800.0
LATEST = 253402300799.0
"""The years 1 to 9999 (s): what a calendar can name."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(moment: datetime | float, zone: tzinfo) -> float:
    """Return a moment as seconds since the epoch (UTC); one that names no zone is of `zone`.

    Of an hour that a change of the clocks repeats, the first is meant, unless the moment says `fold=1`.

    >>> from zoneinfo import ZoneInfo
    >>> seconds(datetime(2013, 1, 1, 5, 15), ZoneInfo("America/New_York"))
    1357035300.0
    """
    if isinstance(moment, datetime):
        return ((moment if moment.tzinfo else moment.replace(tzinfo=zone)) - _EPOCH).total_seconds()
    return float(moment)
