"""A reliability diagram: observed rate against score, with the number of events below."""

from collections.abc import Sequence
from math import sqrt
from xml.etree.ElementTree import Element

from dashboards.charts.axes import line, linear, path, rect, svg, text
from dashboards.formats import count, fixed, percent
from dashboards.markup import add, el
from dashboards.story.parts import Bin

_Z = 1.96
_LOW = 24.0


def reliability(bins: Sequence[Bin], score: str, width: int, label: str) -> Element:
    """Return the diagram; bars are 95 % intervals of the rate (Wilson, JASA 22, 1927)."""
    size = min(width - 64.0, 340.0)
    left = 52.0
    x, y = linear(0, 1, left, left + size), linear(0, 1, 10 + size, 10)
    base = 10 + size + 26 + _LOW
    chart = svg(left + size + 12, base + 42, label)
    chart.set("class", "reliability")
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        add(chart, line(left, y(value), left + size, y(value), "grid"), line(x(value), 10, x(value), 10 + size, "grid"))
        add(chart, text(left - 6, y(value) + 4, f"{value:g}", "end"), text(x(value), base + 16, f"{value:g}", "middle"))
    add(chart, line(x(0), y(0), x(1), y(1), "perfect"))
    points = [(x(each.score), y(each.rate)) for each in bins]
    add(chart, path(points, "line served"))
    most = max(each.events for each in bins)
    for each, (px, py) in zip(bins, points, strict=True):
        low, high = wilson(each.rate, each.events)
        said = f"score {fixed(each.score, 3)}, came true {percent(each.rate)} of {count(each.events, 'event')}"
        tall = _LOW * each.events / most
        add(
            chart,
            line(px, y(low), px, y(high), "whisker"),
            add(el("circle", cx=px, cy=py, r=4, class_="point"), el("title", said)),
            rect(x(each.low) + 1, base - tall, x(each.high) - x(each.low) - 2, max(tall, 0.8), "was", said),
        )
    add(chart, line(left, base, left + size, base, "axis"))
    return add(chart, text(left + size / 2, base + 36, score, "middle"))


def wilson(rate: float, events: int) -> tuple[float, float]:
    """Return the 95 % interval of a rate.

    >>> [round(x, 3) for x in wilson(0.5, 100)]
    [0.404, 0.596]
    """
    z2 = _Z * _Z / events
    middle = (rate + z2 / 2) / (1 + z2)
    reach = _Z / (1 + z2) * sqrt(rate * (1 - rate) / events + z2 / (4 * events))
    return max(middle - reach, 0.0), min(middle + reach, 1.0)
