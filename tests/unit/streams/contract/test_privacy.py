import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.contract import Accepted, Contract, Refused
from streams.contract.privacy import keyed_hash
from streams.errors import SpecError
from streams.records import Event
from streams.spec import FieldSpec, PersonalSpec, RuleSpec
from streams.state import State

SECRET = b"0123456789abcdef"
MAIL = "ann@example.org"


def personal(name: str, treat: str, **more: Any) -> FieldSpec:
    return FieldSpec(
        name=name, type="str", personal=PersonalSpec.model_validate({"treat": treat, "basis": "b"}), **more
    )


FIELDS = [
    personal("mail", "hash", path="user.mail"),
    personal("name", "drop"),
    personal("nick", "keep", missing="impute:last"),
    FieldSpec(name="wind", type="float", max=100),
]
CONTRACT = Contract(FIELDS, [RuleSpec(name="r", when="name != nick")], future_s=1.0, secret=SECRET)


def check(payload: Any, state: State | None = None) -> Accepted | Refused:
    return CONTRACT.check(Event("k", "i", 0.0, 0.0, payload), state or State())


def test_personal_fields_are_hashed_dropped_or_kept() -> None:
    found = check({"user": {"mail": MAIL}, "name": "Ann", "nick": "A", "wind": 1})
    assert isinstance(found, Accepted)
    assert found.values == {"mail": keyed_hash(MAIL, SECRET), "nick": "A", "wind": 1.0}
    assert len(keyed_hash(MAIL, SECRET)) == 16
    assert keyed_hash(MAIL, SECRET) != keyed_hash(MAIL, b"fedcba9876543210")


def test_a_missing_personal_field_stays_missing() -> None:
    found = check({"wind": 1})
    assert found == Accepted(
        {"mail": None, "nick": None, "wind": 1.0}, ("missing:mail", "missing:name", "missing:nick")
    )


@pytest.mark.parametrize(
    "payload",
    [
        {"user": {"mail": MAIL + "\ud800"}},
        {"user": {"mail": MAIL * 100}},
        {"user": {"mail": [MAIL]}},
        {"user": MAIL},
        {"user": [{"mail": MAIL}]},
        {"name": {MAIL: MAIL}},
        {"name": MAIL, "nick": MAIL},
        {"user": {"mail": MAIL}, "wind": 1e9},
        b'{"name": "' + MAIL.encode() + b'", "wind": 101}',
        b'{"name": "' + MAIL.encode() + b'", "wind": NaN}',
        b'{"name": "' + MAIL.encode() + b'", "name": 1}',
        b'"' + MAIL.encode() + b'"',
        MAIL.encode(),
    ],
)
def test_no_error_and_no_dead_letter_shows_a_personal_value(payload: Any) -> None:
    found = check(payload)
    assert isinstance(found, Refused)
    assert MAIL not in repr(found)
    dead = CONTRACT.redact(payload if payload != {"name": MAIL, "nick": MAIL} else {"name": MAIL})
    assert MAIL.encode() not in dead
    assert isinstance(json.loads(dead), dict)


def test_a_dead_letter_keeps_what_is_not_personal() -> None:
    raw = b'{"user": {"mail": "ann@example.org", "id": 7}, "name": "Ann", "nick": "A", "wind": 101}'
    wanted = {"user": {"id": 7, "mail": keyed_hash(MAIL, SECRET)}, "nick": "A", "wind": 101}
    assert json.loads(CONTRACT.redact(raw)) == wanted
    assert json.loads(CONTRACT.redact(json.loads(raw))) == wanted


def test_of_unreadable_bytes_only_digest_and_length_stay() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"  # SHA-256 of nothing, FIPS 180-4
    assert json.loads(CONTRACT.redact(b"")) == {"sha256": empty, "bytes": 0}


def test_without_personal_fields_a_dead_letter_has_the_original_bytes() -> None:
    assert Contract(FIELDS[3:], future_s=1.0).redact(b"\xff{") == b"\xff{"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=6))
def test_no_text_survives_in_state_values_or_dead_letters(text: str) -> None:
    secret = f"<{text}>"
    state, payload = State(), {"user": {"mail": secret}, "name": secret, "wind": 1}
    found = check(payload, state)
    state.apply()
    assert secret not in repr(found) + repr(dict(state.items())) + json.dumps(json.loads(CONTRACT.redact(payload)))


@pytest.mark.parametrize("secret", [b"", b"short", b"x" * 65])
def test_a_secret_that_is_too_short_or_too_long_is_refused(secret: bytes) -> None:
    with pytest.raises(SpecError, match="16 to 64 bytes"):
        Contract(FIELDS, future_s=1.0, secret=secret)
