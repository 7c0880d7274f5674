"""What an event must be like to go on: every event is accepted, accepted with flags, or refused with the reason."""

import copy
from collections.abc import Mapping, Sequence
from datetime import UTC, tzinfo
from typing import Any, Self

import msgspec

from streams.contract.decode import compile_decode, is_sound
from streams.contract.diagnose import diagnose, shown
from streams.contract.duplicates import Duplicates
from streams.contract.missing import constants, fit_imputes, sound
from streams.contract.outliers import Fences, fit_fences
from streams.contract.parse import parse
from streams.contract.privacy import Privacy
from streams.contract.reasons import refusal
from streams.contract.rules import Rules
from streams.contract.times import EARLIEST, LATEST
from streams.errors import RecordError, SpecError
from streams.records import Event, Value, Values
from streams.spec import FieldSpec, RuleSpec
from streams.state import State
from streams.units import format_duration

LONGEST_NAME = 1024
"""Characters that an id or a key may have."""


class Accepted(msgspec.Struct, frozen=True, gc=False):
    """Cleaned values in declared order, dropped personal fields left out, and what was remarkable (FLAGS)."""

    values: Values
    flags: tuple[str, ...]


class Refused(msgspec.Struct, frozen=True, gc=False):
    """Why an event must go no further: a code of REASONS, the field, what was got (never personal), the remedy."""

    code: str
    field: str
    got: str
    remedy: str


class Fitted(msgspec.Struct, frozen=True):
    """What a release fixes for the contract from history: values that fill in, and fences for outliers."""

    imputes: Values = {}
    fences: Fences = {}


class Contract:
    """The compiled contract of a pipeline's events.

    `future_s` is how far ahead of its arrival an event may be dated, `lateness_s` how much later it may arrive,
    `zone` the zone of times that name none, `secret` the key of hashed personal fields (16 to 64 bytes). Ids are
    remembered for `remember_s` of event time, at most `remember_most` of them.

    Raises SpecError: two fields with one name or place, a rule that cannot be compiled, a bad constant, no secret.

    >>> contract = Contract([FieldSpec(name="wind", type="float", unit="mph", min=0, max=120)], [], future_s=60.0)
    >>> contract.check(Event("N1", "a", 5.0, 5.0, {"wind": 7}), State())
    Accepted(values={'wind': 7.0}, flags=())
    >>> contract.check(Event("N1", "a", 5.0, 5.0, {"wind": -1}), State())
    Refused(code='out_of_range', field='wind', got='-1', remedy='Send wind as a float in mph from 0 to 120 ...')
    """

    def __init__(
        self,
        fields: Sequence[FieldSpec],
        rules: Sequence[RuleSpec] = (),
        *,
        future_s: float,
        lateness_s: float = 0.0,
        zone: tzinfo = UTC,
        secret: bytes = b"",
        remember_s: float = 86_400.0,
        remember_most: int = 1_000_000,
    ) -> None:
        repeated = sorted({field.name for field in fields if sum(each.name == field.name for each in fields) > 1})
        if repeated:
            raise SpecError(f"fields declared more than once: {', '.join(repeated)}. Keep one of each")
        self.fields = tuple(fields)
        self.future_s = future_s
        self.lateness_s = lateness_s
        self.zone = zone
        self._decode = compile_decode(fields, zone)
        self._rules = Rules(rules, fields)
        self._privacy = Privacy(fields, secret)
        self._duplicates = Duplicates(remember_s, remember_most)
        self._refuse_missing = frozenset(field.name for field in fields if field.missing == "drop")
        self._last = tuple(field.name for field in fields if field.missing == "impute:last")
        self._imputes = constants(fields)
        self._fences: Fences = {}
        self._more = bool(rules) or any(field.personal or field.outliers for field in fields)

    def fit(self, columns: Mapping[str, Sequence[Value]]) -> Fitted:
        """Return what history says about imputed fields and outliers; `columns` has cleaned values by field."""
        return Fitted(fit_imputes(self.fields, columns), fit_fences(self.fields, columns))

    def with_fitted(self, fitted: Fitted) -> Self:
        """Return this contract with what a release has fixed. Raises SpecError for a value that breaks its field."""
        fields = {field.name: field for field in self.fields}
        unknown = sorted({*fitted.imputes, *fitted.fences} - set(fields))
        if unknown:
            raise SpecError(f"the release was fitted on fields that are not declared: {', '.join(unknown)}. Train anew")
        other = copy.copy(self)
        other._imputes = self._imputes | {name: sound(fields[name], value) for name, value in fitted.imputes.items()}
        other._fences = dict(fitted.fences)
        return other

    def redact(self, payload: dict[str, Any] | bytes) -> bytes:
        """Return what a dead letter may hold of a payload: nothing that a declared personal field forbids."""
        return self._privacy.redact(payload)

    def check(self, event: Event, state: State, arrived: float | None = None) -> Accepted | Refused:
        """Check one event; never raises.

        `state` holds accepted ids and last values of the event's partition; only an accepted event changes it.
        `arrived` (s) is when the event came; without it, nothing is said about lateness and the future.
        """
        id, key, time = event.id, event.key, event.time
        flags = [] if key else ["no_key"]
        try:
            if not (id and id.isascii() and key.isascii() and len(id) <= LONGEST_NAME and len(key) <= LONGEST_NAME):
                _check_names(event)
            if not (EARLIEST <= time <= LATEST and EARLIEST <= event.at <= LATEST):
                raise refusal("no_time", "time", f"time {time!r}, at {event.at!r}")
            if arrived is not None and not arrived - self.lateness_s <= time <= arrived + self.future_s:
                raise self._untimely(arrived - time)
            held = self._duplicates.find(state, id, time)
            if held is None:
                raise refusal("duplicate", "id", shown(id))
            record = parse(event.payload) if isinstance(event.payload, bytes) else event.payload
            values, absent, fresh = self._decode(record) or diagnose(record, self.fields, self.zone)
            if absent or fresh or self._more:
                self._finish(values, absent, fresh, flags)
            if absent or self._last:
                self._impute(values, absent, key, state, flags)
        except RecordError as error:
            return Refused(error.code, error.field, error.got, error.remedy)
        self._duplicates.add(state, id, time, held)
        return Accepted(values, tuple(flags))

    def _untimely(self, late_s: float) -> RecordError:
        if late_s < 0:
            return refusal("in_the_future", "time", f"{-late_s:g} s ahead", format_duration(self.future_s))
        return refusal("too_late", "time", f"{late_s:g} s late", format_duration(self.lateness_s))

    def _finish(self, values: Values, absent: Sequence[str], fresh: Sequence[str], flags: list[str]) -> None:
        """Refuse what is missing or breaks a rule, flag what is remarkable, treat personal fields: in this order."""
        for name in absent:
            if name in self._refuse_missing:
                raise refusal("missing", name, "nothing")
        if fresh:
            flags += [f"new_category:{name}" for name in fresh]
        flags += self._rules.broken(values)
        for name, (low, high) in self._fences.items():
            value = values[name]
            if value is not None and not low <= value <= high:  # type: ignore[operator]
                flags.append(f"outlier:{name}")
        self._privacy.treat(values)

    def _impute(self, values: Values, absent: Sequence[str], key: str, state: State, flags: list[str]) -> None:
        before: tuple[Value, ...] = state.get("last:" + key, (None,) * len(self._last)) if self._last else ()
        known = dict(zip(self._last, before, strict=True)) | self._imputes if absent else {}
        for name in absent:
            filled = known.get(name)
            flags.append(f"missing:{name}" if filled is None else f"imputed:{name}")
            if name in values:
                values[name] = filled
        after = tuple(values[name] for name in self._last)
        if after != before:
            state.put("last:" + key, after)


def _check_names(event: Event) -> None:
    if not event.id:
        raise refusal("no_id", "id", "an empty text")
    for field, text in (("id", event.id), ("key", event.key)):
        if len(text) > LONGEST_NAME:
            raise refusal("too_long", field, f"{len(text)} characters", LONGEST_NAME)
        if not is_sound(text):
            raise refusal("bad_text", field, shown(text))
