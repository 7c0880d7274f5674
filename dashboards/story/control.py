"""The control log of a run, folded: incidents, alerts, actions and their results, releases and who served when."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from dashboards.story.parts import Finding, Mark
from models.serving import Serving
from streams.records import Action, Alert, Command, Control, Incident, Record, Released, Result, Verdict


def control(folder: Path) -> Iterator[Record]:
    """Yield the control log of a run folder in its order."""
    decoder = msgspec.json.Decoder(Control)
    for path in sorted(folder.glob("control-*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                yield decoder.decode(line)


class Decided:
    """What was found, decided and done. Of each id, incidents and alerts keep every state in order."""

    def __init__(self) -> None:
        """Start from an empty log."""
        self.incidents: dict[str, list[Incident]] = defaultdict(list)
        self.alerts: dict[str, list[Alert]] = defaultdict(list)
        self.actions: dict[str, Action] = {}
        self.results: dict[str, Result] = {}
        self.commands: list[Command] = []
        self.released: list[Released] = []
        self.verdicts: dict[str, Verdict] = {}
        self.tested = 0
        self.spent = 0.0
        self.serving = Serving()
        self.served: list[tuple[float, str]] = []

    def apply(self, record: Record) -> None:
        """Take in the next record."""
        self.serving.apply(record)
        match record:
            case Verdict():
                self.tested += record.tested
                self.spent += record.spent
                if any(test.p <= record.level for test in record.tests):
                    self.verdicts[record.id] = record
            case Incident():
                self.incidents[record.id].append(record)
            case Alert():
                self.alerts[record.id].append(record)
            case Action():
                self.actions[record.id] = record
            case Result():
                self.results[record.action] = record
            case Command():
                self.commands.append(record)
            case Released():
                self.released.append(record)
                if not self.served or self.served[-1][1] != self.serving.champion:
                    self.served.append((record.effective_at, self.serving.champion))

    def spells(self, release: str, end: float) -> tuple[tuple[float, float], ...]:
        """Return from when to when (s) a release was champion."""
        ends = [time for time, _ in self.served[1:]] + [end]
        return tuple((time, until) for (time, name), until in zip(self.served, ends, strict=True) if name == release)


def fold(records: Iterable[Record]) -> Decided:
    """Fold a control log."""
    decided = Decided()
    for record in records:
        decided.apply(record)
    return decided


def findings(decided: Decided) -> tuple[Finding, ...]:
    """Return the incidents at their latest states, oldest first."""
    alerts = defaultdict(list)
    for id_, told_states in decided.alerts.items():
        alerts[told_states[-1].incident].append(id_)
    actions = defaultdict(list)
    for action in decided.actions.values():
        for why in action.because:
            actions[why].append(action.id)
    told = []
    for id_, states in decided.incidents.items():
        last, told_of = states[-1], opened(states)
        judged = [each.confirmed for each in states if each.confirmed is not None]
        finding = Finding(
            id=id_,
            cause=last.cause,
            severity=last.severity,
            state=last.state,
            since=last.since,
            until=last.time if last.state == "resolved" else None,
            what=told_of.what,
            fields=told_of.fields,
            segments=told_of.segments,
            harm=told_of.harm,
            remedy=told_of.remedy,
            confirmed=judged[-1] if judged else None,
            alerts=tuple(alerts[id_]),
            actions=tuple(dict.fromkeys(actions[id_])),
        )
        told.append(finding)
    return tuple(sorted(told, key=lambda finding: (finding.since, finding.id)))


def opened(states: Sequence[Incident]) -> Incident:
    """Return the latest state in which an incident was open: what was known of it while it lasted."""
    return next((each for each in reversed(states) if each.state == "open"), states[-1])


def marks(decided: Decided, found: Iterable[Finding]) -> tuple[Mark, ...]:
    """Return what stands on the time axis: incidents by severity, actions, and releases that came to serve."""
    told = [
        Mark(each.id, each.severity, each.since, each.until, f"{each.cause.replace('_', ' ')}: {each.what}")
        for each in found
    ]
    for action in decided.actions.values():
        result = decided.results.get(action.id)
        end = result.effective_at if result else None
        told.append(Mark(action.id, "action", action.time, end, action.kind + (f": {result.what}" if result else "")))
    for time, name in decided.served:
        if name:
            record = next(each for each in decided.released if each.key == name and each.effective_at <= time)
            told.append(Mark(record.id, "release", time, None, f"release {name} serves"))
    return tuple(sorted(told, key=lambda mark: (mark.time, mark.lane, mark.id)))
