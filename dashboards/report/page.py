"""Puts the sections together into one file that needs no network: styles, script and data stand in it."""

import base64
import hashlib
from pathlib import Path
from string import Template
from typing import Any

import msgspec

from dashboards.formats import day
from dashboards.markup import el, html
from dashboards.report.about import about
from dashboards.report.answers import calibration, outcomes
from dashboards.report.drift import caption, drift
from dashboards.report.log import incidents, log
from dashboards.report.performance import arms, drawn_lines, performance
from dashboards.report.quality import quality
from dashboards.report.releases import releases
from dashboards.report.verdict import unseen, verdict
from dashboards.story.parts import Story
from dashboards.story.tell import tell

FILE = "report.html"
_HERE = Path(__file__).parent
_SECTIONS = (verdict, performance, arms, incidents, drift, calibration, outcomes, quality, releases, unseen, log, about)
"""The sections in the order in which they are read."""


def write_report(folder: Path) -> Path:
    """Write the report of a run folder into it and return its path; StopError where it is no run folder."""
    path = folder / FILE
    path.write_text(report(tell(folder)), encoding="utf-8")
    return path


def report(story: Story) -> str:
    """Return the report of a story as one HTML file; equal stories give equal text."""
    script, styles = ((_HERE / name).read_text(encoding="utf-8") for name in ("report.js", "report.css"))
    sections = [make(story) for make in _SECTIONS]
    links = [el("li", el("a", each[0].text or "", href=f"#{each.get('id')}")) for each in sections]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    run = story.run
    period = f"{day(run.start, run.timezone)} to {day(run.end - 1.0, run.timezone)}, times of {run.timezone}"
    head = el(
        "div",
        el("h1", run.name),
        el("p", run.goal, class_="goal"),
        el("p", period, class_="small"),
        el("p", "What if: ", "; ".join(run.injections), class_="injected") if run.injections else None,
    )
    return Template((_HERE / "report.html").read_text(encoding="utf-8")).substitute(
        title=html(el("title", f"{run.name}: {story.health.headline}")),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'",
        styles=styles,
        head=html(head),
        contents=html(el("ul", *links)),
        sections="\n".join(html(each) for each in sections),
        data=_safe(_data(story)),
        script=script,
    )


def _data(story: Story) -> dict[str, Any]:
    """Return what the script needs: the lines by day, and the distributions of all windows."""
    zone, moved = story.run.timezone, story.drift
    lines = [
        {"name": each.name, "values": [None if x is None else round(x, 4) for x in each.values]}
        for each in (drawn_lines(story) if any(story.series.labelled) else [])
    ]
    each = "day" if moved.step_s <= 86400.0 else "week"
    whens = [day(time, zone) for time in moved.columns]
    fields = [
        {
            "names": field.bins,
            "reference": [round(share, 4) for share in field.shares],
            "columns": field.columns,
            "captions": [caption(field, j, when, each, moved.measure) for j, when in enumerate(whens)],
        }
        for field in moved.fields
    ]
    return {"days": [day(time, zone) for time in story.series.days], "lines": lines, "fields": fields}


def _safe(data: dict[str, Any]) -> str:
    """Return JSON that can stand inside a script element, whatever texts it holds."""
    text = msgspec.json.encode(data).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
