"""The value that a field had in the previous event of the same key."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.numeric import number
from streams.features.port import Context, SumSpec, Type, Window, mistake, type_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class Previous(msgspec.Struct, frozen=True):
    """The key's state is the value itself; missing in a key's first event, and after an event that lacked it."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    type: Type
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = True

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        value = values.get(self.reads[0])
        sound = isinstance(value, str) or number(value) is not None
        return (own,), value if sound else None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Previous:
    """Remember the field or earlier feature `last`. Raises SpecError if there is none."""
    if not spec.last:
        raise mistake(spec, "nothing says what is remembered", 'Name a field: last = "origin"')
    return Previous((spec.name,), (spec.last,), type_of(spec, fields, context, spec.last))
