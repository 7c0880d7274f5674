"""Calendar parts of a moment in the source's time zone, as numbers or on a circle."""

import math
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.features.numeric import number
from streams.features.port import Context, SumSpec, Type, Window, field, mistake
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec

_PERIOD = {"hour": (0, 24), "weekday": (0, 7), "month": (1, 12), "day": (1, 31), "minute": (0, 60)}
_STEP_S = 60  # no zone has changed its offset inside a minute since 1972
_FIRST, _LAST = -62_000_000_000, 253_000_000_000  # within the years 1 to 9999 of every zone


class Calendar:
    """Hour (0-23), weekday (0 is Monday), month (1-12), day (1-31), minute (0-59) or weekend (0 or 1).

    Cyclic parts are the sine and cosine of 2π(part - first) / period, so that 23 h lies beside 0 h. The moment is
    when the event was known, or the field `of` of type time. Parts of the last minutes asked for are remembered.
    """

    type: Type = "numeric"
    sums: tuple[SumSpec, ...] = ()
    needs_state = False

    def __init__(self, name: str, parts: tuple[str, ...], zone: ZoneInfo, of: str | None, cyclic: bool) -> None:
        stems = [name] if len(parts) == 1 else [f"{name}_{part}" for part in parts]
        self.names = tuple(f"{stem}_{axis}" for stem in stems for axis in ("sin", "cos")) if cyclic else tuple(stems)
        self.reads = () if of is None else (of,)
        self._of = of
        self._missing = (None,) * len(self.names)
        self._at = lru_cache(maxsize=1440)(lambda minute: _parts(parts, zone, cyclic, minute * _STEP_S))

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        moment = time if self._of is None else number(values.get(self._of))
        if moment is not None and _FIRST < moment < _LAST:
            return self._at(moment // _STEP_S), None
        return self._missing, None


def _parts(parts: tuple[str, ...], zone: ZoneInfo, cyclic: bool, moment: float) -> tuple[Value, ...]:
    local = datetime.fromtimestamp(moment, zone)
    weekday = local.weekday()
    found = {"hour": local.hour, "weekday": weekday, "month": local.month, "day": local.day, "minute": local.minute}
    found["weekend"] = int(weekday >= 5)
    if not cyclic:
        return tuple(found[part] for part in parts)
    angles = [2 * math.pi * (found[part] - _PERIOD[part][0]) / _PERIOD[part][1] for part in parts]
    return tuple(turn(angle) for angle in angles for turn in (math.sin, math.cos))


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Calendar:
    """Make the calendar; names are the feature's own for one part, `<name>_<part>` for several.

    Raises SpecError for a field that is not a time, an unknown zone, or a weekend on a circle.
    """
    parts = spec.calendar or ()
    if not parts or len(set(parts)) < len(parts):
        raise mistake(spec, f"calendar = {list(parts)} names no part, or one twice", 'Write calendar = ["hour"]')
    if spec.cyclic and "weekend" in parts:
        raise mistake(spec, "weekend is no cycle", 'Use cyclic with "weekday", and weekend in a feature of its own')
    if spec.of is not None and field(spec, fields, spec.of).type != "time":
        remedy = f'Give {spec.of!r} type = "time", or leave `of` out: then it is when the event was known'
        raise mistake(spec, f"{spec.of!r} is not a time", remedy)
    try:
        zone = ZoneInfo(context.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        remedy = 'Write [source] timezone as in "America/New_York"'
        raise mistake(spec, f"there is no time zone {context.timezone!r}", remedy) from error
    return Calendar(spec.name, parts, zone, spec.of, spec.cyclic)
