"""Aggregates of labels over an entity: such as the share of late flights among those that landed in two hours.

Only labels that were known before the cut are in it. What is not known is missing: where no label has come, there is
no rate, and the count beside it tells a learner how much a rate stands on.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.entity import entity_fields, refuse_extremes
from streams.features.numeric import statistic
from streams.features.port import Context, SumSpec, Type, Window, mistake, sum_for
from streams.features.span import duration_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class LabelRate(msgspec.Struct, frozen=True):
    """Sum, mean or std of the labels in the window, then how many they were (0 if none, the rate is missing)."""

    names: tuple[str, ...]
    sums: tuple[SumSpec, ...]
    aggregate: str
    reads: tuple[str, ...] = ()
    type: Type = "numeric"
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        count, total, squares = windows[0]
        if not count:
            return (None, 0), None
        if self.aggregate == "mean":
            return (total / count, count), None
        return (statistic(self.aggregate, count, total, squares), count), None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> LabelRate:
    """Aggregate labels over the entity `by`; names are `<name>` and `<name>_n`.

    Raises SpecError for min and max, for a count (every aggregate carries it), and for labels that are class names.
    """
    refuse_extremes(spec)
    if context.label == "category":
        raise mistake(spec, "labels that are class names do not add up", "Leave it out, or aggregate events or a field")
    if spec.aggregate == "count":
        remedy = f'Write aggregate = "mean": its value {spec.name}_n is the count'
        raise mistake(spec, "a count of labels comes with every other aggregate of them", remedy)
    total = sum_for("label", entity_fields(spec, fields, context), duration_of(spec))
    return LabelRate((spec.name, f"{spec.name}_n"), (total,), spec.aggregate or "")
