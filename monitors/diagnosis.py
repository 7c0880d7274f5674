"""From tests to causes: what each test is a sign of, which fields and segments it is about, and what explains what.

1. Every remarkable test is a sign of one cause (`SIGNS`, then its family). Signs of a masked field are our own doing.
2. Signs of one cause make one finding; a unit or a category concerns one field each. Only alarms open an incident: a
   finding without one is weak, and only keeps an incident alive that is there already.
3. A broken field explains its own drift, and any broken field explains a drift of the answers in the same window.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from monitors.evidence import Look
from monitors.quality.units import UnitChange
from monitors.scope import SCORE
from monitors.spec import Cause
from streams.records import Test

Severity: TypeAlias = Literal["page", "ticket", "note"]

SIGNS: dict[str, Cause] = {
    "missing": "missing_upstream",
    "imputed": "missing_upstream",
    "unseen": "new_category",
    "new_category": "new_category",
    "invalid": "broken_upstream",
    "rule": "broken_upstream",
    "no_key": "broken_upstream",
    "outlier": "covariate_shift",
    "refused:duplicate": "duplicates",
    "label_delay": "labels_silent",
}
"""What a test is a sign of, by its name; names that are not here go by their beginning or family, see `cause_of`."""

FAMILY_SIGNS: dict[str, Cause] = {"drift": "covariate_shift", "prediction": "covariate_shift"}

SEVERITIES: dict[str, tuple[Severity, Severity]] = {
    "events_silent": ("page", "page"),
    "labels_silent": ("ticket", "ticket"),
    "broken_upstream": ("ticket", "page"),
    "missing_upstream": ("ticket", "ticket"),
    "unit_change": ("ticket", "ticket"),
    "new_category": ("ticket", "ticket"),
    "duplicates": ("ticket", "ticket"),
    "covariate_shift": ("note", "ticket"),
    "prior_shift": ("ticket", "ticket"),
    "calibration_shift": ("ticket", "ticket"),
    "concept_change": ("ticket", "ticket"),
    "stale": ("note", "note"),
    "worse_after_release": ("page", "page"),
    "health": ("ticket", "ticket"),
}
"""Who hears of a cause: as long as no harm beyond what it always means was seen, and once it was."""

REMEDIES: dict[str, str] = {
    "unit_change": "convert",
    "missing_upstream": "mask",
    "new_category": "pause",
    "broken_upstream": "pause",
    "duplicates": "pause",
    "prior_shift": "recalibrate",
    "calibration_shift": "recalibrate",
    "concept_change": "retrain",
    "stale": "retrain",
    "worse_after_release": "rollback",
}
"""What is recommended, whatever the policy may do by itself; nothing for other causes."""

DATA: frozenset[str] = frozenset(
    {
        "unit_change",
        "missing_upstream",
        "new_category",
        "broken_upstream",
        "duplicates",
        "events_silent",
        "labels_silent",
    }
)
"""Causes upstream of the model: while one lasts, it also explains drift and worse answers."""

ANSWERS: frozenset[str] = frozenset({"prior_shift", "calibration_shift", "concept_change"})
"""Causes that only labels can show. They are one incident whose cause may be told better later."""

_ONE_FIELD: frozenset[str] = frozenset({"unit_change", "new_category"})


class Finding(msgspec.Struct, frozen=True):
    """A cause with its evidence, strongest first. `since` (s); a `weak` one opens no incident.

    `harm` has what is known of it by name: "share" (of records or values), "loss" (excess of an event), "value" (per
    day). `args` is what a remedy needs, such as the factor of a unit.
    """

    cause: Cause
    since: float
    what: str
    fields: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    evidence: tuple[Test, ...] = ()
    harm: dict[str, float] = {}
    args: dict[str, Any] = {}
    weak: bool = False


class Closeup(msgspec.Struct, frozen=True):
    """What a second look at fields with unseen values gave, by field.

    `units` of numbers, `unseen` the new values and how often they came, `vanished` the known value that is gone.
    """

    units: Mapping[str, UnitChange] = {}
    unseen: Mapping[str, Mapping[str, int]] = {}
    vanished: Mapping[str, str] = {}


def diagnose(
    look: Look, kinds: Mapping[str, Literal["numeric", "categorical"]], closeup: Closeup, masked: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return what a window's tests say, strongest first; `kinds` are the watched fields, `masked` those masked."""
    alarms = set(look.alarms)
    groups: dict[tuple[Cause, str], list[Test]] = {}
    for test in look.tests:
        cause = cause_of(test, kinds, closeup)
        if cause is not None and test.field not in masked:
            groups.setdefault((cause, test.field if cause in _ONE_FIELD else ""), []).append(test)
    _explain(groups, alarms)
    found = [_finding(cause, tests, alarms, look, closeup) for (cause, _), tests in groups.items() if tests]
    found.sort(key=lambda each: (each.weak, each.evidence[0].p, each.cause, each.fields))
    return tuple(found)


def cause_of(test: Test, kinds: Mapping[str, Literal["numeric", "categorical"]], closeup: Closeup) -> Cause | None:
    """Return what a test is a sign of; None for a change for the better."""
    name = test.name
    if name in ("events", "labels"):
        if test.residual > 0.0:
            return "health" if name == "events" else None
        return "events_silent" if name == "events" else "labels_silent"
    if test.residual <= 0.0:
        return None
    if name == "unseen" and kinds.get(test.field) == "numeric":
        return "unit_change" if test.field in closeup.units else "broken_upstream"
    if name in SIGNS:
        return SIGNS[name]
    if name.startswith(("refused:", "refused_label:")):
        return "broken_upstream"
    return FAMILY_SIGNS.get(test.family, "health")


def severity_of(cause: str, harmed: bool) -> Severity:
    """Return who hears of a cause."""
    return SEVERITIES[cause][harmed]


def _explain(groups: dict[tuple[Cause, str], list[Test]], alarms: set[Test]) -> None:
    """Move the drift of broken fields, and of the answers where a field is broken, to the field's finding."""
    drift = groups.get(("covariate_shift", ""))
    broken = {
        test.field: key
        for key, tests in groups.items()
        if key[0] in DATA
        for test in tests
        if test in alarms and test.field
    }
    if not drift or not broken:
        return
    strongest = next(iter(broken.values()))
    rest = []
    for test in drift:
        if test.field in broken:
            groups[broken[test.field]].append(test)
        elif test.field == SCORE:
            groups[strongest].append(test)
        else:
            rest.append(test)
    groups["covariate_shift", ""] = rest


def _finding(cause: Cause, tests: list[Test], alarms: set[Test], look: Look, closeup: Closeup) -> Finding:
    telling = [test for test in tests if test in alarms] or tests
    own = [test for test in telling if test.family not in FAMILY_SIGNS] or telling
    fields = tuple(dict.fromkeys(test.field for test in own if test.field))
    segments = _segments(own)
    unit = closeup.units.get(fields[0]) if cause == "unit_change" else None
    args: dict[str, Any] = {"factor": unit.factor} if unit is not None and unit.shift == 0.0 else {}
    daily = all(test.family not in ("quality", "health") for test in own)
    return Finding(
        cause,
        look.end - 86400.0 if daily else look.start,
        _words(cause, own, fields, segments, closeup),
        fields,
        segments,
        tuple(sorted(tests, key=lambda test: (test not in alarms, test.p))),
        _harm(cause, own),
        args,
        weak=not alarms.intersection(tests),
    )


def _segments(tests: list[Test]) -> tuple[str, ...]:
    """The segments that stand out; none where all records together are at least as remarkable."""
    best = min(tests, key=lambda test: (test.p, -abs(test.residual)))
    if not best.segment:
        return ()
    named = [test for test in tests if test.segment and test.p <= 10.0 * best.p]
    named.sort(key=lambda test: (test.p, -abs(test.residual), test.segment))
    return tuple(dict.fromkeys(test.segment for test in named))[:3]


def _harm(cause: Cause, tests: list[Test]) -> dict[str, float]:
    shares = [
        test.statistic for test in tests if 0.0 <= test.statistic <= 1.0 and test.name not in ("events", "labels")
    ]
    return {"share": max(shares)} if shares and cause in DATA else {}


def _words(
    cause: Cause, tests: list[Test], fields: tuple[str, ...], segments: tuple[str, ...], closeup: Closeup
) -> str:
    where = f" in {', '.join(segments)}" if segments else ""
    named = ", ".join(fields[:3]) + (f" and {len(fields) - 3} more" if len(fields) > 3 else "")
    share = max((test.statistic for test in tests if 0.0 <= test.statistic <= 1.0), default=0.0)
    field = fields[0] if fields else ""
    if cause == "unit_change":
        unit = closeup.units[field]
        return f"{field} looks like a change of unit, {unit.name} (x{unit.factor:.3g}){where}"
    if cause == "new_category":
        return _category(field, where, share, closeup)
    return {
        "missing_upstream": f"{named or 'values'} missing in {share:.0%} of records{where}",
        "broken_upstream": f"{named or 'records'} broken: {_kinds(tests)} in {share:.0%}{where}",
        "duplicates": f"duplicate events, {share:.0%} of what comes",
        "labels_silent": "labels come later than usual"
        if tests[0].name == "label_delay"
        else "fewer labels than usual",
        "events_silent": f"far fewer events than usual{where}",
        "covariate_shift": f"{named or 'the records'} distributed unlike the reference{where}",
        "health": f"{_kinds(tests)} out of the ordinary{where}",
    }[cause]


def _category(field: str, where: str, share: float, closeup: Closeup) -> str:
    values = closeup.unseen.get(field, {})
    new = max(values, key=lambda value: (values[value], value), default="")
    old = closeup.vanished.get(field)
    if new and old:
        return f"{field} {old!r} seems to be called {new!r} now{where}"
    return f"{field} has values never seen{f', such as {new!r},' if new else ''} in {share:.0%} of records{where}"


def _kinds(tests: list[Test]) -> str:
    names = dict.fromkeys(test.name.rpartition(":")[2].replace("_", " ") for test in tests)
    return ", ".join(list(names)[:2])
