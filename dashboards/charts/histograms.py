"""Histograms: a pair side by side (reference and window), and a single one (residuals)."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from dashboards.charts.axes import CHAR, cut, grid, line, linear, numbers, rect, svg, text, ticks
from dashboards.formats import count, figure, percent
from dashboards.markup import add, el

_HEIGHT = 150.0
_LEFT = 44.0


def pair(names: Sequence[str], reference: Sequence[float], window: Sequence[float], width: int, label: str) -> Element:
    """Return the shares of reference and window, bin by bin: bars for the reference, outlined steps for the window."""
    most = max([*reference, *window, 0.01])
    y = linear(0.0, most * 1.05, _HEIGHT, 8.0)
    chart = svg(width, _HEIGHT + 24, label)
    chart.set("class", "pair")
    step = (width - _LEFT - 8.0) / len(names)
    for value in ticks(0.0, most, 3):
        add(
            chart,
            line(_LEFT, y(value), width - 8, y(value), "grid"),
            text(_LEFT - 6, y(value) + 4, percent(value, 0), "end", "tick share"),
        )
    for i, name in enumerate(names):
        left = _LEFT + step * i
        held, now = reference[i], window[i]
        add(
            chart,
            rect(left + step * 0.08, y(held), step * 0.4, _HEIGHT - y(held), "was"),
            rect(left + step * 0.52, y(now), step * 0.4, _HEIGHT - y(now), "now"),
            rect(left, 0, step, _HEIGHT, "hit", f"{name}: reference {percent(held)}, window {percent(now)}"),
        )
    return add(chart, *_names(names, step, width))


def _names(names: Sequence[str], step: float, width: int) -> list[Element]:
    """Return as many bin names as there is room for, the first and the last among them."""
    room = width - _LEFT - 8.0
    longest = min(max(len(name) for name in names) * CHAR + 8, room / 2)
    if longest <= step:
        return [text(_LEFT + step * (i + 0.5), _HEIGHT + 16, name, "middle") for i, name in enumerate(names)]
    few = max(min(int(room / (1.5 * longest)) + 1, len(names)), 2)
    made = []
    for i in sorted({round(k * (len(names) - 1) / (few - 1)) for k in range(few)}):
        anchor = "start" if i == 0 else "end" if i == len(names) - 1 else "middle"
        x = _LEFT + step * (i + {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor])
        made.append(text(x, _HEIGHT + 16, cut(names[i], longest), anchor))
    return made


def residuals(edges: Sequence[float], counts: Sequence[int], unit: str, width: int, label: str) -> Element:
    """Return a histogram between edges, open at both ends; the line marks an answer that was right."""
    most = max(counts)
    step_of = edges[1] - edges[0]
    span = (edges[0] - step_of, edges[-1] + step_of)
    x = linear(*span, 52.0, width - 8.0)
    y = linear(0.0, most * 1.05, 220.0, 10.0)
    chart = svg(width, 262, label)
    chart.set("class", "residuals")
    add(chart, *grid(ticks(0.0, float(most), 4), y, 52.0, width - 8.0))
    borders = [span[0], *edges, span[1]]
    for i, events in enumerate(counts):
        low, high = borders[i], borders[i + 1]
        where = (
            f"below {figure(high)}"
            if i == 0
            else f"over {figure(low)}"
            if i + 1 == len(counts)
            else f"{figure(low)} to {figure(high)}"
        )
        share = count(events, "event")
        add(chart, rect(x(low) + 0.5, y(events), x(high) - x(low) - 1, 220 - y(events), "now", f"{where}: {share}"))
    below = ticks(*span, 6)
    add(chart, *(text(x(value), 236, words, "middle") for value, words in zip(below, numbers(below), strict=True)))
    if span[0] < 0 < span[1]:
        add(chart, line(x(0), 10, x(0), 220, "zero"))
    return add(
        chart,
        el("text", f"answer − label ({unit})", x=(52 + width - 8) / 2, y=256, text_anchor="middle", class_="tick"),
    )
