"""Categories as numbers: one column for each declared category, or how frequent the category has been."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.port import Context, SumSpec, Type, Window, field, mistake, sum_for
from streams.features.span import duration_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class OneHot(msgspec.Struct, frozen=True):
    """1 in the column of the value, 0 in the others; a category that was not declared is 0 in all of them."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    rows: dict[str, tuple[int, ...]]
    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        value = values.get(self.reads[0])
        if value is None:
            return (None,) * len(self.names), None
        return self.rows.get(str(value)) or (0,) * len(self.names), None


class Frequency(msgspec.Struct, frozen=True):
    """The share (0 to 1) of the window's events that had this value; missing while there were no events."""

    names: tuple[str, ...]
    reads: tuple[str, ...]
    sums: tuple[SumSpec, ...]
    type: Type = "numeric"
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        (same, _, _), (everything, _, _) = windows
        if values.get(self.reads[0]) is None or not everything:
            return (None,), None
        return (same / everything,), None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> OneHot | Frequency:
    """Encode the field `of`. One-hot columns are named `<name>_<category>`.

    Raises SpecError if the field is unknown, has no declared categories (one-hot), or `over` is no duration
    (frequency).
    """
    if spec.of is None:
        raise mistake(spec, "nothing says what is encoded", 'Name a field: of = "carrier"')
    declared = field(spec, fields, spec.of)
    if spec.encode == "frequency":
        over_s = duration_of(spec)
        return Frequency(
            (spec.name,), (spec.of,), (sum_for("events", (spec.of,), over_s), sum_for("events", (), over_s))
        )
    if spec.over is not None:
        raise mistake(spec, "one-hot columns look at no window", 'Leave `over` out, or use encode = "frequency"')
    categories = declared.categories
    if not categories:
        remedy = f'Declare categories = [...] in [[field]] {spec.of!r}, or use encode = "frequency"'
        raise mistake(spec, f"{spec.of!r} has no declared categories to make columns of", remedy)
    rows = {category: tuple(int(category == other) for other in categories) for category in categories}
    return OneHot(tuple(f"{spec.name}_{category}" for category in categories), (spec.of,), rows)
