"""The decision log in plain words: one entry for each thing that was found, decided, commanded or done."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from dashboards.formats import figure, lasting, moment, signed
from dashboards.story.control import Decided, opened
from dashboards.story.parts import Entry
from streams.records import Action, Alert, Command, Incident, Released, Result, Test, Verdict

Say = Callable[[float], str]

_STAGES = {
    "shadow": "answers beside the champion, unseen,",
    "split": "serves a share of the keys",
    "probation": "serves, on probation",
    "settled": "serves for good",
    "rolled back": "was rolled back",
    "rejected": "was rejected",
}
_CONFIRMED = {
    True: "Later labels confirmed it.",
    False: "Later labels did not bear it out.",
    None: "",
}


def entries(decided: Decided, zone: str) -> tuple[Entry, ...]:
    """Return the log in order of time. Verdicts are listed where something refers to them."""

    def say(time: float) -> str:
        return moment(time, zone)

    told = [_incident(states, say) for states in decided.incidents.values()]
    told += [_alert(states, say) for states in decided.alerts.values()]
    told += [_action(action, decided.results.get(action.id), say) for action in decided.actions.values()]
    told += [_result(result, zone) for result in decided.results.values()]
    told += [_command(command) for command in decided.commands]
    told += [_released(released, say) for released in decided.released]
    wanted = {why for entry in told for why in entry.because}
    told += [_verdict(verdict, say) for id_, verdict in decided.verdicts.items() if id_ in wanted]
    return tuple(sorted(told, key=lambda entry: (entry.time, _ORDER.index(entry.kind), entry.id)))


_ORDER = ["verdict", "incident", "alert", "command", "action", "result", "release"]


def _incident(states: list[Incident], say: Say) -> Entry:
    last, told = states[-1], opened(states)
    parts = [_sentence(told.what)]
    if told.fields:
        parts.append(f"Fields: {', '.join(told.fields)}.")
    if told.segments:
        parts.append(f"Segments: {', '.join(told.segments)}.")
    if told.evidence:
        parts.append("Evidence: " + "; ".join(_test(test) for test in told.evidence[:3]) + ".")
    if told.harm:
        parts.append("Harm: " + ", ".join(f"{name} {signed(x, 3)}" for name, x in sorted(told.harm.items())) + ".")
    if told.remedy:
        parts.append(f"Recommended: {told.remedy}.")
    judged = [each.confirmed for each in states if each.confirmed is not None]
    parts.append(_CONFIRMED[judged[-1] if judged else None])
    if last.acknowledged_by:
        parts.append(f"Acknowledged by {last.acknowledged_by}.")
    parts.append(_course([(each.time, each.state) for each in states], say))
    tone = "plain" if last.severity == "note" else "bad"
    title = f"{last.severity.capitalize()}: {last.cause.replace('_', ' ') or 'cause unknown'}"
    return Entry(last.id, "incident", last.since, title, _joined(parts), (), tone)  # type: ignore[arg-type]


def _alert(states: list[Alert], say: Say) -> Entry:
    last = states[-1]
    firing = next((each for each in states if each.state == "firing"), last)
    parts = [_sentence(firing.summary), _course([(each.time, each.state) for each in states], say)]
    if last.runbook:
        parts.append(f"Runbook: {last.runbook}.")
    return Entry(last.id, "alert", last.since, f"Alert ({last.severity})", _joined(parts), (last.incident,), "bad")


def _action(action: Action, result: Result | None, say: Say) -> Entry:
    parts = [f"Decided by {action.rule}." if action.rule else ""]
    if action.approval != "not needed":
        parts.append(f"Approval: {action.approval}.")
    if action.args:
        parts.append(f"With {_args(action.args)}.")
    if result is None:
        parts.append(f"Its result is awaited by {say(action.due_at)}.")
    else:
        parts.append(f"It {'was done' if result.ok else 'failed'}, in force from {say(result.effective_at)}.")
    if action.undo:
        parts.append(f"To undo it: {action.undo}.")
    return Entry(action.id, "action", action.time, f"Action: {action.kind}", _joined(parts), action.because)


def _result(result: Result, zone: str) -> Entry:
    parts = [_sentence(result.what)]
    if result.figures:
        parts.append(", ".join(f"{name} {figure(x, 4)}" for name, x in sorted(result.figures.items())) + ".")
    if result.release:
        parts.append(f"It made release {result.release}.")
    title = f"Result: {result.kind} {'done' if result.ok else 'failed'}"
    return Entry(
        result.id, "result", result.time, title, _joined(parts), (result.action,), "good" if result.ok else "bad"
    )


def _command(command: Command) -> Entry:
    text = f"{command.who} asked for it: {_sentence(command.why)}" + (
        f" With {_args(command.args)}." * bool(command.args)
    )
    return Entry(command.id, "command", command.time, f"Command: {command.what}", text)


def _released(released: Released, say: Say) -> Entry:
    tone = "bad" if released.stage in ("rolled back", "rejected") else "good"
    share = f" ({100 * released.share:g} %)" if released.stage == "split" else ""
    text = f"It {_STAGES[released.stage]}{share} from {say(released.effective_at)}. {_sentence(released.why)}"
    title = f"Release {released.key} of {released.arm}: {released.stage}"
    return Entry(released.id, "release", released.time, title, text, released.because, tone)  # type: ignore[arg-type]


def _verdict(verdict: Verdict, say: Say) -> Entry:
    found = [test for test in verdict.tests if test.p <= verdict.level] or list(verdict.tests)
    listed = "; ".join(_test(test) for test in found[:5])
    text = f"{verdict.tested:,} tests of {say(verdict.start)} to {say(verdict.end)}: {listed}."
    return Entry(verdict.id, "verdict", verdict.time, "Tests of a window", text)


def _test(test: Test) -> str:
    where = " in ".join(part for part in (test.field, test.segment) if part)
    what = test.name.replace("_", " ")
    return f"{what}{' of ' + where if where else ''} {figure(test.statistic)} (p = {figure(test.p, 2)})"


def _course(states: list[tuple[float, str]], say: Say) -> str:
    """Return the states that an incident or an alert went through."""
    steps = [states[0], *(new for old, new in pairwise(states) if old[1] != new[1])]
    course = ", then ".join(f"{state} from {say(time)}" for time, state in steps)
    lasted = f" ({lasting(steps[-1][0] - steps[0][0])})" if steps[-1][1] == "resolved" and len(steps) > 1 else ""
    return course[:1].upper() + course[1:] + lasted + "."


def _args(args: dict[str, Any]) -> str:
    return ", ".join(f"{name} = {value}" for name, value in sorted(args.items()))


def _sentence(text: str) -> str:
    """Return text that begins with a capital and ends with a full stop."""
    text = text.strip()
    if not text:
        return ""
    return text[:1].upper() + text[1:] + ("" if text[-1] in ".!?" else ".")


def _joined(parts: list[str]) -> str:
    return " ".join(part for part in parts if part)
