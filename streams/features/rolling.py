"""Statistics of a field over the last events of the event's own key: over a duration or a number of events.

Exact, and including the event itself. The key's state is what the window holds, at most `MOST` events; of a busier
key the window is its last `MOST` events.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

import msgspec

from streams.features.numeric import finite, number
from streams.features.port import Context, SumSpec, Type, Window, mistake, own_field
from streams.features.span import span_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec

MOST = 1000
"""The most events of a key that are kept."""


class RollingTime(msgspec.Struct, frozen=True):
    """The window is (time - over_s, time]. Own state: the times and values in it, both ascending in time.

    An event that comes late stands at its own time; what lay before the window of the newest event is forgotten.
    """

    names: tuple[str, ...]
    reads: tuple[str, ...]
    aggregate: str
    over_s: float
    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = True

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        times, kept = own or ((), ())
        measured = _measure(self.aggregate, self.reads, values)
        if measured is not None:
            at = bisect_right(times, time)
            times, kept = (*times[:at], time, *times[at:]), (*kept[:at], measured, *kept[at:])
        newest = max(time, times[-1]) if times else time
        old = max(bisect_right(times, newest - self.over_s), len(times) - MOST)
        times, kept = times[old:], kept[old:]
        inside = kept[bisect_right(times, time - self.over_s) : bisect_right(times, time)]
        return (_statistic(self.aggregate, inside),), (times, kept)


class RollingCount(msgspec.Struct, frozen=True):
    """The window is the key's last `length` events, this one included, in the order of arrival.

    Own state: their values, None for those where it was missing.
    """

    names: tuple[str, ...]
    reads: tuple[str, ...]
    aggregate: str
    length: int
    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = True

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        kept = (*(own or ()), _measure(self.aggregate, self.reads, values))[-self.length :]
        return (_statistic(self.aggregate, tuple([value for value in kept if value is not None])),), kept


def _measure(aggregate: str, reads: tuple[str, ...], values: Values) -> float | None:
    """What the event adds to the window: 1 to a count, else the number; None if it is missing."""
    if not reads:
        return 1.0
    value = values.get(reads[0])
    if aggregate == "count":
        return None if value is None else 1.0
    return number(value)


def _statistic(aggregate: str, inside: tuple[float, ...]) -> float | None:
    if aggregate == "count":
        return len(inside)
    if not inside:
        return None
    if aggregate in ("min", "max"):
        return min(inside) if aggregate == "min" else max(inside)
    total = sum(inside)
    if aggregate == "sum":
        return finite(total)
    mean = finite(total / len(inside))
    if aggregate == "mean" or mean is None:
        return mean
    if len(inside) < 2 or min(inside) == max(inside):
        return None
    return finite(math.sqrt(sum([(value - mean) * (value - mean) for value in inside]) / len(inside)))


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> RollingTime | RollingCount:
    """Roll `aggregate` of the field or earlier feature `of` (default: events, which are only counted).

    Raises SpecError for a text that is not only counted, and for more than `MOST` events.
    """
    reads = own_field(spec, fields, context)
    span = span_of(spec)
    if isinstance(span, float):
        return RollingTime((spec.name,), reads, spec.aggregate or "", span)
    if span > MOST:
        remedy = 'Write over = "7d", or half_life = "1d", whose state is four numbers'
        raise mistake(spec, f"over = {spec.over!r}, more than the {MOST} events that are kept of a key", remedy)
    return RollingCount((spec.name,), reads, spec.aggregate or "", span)
