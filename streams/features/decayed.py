"""Statistics of the event's own key in which an event weighs half after each half-life.

An event of age a weighs 2**(-a / half-life). Mean and variance under weights that shrink are kept as (weight, mean,
sum of squared differences) and updated in one pass: D. H. D. West, "Updating mean and variance estimates: an improved
method", Communications of the ACM 22(9), 1979.
"""

import math
from collections.abc import Mapping
from typing import Any, TypeAlias

import msgspec

from streams.features.numeric import finite, number
from streams.features.port import Context, SumSpec, Type, Window, mistake, own_field
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec

_Own: TypeAlias = tuple[float, float, float, float]
_START: _Own = (-math.inf, 0.0, 0.0, 0.0)


class Decayed(msgspec.Struct, frozen=True):
    """Count (the weights' sum), sum, mean or std of the key's events, this one included with weight 1.

    Own state: the newest time (s), the weight then, the mean, and the weighted sum of squared differences from it.
    A late event weighs what it would weigh had it come in time. All but the count are missing before a first value.
    """

    names: tuple[str, ...]
    reads: tuple[str, ...]
    aggregate: str
    half_life_s: float
    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = True

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        state = self._decay(own or _START, time)
        value = 1.0 if not self.reads else _measure(self.aggregate, values.get(self.reads[0]))
        if value is not None:
            state = _add(state, value, self._weight(state[0] - time))
        return (_statistic(self.aggregate, state),), state

    def _weight(self, age_s: float) -> float:
        return math.exp2(-age_s / self.half_life_s)

    def _decay(self, state: _Own, time: float) -> _Own:
        newest, weight, mean, squares = state
        if time <= newest:
            return state
        factor = self._weight(time - newest)
        return time, weight * factor, mean, squares * factor


def _measure(aggregate: str, value: Value) -> float | None:
    if aggregate == "count":
        return None if value is None else 1.0
    return number(value)


def _add(state: _Own, value: float, weight: float) -> _Own:
    """Count one value in; one so large that its square is beyond a float is left out."""
    newest, before, mean, squares = state
    total = before + weight
    if not total:
        return state
    away = value - mean
    nearer = mean + away * weight / total
    added = squares + weight * away * (value - nearer)
    if finite(added) is None:
        return state
    return newest, total, nearer, added


def _statistic(aggregate: str, state: _Own) -> float | None:
    _, weight, mean, squares = state
    if aggregate == "count":
        return weight
    if not weight:
        return None
    if aggregate == "mean":
        return mean
    if aggregate == "sum":
        return finite(weight * mean)
    variance = squares / weight
    return math.sqrt(variance) if 1e-12 * mean * mean < variance and finite(variance) is not None else None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Decayed:
    """Decay `aggregate` of the field or earlier feature `of` (default: events, which are only counted).

    Raises SpecError for a half-life of zero, for min and max, and for an entity other than the source's key.
    """
    if spec.by is not None and spec.by not in (context.key, (context.key,)):
        remedy = f'Leave `by` out (it is {context.key!r} then), or write over = "24h" instead of half_life'
        raise mistake(spec, "only aggregates of the event's own key decay", remedy)
    if spec.of == "label":
        raise mistake(spec, "aggregates of labels do not decay", 'Write over = "24h" instead of half_life')
    if spec.aggregate in ("min", "max"):
        raise mistake(spec, f"a decayed {spec.aggregate} is not defined", 'Write over = "24h" instead of half_life')
    if not spec.half_life:
        raise mistake(spec, "half_life is zero", 'Write a duration such as half_life = "6h"')
    return Decayed((spec.name,), own_field(spec, fields, context), spec.aggregate or "", spec.half_life)
