"""What charts share: scales, ticks, dates and the frame."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

from dashboards.formats import fixed
from dashboards.markup import add, el, short

Scale = Callable[[float], float]
SIZE = 12
"""Font size (px)."""
CHAR = 6.6
"""About the width of a character at that size."""


def svg(width: float, height: float, label: str, *children: Element | None) -> Element:
    """Return a drawing with a name for those who do not see it."""
    drawing = el("svg", viewBox=f"0 0 {short(width)} {short(height)}", width=width, height=height, role="img")
    drawing.set("aria-label", label)
    return add(drawing, *children)


def linear(low: float, high: float, start: float, end: float) -> Scale:
    """Return the map from [low, high] to [start, end] (px)."""
    span = (high - low) or 1.0
    return lambda x: start + (x - low) / span * (end - start)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Return round numbers in [low, high], about as many as wanted.

    >>> ticks(0.0, 1.0, 5)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    if not high > low:
        return [low]
    raw = (high - low) / max(wanted, 1)
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(m * size for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * size >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(i * step, 12) for i in range(first, last + 1)]


def numbers(values: Sequence[float]) -> list[str]:
    """Return labels of ticks, all with the same decimal places.

    >>> numbers([0.8, 1.0, 1.2])
    ['0.8', '1.0', '1.2']
    """
    steps = [b - a for a, b in pairwise(values)]
    step = min(steps, default=1.0)
    places = next((n for n in range(10) if abs(step * 10**n - round(step * 10**n)) < 1e-6), 10)
    return [fixed(value, places) for value in values]


def grid(values: Sequence[float], y: Scale, left: float, right: float) -> list[Element]:
    """Return horizontal lines with their labels."""
    made = []
    for value, words in zip(values, numbers(values), strict=True):
        made += [line(left, y(value), right, y(value), "grid"), text(left - 6, y(value) + 4, words, "end")]
    return made


def date_label(x: float, y: float, words: str, width: float) -> Element:
    """Return a date below the axis, never beyond the right edge."""
    over = x + CHAR * len(words) / 2 > width
    return text(width if over else x, y, words, "end" if over else "middle")


def dates(start: float, end: float, zone: str, wanted: int) -> list[tuple[float, str]]:
    """Return moments (s) with their labels: firsts of months, or days where the span is short."""
    tz = ZoneInfo(zone)
    first, last = (datetime.fromtimestamp(t, tz=UTC).astimezone(tz) for t in (start, end - 1.0))
    if (end - start) > 100 * 86400.0:
        months = (last.year - first.year) * 12 + last.month - first.month + 1
        step = next(n for n in (1, 2, 3, 6, 12, 24, 60, 1200) if months / n <= wanted)
        numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month + 1)
        marks = [datetime(n // 12, n % 12 + 1, 1, tzinfo=tz) for n in numbers if n % step == 0]
        form = "%b" if first.year == last.year else "%b %Y"
    else:
        day = first.replace(hour=0, minute=0, second=0, microsecond=0)
        step = next(n for n in (1, 2, 3, 7, 14, 28, 100) if (end - start) / 86400.0 / n <= wanted)
        marks = [day + timedelta(days=i * step) for i in range(102)]
        form = "%-d %b"
    return [(mark.timestamp(), mark.strftime(form)) for mark in marks if start <= mark.timestamp() < end]


def text(x: float, y: float, words: str, anchor: str = "start", class_: str = "tick") -> Element:
    """Return a label."""
    return el("text", words, x=x, y=y, text_anchor=None if anchor == "start" else anchor, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Element:
    """Return a straight line."""
    return el("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str, title: str = "") -> Element:
    """Return a rectangle, with a text that appears when the pointer rests on it."""
    made = el("rect", x=x, y=y, width=max(width, 0.0), height=max(height, 0.0), class_=class_)
    return add(made, el("title", title)) if title else made


def path(points: Sequence[tuple[float, float] | None], class_: str) -> Element:
    """Return a line through points; None breaks it, and a point alone between two breaks is a dot."""
    parts: list[str] = []
    down = False
    for i, point in enumerate(points):
        if point is None:
            down = False
            continue
        step = f"{short(point[0])} {short(point[1])}"
        alone = not down and (i + 1 == len(points) or points[i + 1] is None)
        parts.append(("L" if down else "M") + step + ("h.1" if alone else ""))
        down = True
    return el("path", d="".join(parts), class_=class_)


def cut(words: str, width: float) -> str:
    """Return text that fits into so many pixels.

    >>> cut("block_minutes", 60)
    'block_m…'
    """
    most = max(int(width / CHAR), 2)
    return words if len(words) <= most else words[: most - 2] + "…"
