"""What fields say together: the product of numbers, or the crossing of categories as ``a|b``."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.numeric import finite, number
from streams.features.port import Context, SumSpec, Type, Window, entity_of, mistake, type_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class Product(msgspec.Struct, frozen=True):
    """The product of numbers; missing if one of them is, or if it is beyond a float."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        product = 1.0
        for name in self.reads:
            factor = number(values.get(name))
            if factor is None:
                return (None,), None
            product *= factor
        return (finite(product),), None


class Crossing(msgspec.Struct, frozen=True):
    """The values joined by a bar, one category for each combination; missing if one of them is."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    type: Type = "category"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        if any(values.get(name) is None for name in self.reads):
            return (None,), None
        return (entity_of(values, self.reads),), None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Product | Crossing:
    """Multiply if all are numbers, cross if one is a category. Raises SpecError for fewer than two."""
    parts = spec.interact or ()
    if len(parts) < 2:
        raise mistake(spec, f"interact = {list(parts)} has nothing to combine", "Name two or more fields or features")
    types = {type_of(spec, fields, context, part) for part in parts}
    return (Crossing if "category" in types else Product)((spec.name,), parts)
