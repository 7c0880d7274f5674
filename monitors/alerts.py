"""Alerts: what people are told of an incident, one alert for each, by one table of transitions.

::

    state        sure               unsure     quiet        over
    (none)       firing             pending    -            -
    pending      firing             -          recovering   resolved
    firing       -                  -          recovering   resolved
    recovering   firing             firing     -            resolved
    resolved     firing             firing     -            -

The incident is sure when it is a page, when days were tested, when its evidence came in two windows or is overwhelming
(p at most 1e-4); until then it is unsure, and a pending alert is delivered to nobody. It is quiet while the incident is
recovering, and over when that is resolved. Notes do not alert; one that turns out to do harm becomes a ticket and does.

The words are at most 60: severity, pipeline, what, where, since when (in the owner's zone), how sure, what it costs,
what was done by itself, the one command and its undo.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

import msgspec

from monitors.incidents import Case
from monitors.policy import UNDO
from streams.records import Action, Alert, Incident

State: TypeAlias = Literal["pending", "firing", "recovering", "resolved"]
Event: TypeAlias = Literal["sure", "unsure", "quiet", "over"]

TABLE: dict[tuple[State | None, Event], State] = {
    (None, "sure"): "firing",
    (None, "unsure"): "pending",
    ("pending", "sure"): "firing",
    ("pending", "quiet"): "recovering",
    ("pending", "over"): "resolved",
    ("firing", "quiet"): "recovering",
    ("firing", "over"): "resolved",
    ("recovering", "sure"): "firing",
    ("recovering", "unsure"): "firing",
    ("recovering", "over"): "resolved",
    ("resolved", "sure"): "firing",
    ("resolved", "unsure"): "firing",
}
"""Where each event leads; what is not listed changes nothing."""

OVERWHELMING = 1e-4

MOST_WORDS = 60

DO: dict[str, str] = {
    "unit_change": "riverkeeper mask {pipeline} {field} (undo: unmask)",
    "missing_upstream": "riverkeeper mask {pipeline} {field} (undo: unmask)",
    "new_category": "riverkeeper pause {pipeline} (undo: resume)",
    "broken_upstream": "riverkeeper pause {pipeline} (undo: resume)",
    "duplicates": "riverkeeper pause {pipeline} (undo: resume)",
    "labels_silent": "riverkeeper pause {pipeline} (undo: resume)",
    "events_silent": "riverkeeper status {pipeline}",
    "covariate_shift": "riverkeeper explain {incident}",
    "prior_shift": "riverkeeper recalibrate {pipeline} (undo: rollback)",
    "calibration_shift": "riverkeeper recalibrate {pipeline} (undo: rollback)",
    "concept_change": "riverkeeper retrain {pipeline} (undo: rollback)",
    "stale": "riverkeeper retrain {pipeline} (undo: rollback)",
    "worse_after_release": "riverkeeper rollback {pipeline} (undo: promote)",
    "health": "riverkeeper status {pipeline}",
}
"""The one command for each cause, and its undo."""

DONE: dict[str, str] = {
    "pause": "learning paused",
    "mask": "{field} masked",
    "convert": "{field} converted back",
    "recalibrate": "recalibration started",
    "retrain": "retraining started",
    "replace": "challenger started",
    "rollback": "rolled back",
    "resume": "learning resumed",
    "unmask": "{field} unmasked",
    "unconvert": "conversion ended",
}
"""What was done by itself, by kind of action."""


def runbook(cause: str) -> str:
    """Return the page about a cause.

    >>> runbook("unit_change")
    'docs/runbooks/unit-change.md'
    """
    return f"docs/runbooks/{cause.replace('_', '-')}.md"


def follow(
    alerts: Sequence[Alert], cases: Sequence[Case], actions: Sequence[Action], pipeline: str, timezone: str, now: float
) -> tuple[tuple[Alert, ...], tuple[Alert, ...]]:
    """Return the alerts that are remembered, and those to be written, after a window that ended at `now` (s).

    An alert is written when its state or severity changes; its words are of that moment. `actions` are all that are
    remembered, the newest last.
    """
    before = {alert.incident: alert for alert in alerts}
    kept, told = [], []
    for case in cases:
        old = before.get(case.incident.id)
        new = _next(old, case, actions, pipeline, timezone, now)
        if new is not None:
            kept.append(new)
            if new is not old:
                told.append(new)
    return tuple(kept), tuple(told)


def event_of(case: Case) -> Event:
    """Return what an incident means for its alert."""
    incident = case.incident
    if incident.state != "open":
        return "quiet" if incident.state == "recovering" else "over"
    daily = all(test.family not in ("quality", "health") for test in incident.evidence)
    best = min((test.p for test in incident.evidence), default=1.0)
    sure = incident.severity == "page" or daily or case.windows > 1 or best <= OVERWHELMING
    return "sure" if sure else "unsure"


def words(incident: Incident, actions: Sequence[Action], pipeline: str, timezone: str) -> str:
    """Return what an alert says, in at most 60 words."""
    done = [action for action in actions if incident.id in action.because]
    over = "RESOLVED " if incident.state == "resolved" else ""
    parts = [
        f"{over}{incident.severity.upper()} {pipeline}: {incident.what} since {_moment(incident.since, timezone)}.",
        _sure(incident),
        _cost(incident),
        _done(done),
        _do(incident, done, pipeline),
        f"Runbook, {incident.id}.",
    ]
    text = " ".join(part for part in parts if part)
    spare = len(text.split()) - MOST_WORDS
    if spare > 0:
        what = incident.what.split()
        parts[0] = parts[0].replace(incident.what, " ".join(what[: max(len(what) - spare, 1)]) + "…")
        text = " ".join(part for part in parts if part)
    return text


def _next(
    old: Alert | None, case: Case, actions: Sequence[Action], pipeline: str, timezone: str, now: float
) -> Alert | None:
    incident = case.incident
    if old is None and (incident.severity == "note" or incident.state != "open"):
        return None
    state = TABLE.get((None if old is None else old.state, event_of(case)), old.state if old else "pending")
    if old is not None and (state, incident.severity) == (old.state, old.severity):
        return old
    severity = incident.severity if incident.severity != "note" or old is None else old.severity
    return Alert(
        incident.id,
        incident.id.replace("inc-", "alert-"),
        now,
        incident.id,
        severity,
        state,
        words(msgspec.structs.replace(incident, severity=severity), actions, pipeline, timezone),
        incident.since,
        runbook(incident.cause),
    )


def _moment(at: float, timezone: str) -> str:
    """A moment (s) as people say it: "Tue 3 Sep 14:00 New York"."""
    local = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(timezone))
    return f"{local:%a} {local.day} {local:%b %H:%M} {timezone.rpartition('/')[2].replace('_', ' ')}"


def _sure(incident: Incident) -> str:
    best = min((test.p for test in incident.evidence), default=1.0)
    return f"By chance: 1 in {float(f'{1.0 / max(best, 1e-9):.1g}'):,.0f} looks." if best < 0.5 else ""


def _cost(incident: Incident) -> str:
    parts = []
    if "value" in incident.harm:
        parts.append(f"About {-incident.harm['value']:+.3g} a day")
    if "loss" in incident.harm:
        parts.append(f"loss {incident.harm['loss']:+.3g} an event above expectation")
    if parts:
        return ", ".join(parts) + "."
    if incident.confirmed is None:
        return "Harm not known before labels come."
    return "Labels confirm harm." if incident.confirmed else "No harm seen in labels."


def _done(actions: Sequence[Action]) -> str:
    own = [action for action in actions if action.approval in ("not needed", "given")]
    said = dict.fromkeys(DONE[action.kind].format_map({"field": "", **action.args}) for action in own)
    dry = " (dry run: nothing)" if any(action.approval == "dry run" for action in actions) else ""
    return f"Done: {', '.join(said) or 'nothing'}{dry}."


def _do(incident: Incident, actions: Sequence[Action], pipeline: str) -> str:
    if incident.state == "resolved":
        return ""
    wanted = [action for action in actions if action.approval == "wanted"]
    if wanted:
        return f"Do: riverkeeper approve {wanted[-1].id} (undo: {wanted[-1].undo})."
    command = DO[incident.cause].format(
        pipeline=pipeline, field=incident.fields[0] if incident.fields else "", incident=incident.id
    )
    kinds = {action.kind for action in actions if action.approval in ("not needed", "given")}
    if command.split()[1] in kinds or (not incident.fields and "mask" in command):
        verb = command.split()[1]
        back = next((action.undo for action in actions if action.kind == verb and action.undo), "")
        return (
            f"Do: tell the owner of the source (undo: {back})."
            if verb in UNDO and back
            else (f"Do: riverkeeper explain {incident.id}.")
        )
    return f"Do: {command}."
