"""Incidents, and the decision log: every entry with its id, its time, what it rests on, and how to ask for more."""

import shlex
from xml.etree.ElementTree import Element

from dashboards.formats import NONE, count, lasting, moment
from dashboards.markup import Child, add, el
from dashboards.report.parts import anchor, link, note, section, table
from dashboards.story.parts import Entry, Finding, Story

_CONFIRMED = {True: "confirmed", False: "not borne out", None: "labels have no say"}


def incidents(story: Story) -> Element:
    """Return the table of incidents."""
    title = "Incidents"
    if not story.incidents:
        tests = f" after {story.tests:,} tests" if story.tests else "; no window has been tested"
        words = f"There was no incident{tests}."
        return section("incidents", title, note(words))
    rows = [_incident(story, each) for each in story.incidents]
    head = ["Incident", "Since", "Lasted", "What", "Later labels", "Done"]
    words = f"{count(len(rows), 'incident')} out of {count(story.tests, 'test')}." if story.tests else ""
    return section("incidents", title, el("p", words) if words else None, table(head, rows, title, "wordy"))


def _incident(story: Story, each: Finding) -> list[Child]:
    zone = story.run.timezone
    name = el("span", link(each.id, each.cause.replace("_", " ") or "cause unknown"), el("small", each.severity))
    lasted = lasting(each.until - each.since) if each.until is not None else f"{each.state} at the end"
    done = el("span")
    for i, id_ in enumerate(each.actions):
        add(done, ", " if i else None, link(id_, kind(story, id_)))
    return [
        name,
        moment(each.since, zone),
        lasted,
        el("span", each.what, el("small", ", ".join((*each.fields, *each.segments)))),
        _CONFIRMED[each.confirmed],
        done if each.actions else NONE,
    ]


def kind(story: Story, id_: str) -> str:
    """Return what kind of action an id is."""
    return next((entry.title.removeprefix("Action: ") for entry in story.log if entry.id == id_), id_)


def log(story: Story) -> Element:
    """Return the decision log."""
    title = "Decision log"
    if not story.log:
        return section("log", title, note("Nothing was found, decided, commanded or done."))
    known = {entry.id for entry in story.log}
    entries = el("ol", class_="entries")
    for entry in story.log:
        add(entries, el("li", _entry(entry, known, story.run.timezone), class_=f"entry {entry.kind}"))
    intro = f"Everything that was found, decided and done, in order. Times are those of {story.run.timezone}."
    return section("log", title, el("p", intro), entries)


def _entry(entry: Entry, known: set[str], zone: str) -> Element:
    rests = None
    if entry.because:
        rests = el("span", "Rests on ")
        for i, id_ in enumerate(entry.because):
            add(rests, ", " if i else None, link(id_, id_) if id_ in known else el("code", id_))
        add(rests, ". ")
    return el(
        "article",
        el("time", moment(entry.time, zone)),
        el("h3", entry.title, class_=entry.tone),
        el("p", entry.text),
        el("p", rests, el("code", f"riverkeeper explain {shlex.quote(entry.id)}"), class_="small"),
        id=anchor(entry.id),
    )
