"""Statistics over an entity that is not the event's key, such as a destination, from partial sums.

What is counted is what the aggregate stage has published up to the cut: the event itself is not in it.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.numeric import statistic
from streams.features.port import Context, SumSpec, Type, Window, field, mistake, sum_for
from streams.features.span import duration_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class Entity(msgspec.Struct, frozen=True):
    """Count, sum, mean or std in the window; all but the count are missing where nothing was counted."""

    names: tuple[str, ...]
    sums: tuple[SumSpec, ...]
    aggregate: str
    reads: tuple[str, ...] = ()
    type: Type = "numeric"
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        return (statistic(self.aggregate, *windows[0]),), None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Entity:
    """Aggregate the field `of` (default: events, which are only counted) over the entity `by`.

    Raises SpecError for min and max, which do not add up, and for what is no number.
    """
    over_s, by, of = duration_of(spec), entity_fields(spec, fields, context), spec.of or "events"
    refuse_extremes(spec)
    if of == "events" and spec.aggregate != "count":
        raise mistake(spec, f"{spec.aggregate} of events, which are only counted", 'Name a number: of = "distance"')
    if of != "events" and field(spec, fields, of).type not in ("float", "int", "bool"):
        raise mistake(spec, f"{of!r} is no number", 'Name a number, or count events: of = "events"')
    return Entity((spec.name,), (sum_for(of, by, over_s),), spec.aggregate or "")


def entity_fields(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> tuple[str, ...]:
    """Return the fields that name the entity; the source's key if `by` is not given. Raises SpecError."""
    by = (context.key,) if spec.by is None else (spec.by,) if isinstance(spec.by, str) else spec.by
    for name in by:
        field(spec, fields, name)
    return by


def refuse_extremes(spec: FeatureSpec) -> None:
    """Raise SpecError for min and max: a sum can take back what has left the window, an extreme cannot."""
    if spec.aggregate in ("min", "max"):
        remedy = "Use mean and std, or leave `by` out to have it for the source's key"
        raise mistake(spec, f"{spec.aggregate} over an entity that is not the source's key cannot be added up", remedy)
