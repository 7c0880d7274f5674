"""Lines over time, with the lanes of what happened below them on the same axis."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import msgspec

from dashboards.charts.axes import Scale, cut, date_label, dates, grid, line, linear, path, rect, svg, text, ticks
from dashboards.markup import add, el


class Line(msgspec.Struct, frozen=True):
    """One line: its name, its style class, and a value for each moment."""

    name: str
    style: str
    values: tuple[float | None, ...]


class Spot(msgspec.Struct, frozen=True):
    """Something that happened in a lane, from `time` to `until` (s); it leads to `link`."""

    lane: str
    style: str
    time: float
    until: float | None
    what: str
    link: str


class Band(msgspec.Struct, frozen=True):
    """A stretch of time (s) with a name."""

    start: float
    end: float
    name: str
    style: str


LANE = 22
_BOTTOM = 26
_TOP = 20


def lines(
    times: Sequence[float],
    drawn: Sequence[Line],
    dots: Line | None,
    lanes: Sequence[str],
    spots: Sequence[Spot],
    bands: Sequence[Band],
    zone: str,
    width: int,
    label: str,
    unit: str,
) -> Element:
    """Return the chart: `dots` behind the lines, and one lane for each name in `lanes`."""
    height = 300 if width > 600 else 240
    left = 64.0
    span = (times[0], times[-1] + 86400.0)
    x = linear(*span, left, width - 8.0)
    low, high = _range(drawn)
    y = linear(low, high, float(height), float(_TOP))
    floor = height + LANE * len(lanes) + 8.0 * bool(lanes)
    chart = svg(width, floor + _BOTTOM, label)
    chart.set("class", "lines")
    for key, value in (("left", left), ("right", width - 8.0), ("start", span[0]), ("end", span[1])):
        chart.set(f"data-{key}", f"{value:.0f}")
    add(
        chart,
        *_bands(bands, x, floor),
        text(4, 12, unit),
        *grid(ticks(low, high, 5), y, left, width - 8.0),
        *_dates(span, zone, x, floor, width),
    )
    if dots is not None:
        add(chart, _dots(times, dots, x, y, low, high))
    for each in reversed(drawn):
        points = [None if v is None else (x(t + 43200.0), y(v)) for t, v in zip(times, each.values, strict=True)]
        add(chart, path(points, f"line {each.style}"))
    for i, lane in enumerate(lanes):
        middle = height + 8.0 + LANE * (i + 0.5)
        add(chart, line(left, middle, width - 8.0, middle, "lane"), text(left - 6, middle + 4, lane, "end"))
        add(chart, *(_spot(spot, x, middle) for spot in spots if spot.lane == lane))
    return add(chart, line(0, _TOP, 0, floor, "hair"))


def _range(drawn: Sequence[Line]) -> tuple[float, float]:
    """Return the range of the lines, opened to round numbers."""
    values = [value for each in drawn for value in each.values if value is not None]
    if not values:
        return 0.0, 1.0
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - margin if low < 0 or low - margin > 0 else 0.0, high + margin


def _dates(span: tuple[float, float], zone: str, x: Scale, floor: float, width: float) -> list[Element]:
    made = []
    for time, name in dates(*span, zone, int(width / 70)):
        made += [line(x(time), _TOP, x(time), floor, "grid"), date_label(x(time), floor + 16, name, width)]
    return made


def _bands(bands: Sequence[Band], x: Scale, floor: float) -> list[Element]:
    made = []
    for band in bands:
        left, right = x(band.start), x(band.end)
        made += [
            rect(left, _TOP, right - left, floor - _TOP, f"band {band.style}", band.name),
            text(left + 4, _TOP + 12, cut(band.name, right - left - 8), "start", "tick faint"),
        ]
    return made


def _dots(times: Sequence[float], dots: Line, x: Scale, y: Scale, low: float, high: float) -> Element:
    """Return single days as small dots; those beyond the lines' range stand at its edge."""
    steps = [
        f"M{x(t + 43200.0):.0f} {y(min(max(v, low), high)):.0f}h.1"
        for t, v in zip(times, dots.values, strict=True)
        if v is not None
    ]
    return el("path", d="".join(steps), class_=f"dots {dots.style}")


def _spot(spot: Spot, x: Scale, middle: float) -> Element:
    """Return one thing in its lane: a mark where it began, and a bar as long as it lasted."""
    made = el("a", el("title", spot.what), href=spot.link, class_=f"spot {spot.style}")
    left = x(spot.time)
    if spot.until is not None and x(spot.until) - left > 3:
        add(made, rect(left, middle - 3, x(spot.until) - left, 6, "bar"))
    shape = _SHAPES.get(spot.style, _SHAPES["note"])
    return add(made, el("path", d=f"M{left:.1f} {middle:.1f}{shape}", class_="mark"), _target(left, middle))


def _target(left: float, middle: float) -> Element:
    """Return an invisible area around a mark, so that a finger can hit it."""
    return el("rect", x=left - 9, y=middle - 11, width=18, height=22, class_="hit")


_SHAPES = {
    "page": "m0 -7l7 7l-7 7l-7 -7z",
    "ticket": "m-6 5l6 -11l6 11z",
    "note": "m-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z",
    "action": "m-5 -5h10v10h-10z",
    "release": "m0 -7v14m0 -14l8 4l-8 4",
}
"""Form and colour both say what a mark is: diamond page, triangle ticket, dot note, square action, flag release."""
