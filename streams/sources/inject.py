"""What would have happened if: changes of the history, written as a person says them.

========================================  ======================================================================
``wind_speed*1.609``                      a number of the event times (plus, minus, divided by) something: a unit
``wind_speed=missing``                    the field does not come
``carrier=UA->ZZ``                        a category is renamed
``labels=stop``                           labels that would have come in between come at its end, or never
``duplicates*5``                          each event is sent that many times, under the same id
========================================  ======================================================================

Each may go on with ``from DATE``, ``to DATE`` (the first moment that is not meant) and, last, ``where CONDITION``:
``wind_speed=missing from 2013-09-03 to 2013-09-10 where origin == 'JFK'``. Dates are of the source's zone. The truth
stays: labels are made before anything is injected, and cannot be changed, only delayed.
"""

import math
import operator
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from streams.errors import SpecError
from streams.expressions import compile_expression, names_in
from streams.records import Label
from streams.sources.nearest import nearest
from streams.sources.order import KNOWN
from streams.sources.payload import plain
from streams.sources.times import second

_FORMS = (
    "Write FIELD*NUMBER, FIELD=missing, FIELD=OLD->NEW, labels=stop or duplicates*5, "
    "then what is needed of: from DATE to DATE where CONDITION"
)
_PARTS = re.compile(r"(?P<change>.+?)(?P<dates>(?:\s+(?:from|to)\s+\S+)*)(?:\s+where\s+(?P<where>.+))?", re.DOTALL)
_ARITHMETIC = re.compile(
    r"(?P<field>[^*/+]*?[^-+*/\s])\s*(?P<operator>[-+*/])\s*(?P<amount>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"
)
_OPERATORS = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
_ASSIGNMENT = re.compile(r"(?P<field>[^=]+?)\s*=\s*(?P<value>.+)")


class Injection(msgspec.Struct, frozen=True):
    """One change of the history, for events (labels) known from `start` (s, included) to `end` (s, excluded).

    `operator` and `amount` are of arithmetic and duplicates, `old` and `new` of a renamed category, `where` is a
    condition over the event's columns or "".
    """

    text: str
    what: Literal["arithmetic", "missing", "rename", "labels", "duplicates"]
    field: str = ""
    operator: str = ""
    amount: float = 1.0
    old: str = ""
    new: str = ""
    start: float = -math.inf
    end: float = math.inf
    where: str = ""

    @property
    def columns(self) -> set[str]:
        """The columns that the injection reads."""
        return ({self.field} if self.field else set()) | set(names_in(self.where) if self.where else ())


def parse_injection(text: str, zone: str) -> Injection:
    """Return the injection that a text describes. Raises SpecError, with what is understood.

    >>> parse_injection("wind_speed*1.609 from 2013-09-03", "America/New_York").start
    1378180800.0
    """
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        raise SpecError(f"injection {text!r} is empty. {_FORMS}")
    words = parts["dates"].split()
    dates = dict(zip(words[::2], words[1::2], strict=True))
    if len(words) > 2 * len(dates):
        raise SpecError(f"injection {text!r} says from or to twice. {_FORMS}")
    start = second(dates["from"], zone) if "from" in dates else -math.inf
    end = second(dates["to"], zone) if "to" in dates else math.inf
    if start >= end:
        raise SpecError(f"injection {text!r} ends before it begins. Write the earlier date first")
    where = (parts["where"] or "").strip()
    if where:
        names_in(where)
    base = _change(parts["change"].strip(), text)
    if base.what == "labels" and where:
        raise SpecError(f"injection {text!r}: labels stop for all events. Leave out `where`")
    return msgspec.structs.replace(base, start=start, end=end, where=where)


def _change(change: str, text: str) -> Injection:
    if change == "labels=stop":
        return Injection(text, "labels")
    if found := _ASSIGNMENT.fullmatch(change):
        field, value = found["field"], found["value"].strip()
        old, arrow, new = (part.strip() for part in value.partition("->"))
        if value == "missing" and field != "labels":
            return Injection(text, "missing", field)
        if arrow and old and new:
            return Injection(text, "rename", field, old=old, new=new)
    elif found := _ARITHMETIC.fullmatch(change):
        amount = float(found["amount"])
        if found["field"] != "duplicates":
            if found["operator"] == "/" and amount == 0:
                raise SpecError(f"injection {text!r} divides by zero. {_FORMS}")
            return Injection(text, "arithmetic", found["field"], found["operator"], amount)
        if found["operator"] == "*" and amount.is_integer() and amount >= 1:
            return Injection(text, "duplicates", operator="*", amount=amount)
    raise SpecError(f"injection {text!r}: {change!r} is not understood. {_FORMS}")


def change_fields(piece: pd.DataFrame, injections: Sequence[Injection], zone: str) -> pd.DataFrame:
    """Return the rows with the fields changed; the given ones stay as they are.

    Raises SpecError for a field that the rows do not have, and for one of the wrong type.
    """
    for injection in injections:
        if injection.what in ("arithmetic", "missing", "rename"):
            if injection.field not in piece:
                remedy = nearest(injection.field, _fields(piece))
                raise SpecError(f"injection {injection.text!r}: there is no field {injection.field!r}. {remedy}")
            meant = _meant(piece, injection, zone)
            if meant.any():
                piece = piece.assign(**{injection.field: _changed(piece[injection.field], meant, injection, zone)})
    return piece


def times_sent(piece: pd.DataFrame, injections: Sequence[Injection], zone: str) -> list[int] | None:
    """Return how often each row is sent; None if each is sent once."""
    times = np.ones(len(piece), dtype=np.int64)
    for injection in injections:
        if injection.what == "duplicates":
            times[_meant(piece, injection, zone)] *= int(injection.amount)
    return times.tolist() if times.max(initial=1) > 1 else None


def delay_labels(labels: list[Label], injections: Sequence[Injection]) -> list[Label]:
    """Return the labels with those that would have come while labels were stopped at the end of the stop, or gone."""
    for injection in injections:
        if injection.what == "labels":
            labels = [
                msgspec.structs.replace(label, time=injection.end)
                if injection.start <= label.time < injection.end
                else label
                for label in labels
            ]
    return [label for label in labels if label.time < math.inf]


def _meant(piece: pd.DataFrame, injection: Injection, zone: str) -> NDArray[np.bool_]:
    known = piece[KNOWN].to_numpy()
    meant: NDArray[np.bool_] = (known >= injection.start) & (known < injection.end)
    if not injection.where or not meant.any():
        return meant
    names = names_in(injection.where)
    evaluate = compile_expression(injection.where, _fields(piece))
    rows = zip(*(plain(piece.loc[meant, name], zone) for name in names), strict=True)
    meant[meant] = [bool(evaluate(dict(zip(names, row, strict=True)))) for row in rows] if names else bool(evaluate({}))
    return meant


def _fields(piece: pd.DataFrame) -> list[str]:
    return [name for name in piece.columns if not name.startswith("\0")]


def _changed(column: "pd.Series[Any]", meant: NDArray[np.bool_], injection: Injection, zone: str) -> "pd.Series[Any]":
    """A column with the values that are meant changed; arithmetic is for numbers, renaming for texts."""
    values = plain(column, zone)
    wanted = {"arithmetic": (int, float), "rename": (str,)}.get(injection.what, (object,))
    there = [value for value, hit in zip(values, meant.tolist(), strict=True) if hit and value is not None]
    if there and not any(isinstance(value, wanted) for value in there):
        kind = "numbers" if injection.what == "arithmetic" else "texts"
        raise SpecError(f"injection {injection.text!r}: {injection.field} has no {kind}, got {there[0]!r}. {_FORMS}")
    changed = [
        _value(value, injection) if hit and isinstance(value, wanted) else value
        for value, hit in zip(values, meant.tolist(), strict=True)
    ]
    return pd.Series(changed, index=column.index, dtype=object)


def _value(value: Any, injection: Injection) -> object:
    if injection.what == "missing":
        return None
    if injection.what == "rename":
        return injection.new if value == injection.old else value
    return _OPERATORS[injection.operator](value, injection.amount)
