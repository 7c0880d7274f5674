"""A heat map: fields by days or weeks, in steps of colour."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

import msgspec

from dashboards.charts.axes import cut, date_label, dates, linear, svg, text
from dashboards.formats import NONE, day, figure
from dashboards.markup import add, el, short


class Row(msgspec.Struct, frozen=True):
    """One field: its name, where its name leads, and a value for each column."""

    name: str
    link: str
    values: tuple[float | None, ...]


def heat_map(
    rows: Sequence[Row],
    columns: Sequence[float],
    step_s: float,
    steps: Sequence[float],
    marked: frozenset[tuple[str, int]],
    zone: str,
    width: int,
    label: str,
) -> Element:
    """Return the map. A value from `steps[i]` up to the next has the class `heat{i + 1}`, below the first `heat0`."""
    left = 120.0 if width > 600 else 96.0
    size = 20.0
    height = 6.0 + size * len(rows)
    span = (columns[0], columns[-1] + step_s)
    x = linear(*span, left, width - 8.0)
    chart = svg(width, height + 24, label)
    chart.set("class", "heat")
    for i, row in enumerate(rows):
        top = 4.0 + size * i
        words = text(left - 6, top + 14, cut(row.name, left - 8), "end")
        add(chart, el("a", add(words, el("title", row.name)), href=row.link))
        for j, value in enumerate(row.values):
            cell = _cell(row.name, value, steps, day(columns[j], zone))
            for key, number in (("x", x(columns[j])), ("y", top), ("height", size - 2), ("data-i", i), ("data-j", j)):
                cell.set(key, short(number))
            cell.set("width", short(max(x(columns[j] + step_s) - x(columns[j]) - 0.6, 0.8)))
            add(chart, cell)
            if (row.name, j) in marked:
                middle = (x(columns[j]) + x(columns[j] + step_s)) / 2
                add(chart, el("circle", cx=middle, cy=top + size / 2, r=3, class_="found"))
    for time, name in dates(*span, zone, int(width / 70)):
        add(chart, date_label(x(time), height + 16, name, width))
    return chart


def _cell(name: str, value: float | None, steps: Sequence[float], when: str) -> Element:
    shade = "none" if value is None else f"heat{sum(value >= step for step in steps)}"
    said = f"{name}, {when}: {NONE if value is None else figure(value)}"
    return add(el("rect", class_=shade), el("title", said))
