"""The lineage of releases: when each was made and served, and from which it was made."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from dashboards.charts.axes import Scale, cut, date_label, dates, line, linear, rect, svg, text
from dashboards.formats import moment
from dashboards.markup import add, el
from dashboards.story.parts import Release

_ROW = 34.0


def lineage(releases: Sequence[Release], start: float, end: float, zone: str, width: int, label: str) -> Element:
    """Return one row for each release: its training window (thin), the time it stood by, the time it served (thick)."""
    left = 120.0 if width > 600 else 72.0
    x = linear(start, end, left, width - 8.0)
    height = 8.0 + _ROW * len(releases)
    chart = svg(width, height + 22, label)
    chart.set("class", "lineage")
    rows = {release.version: 8.0 + _ROW * (i + 0.5) for i, release in enumerate(releases)}
    for time, name in dates(start, end, zone, int(width / 70)):
        add(chart, line(x(time), 4, x(time), height, "grid"), date_label(x(time), height + 16, name, width))
    for release in releases:
        middle = rows[release.version]
        words = f"{release.version} {release.arm}" if width > 600 else release.version
        add(chart, el("a", text(left - 6, middle + 4, cut(words, left - 8), "end"), href=f"#release-{release.version}"))
        add(chart, *_bars(release, x, middle, start, zone))
    for release in releases:
        add(chart, *_parents(release, rows, x))
    return chart


def _bars(release: Release, x: Scale, middle: float, start: float, zone: str) -> list[Element]:
    low, high = (max(time, start) for time in release.window)
    made = []
    if high > low:
        said = f"trained on {moment(release.window[0], zone)} to {moment(release.window[1], zone)}"
        made.append(rect(x(low), middle - 2, x(high) - x(low), 4, "was", said))
    for begin, until in release.served:
        said = f"served {moment(begin, zone)} to {moment(until, zone)}"
        made.append(rect(x(begin), middle - 8, max(x(until) - x(begin), 2), 16, "now", said))
    for time, stage, why in release.stages:
        said = f"{stage} from {moment(time, zone)}" + (f": {why}" if why else "")
        shade = "ill" if stage in ("rolled back", "rejected") else "ring"
        made.append(add(el("circle", cx=x(time), cy=middle, r=4, class_=shade), el("title", said)))
    return made


def _parents(release: Release, rows: dict[str, float], x: Scale) -> list[Element]:
    """Return a link from each parent's row down to this one's, where this one was made."""
    at = release.stages[0][0] if release.stages else release.window[1]
    made = []
    for parent in release.parents:
        if parent in rows:
            d = f"M{x(at):.1f} {rows[parent] + 8:.1f}V{rows[release.version] - 9:.1f}"
            made.append(el("path", d=d, class_="parent"))
    return made
