"""What sections are made of: headings, tables, notes, figures in two widths."""

import re
from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element

from dashboards.markup import Child, add, el
from dashboards.story.health import called
from models.metrics import METRICS

WIDE, NARROW = 960, 340
"""Widths (px) in which a chart over time is drawn; the style sheet shows one of them."""


def anchor(id_: str) -> str:
    """Return where the report shows the log entry of an id: what follows `#` in a link to it.

    >>> anchor("incident|unit change|1378180800")
    'incident-unit-change-1378180800'
    """
    return re.sub(r"[^A-Za-z0-9_.:-]+", "-", id_)


def section(id_: str, title: str, *children: Child) -> Element:
    """Return a section with its heading."""
    return el("section", el("h2", title, id=f"{id_}-title"), *children, id=id_, aria_labelledby=f"{id_}-title")


def note(text: str) -> Element:
    """Return what stands where there is nothing to show, and why."""
    return el("p", text, class_="empty")


def both(draw: Callable[[int], Element]) -> Element:
    """Return a chart in both widths."""
    return el("div", el("div", draw(WIDE), class_="wide"), el("div", draw(NARROW), class_="narrow"), class_="chart")


def table(head: Sequence[Child], rows: Sequence[Sequence[Child]], label: str, class_: str = "") -> Element:
    """Return a table that scrolls by itself where it is too wide; its first column names the rows."""
    header = el("thead", el("tr", *(_cell("th", each, scope="col") for each in head)))
    body = el("tbody")
    for first, *others in rows:
        row = el("tr", _cell("th", first, scope="row"))
        for name, each in zip(head[1:], others, strict=True):
            cell = _cell("td", each)
            cell.set("data-head", "".join(name.itertext()) if isinstance(name, Element) else name or "")
            add(row, cell)
        add(body, row)
    made = el("table", header, body, class_=class_ or None)
    return el("div", made, class_="scroll", role="region", aria_label=label, tabindex="0")


def _cell(tag: str, content: Child, scope: str | None = None) -> Element:
    if isinstance(content, Element) and content.tag in ("th", "td"):
        return content
    return el(tag, content, scope=scope)


def fold(summary: str, *children: Child) -> Element:
    """Return what is shown on demand, also without scripts."""
    return el("details", el("summary", summary), *children)


def listed(items: Sequence[Child], class_: str = "") -> Element:
    """Return a list."""
    return el("ul", *(el("li", item) for item in items), class_=class_ or None)


def metric_head(metric: str) -> Element:
    """Return the heading of a metric's column; its unit and meaning appear when the pointer rests on it."""
    one = METRICS[metric]
    arrow = "higher is better" if one.direction > 0 else "lower is better"
    return el("th", called(metric), scope="col", title=f"{one.meaning} Unit: {one.unit}; {arrow}.")


def link(id_: str, text: str) -> Element:
    """Return a link to the log entry of an id."""
    return el("a", text, href=f"#{anchor(id_)}")
