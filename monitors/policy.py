"""Which remedy for which cause: a pure function of the incident, the policy's rules, what was tried, and the moment.

Remedies of data (pause, convert, mask) hold the damage off until upstream is mended, and stand beside each other;
those of the model (recalibrate, retrain, replace; rollback for a bad release) are tried in order of cost, the next one
only after the one before took effect and did not help. In detail, a remedy is decided only if

1. a rule of the policy names the cause, and the incident is open and not a thing of the past;
2. the evidence supports it: a conversion knows its factor, a mask its field, a calibration its shift;
3. it is not in force or under way already, and what is cheaper was tried for this incident (or no rule wants it);
4. its cooldown is over, and a training is affordable this week (`retrain_per_week`);
5. it did not fail `BREAKS` times in a row: then the breaker stays open for `BREAK_S`, and a person is needed.

What needs approval is recorded as wanted and waits for a command; a dry run decides and records, and does nothing.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from monitors.diagnosis import ANSWERS
from monitors.spec import PolicySpec
from streams.records import Action, Incident

COST = ("rollback", "pause", "convert", "mask", "recalibrate", "retrain", "replace")
"""Remedies by what they cost, the cheapest first. Going back is free: the previous release is still learning."""

UNDO = {"pause": "resume", "mask": "unmask", "convert": "unconvert"}
"""What takes back a remedy of data, once its incident is resolved."""

TRAININGS = ("retrain", "replace")
"""Remedies that count as trainings."""

BREAKS = 3
BREAK_S = 28 * 86400.0

PROBE_S = 6 * 3600.0
"""How long a field is looked at after it was unmasked, before learning goes on."""

KEPT = 128
"""Tries that are remembered."""

State: TypeAlias = Literal["waiting", "in force", "failed", "undone"]


class Rule(msgspec.Struct, frozen=True):
    """When a remedy is called for, and how long (s) after one try the next may come."""

    when: tuple[str, ...]
    cooldown_s: float


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """The policy of a pipeline. An action is due `lead_s` after it was decided: later than the cuts under way."""

    pipeline: str
    remedies: dict[str, Rule] = {}
    approval: tuple[str, ...] = ()
    dry_run: bool = False
    retrain_per_week: float = 1.0
    growth: float | None = None
    lead_s: float = 3600.0


class Try(msgspec.Struct, frozen=True, gc=False):
    """An action that was decided, and what became of it. `at` (s) is when it was decided, or had its result."""

    action: Action
    state: State = "waiting"
    at: float = 0.0


class Past(msgspec.Struct, frozen=True, gc=False):
    """What was tried, oldest first, and how many actions there ever were."""

    tries: tuple[Try, ...] = ()
    decided: int = 0


def rules_of(policy: PolicySpec, pipeline: str, retrain_per_week: float, freshness_s: float) -> Rules:
    """Return the rules of a pipeline file. `freshness_s` decides how far ahead actions are due: an hour, or 3 of it."""
    named = {kind: rule for kind in COST if (rule := getattr(policy, kind)) is not None}
    return Rules(
        pipeline=pipeline,
        remedies={kind: Rule(tuple(rule.when), rule.cooldown) for kind, rule in named.items()},
        approval=policy.approval,
        dry_run=policy.dry_run,
        retrain_per_week=retrain_per_week,
        growth=min((rule.growth for rule in named.values() if "stale" in rule.when), default=None),
        lead_s=max(3.0 * freshness_s, 3600.0),
    )


def decide(incident: Incident, args: Mapping[str, Any], rules: Rules, past: Past, now: float) -> Action | None:
    """Return the remedy for an incident at `now` (s), or None; `args` are what the evidence knows, such as `factor`."""
    if incident.state != "open":
        return None
    for kind in COST:
        rule = rules.remedies.get(kind)
        if rule is None or incident.cause not in rule.when or not _supported(kind, incident, args):
            continue
        mine = [each for each in past.tries if each.action.kind == kind and _serves(each.action, incident)]
        if kind in UNDO:
            if not _lasting(mine) and _allowed(kind, rule, rules, past, now):
                return _action(kind, incident, args, rules, past, now)
            continue
        if any(each.state == "waiting" for each in mine):
            return None
        tried = any(each.state == "in force" for each in mine) and incident.cause != "stale"
        if tried and _dearer(kind, incident, rules):
            continue
        return _action(kind, incident, args, rules, past, now) if _allowed(kind, rule, rules, past, now) else None
    return None


def undo(incidents: Sequence[Incident], rules: Rules, past: Past, now: float) -> tuple[Action, ...]:
    """Return what takes back remedies of data whose incidents are resolved; `incidents` are those that are not.

    A mask is lifted before that, to see whether the field is sound again. Learning goes on only when nothing that
    called for a pause is left, and what was just unmasked proved sound.
    """
    alive = {incident.id for incident in incidents}
    rule = rules.remedies.get("pause")
    paused = [incident for incident in incidents if rule is not None and incident.cause in rule.when]
    concealed = any(_conceals(each, now) for each in past.tries)
    out: list[Action] = []
    for each in past.tries:
        action = each.action
        if each.state != "in force" or action.kind not in UNDO:
            continue
        if alive.intersection(action.because) and not _look_again(each, incidents, rules, past, now):
            continue
        if action.kind == "pause" and (paused or concealed or any(done.kind == "resume" for done in out)):
            continue
        back = Action(
            action.key,
            f"act-{past.decided + len(out) + 1}",
            now,
            UNDO[action.kind],
            f"undo {action.id}: its incident is {'not seen any more' if action.kind == 'mask' else 'resolved'}",
            (*action.because, action.id),
            action.args,
            now + rules.lead_s,
            "dry run" if rules.dry_run else "not needed",
            _command(rules, action.kind, action.args),
        )
        out.append(back)
    return tuple(out)


def remember(past: Past, actions: Sequence[Action]) -> Past:
    """Return with actions that were decided; what they undo is under way to be undone."""
    undone = {action.because[-1] for action in actions if action.kind in UNDO.values()}
    resumed = any(action.kind == "resume" for action in actions)
    tries = tuple(
        msgspec.structs.replace(each, state="undone", at=actions[0].time)
        if each.action.id in undone or (resumed and each.action.kind == "pause" and each.state == "in force")
        else each
        for each in past.tries
    )
    new = tuple(Try(action, "waiting", action.time) for action in actions if action.kind not in UNDO.values())
    return Past((*tries, *new)[-KEPT:], past.decided + len(actions))


def came(past: Past, action: str, ok: bool, at: float) -> Past:
    """Return with the result of an action, known at `at` (s)."""
    return msgspec.structs.replace(
        past,
        tries=tuple(
            msgspec.structs.replace(each, state="in force" if ok else "failed", at=at)
            if each.action.id == action and each.state == "waiting"
            else each
            for each in past.tries
        ),
    )


def answered(past: Past, action: str, given: bool, at: float) -> Past:
    """Return with a person's answer (at `at`, s) to an action that wants approval; its result comes if it was given."""
    return msgspec.structs.replace(
        past,
        tries=tuple(
            msgspec.structs.replace(
                each,
                action=msgspec.structs.replace(each.action, approval="given" if given else "refused"),
                state="waiting" if given else "undone",
                at=at,
            )
            if each.action.id == action and each.action.approval == "wanted"
            else each
            for each in past.tries
        ),
    )


def hidden(past: Past, now: float) -> frozenset[str]:
    """Return the incidents whose evidence a mask or conversion hides, so that quiet says nothing and they do not end.

    That is so until a while after it was taken back: until the field was seen to be sound.
    """
    return frozenset(incident for each in past.tries if _conceals(each, now) for incident in each.action.because)


def _conceals(each: Try, now: float) -> bool:
    """Say whether this is a mask or conversion that is in force, or was taken back a moment ago."""
    if each.action.kind not in ("mask", "convert") or each.action.approval not in ("not needed", "given"):
        return False
    return each.state in ("waiting", "in force") or (each.state == "undone" and now - each.at < PROBE_S)


def _look_again(each: Try, incidents: Sequence[Incident], rules: Rules, past: Past, now: float) -> bool:
    """Say whether a mask is to be lifted for a look: after its cooldown, and for longer each time."""
    mine = [incident for incident in incidents if incident.id in each.action.because]
    if each.action.kind != "mask" or any(incident.state != "recovering" for incident in mine):
        return False
    rule = rules.remedies.get("mask")
    times = sum(other.action.kind == "mask" and other.action.because == each.action.because for other in past.tries)
    wait_s = max(rule.cooldown_s if rule is not None else 0.0, 86400.0) * 2.0 ** min(times - 1, 5)
    return now - each.at >= wait_s


def _serves(action: Action, incident: Incident) -> bool:
    """Say whether an action was for this incident too: a pause from early enough on, a mask of its field."""
    if incident.id in action.because or (action.kind == "pause" and action.args["since"] <= incident.since):
        return True
    return action.kind in ("mask", "convert") and action.args.get("field") in incident.fields


def _lasting(tries: Sequence[Try]) -> bool:
    return any(each.state in ("waiting", "in force") for each in tries)


def _dearer(kind: str, incident: Incident, rules: Rules) -> bool:
    """Say whether a remedy of the model that costs more is called for as well."""
    dearer = COST[COST.index(kind) + 1 :]
    return any((rule := rules.remedies.get(other)) is not None and incident.cause in rule.when for other in dearer)


def _supported(kind: str, incident: Incident, args: Mapping[str, Any]) -> bool:
    if kind == "convert":
        return bool(incident.fields) and bool(args.get("factor"))
    if kind == "mask":
        return bool(incident.fields)
    if kind == "recalibrate":
        return incident.cause in ANSWERS
    return True


def _allowed(kind: str, rule: Rule, rules: Rules, past: Past, now: float) -> bool:
    """Cooldown, the week's trainings, and the breaker."""
    own = [each for each in past.tries if each.action.kind == kind and each.action.approval != "refused"]
    if own and now - own[-1].action.time < rule.cooldown_s:
        return False
    if kind in TRAININGS:
        trained = [each.action.time for each in past.tries if each.action.kind in TRAININGS]
        rate = rules.retrain_per_week
        if rate <= 0.0 or sum(now - at < 7 * 86400.0 * max(1.0, 1.0 / rate) for at in trained) >= max(1.0, rate):
            return False
    last = [each for each in own if each.state in ("failed", "in force", "undone")][-BREAKS:]
    broken = len(last) == BREAKS and all(each.state == "failed" for each in last)
    return not (broken and now - last[-1].at < BREAK_S)


def _action(kind: str, incident: Incident, args: Mapping[str, Any], rules: Rules, past: Past, now: float) -> Action:
    pinned: dict[str, Any] = {"cause": incident.cause}
    if incident.cause in ANSWERS:
        pinned["change"] = incident.since
    if kind in UNDO:
        pinned = {"field": incident.fields[0] if incident.fields else "", "since": incident.since}
    if kind == "convert":
        pinned["factor"] = 1.0 / float(args["factor"])
    approval: Literal["not needed", "wanted", "dry run"] = "wanted" if kind in rules.approval else "not needed"
    return Action(
        rules.pipeline,
        f"act-{past.decided + 1}",
        now,
        kind,
        f"policy.{kind}: when {incident.cause}, cooldown {rules.remedies[kind].cooldown_s:g} s",
        (incident.id,),
        pinned,
        now + rules.lead_s,
        "dry run" if rules.dry_run else approval,
        _command(rules, UNDO.get(kind, "promote" if kind == "rollback" else "rollback"), pinned),
    )


def _command(rules: Rules, what: str, args: Mapping[str, Any]) -> str:
    """The command that does something by hand."""
    field = f" {args['field']}" if what in ("mask", "unmask", "convert", "unconvert") else ""
    factor = f" {args['factor']:.6g}" if what == "convert" else ""
    return f"riverkeeper {what} {rules.pipeline}{field}{factor}"
