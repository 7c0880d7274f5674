"""Why something was alarmed or done: the story of one alert, incident or action, from the control log alone."""

from collections.abc import Iterable

import msgspec

from streams.errors import StopError
from streams.records import Action, Alert, Command, Incident, Record, Released, Result, Test


class Chapter(msgspec.Struct, frozen=True):
    """What happened at `time` (s), in words; `record` is the id of the record that says so."""

    time: float
    what: str
    record: str


class Explanation(msgspec.Struct, frozen=True):
    """The story of an id: what it was about, on what evidence, by which rules, what was done and what came of it.

    `outcome` says in a sentence how it stands; `confirmed` whether labels showed harm (None: not known).
    """

    id: str
    incident: Incident | None
    alert: Alert | None
    evidence: tuple[Test, ...]
    actions: tuple[Action, ...]
    results: tuple[Result, ...]
    story: tuple[Chapter, ...]
    outcome: str
    confirmed: bool | None


def explain(records: Iterable[Record], id: str) -> Explanation:
    """Return the story of an alert, incident or action.

    Raises StopError for an id that the log does not hold.
    """
    log = list(records)
    about = _incident_of(log, id)
    incidents = [each for each in log if isinstance(each, Incident) and each.id == about]
    alerts = [each for each in log if isinstance(each, Alert) and each.incident == about and about]
    if about:
        actions = {each.id: each for each in log if isinstance(each, Action) and about in each.because}
    else:
        actions = {each.id: each for each in log if isinstance(each, Action) and each.id == id}
    if not incidents and not actions:
        known = [each.id for each in log if isinstance(each, Incident | Alert | Action)]
        last = ", ".join(list(dict.fromkeys(known))[-5:]) or "none"
        raise StopError(f"{id}: no alert, incident or action of this name. The newest are: {last}.")
    results = [each for each in log if isinstance(each, Result) and each.action in actions]
    incident = incidents[-1] if incidents else None
    return Explanation(
        id,
        incident,
        alerts[-1] if alerts else None,
        () if incident is None else incident.evidence,
        tuple(actions.values()),
        tuple(results),
        tuple(_story(log, about, set(actions))),
        _outcome(incident, results),
        None if incident is None else incident.confirmed,
    )


def _incident_of(log: list[Record], id_: str) -> str:
    """The incident that an id is about; empty for an action without one."""
    for record in log:
        if isinstance(record, Incident) and record.id == id_:
            return id_
        if isinstance(record, Alert) and record.id == id_:
            return record.incident
        if isinstance(record, Action) and record.id == id_:
            incidents = {each.id for each in log if isinstance(each, Incident)}
            return next((cause for cause in record.because if cause in incidents), "")
    return ""


def _story(log: list[Record], about: str, actions: set[str]) -> Iterable[Chapter]:
    for record in log:
        what = ""
        if isinstance(record, Incident) and record.id == about:
            what = f"{record.state}: {record.cause.replace('_', ' ')}, a {record.severity}; {record.what}"
        elif isinstance(record, Alert) and about and record.incident == about:
            what = f"alert {record.state}: {record.summary}"
        elif isinstance(record, Action) and record.id in actions:
            what = f"decided to {record.kind} by {record.rule}; approval {record.approval}; due {record.due_at:.0f}"
        elif isinstance(record, Result) and record.action in actions:
            what = f"{record.kind} {'done' if record.ok else 'failed'}: {record.what}"
        elif isinstance(record, Released) and actions.intersection(record.because):
            what = f"{record.key} became {record.role} ({record.stage}): {record.why}"
        elif isinstance(record, Command) and {about, *actions}.intersection(map(str, record.args.values())) - {""}:
            what = f"{record.who} asked to {record.what}: {record.why}"
        if what:
            yield Chapter(record.time, what, record.id)


def _outcome(incident: Incident | None, results: list[Result]) -> str:
    done = "; ".join(f"{each.kind} {'took effect' if each.ok else 'failed'}" for each in results) or "nothing was done"
    if incident is None:
        return f"{done}."
    seen = {True: "labels confirm harm", False: "labels show no harm", None: "labels have not said whether it did harm"}
    return f"{incident.state}; {done}; {seen[incident.confirmed]}."
