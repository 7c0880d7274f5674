"""Numbers and times as people read them."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

NONE = "–"
"""What stands where there is no figure."""


def figure(x: float | None, digits: int = 3) -> str:
    """Return a number with so many significant digits, without exponents for what people can read.

    >>> figure(0.4537712, 4), figure(336776.0), figure(-2.0), figure(0.00004), figure(None)
    ('0.4538', '336,776', '−2', '4e-05', '–')
    """
    if x is None or not math.isfinite(x):
        return NONE
    if x == int(x) and abs(x) < 1e15:
        text = f"{int(x):,}"
    elif abs(x) >= 10 ** (digits - 1):
        text = f"{x:,.0f}"
    elif abs(x) < 1e-4:
        text = f"{x:.1g}"
    else:
        text = f"{x:.{max(digits - 1 - math.floor(math.log10(abs(x))), 0)}f}".rstrip("0").rstrip(".")
    return "−" + text[1:] if x < 0 else text


def fixed(x: float | None, places: int = 4) -> str:
    """Return a number with so many decimal places, for columns that are compared.

    >>> fixed(-0.18, 3), fixed(-0.00001, 3)
    ('−0.180', '0.000')
    """
    if x is None or not math.isfinite(x):
        return NONE
    text = f"{abs(x):,.{places}f}"
    return "−" + text if x < 0 and float(text.replace(",", "")) else text


def signed(x: float | None, places: int = 4) -> str:
    """Return a number with its sign; a minus is a minus sign, as wide as a plus."""
    if x is None or not math.isfinite(x):
        return NONE
    return f"{x:+,.{places}f}".replace("-", "−")


def percent(share: float | None, places: int = 1) -> str:
    """Return a share as a percentage; tiny ones are not rounded to nothing.

    >>> percent(0.213), percent(0.00004), percent(1.0)
    ('21.3 %', '< 0.1 %', '100 %')
    """
    if share is None or not math.isfinite(share):
        return NONE
    if 0 < share < 0.5 * 10 ** -(places + 2):
        return f"< {10**-places:g} %"
    return "100 %" if share == 1 else f"{100 * share:.{places}f} %"


def count(n: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    >>> count(1, "incident"), count(2190, "query", "queries")
    ('1 incident', '2,190 queries')
    """
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def moment(time: float, zone: str) -> str:
    """Return a moment (s) to the minute in a time zone.

    >>> moment(1378180800.0, "America/New_York")
    '2013-09-03 00:00'
    """
    return datetime.fromtimestamp(time, tz=UTC).astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def day(time: float, zone: str) -> str:
    """Return the day of a moment (s) in a time zone."""
    return moment(time, zone)[:10]


def lasting(seconds: float | None) -> str:
    """Return a length of time in the unit that people would choose.

    >>> lasting(90.0), lasting(7200.0), lasting(1.3e6)
    ('1.5 min', '2 h', '15 d')
    """
    if seconds is None or not math.isfinite(seconds):
        return NONE
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if abs(seconds) >= 1.5 * size or (unit == "min" and abs(seconds) >= size):
            return f"{seconds / size:.2g} {unit}" if abs(seconds) < 10 * size else f"{seconds / size:.0f} {unit}"
    return f"{figure(seconds, 2)} s"
