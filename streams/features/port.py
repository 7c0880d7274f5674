"""What a feature processor is: one object, used alike live, in backtests and in training."""

from collections.abc import Callable, Mapping
from typing import Any, Literal, Protocol, TypeAlias

import msgspec

from streams.errors import SpecError
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec

Type: TypeAlias = Literal["numeric", "category"]
"""What a learner may take an input for: a number (truth values too), or one of some texts."""

Window: TypeAlias = tuple[int, float, float]
"""Count, sum and sum of squares of an entity in a window."""


class SumSpec(msgspec.Struct, frozen=True):
    """A partial sum that features want from the aggregate stage.

    `of` is "label", "events" or a field's name; `by` the fields whose values together name the entity (empty: all
    events are one entity); `over_s` how far back the features look at most (s).
    """

    name: str
    of: str
    by: tuple[str, ...]
    over_s: float


class Sums(Protocol):
    """Partial sums added up over partitions and buckets, as of the cut of the batch."""

    def window(self, sum_name: str, entity: str, over_s: float) -> Window:
        """Return (count, sum, sum of squares) of the entity in the last `over_s` before the cut; zeros if unseen."""
        ...


class Feature(Protocol):
    """One named feature (or several that belong together, of one type).

    `reads` names the fields and earlier features that `update` looks at; the plan hands them in `values`, and the
    windows of `sums`, in their order, in `windows`. `own` is the feature's state of the event's own key, None at
    first: an immutable value that `update` returns anew, of bounded size, and always None unless `needs_state`.
    `update` depends on its arguments only and changes none of them. A result of None is *missing*, never a calm
    number; a result is never NaN or infinite, whatever the values are.
    """

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def type(self) -> Type: ...
    @property
    def reads(self) -> tuple[str, ...]: ...
    @property
    def sums(self) -> tuple[SumSpec, ...]: ...
    @property
    def needs_state(self) -> bool: ...

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        """Return the values of `names` for the event known at `time` (s), and the key's new state."""
        ...


class Context(msgspec.Struct, frozen=True):
    """What a feature may want to know of the pipeline around it.

    `key` is the field of the source's key, `folder` the one of the pipeline file, `label` the type of the labels;
    `earlier` has the features declared before this one, which it may read too.
    """

    key: str
    timezone: str = "UTC"
    folder: str = "."
    label: Type = "numeric"
    earlier: Mapping[str, Type] = {}


Builder: TypeAlias = Callable[[FeatureSpec, Mapping[str, FieldSpec], Context], Feature]
"""Makes a feature from its section and the declared fields. Raises SpecError with the remedy."""


class NoSums:
    """The sums of a pipeline without aggregates: every window is empty."""

    def window(self, sum_name: str, entity: str, over_s: float) -> Window:
        """Return zeros."""
        return 0, 0.0, 0.0


def sum_for(of: str, by: tuple[str, ...], over_s: float) -> SumSpec:
    """Return the partial sum of `of` by the entity `by`; features that want the same share one name.

    >>> sum_for("label", ("origin", "dest"), 7200.0).name
    'label@origin|dest'
    """
    return SumSpec(f"{of}@{'|'.join(by)}", of, by, over_s)


def entity_of(values: Mapping[str, Value], by: tuple[str, ...]) -> str:
    """Return the name of the entity: the values of `by` joined by ``|``; missing is empty, no `by` is "".

    >>> entity_of({"origin": "JFK", "gate": None}, ("origin", "gate")), entity_of({"origin": "JFK"}, ())
    ('JFK|', '')
    """
    return "|".join(["" if (value := values.get(name)) is None else str(value) for name in by])


def mistake(spec: FeatureSpec, what: str, remedy: str) -> SpecError:
    """Return the error that names the feature, what is wrong and the remedy."""
    return SpecError(f"feature {spec.name!r}: {what}. {remedy}")


def field(spec: FeatureSpec, fields: Mapping[str, FieldSpec], name: str) -> FieldSpec:
    """Return the declared field that a feature reads. Raises SpecError if there is none, or if it is personal."""
    found = fields.get(name)
    if found is None:
        known = ", ".join(key for key, one in fields.items() if one.personal is None) or "none"
        raise mistake(spec, f"{name!r} is not a declared field", f"Add a [[field]] for it, or use one of: {known}")
    if found.personal is not None:
        remedy = "Features are stored with each prediction: use another field"
        raise mistake(spec, f"{name!r} is a personal field", remedy)
    return found


def type_of(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context, name: str) -> Type:
    """Return the type of a field or earlier feature. Raises SpecError as `field` does."""
    if name in context.earlier:
        return context.earlier[name]
    return "category" if field(spec, fields, name).type == "str" else "numeric"


def own_field(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> tuple[str, ...]:
    """Return what an aggregate of the event's own key reads: () for events. Raises SpecError if it is no number."""
    of = spec.of or "events"
    if of == "events":
        if spec.aggregate != "count":
            raise mistake(spec, f"{spec.aggregate} of events, which are only counted", 'Name a number: of = "distance"')
        return ()
    if type_of(spec, fields, context, of) == "category" and spec.aggregate != "count":
        raise mistake(spec, f"{spec.aggregate} of {of!r}, which is text", 'Name a number, or write aggregate = "count"')
    return (of,)


def readable(fields: Mapping[str, FieldSpec], context: Context) -> tuple[str, ...]:
    """Return all names that a feature may read: the fields that are not personal, then the earlier features."""
    return (*(name for name, one in fields.items() if one.personal is None), *context.earlier)
