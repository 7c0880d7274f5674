"""Numbers on a common scale: by mean and standard deviation of a window, or by the declared range.

What a scale was fitted on is a partial sum or the field's contract, never something hidden in the feature; a learner
that scales its own inputs (`scale = true`) needs none of this.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.numeric import finite, number, spread
from streams.features.port import Context, SumSpec, Type, Window, field, mistake, sum_for
from streams.features.span import duration_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class Standard(msgspec.Struct, frozen=True):
    """(value - mean) / standard deviation of the window; missing until the window has two different values."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    sums: tuple[SumSpec, ...]
    type: Type = "numeric"
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        value = number(values.get(self.reads[0]))
        count, total, squares = windows[0]
        unit = spread(count, total, squares)
        if value is None or unit is None:
            return (None,), None
        return (finite((value - total / count) / unit),), None


class MinMax(msgspec.Struct, frozen=True):
    """(value - min) / (max - min) with the declared range: 0 to 1 for every value that fulfils the contract."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    low: float
    width: float
    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        value = number(values.get(self.reads[0]))
        return (None if value is None else finite((value - self.low) / self.width),), None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Standard | MinMax:
    """Scale the field `of`. Raises SpecError if it is no number, has no declared range, or `over` is no duration."""
    if spec.of is None:
        raise mistake(spec, "nothing says what is scaled", 'Name a field: of = "distance"')
    declared = field(spec, fields, spec.of)
    if declared.type not in ("float", "int"):
        raise mistake(spec, f"{spec.of!r} has type {declared.type}", "Scale a float or int field")
    if spec.scale == "standard":
        by = (spec.by,) if isinstance(spec.by, str) else spec.by or ()
        for name in by:
            field(spec, fields, name)
        return Standard((spec.name,), (spec.of,), (sum_for(spec.of, by, duration_of(spec)),))
    if spec.over is not None or spec.by is not None:
        remedy = 'Leave `over` and `by` out, or use scale = "standard"'
        raise mistake(spec, "min_max takes the declared range, not a window", remedy)
    if declared.min is None or declared.max is None or not declared.min < declared.max:
        remedy = f'Declare min below max in [[field]] {spec.of!r}, or use scale = "standard"'
        raise mistake(spec, f"{spec.of!r} has no declared range", remedy)
    return MinMax((spec.name,), (spec.of,), declared.min, declared.max - declared.min)
