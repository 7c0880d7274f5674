"""The second look at a record that the quick pass did not take: every case, with field, reason and remedy."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from numbers import Integral, Real
from typing import Any

from streams.contract.decode import EXACT, Read, bounds, is_sound, path_of
from streams.contract.reasons import refusal
from streams.contract.times import EARLIEST, LATEST, seconds
from streams.errors import RecordError
from streams.records import Value
from streams.spec import FieldSpec

_SHOWN = 40


def diagnose(record: Any, fields: Sequence[FieldSpec], zone: tzinfo) -> Read:
    """Read a parsed record field by field; the same result as the quick pass where that has one.

    Raises RecordError with the first mistake, in the order of the fields.
    """
    if not isinstance(record, Mapping):
        raise refusal("not_an_object", "payload", f"a {type(record).__name__}")
    values = {field.name: _judge(_find(record, field), field, zone) for field in fields}
    absent = [name for name, value in values.items() if value is None]
    fresh = [f.name for f in fields if f.categories and values[f.name] not in (None, *f.categories)]
    return values, absent, fresh


def expected(field: FieldSpec) -> str:
    """Return what a field wants, in words.

    >>> expected(FieldSpec(name="wind", type="float", unit="mph", min=0, max=120))
    'a float in mph from 0 to 120'
    """
    if field.type == "str":
        return f"text of at most {field.max_length} characters"
    if field.type == "bool":
        return "true or false"
    low, high = bounds(field)
    text = "a time" if field.type == "time" else f"a{'n' if field.type == 'int' else ''} {field.type}"
    text += f" in {field.unit}" if field.unit else ""
    return text if low == -math.inf and high == math.inf else f"{text} from {low:.15g} to {high:.15g}"


def shown(value: object, personal: bool = False) -> str:
    """Return a value as an error may show it: short, never a personal one, never what an object holds.

    >>> shown("a.b@c.org", personal=True), shown({"mail": "a.b@c.org"}), shown(10**30)
    ('a str (personal, not shown)', 'an object of 1 keys', 'an integer of 100 bits')
    """
    if personal and value is not None:
        return f"a {type(value).__name__} (personal, not shown)"
    if isinstance(value, int) and value.bit_length() > 64:
        return f"an integer of {value.bit_length()} bits"
    if type(value) is str:
        return ascii(value) if len(value) <= _SHOWN else f"{value[:_SHOWN]!a}..., {len(value)} characters"
    if value is None or type(value) in (bool, int, float):
        return repr(value)
    if isinstance(value, Mapping):
        return f"an object of {len(value)} keys"
    return f"a list of {len(value)}" if isinstance(value, list | tuple) else f"a {type(value).__name__}"


def _find(record: Mapping[str, Any], field: FieldSpec) -> object:
    node: Any = record
    *parents, last = path_of(field)
    for key in parents:
        node = node.get(key)
        if node is None:
            return None
        if not isinstance(node, Mapping):
            raise refusal("wrong_type", field.name, f"in {key!r} {shown(node, True)}", f"member of an object {key!r}")
    return node.get(last)


def _judge(value: Any, field: FieldSpec, zone: tzinfo) -> Value:
    """One value of the declared type and in its range, None if missing."""
    if value is None or (isinstance(value, float | datetime) and value != value):  # NaN, NaT
        return None
    if field.type == "str":
        return _text(value, field)
    if field.type == "bool":
        if isinstance(value, bool) or (isinstance(value, Real) and value in (0, 1)):
            return bool(value)
        raise _wrong("wrong_type", value, field)
    if field.type == "time":
        value = _moment(value, field, zone)
    if isinstance(value, bool) or not isinstance(value, Real):
        raise _wrong("wrong_type", value, field)
    return _number(value, field)


def _number(value: Any, field: FieldSpec) -> float | int:
    if isinstance(value, Integral):
        if abs(int(value)) > EXACT if field.type != "int" else not -(2**63) <= int(value) < 2**63:
            raise _wrong("too_large", value, field)
    elif not math.isfinite(value):
        raise _wrong("not_finite", value, field)
    elif field.type == "int" and not float(value).is_integer():
        raise _wrong("wrong_type", value, field)
    elif field.type == "int" and abs(value) > EXACT:
        raise _wrong("too_large", value, field)
    number = int(value) if field.type == "int" else float(value)
    low, high = bounds(field)
    if not low <= number <= high:
        raise _wrong("out_of_range", value, field)
    return number


def _text(value: object, field: FieldSpec) -> str:
    if not isinstance(value, str):
        raise _wrong("wrong_type", value, field)
    text = str(value)
    if len(text) > field.max_length:
        raise refusal("too_long", field.name, f"{len(text)} characters", field.max_length)
    if not is_sound(text):
        raise _wrong("bad_text", value, field)
    if field.unknown == "quarantine" and field.categories and text not in field.categories:
        raise _wrong("unknown_category", value, field)
    return text


def _moment(value: Any, field: FieldSpec, zone: tzinfo) -> Any:
    """Seconds of a text or a datetime; everything else as it is."""
    if not isinstance(value, str | datetime):
        return value
    try:
        moment = seconds(datetime.fromisoformat(value) if isinstance(value, str) else value, zone)
    except (ValueError, OverflowError) as error:
        raise _wrong("bad_time", value, field) from error
    if not EARLIEST <= moment <= LATEST:
        raise _wrong("bad_time", value, field)
    return moment


def _wrong(code: str, value: object, field: FieldSpec) -> RecordError:
    return refusal(code, field.name, shown(value, field.personal is not None), expected(field))
