"""Incidents: one for each cause, with everything that was found of it, from its first evidence to its last.

::

              evidence                     evidence within `REOPENS_S`
            ┌───────────┐             ┌──────────────────────────────┐
            v           │             v                              │
    ┌──────────┐  quiet ┌────────────┐   quiet as long again  ┌──────────┐
    │   open   ├───────>│ recovering ├───────────────────────>│ resolved ├──> forgotten after `REOPENS_S`, or once
    └──────────┘        └────────────┘                        └──────────┘    labels said whether it did harm

Only an alarm opens an incident; evidence that is merely remarkable keeps it alive (hysteresis). Quiet means no evidence
for `quiet_s`: two looks of the kind that found it, at least. Evidence belongs to the incident of the same cause with a
field in common (or none at all); drift of a broken field and worse answers belong to the break that explains them, and
drift of the answers to any drift.
A remedy that hides the evidence (mask, convert) keeps its incident from ending, until it is taken back.
"""

from collections.abc import Callable, Collection, Sequence

import msgspec

from monitors.diagnosis import ANSWERS, DATA, REMEDIES, Finding, severity_of
from monitors.scope import SCORE
from streams.records import Incident, Test

REOPENS_S = 7 * 86400.0
"""How long after its end an incident is the same one if its evidence comes back."""

DAILY_QUIET_S = 2.5 * 86400.0
WINDOW_QUIET_S = 12 * 3600.0
"""How long evidence must be absent before an incident is recovering: if days, and if windows, were tested."""

KEPT = 12
"""Tests that an incident keeps: its first one, and the strongest."""

MOST = 64
"""Incidents that are remembered; the oldest resolved ones are forgotten first."""

Harmed = Callable[[float, float], bool | None]
"""From since and until (s) to whether answers did harm, see `monitors.answers.harmed`."""


class Case(msgspec.Struct, frozen=True, gc=False):
    """An incident as it was last written, and what is remembered beside it.

    `seen_at` (s) is its newest evidence, `quiet_s` how long it must be absent, `ended_at` (s) when it was resolved
    (inf: it was not), `factor` that of a unit, `windows` in how many windows there was evidence.
    """

    incident: Incident
    seen_at: float
    quiet_s: float
    ended_at: float | None = None
    factor: float | None = None
    windows: int = 1

    @property
    def alive(self) -> bool:
        """Whether it is not resolved."""
        return self.incident.state != "resolved"


class Docket(msgspec.Struct, frozen=True, gc=False):
    """All incidents that are remembered, by age, and how many there ever were."""

    cases: tuple[Case, ...] = ()
    opened: int = 0

    def living(self) -> tuple[Case, ...]:
        """Return those that are not resolved."""
        return tuple(case for case in self.cases if case.alive)


def follow(
    docket: Docket, findings: Sequence[Finding], now: float, hidden: Collection[str], harm: Harmed
) -> tuple[Docket, tuple[Incident, ...]]:
    """Return all incidents after a window that ended at `now` (s), and those that changed, to be written.

    `hidden` are ids of incidents whose evidence a remedy in force hides: they do not end. What changed is the state,
    the cause, the severity, what is known of harm, or fields and segments; more evidence of the same is not written.
    """
    before = {case.incident.id: case.incident for case in docket.cases}
    cases, opened = list(docket.cases), docket.opened
    for finding in findings:
        home = _home(cases, finding, now)
        if home is not None:
            cases[home] = _grown(cases[home], finding, now)
        elif not finding.weak:
            opened += 1
            cases.append(_opened(finding, f"inc-{opened}", now))
    cases = [_judged(_aged(case, now, hidden), now, harm) for case in cases]
    changed = tuple(
        msgspec.structs.replace(case.incident, time=now) for case in cases if _told(case, before.get(case.incident.id))
    )
    stamped = {incident.id: incident for incident in changed}
    kept = [
        msgspec.structs.replace(case, incident=stamped.get(case.incident.id, case.incident))
        for case in cases
        if not _forgotten(case, now)
    ]
    return Docket(_fewer(kept), opened), changed


def acknowledge(docket: Docket, id_: str, who: str, now: float) -> tuple[Docket, tuple[Incident, ...]]:
    """Return with one incident acknowledged by a person; nothing changes where that is known, or it is not there."""
    for i, case in enumerate(docket.cases):
        if case.incident.id == id_ and case.alive and case.incident.acknowledged_by != who:
            told = msgspec.structs.replace(case.incident, acknowledged_by=who, time=now)
            cases = (*docket.cases[:i], msgspec.structs.replace(case, incident=told), *docket.cases[i + 1 :])
            return Docket(cases, docket.opened), (told,)
    return docket, ()


def end(docket: Docket, id_: str, now: float) -> tuple[Docket, tuple[Incident, ...]]:
    """Return with one incident resolved at once: something better than quiet shows that its cause is gone."""
    for i, case in enumerate(docket.cases):
        if case.incident.id == id_ and case.alive:
            told = msgspec.structs.replace(case.incident, state="resolved", time=now)
            over = msgspec.structs.replace(case, incident=told, ended_at=now)
            return Docket((*docket.cases[:i], over, *docket.cases[i + 1 :]), docket.opened), (told,)
    return docket, ()


def explains(incident: Incident, finding: Finding) -> bool:
    """Return whether what was found belongs to an incident."""
    fields = set(incident.fields)
    if finding.cause == incident.cause == "covariate_shift" and {SCORE} in (fields, set(finding.fields)):
        return True
    if finding.cause == incident.cause or (finding.cause in ANSWERS and incident.cause in ANSWERS):
        return not finding.fields or not fields or bool(fields.intersection(finding.fields))
    if incident.cause not in DATA:
        return False
    if _akin(incident.cause, finding.cause):
        return bool(fields.intersection(finding.fields))
    if finding.cause == "covariate_shift":
        return set(finding.fields) <= fields | {SCORE}
    return finding.cause in ANSWERS and finding.since >= incident.since - 86400.0


def _home(cases: Sequence[Case], finding: Finding, now: float) -> int | None:
    """The place of the incident that a finding belongs to: the same cause before another's, the newest first."""
    fitting = [
        (case.incident.cause == finding.cause, case.alive, i)
        for i, case in enumerate(cases)
        if explains(case.incident, finding) and (case.alive or now - (case.ended_at or 0.0) <= REOPENS_S)
        if case.alive or (_akin(case.incident.cause, finding.cause) and not finding.weak)
    ]
    return max(fitting)[2] if fitting else None


def _opened(finding: Finding, id_: str, now: float) -> Case:
    incident = Incident(
        id_,
        id_,
        now,
        finding.cause,
        "open",
        severity_of(finding.cause, harmed=False),
        finding.since,
        finding.what,
        finding.fields,
        finding.segments,
        finding.evidence[:KEPT],
        finding.harm,
        REMEDIES.get(finding.cause, ""),
    )
    return Case(incident, now, _quiet_s(finding), None, finding.args.get("factor"))


def _quiet_s(finding: Finding) -> float:
    hourly = any(test.family in ("quality", "health") for test in finding.evidence)
    return WINDOW_QUIET_S if hourly else DAILY_QUIET_S


def _grown(case: Case, finding: Finding, now: float) -> Case:
    old = case.incident
    renamed = _renamed(old, finding)
    fresh = old.state == "resolved"
    own = _akin(old.cause, finding.cause)
    strong = own and not finding.weak
    incident = msgspec.structs.replace(
        old,
        state="open" if not finding.weak or old.state == "open" else old.state,
        what=finding.what if renamed or fresh else old.what,
        fields=_union(old.fields, finding.fields) if strong else old.fields,
        segments=_union(old.segments, finding.segments)
        if strong and old.segments and finding.segments
        else (() if strong else old.segments),
        evidence=_strongest(old.evidence, finding.evidence),
        harm=_worst(old.harm, finding.harm),
        confirmed=True if finding.cause in ANSWERS and not own and not finding.weak else old.confirmed,
        **renamed,
    )
    quiet_s = max(case.quiet_s, _quiet_s(finding)) if strong else case.quiet_s
    ended_at = case.ended_at if incident.state == "resolved" else None
    seen_at = now if own else case.seen_at
    factor = finding.args.get("factor", case.factor) if own else case.factor
    return Case(incident, seen_at, quiet_s, ended_at, factor, case.windows + 1)


def _worst(old: dict[str, float], new: dict[str, float]) -> dict[str, float]:
    """The newest figures; of shares the largest."""
    return {**old, **new, **{name: max(old[name], new[name]) for name in old.keys() & new.keys() & {"share"}}}


def _renamed(old: Incident, finding: Finding) -> dict[str, str]:
    """Return what tells an incident's cause better: other worse answers, or that values are broken by their unit."""
    better = (old.cause in ANSWERS and finding.cause in ANSWERS) or _is_unit(old, finding)
    if finding.weak or finding.cause == old.cause or not better:
        return {}
    return {"cause": finding.cause, "remedy": REMEDIES.get(finding.cause, "")}


def _akin(one: str, other: str) -> bool:
    """Say whether two causes may be the same thing, told better or worse."""
    pair = {one, other}
    return one == other or pair <= ANSWERS or pair == {"broken_upstream", "unit_change"}


def _is_unit(old: Incident, finding: Finding) -> bool:
    return old.cause == "broken_upstream" and finding.cause == "unit_change"


def _aged(case: Case, now: float, hidden: Collection[str]) -> Case:
    quiet, old = now - case.seen_at, case.incident
    if old.state == "open" and quiet >= case.quiet_s:
        return msgspec.structs.replace(case, incident=msgspec.structs.replace(old, state="recovering"))
    if old.state == "recovering" and quiet >= 2.0 * case.quiet_s and old.id not in hidden:
        resolved = msgspec.structs.replace(old, state="resolved")
        return msgspec.structs.replace(case, incident=resolved, ended_at=now)
    return case


def _judged(case: Case, now: float, harm: Harmed) -> Case:
    """Say whether later labels confirm harm; seen harm raises the severity while the incident lasts."""
    old = case.incident
    if old.cause in ANSWERS or old.cause == "worse_after_release":
        confirmed: bool | None = True
    elif old.cause == "stale":
        confirmed = None
    else:
        found = harm(old.since, now if case.alive else case.seen_at)
        confirmed = True if old.confirmed else found if found is not None else old.confirmed
    severity = (
        severity_of(old.cause, harmed=bool(confirmed) and old.cause not in ANSWERS) if case.alive else old.severity
    )
    return msgspec.structs.replace(case, incident=msgspec.structs.replace(old, confirmed=confirmed, severity=severity))


def _told(case: Case, before: Incident | None) -> bool:
    if before is None:
        return True
    now = case.incident
    return any(
        getattr(now, name) != getattr(before, name)
        for name in ("state", "cause", "severity", "confirmed", "fields", "segments")
    )


def _strongest(old: tuple[Test, ...], new: tuple[Test, ...]) -> tuple[Test, ...]:
    """The first test, then the strongest of each name, field and segment."""
    best: dict[tuple[str, str, str, str], Test] = {}
    for test in (*old, *new):
        key = (test.family, test.name, test.field, test.segment)
        if key not in best or test.p < best[key].p:
            best[key] = test
    ranked = sorted(best.values(), key=lambda test: (test.p, test.family, test.name, test.field, test.segment))
    return tuple(dict.fromkeys((*old[:1], *ranked)))[:KEPT]


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _forgotten(case: Case, now: float) -> bool:
    if case.ended_at is None or now - case.ended_at <= REOPENS_S:
        return False
    return case.incident.confirmed is not None or now - case.ended_at > 4.0 * REOPENS_S


def _fewer(cases: list[Case]) -> tuple[Case, ...]:
    spare = len(cases) - MOST
    over = [case for case in cases if not case.alive][: max(spare, 0)]
    gone = {case.incident.id for case in over}
    return tuple(case for case in cases if case.incident.id not in gone)
