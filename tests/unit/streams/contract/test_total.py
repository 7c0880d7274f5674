"""Laws over arbitrary records: a check never raises, what it accepts is as declared, and both passes agree."""

import math
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.contract import Accepted, Contract, Refused
from streams.contract.decode import compile_decode
from streams.contract.diagnose import diagnose
from streams.errors import RecordError
from streams.records import Event, Value
from streams.spec import FieldSpec, RuleSpec
from streams.state import State

FIELDS = [
    FieldSpec(name="x", type="float", min=-10, max=1e20),
    FieldSpec(name="free", type="float", missing="impute:last"),
    FieldSpec(name="n", type="int", min=-5.5, missing="impute:constant=3"),
    FieldSpec(name="big", type="int"),
    FieldSpec(name="s", type="str", max_length=5, categories=("a", "é")),
    FieldSpec(name="b", type="bool"),
    FieldSpec(name="t", type="time", min=0),
    FieldSpec(name="deep", type="str", path="o.p.q", missing="drop"),
    FieldSpec(name="shallow", type="int", path="o.n"),
]
CONTRACT = Contract(FIELDS, [RuleSpec(name="r", when="x ** 2 < free or n / big > 0")], future_s=1.0)
DECODE = compile_decode(FIELDS, UTC)
PYTHON: dict[str, Any] = {"float": float, "time": float, "int": int, "str": str, "bool": bool}

numbers = st.one_of(
    st.integers(),
    st.integers(-6, 6),
    st.floats(),
    st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**63, 2**63 - 1, -(2**63), 1e20, 10**400, -0.0, 5e-324]),
)
texts = st.text(st.characters(), max_size=8) | st.sampled_from(
    ["a", "é", "\ud800", "2013-01-01T00:00:00", "2013-01-01"]
)
scalars = st.one_of(st.none(), st.booleans(), numbers, texts, st.datetimes(), st.just(datetime.min.replace(tzinfo=UTC)))
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
inner = st.dictionaries(st.sampled_from(["p", "n", "q"]), st.dictionaries(st.just("q"), scalars) | anything) | anything
records = st.dictionaries(st.sampled_from([field.name for field in FIELDS]), anything).flatmap(
    lambda flat: inner.map(lambda o: {**flat, "o": o})
)
usual = {"x": numbers, "free": numbers, "n": numbers, "big": numbers, "s": texts, "t": numbers | st.datetimes() | texts}
mostly = st.fixed_dictionaries(
    {"o": st.fixed_dictionaries({"p": st.fixed_dictionaries({"q": texts})})},
    optional={**usual, "b": st.booleans() | st.sampled_from([0, 1.0])},
)


def is_as_declared(value: Value, field: FieldSpec) -> bool:
    if value is None:
        return field.missing != "drop"
    if type(value) is not PYTHON[field.type]:
        return False
    if isinstance(value, str):
        return len(value) <= field.max_length and value.encode().decode() == value
    low, high = (-math.inf if field.min is None else field.min), (math.inf if field.max is None else field.max)
    return math.isfinite(value) and low <= value <= high and (field.type != "int" or -(2**63) <= value < 2**63)


def law(payload: Any, key: str = "k", id: str = "i", time: float = 0.0) -> None:
    state = State()
    found = CONTRACT.check(Event(key, id, time, time, payload), state, 0.0)
    if isinstance(found, Refused):
        assert state.changes() == {}
    else:
        assert isinstance(found, Accepted)
        assert list(found.values) == [field.name for field in FIELDS]
        assert all(is_as_declared(found.values[field.name], field) for field in FIELDS)
    CONTRACT.redact(payload)


@given(records | mostly | st.dictionaries(texts | st.integers(), anything), texts, texts, st.floats())
def test_any_object_is_accepted_as_declared_or_refused(payload: Any, key: str, id: str, time: float) -> None:
    law(payload)
    law(payload, key, id, time)


@given(st.binary() | st.text().map(str.encode) | st.text('{}[]:,"0x\\ue', max_size=80).map(str.encode))
def test_any_bytes_are_accepted_as_declared_or_refused(payload: bytes) -> None:
    law(payload)


@given(records | mostly)
def test_where_the_quick_pass_answers_the_second_look_says_the_same(record: Any) -> None:
    quick = DECODE(record)
    try:
        slow = diagnose(record, FIELDS, UTC)
    except RecordError:
        assert quick is None
    else:
        assert quick is None or repr(quick) == repr(slow)


@given(mostly)
def test_a_record_is_not_changed_by_its_check(record: Any) -> None:
    before = repr(record)
    law(record)
    assert repr(record) == before


def test_a_sound_record_needs_no_second_look() -> None:
    sound = {"x": 1, "free": 2.5, "n": 3.0, "big": 2**62, "s": "zz", "b": 1, "t": "2013-01-01T00:00:00Z"}
    assert DECODE({**sound, "o": {"p": {"q": "é"}, "n": 4}}) is not None
    assert DECODE({**sound, "x": math.nan, "s": math.nan, "t": math.nan, "b": math.nan, "n": math.nan}) is not None
