"""Bars by day: how many events were accepted, and how many of them stand out."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from dashboards.charts.axes import Scale, date_label, dates, grid, linear, rect, svg, text, ticks
from dashboards.formats import count, day
from dashboards.markup import add, el


def bars(
    times: Sequence[float], accepted: Sequence[int], apart: Sequence[int], zone: str, width: int, label: str
) -> Element:
    """Return accepted events with the quarantined ones stacked on top."""
    most = max(a + b for a, b in zip(accepted, apart, strict=True)) or 1
    span = (times[0], times[-1] + 86400.0)
    x, y = linear(*span, 52.0, width - 8.0), linear(0.0, most * 1.05, 130.0, 20.0)
    chart = svg(width, 154, label)
    chart.set("class", "bars")
    add(chart, text(4, 12, "events a day"))
    add(chart, *grid(ticks(0.0, float(most), 3), y, 52.0, width - 8.0))
    add(chart, _steps(times, accepted, x, y))
    for time, good, bad in zip(times, accepted, apart, strict=True):
        if bad:
            left, right = x(time), x(time + 86400.0)
            said = f"{day(time, zone)}: {count(bad, 'event')} quarantined of {good + bad:,}"
            tall = max(y(good) - y(good + bad), 3.0)
            add(chart, rect(left, y(good) - tall, max(right - left, 2.0), tall, "bad", said))
    for time, name in dates(*span, zone, int(width / 70)):
        add(chart, date_label(x(time), 147, name, width))
    return chart


def _steps(times: Sequence[float], values: Sequence[int], x: Scale, y: Scale) -> Element:
    """Return the accepted events as one area."""
    parts = [f"M{x(times[0]):.1f} {y(0):.1f}"]
    for time, value in zip(times, values, strict=True):
        parts.append(f"V{y(value):.0f}H{x(time + 86400.0):.1f}")
    return el("path", d="".join(parts) + f"V{y(0):.1f}Z", class_="was")
