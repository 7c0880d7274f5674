"""Data quality: events over time, what was refused and why, what was flagged, and fields with missing or new values."""

from xml.etree.ElementTree import Element

from dashboards.charts.bars import bars
from dashboards.formats import count, moment, percent
from dashboards.markup import Child, el
from dashboards.report.parts import both, note, section, table
from dashboards.story.parts import Refused, Story
from streams.contract.reasons import FLAGS, REASONS


def quality(story: Story) -> Element:
    """Return the section."""
    title = "Data quality"
    found = story.quality
    if not any(found.accepted) and not any(found.quarantined):
        return section("quality", title, note("No event has been answered yet."), _refused(story))
    words = "Events by day, those that were quarantined on top"
    zone = story.run.timezone
    chart = both(lambda width: bars(found.days, found.accepted, found.quarantined, zone, width, words))
    return section("quality", title, el("p", words + "."), chart, _refused(story), _flags(story))


def _refused(story: Story) -> Element:
    rows = story.quality.refused
    head = el("h3", "Refused")
    if not rows:
        return el("div", head, note("No record was refused: every one kept its contract."))
    names = ["Reason", "Records", "First", "Last", "Such as", "Remedy"]
    return el(
        "div", head, table(names, [_reason(each, story.run.timezone) for each in rows], "Refused records", "wordy")
    )


def _reason(row: Refused, zone: str) -> list[Child]:
    what = f"{row.code.replace('_', ' ')}: {row.field}" if row.field else row.code.replace("_", " ")
    meaning = REASONS[row.code].meaning if row.code in REASONS else ""
    name = el("span", what if row.topic == "events" else f"{what} ({row.topic})", el("small", meaning))
    return [name, f"{row.events:,}", moment(row.first, zone), moment(row.last, zone), row.got, row.remedy]


def _flags(story: Story) -> Element:
    head = el("h3", "Accepted with a flag")
    if not story.quality.flags:
        return el("div", head, note("No accepted event carries a flag."))
    total = sum(story.quality.accepted) or 1
    rows: list[list[Child]] = []
    for flag, events in story.quality.flags.items():
        code, _, field = flag.partition(":")
        name = el("span", f"{code.replace('_', ' ')}{': ' + field if field else ''}", el("small", FLAGS.get(code, "")))
        rows.append([name, f"{events:,}", percent(events / total)])
    words = f"Of {count(total, 'accepted event')}."
    return el("div", head, el("p", words), table(["Flag", "Events", "Share"], rows, "Flags", "wordy"))
