"""What fills in for a missing value: the key's last one, a constant, or a figure that a release has fixed."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC
from statistics import median

from streams.contract.diagnose import diagnose
from streams.errors import RecordError, SpecError
from streams.records import Value, Values
from streams.spec import FieldSpec

FITTED = ("impute:mean", "impute:median", "impute:most_frequent")
"""Ways that need figures from history; until a release fixes them, the value stays missing."""

_TRUTH = {"true": True, "false": False}


def fit_imputes(fields: Sequence[FieldSpec], columns: Mapping[str, Sequence[Value]]) -> Values:
    """Return what fills in for each field that is imputed by mean, median or most frequent value.

    `columns` has the cleaned values of history by field; missing ones are left out. The order of the values changes
    nothing: sums are exact, ties of frequency go to the smallest. Fields without any value are left out.

    >>> fit_imputes([FieldSpec(name="wind", type="float", missing="impute:mean")], {"wind": [1.0, None, 4.0]})
    {'wind': 2.5}
    """
    fitted: Values = {}
    for field in fields:
        present = [value for value in columns.get(field.name, ()) if value is not None]
        if field.missing in FITTED and present:
            fitted[field.name] = _figure(field, present)
    return fitted


def _figure(field: FieldSpec, present: Sequence[float | int | str | bool]) -> Value:
    if field.missing == "impute:most_frequent":
        counts = Counter(present)
        most = max(counts.values())
        return min(value for value, count in counts.items() if count == most)
    numbers = [float(value) for value in present]
    figure = math.fsum(numbers) / len(numbers) if field.missing == "impute:mean" else median(numbers)
    return round(figure) if field.type == "int" else figure


def constants(fields: Sequence[FieldSpec]) -> Values:
    """Return the declared constants by field. Raises SpecError where one breaks the contract of its field."""
    found: Values = {}
    for field in fields:
        text = field.missing.removeprefix("impute:constant=")
        if text != field.missing:
            found[field.name] = sound(field, _parsed(field, text))
    return found


def sound(field: FieldSpec, value: Value) -> Value:
    """Return a value that is to fill in for a field. Raises SpecError where it breaks the field's own contract."""
    try:
        values, absent, fresh = diagnose(
            {"value": value}, [field.model_copy(update={"name": "value", "path": None})], UTC
        )
    except RecordError as error:
        raise SpecError(
            f"field {field.name!r}: cannot be imputed by {value!r}: {error.code}. {error.remedy}"
        ) from error
    if absent or fresh:
        raise SpecError(f"field {field.name!r}: cannot be imputed by {value!r}. Use one of its own values")
    return values["value"]


def _parsed(field: FieldSpec, text: str) -> Value:
    """The value that a text in the pipeline file means; what cannot be read stays text, and is refused as such."""
    if field.type == "bool":
        return _TRUTH.get(text.lower(), text)
    if field.type in ("str", "time"):
        return text
    try:
        return int(text) if field.type == "int" else float(text)
    except ValueError:
        return text
