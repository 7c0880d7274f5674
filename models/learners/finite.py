"""What a learner may be shown of a number: one NaN in a scaler or a weight makes every later answer NaN."""

import sys
from collections.abc import Iterable

from streams.errors import RecordError
from streams.records.record import Values


def is_finite(value: object) -> bool:
    """Return whether that is a number which a float can hold.

    >>> [is_finite(value) for value in (1, 2.5, True, float("nan"), 10**400, "1")]
    [True, True, True, False, False, False]
    """
    return isinstance(value, int | float) and abs(value) <= sys.float_info.max


def check_finite(row: Values, names: Iterable[str]) -> None:
    """Raise RecordError for the first of these inputs that is there and is no finite number."""
    for name in names:
        value = row.get(name)
        if value is not None and not is_finite(value):
            remedy = "A contract with type, min and max, or a feature that answers None instead, keeps it out."
            raise RecordError("not_a_finite_number", name, repr(value)[:80], remedy)
