"""The features of a pipeline as one function: what each reads is looked up once, what nobody reads is not made.

The function is generated, because a loop over features costs more than the features (twice as much on twelve label
rates). Its text consists of names that are made here (`n3`, `u5`); what users wrote is only ever a constant in its
scope.
"""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

import msgspec

from streams.errors import SpecError
from streams.features import FEATURES
from streams.features.kinds import kind_of
from streams.features.port import Context, Feature, Sums, SumSpec, Type, entity_of, mistake
from streams.features.python import source_of
from streams.records.record import Values
from streams.spec import FeatureSpec, FieldSpec

Own: TypeAlias = tuple[Any, ...] | None
Compute: TypeAlias = Callable[[Values, float, Own, Sums], tuple[Values, Own]]


class Plan(msgspec.Struct, frozen=True):
    """What turns an event into inputs of learners.

    `compute(values, time, own, sums)` returns the values of `names`, then those of `carried`, always in this order,
    and the new state of the event's key (None if no feature keeps one); `time` (s) is when the event was known. It
    changes none of its arguments and raises RecordError where a user's function fails.

    `names` are the inputs of learners: the fields in use (no times) and the features; `types` says what each of them
    is. `carried` are the other fields: no learner sees them, but monitors and aggregates do. Personal fields are in
    neither. `sums`
    are the partial sums to aggregate, each once, with how far back it is needed; `windows` has the lengths (s) in
    which each is looked at, ascending. `digest` is equal for plans made of equal sections and functions.
    """

    names: tuple[str, ...]
    types: dict[str, Type]
    carried: tuple[str, ...]
    sums: tuple[SumSpec, ...]
    windows: dict[str, tuple[float, ...]]
    digest: str
    compute: Compute


def compile_plan(fields: Sequence[FieldSpec], features: Sequence[FeatureSpec], context: Context) -> Plan:
    """Build every feature and the function that computes them. Raises SpecError that lists every mistake."""
    built, mistakes = build_features(fields, features, context)
    if mistakes:
        raise SpecError("\n".join(text for _, text in mistakes))
    inputs = input_types(fields, ())
    types = input_types(fields, built)
    carried = tuple(one.name for one in fields if one.personal is None and one.name not in inputs)
    windows: dict[str, set[float]] = {}
    specs: dict[str, SumSpec] = {}
    for spec in (spec for feature in built for spec in feature.sums):
        windows.setdefault(spec.name, set()).add(spec.over_s)
        specs[spec.name] = msgspec.structs.replace(spec, over_s=max(windows[spec.name]))
    return Plan(
        names=tuple(types),
        types=types,
        carried=carried,
        sums=tuple(specs.values()),
        windows={name: tuple(sorted(lengths)) for name, lengths in windows.items()},
        digest=_digest(fields, features, context),
        compute=_generate(tuple(inputs), carried, built),
    )


def input_types(fields: Sequence[FieldSpec], features: Sequence[Feature]) -> dict[str, Type]:
    """Return what learners see, in order: the fields in use that are neither personal nor times, and the features."""
    used = [one for one in fields if one.use and one.personal is None and one.type != "time"]
    types: dict[str, Type] = {one.name: "category" if one.type == "str" else "numeric" for one in used}
    return types | {name: feature.type for feature in features for name in feature.names}


def build_features(
    fields: Sequence[FieldSpec], features: Sequence[FeatureSpec], context: Context
) -> tuple[list[Feature], list[tuple[int, str]]]:
    """Return the features that could be built, and the mistakes: place of the feature's section, text with remedy."""
    declared = {one.name: one for one in fields}
    earlier: dict[str, Type] = {}
    built: list[Feature] = []
    mistakes: list[tuple[int, str]] = []
    for place, spec in enumerate(features):
        try:
            feature = _build(spec, declared, msgspec.structs.replace(context, earlier=dict(earlier)))
        except SpecError as error:
            mistakes.append((place, str(error)))
            continue
        built.append(feature)
        earlier |= dict.fromkeys(feature.names, feature.type)
    return built, mistakes


def _build(spec: FeatureSpec, declared: Mapping[str, FieldSpec], context: Context) -> Feature:
    kind = kind_of(spec, context)
    if kind not in FEATURES:
        raise mistake(spec, f"there is no kind {kind!r}", f"Write one of {', '.join(FEATURES)}")
    feature = FEATURES[kind](spec, declared, context)
    for name in feature.names:
        if name in declared or name in context.earlier:
            owner = "field" if name in declared else "feature"
            raise mistake(spec, f"its value {name!r} has the name of a {owner}", "Give it another name")
    return feature


def _digest(fields: Sequence[FieldSpec], features: Sequence[FeatureSpec], context: Context) -> str:
    sections = [one.model_dump(mode="json") for one in (*fields, *features)]
    code = [source_of(one, context) for one in features if one.python is not None]
    parts = [sections, context.key, context.timezone, context.label, code]
    return sha256(msgspec.json.encode(parts, order="sorted")).hexdigest()


class _Writer:
    """Lines of the function, and the constants that they mean by made-up names."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.scope: dict[str, Any] = {"__builtins__": {}, "entity_of": entity_of, "str": str}
        self.known: dict[Any, str] = {}

    def constant(self, value: Any) -> str:
        """Put a value in the scope, once; return what the lines call it."""
        if value not in self.known:
            self.known[value] = f"n{len(self.known)}"
            self.scope[self.known[value]] = value
        return self.known[value]

    def local(self, prefix: str, key: Any, line: str) -> str:
        """Set a local by a line, once per key; return its name."""
        if (prefix, key) not in self.known:
            self.known[prefix, key] = f"{prefix}{len(self.known)}"
            self.lines.append(f"{self.known[prefix, key]} = {line}")
        return self.known[prefix, key]

    def window(self, spec: SumSpec) -> str:
        """Look a window up."""
        return self.local(
            "r", spec, f"window({self.constant(spec.name)}, {self._entity(spec.by)}, {self.constant(spec.over_s)})"
        )

    def _entity(self, by: tuple[str, ...]) -> str:
        if len(by) != 1:
            return self.local("e", by, f"entity_of(values, {self.constant(by)})")
        value = self.local("v", by, f"values.get({self.constant(by[0])})")
        text = f'"" if {value} is None else {value} if {value}.__class__ is str else str({value})'
        return self.local("e", by, text)


def _generate(inputs: tuple[str, ...], carried: tuple[str, ...], features: Sequence[Feature]) -> Compute:
    """Write the function and compile it."""
    writer = _Writer()
    reread = {name for feature in features for name in feature.reads} & {n for f in features for n in f.names}
    stateful = [feature for feature in features if feature.needs_state]
    states = [f"s{i}" for i in range(len(stateful))]
    writer.scope["start"] = (None,) * len(stateful)
    if stateful:
        writer.lines.append(f"({', '.join(states)},) = start if own is None else own")
    if any(feature.sums for feature in features):
        writer.lines.append("window = sums.window")
    if reread:
        writer.lines.append("values = values.copy()")
    waiting = iter(states)
    results: dict[str, str] = {}
    for feature in features:
        results |= _call(writer, feature, next(waiting) if feature.needs_state else "_", reread)
    looked_up = {name: f"values.get({writer.constant(name)})" for name in (*inputs, *carried)}
    returned = {name: looked_up[name] for name in inputs} | results | {name: looked_up[name] for name in carried}
    items = [f"{writer.constant(name)}: {code}" for name, code in returned.items()]
    own = f"({', '.join(states)},)" if stateful else "None"
    writer.lines.append(f"return {{{', '.join(items)}}}, {own}")
    body = "\n ".join(writer.lines)
    exec(compile(f"def compute(values, time, own, sums):\n {body}", "<plan>", "exec"), writer.scope)  # noqa: S102 names made here
    compute: Compute = writer.scope["compute"]
    return compute


def _call(writer: _Writer, feature: Feature, state: str, reread: set[str]) -> dict[str, str]:
    """Write the call of one feature; return the locals that hold its values, by name."""
    windows = "".join(f"{writer.window(spec)}, " for spec in feature.sums)
    update = f"u{len(writer.lines)}"
    writer.scope[update] = feature.update
    made = {name: f"x{len(writer.lines)}_{i}" for i, name in enumerate(feature.names)}
    own = state if feature.needs_state else "None"
    writer.lines.append(f"({', '.join(made.values())},), {state} = {update}(values, time, {own}, ({windows}))")
    writer.lines += [f"values[{writer.constant(name)}] = {made[name]}" for name in feature.names if name in reread]
    return made
