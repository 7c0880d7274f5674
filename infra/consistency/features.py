"""Whether each feature has one kind, the keys of that kind, and reads only what is there before it."""

from collections.abc import Iterator, Mapping

from infra.consistency.source import is_function, split_expression_error
from infra.mistakes import Finding, choose
from infra.sections import Pipeline
from infra.toml_lines import Path
from streams.errors import SpecError
from streams.expressions import names_in
from streams.features import FEATURES
from streams.spec import FeatureSpec, FieldSpec
from streams.units import parse_duration

KINDS = ("expression", "aggregate", "interact", "encode", "scale", "calendar", "python", "last", "kind")

_OTHER_KEYS: Mapping[str, frozenset[str]] = {
    "expression": frozenset(),
    "aggregate": frozenset({"of", "by", "over", "half_life"}),
    "interact": frozenset(),
    "encode": frozenset({"of", "over"}),
    "scale": frozenset({"of", "by", "over"}),
    "calendar": frozenset({"of", "cyclic"}),
    "python": frozenset(),
    "last": frozenset(),
    "kind": frozenset({"of", "by", "over", "half_life", "cyclic", "params"}),
}
"""The keys that mean something beside each kind."""

_SPECIAL = ("label", "events")
_NUMERIC_AGGREGATES = ("sum", "mean", "std", "min", "max")


def check_features(pipeline: Pipeline) -> Iterator[Finding]:
    """Each feature is of one kind, complete, and reads what is there before it."""
    fields = {field.name: field for field in pipeline.field}
    later = {feature.name for feature in pipeline.feature}
    known: dict[str, FieldSpec | None] = dict(fields)
    for index, feature in enumerate(pipeline.feature):
        path = ("feature", index)
        kinds = [kind for kind in KINDS if getattr(feature, kind) is not None]
        if len(kinds) == 1:
            yield from _check_keys(feature, kinds[0], path)
            yield from _check_references(feature, path, known, later - {feature.name})
            yield from _check_aggregate(feature, path, known, pipeline.problem.task)
        elif kinds:
            what = f"{' and '.join(kinds)} make two features of one"
            yield Finding((*path, kinds[1]), what, "Write a [[feature]] for each", on_key=True)
        else:
            yield Finding(path, "it is not said how it is computed", f"Add one of: {', '.join(KINDS)}", on_key=True)
        known.update(dict.fromkeys(output_names(feature, fields)))


def output_names(feature: FeatureSpec, fields: Mapping[str, FieldSpec]) -> tuple[str, ...]:
    """Return the names that a feature may be read by: its own, and those of its columns where it makes several."""
    if feature.calendar is not None:
        several = len(feature.calendar) > 1
        stems = [f"{feature.name}_{part}" for part in feature.calendar] if several else [feature.name]
        return tuple(f"{stem}_{axis}" for stem in stems for axis in ("sin", "cos")) if feature.cyclic else tuple(stems)
    if feature.encode == "one_hot" and (field := fields.get(feature.of or "")) is not None:
        return tuple(f"{feature.name}_{category}" for category in field.categories or ())
    return (feature.name,)


def _check_keys(feature: FeatureSpec, kind: str, path: Path) -> Iterator[Finding]:
    extra = feature.model_fields_set - _OTHER_KEYS[kind] - {"name", kind}
    for key in sorted(extra):
        allowed = ", ".join(sorted(_OTHER_KEYS[kind])) or "no other key"
        yield Finding((*path, key), f"has no effect on {kind}", f"Remove it: {kind} takes {allowed}", on_key=True)
    if kind in ("encode", "scale") and feature.of is None:
        yield Finding((*path, "of"), f"{kind} of what?", "Add of = ... (a field)")
    if kind == "kind" and feature.kind not in FEATURES:
        yield Finding((*path, "kind"), "no kind of feature", choose(feature.kind, FEATURES))
    if kind == "interact" and len(feature.interact or ()) < 2:
        yield Finding((*path, "interact"), "nothing to combine", "Name two or more fields or features")
    if kind == "calendar" and not feature.calendar:
        yield Finding((*path, "calendar"), "names no part", 'Write calendar = ["hour", "weekday"]')
    if kind == "python" and not is_function(feature.python or ""):
        yield Finding((*path, "python"), "names no function", 'Write a file and a function: "features.py:crosswind"')


def _check_references(
    feature: FeatureSpec, path: Path, known: Mapping[str, FieldSpec | None], later: set[str]
) -> Iterator[Finding]:
    for key, name in _references(feature, path):
        if isinstance(name, Finding):
            yield name
        elif name not in known:
            if name in later:
                remedy = f"Move this [[feature]] below that of {name}"
                yield Finding(key, f'"{name}" is computed further down', remedy)
            else:
                yield Finding(key, f'no field or earlier feature is called "{name}"', choose(name, known))


def _references(feature: FeatureSpec, path: Path) -> Iterator[tuple[Path, str | Finding]]:
    """Name every field or feature that this one reads, and where it says so."""
    if feature.expression is not None:
        try:
            yield from (((*path, "expression"), name) for name in names_in(feature.expression))
        except SpecError as error:
            mistake = Finding((*path, "expression"), *split_expression_error(error))
            yield mistake.path, mistake
    if feature.of is not None and not (feature.aggregate is not None and feature.of in _SPECIAL):
        yield (*path, "of"), feature.of
    if feature.last is not None:
        yield (*path, "last"), feature.last
    if isinstance(feature.by, str):
        yield (*path, "by"), feature.by
    else:
        yield from (((*path, "by", i), name) for i, name in enumerate(feature.by or ()))
    yield from (((*path, "interact", i), name) for i, name in enumerate(feature.interact or ()))


def _check_aggregate(
    feature: FeatureSpec, path: Path, known: Mapping[str, FieldSpec | None], task: str
) -> Iterator[Finding]:
    if feature.aggregate is None:
        return
    if feature.of is None and feature.aggregate != "count":
        yield Finding((*path, "of"), f"{feature.aggregate} of what?", 'Add of = ... (a field, or "label")')
    if (feature.over is None) == (feature.half_life is None):
        both = feature.over is not None
        what = "over and half_life exclude each other" if both else "it is not said how far back it looks"
        yield Finding(
            (*path, "half_life" if both else "over"), what, 'Write over = "2h" or half_life = "2h"', on_key=both
        )
    if feature.over is not None and not _is_span(feature.over):
        yield Finding((*path, "over"), "no stretch of time or number of events", 'Write "2h", or "20 events"')
    if feature.half_life == 0:
        yield Finding((*path, "half_life"), "nothing would be remembered", 'Write a time such as "2h"')
    if feature.aggregate in _NUMERIC_AGGREGATES:
        field = known.get(feature.of or "")
        text = field is not None and field.type in ("str", "time")
        if text or (feature.of == "label" and task == "multiclass") or feature.of == "events":
            what = f"{feature.of} has no {feature.aggregate}"
            yield Finding((*path, "of"), what, 'Name a number, or write aggregate = "count"')


def _is_span(text: str) -> bool:
    number, _, unit = text.strip().partition(" ")
    if unit.strip() in ("event", "events"):
        return number.isdecimal() and int(number) > 0
    try:
        return parse_duration(text) > 0
    except ValueError:
        return False
