"""At least forty ways in which a record can be broken, each with its reason code and field."""

from datetime import UTC, datetime
from typing import Any

import pytest

from streams.contract import REASONS, Accepted, Contract, Refused
from streams.records import Event
from streams.spec import FieldSpec, PersonalSpec, RuleSpec
from streams.state import State

NAN, INF = float("nan"), float("inf")
EMAIL = "ann@example.org"

FIELDS = [
    FieldSpec(name="wind", type="float", unit="mph", min=0, max=120, missing="drop"),
    FieldSpec(name="seats", type="int", min=1),
    FieldSpec(name="origin", type="str", categories=("EWR", "JFK", "LGA"), unknown="quarantine", max_length=8),
    FieldSpec(name="late", type="bool"),
    FieldSpec(name="departs", type="time", missing="flag"),
    FieldSpec(name="lands", type="time"),
    FieldSpec(name="city", type="str", path="user.address.city", max_length=20),
    FieldSpec(name="email", type="str", path="user.email", personal=PersonalSpec(treat="hash", basis="contract")),
]
RULES = [RuleSpec(name="lands after departing", when="lands > departs")]
CONTRACT = Contract(FIELDS, RULES, future_s=60.0, lateness_s=3600.0, secret=b"0123456789abcdef")
ARRIVED = 1_000_000.0


def check(payload: Any, state: State | None = None, **event: Any) -> Accepted | Refused:
    made = {"key": "N1", "id": "a", "time": ARRIVED, "at": ARRIVED, "payload": payload} | event
    return CONTRACT.check(Event(**made), State() if state is None else state, ARRIVED)


def with_field(**fields: Any) -> dict[str, Any]:
    return {"wind": 7.0, **fields}


def nested(depth: int) -> bytes:
    return b'{"wind": 7, "more": ' + b"[" * depth + b"]" * depth + b"}"


PAYLOADS: list[tuple[str, Any, str, str]] = [
    ("no bytes at all", b"", "not_json", "payload"),
    ("blanks only", b"  \n", "not_json", "payload"),
    ("cut off", b'{"wind": 7, "sea', "not_json", "payload"),
    ("two documents", b'{"wind": 7}{"wind": 8}', "not_json", "payload"),
    ("single quotes", b"{'wind': 7}", "not_json", "payload"),
    ("a header line of CSV", b"wind,seats,origin\n", "not_json", "payload"),
    ("NaN in JSON", b'{"wind": NaN}', "not_json", "payload"),
    ("Infinity in JSON", b'{"wind": -Infinity}', "not_json", "payload"),
    ("a float beyond all floats", b'{"wind": 1e999}', "too_large", "payload"),
    ("an integer of 5,000 digits", b'{"seats": 1' + b"0" * 5000 + b"}", "too_large", "payload"),
    ("Latin-1 in a text", b'{"wind": 7, "user": {"address": {"city": "Z\xfcrich"}}}', "not_utf8", "payload"),
    ("Latin-1 in a key", b'{"w\xeand": 7}', "not_utf8", "payload"),
    ("UTF-16", '{"wind": 7}'.encode("utf-16"), "not_utf8", "payload"),
    ("a byte order mark", b'\xef\xbb\xbf{"wind": 7}', "not_utf8", "payload"),
    ("half a surrogate pair, escaped", b'{"wind": 7, "user": {"email": "\\ud800"}}', "not_json", "payload"),
    ("half a surrogate pair, in memory", with_field(user={"email": "x\ud800"}), "bad_text", "email"),
    ("a list", b"[1, 2, 3]", "not_an_object", "payload"),
    ("a number", b"7", "not_an_object", "payload"),
    ("null", b"null", "not_an_object", "payload"),
    ("nested 33 levels", nested(32), "too_deep", "payload"),
    ("nested 100,000 levels", nested(100_000), "too_deep", "payload"),
    ("a repeated key", b'{"wind": 7, "seats": 3, "wind": 8}', "repeated_key", "payload"),
    ("a repeated key, spelled with an escape", b'{"wind": 7, "w\\u0069nd": 8}', "repeated_key", "payload"),
    ("a repeated key, below", b'{"wind": 7, "user": {"email": "a:b", "email": "c"}}', "repeated_key", "payload"),
    ("a repeated key that is not declared", b'{"wind": 7, "x": 1, "x": 1}', "repeated_key", "payload"),
    ("a field that must be there, absent", {"seats": 3}, "missing", "wind"),
    ("a field that must be there, null", {"wind": None}, "missing", "wind"),
    ("a field that must be there, NaN", {"wind": NAN}, "missing", "wind"),
    ("an empty object", b"{}", "missing", "wind"),
    ("infinity", {"wind": INF}, "not_finite", "wind"),
    ("minus infinity in an int", with_field(seats=-INF), "not_finite", "seats"),
    ("infinity as a time", with_field(departs=INF), "not_finite", "departs"),
    ("text for a number", {"wind": "7"}, "wrong_type", "wind"),
    ("truth for a number", {"wind": True}, "wrong_type", "wind"),
    ("a list for a number", {"wind": [7]}, "wrong_type", "wind"),
    ("a fraction for an int", with_field(seats=2.5), "wrong_type", "seats"),
    ("a number for text", with_field(origin=3), "wrong_type", "origin"),
    ("an object for text", with_field(user={"email": {"a": EMAIL}}), "wrong_type", "email"),
    ("text where an object is wanted", with_field(user=EMAIL), "wrong_type", "city"),
    ("a list where an object is wanted", with_field(user={"address": [EMAIL]}), "wrong_type", "city"),
    ("two for a truth", with_field(late=2), "wrong_type", "late"),
    ("text for a truth", with_field(late="yes"), "wrong_type", "late"),
    ("a huge integer for a float", {"wind": 2**53 + 1}, "too_large", "wind"),
    ("an integer of 65 bits", with_field(seats=2**64), "too_large", "seats"),
    ("a float that no longer holds an integer", with_field(seats=1e17), "too_large", "seats"),
    ("below the range", {"wind": -0.1}, "out_of_range", "wind"),
    ("above the range", {"wind": 193.0}, "out_of_range", "wind"),
    ("no seats", with_field(seats=0), "out_of_range", "seats"),
    ("a time after the year 9999", with_field(departs=1e15), "out_of_range", "departs"),
    ("a category that nobody knows", with_field(origin="XXX"), "unknown_category", "origin"),
    ("text that is too long", with_field(origin="J" * 9), "too_long", "origin"),
    ("a day in words", with_field(departs="yesterday"), "bad_time", "departs"),
    ("the thirtieth of February", with_field(departs="2013-02-30T10:00:00Z"), "bad_time", "departs"),
    ("before the year 1", with_field(departs="0001-01-01T00:00:00+14:00"), "bad_time", "departs"),
    ("an object that was read as something else", ["wind", 7], "not_an_object", "payload"),
    ("hour 25", with_field(departs="2013-02-03T25:00:00"), "bad_time", "departs"),
    ("an offset of 99 hours", with_field(departs="2013-02-03T10:00:00+99:00"), "bad_time", "departs"),
    ("a truth for a time", with_field(departs=False), "wrong_type", "departs"),
    ("a rule", with_field(departs=200.0, lands=100.0), "rule_broken", "lands, departs"),
    (
        "a rule, across time zones",
        with_field(departs="2013-01-01T10:00:00-05:00", lands="2013-01-01T14:59:00Z"),
        "rule_broken",
        "lands, departs",
    ),
]

ENVELOPES: list[tuple[str, dict[str, Any], str, str]] = [
    ("no id", {"id": ""}, "no_id", "id"),
    ("an endless id", {"id": "a" * 2000}, "too_long", "id"),
    ("an endless key", {"key": "a" * 2000}, "too_long", "key"),
    ("an id that cannot be stored", {"id": "a\udfff"}, "bad_text", "id"),
    ("no time", {"time": NAN}, "no_time", "time"),
    ("an infinite time", {"at": INF}, "no_time", "time"),
    ("milliseconds for seconds", {"at": 1357016400000.0}, "no_time", "time"),
    ("an hour ahead", {"time": ARRIVED + 3600}, "in_the_future", "time"),
    ("two hours late", {"time": ARRIVED - 7200}, "too_late", "time"),
]


@pytest.mark.parametrize(("payload", "code", "field"), [row[1:] for row in PAYLOADS], ids=[row[0] for row in PAYLOADS])
def test_a_broken_record_is_refused_with_its_reason(payload: Any, code: str, field: str) -> None:
    state = State()
    found = check(payload, state)
    assert isinstance(found, Refused)
    assert (found.code, found.field) == (code, field)
    assert found.remedy.startswith(REASONS[code].remedy.split("{")[0])
    assert len(found.got) < 200
    assert EMAIL not in repr(found)
    assert state.changes() == {}, "a refused record leaves no trace"


@pytest.mark.parametrize(("event", "code", "field"), [row[1:] for row in ENVELOPES], ids=[row[0] for row in ENVELOPES])
def test_a_broken_envelope_is_refused_with_its_reason(event: dict[str, Any], code: str, field: str) -> None:
    found = check(with_field(), **event)
    assert isinstance(found, Refused)
    assert (found.code, found.field) == (code, field)


def test_a_repeated_event_is_refused() -> None:
    state = State()
    assert isinstance(check(with_field(), state), Accepted)
    again = check(with_field(), state)
    assert isinstance(again, Refused)
    assert (again.code, again.field) == ("duplicate", "id")


def test_a_refused_event_may_come_again_mended() -> None:
    state = State()
    assert isinstance(check({"wind": -1}, state), Refused)
    assert isinstance(check({"wind": 1}, state), Accepted)


def test_every_reason_has_a_broken_record() -> None:
    assert {code for *_, code, _ in PAYLOADS + ENVELOPES} | {"duplicate"} == set(REASONS)
    assert len(PAYLOADS + ENVELOPES) >= 40


@pytest.mark.parametrize(
    ("payload", "values"),
    [
        (with_field(seats=3.0), {"seats": 3}),
        (with_field(seats=2**62), {"seats": 2**62}),
        (with_field(seats=NAN, origin=NAN, late=NAN, departs=NAN), {"seats": None, "origin": None, "late": None}),
        ({"wind": 7}, {"wind": 7.0}),
        (with_field(late=1.0), {"late": True}),
        (with_field(late=0), {"late": False}),
        (with_field(departs="1970-01-01"), {"departs": 0.0}),
        (with_field(departs="1970-01-01 00:00:10+00:00"), {"departs": 10.0}),
        (with_field(departs=datetime(1970, 1, 1, 1, tzinfo=UTC)), {"departs": 3600.0}),
        (with_field(user={"address": {"city": "Zürich"}}), {"city": "Zürich"}),
        (b'{"wind": 7, "user": {"address": {"city": "a:b, {c}"}}}', {"city": "a:b, {c}"}),
        (b'{"wind": 7, "user": {"address": {"city": "\\u003a"}}}', {"city": ":"}),
        (nested(31), {"wind": 7.0}),
        (b'{"wind": 7, "x": "' + b"[{" * 50 + b'"}', {"wind": 7.0}),
    ],
)
def test_what_looks_broken_and_is_not(payload: Any, values: dict[str, Any]) -> None:
    found = check(payload)
    assert isinstance(found, Accepted)
    assert {name: found.values[name] for name in values} == values
    assert [type(found.values[name]) for name in values] == [type(value) for value in values.values()]
