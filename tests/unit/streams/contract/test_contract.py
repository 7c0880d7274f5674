from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.contract import Accepted, Contract, Fitted, Refused
from streams.errors import SpecError
from streams.records import Event, Values
from streams.spec import FieldSpec, PersonalSpec, RuleSpec
from streams.state import State


def event(payload: dict[str, Any] | bytes, id: str = "a", key: str = "N1", time: float = 0.0) -> Event:
    return Event(key, id, time, time, payload)


def accepted(contract: Contract, payload: dict[str, Any] | bytes, **more: Any) -> Accepted:
    found = contract.check(event(payload, **more), State())
    assert isinstance(found, Accepted), found
    return found


def contract(*fields: FieldSpec, rules: tuple[RuleSpec, ...] = (), **more: Any) -> Contract:
    return Contract(fields, rules, future_s=60.0, **more)


WIND = FieldSpec(name="wind", type="float")


def test_values_come_in_declared_order_and_nothing_else_comes() -> None:
    both = contract(WIND, FieldSpec(name="origin", type="str"))
    assert list(accepted(both, {"other": 1, "origin": "JFK", "wind": 1}).values.items()) == [
        ("wind", 1.0),
        ("origin", "JFK"),
    ]


def test_bytes_and_objects_are_read_alike() -> None:
    city = contract(WIND, FieldSpec(name="city", type="str", path="user.address.city"))
    wanted = Accepted({"wind": 3.5, "city": "Zürich"}, ())
    assert accepted(city, '{"wind": 3.5, "user": {"address": {"city": "Zürich"}}}'.encode()) == wanted
    assert accepted(city, {"wind": 3.5, "user": {"address": {"city": "Zürich"}}}) == wanted
    assert accepted(city, {"wind": 3.5, "user": None}) == Accepted({"wind": 3.5, "city": None}, ("missing:city",))


def test_a_name_with_dots_is_one_key_and_a_path_is_several() -> None:
    assert accepted(contract(FieldSpec(name="a.b", type="int")), {"a.b": 1, "a": {"b": 2}}).values == {"a.b": 1}
    assert accepted(contract(FieldSpec(name="a.b", type="int", path="a.b")), {"a.b": 1, "a": {"b": 2}}).values == {
        "a.b": 2
    }


def test_names_are_data_and_never_code() -> None:
    names = ["'", "{x}", "a b", "#", "class", "é", "m0", "v0"]
    odd = contract(*(FieldSpec(name=name, type="int") for name in names))
    wanted = {name: i for i, name in enumerate(names)}
    assert accepted(odd, dict(wanted)).values == wanted


def test_local_times_take_the_zone_and_its_daylight_saving() -> None:
    local = contract(FieldSpec(name="t", type="time"), zone=ZoneInfo("America/New_York"))
    times = {
        "2013-01-01T05:15:00": 1357035300.0,  # EST, as `date -d '2013-01-01 05:15 EST' +%s` says
        "2013-07-01T05:15:00": 1372670100.0,  # EDT
        "2013-07-01T05:15:00Z": 1372655700.0,
        "2013-11-03T01:30:00": 1383456600.0,  # the hour that comes twice: its first time, EDT
        "2013-11-03T01:30:00-05:00": 1383460200.0,
    }
    assert {text: accepted(local, {"t": text}).values["t"] for text in times} == times


def test_a_new_category_is_kept_and_flagged() -> None:
    origin = contract(FieldSpec(name="origin", type="str", categories=("JFK",)))
    assert accepted(origin, {"origin": "SWF"}) == Accepted({"origin": "SWF"}, ("new_category:origin",))
    assert accepted(origin, {"origin": "JFK"}).flags == ()


def test_an_event_without_a_key_is_flagged_and_goes_on() -> None:
    assert accepted(contract(WIND), {"wind": 1.0}, key="").flags == ("no_key",)


def test_lateness_and_future_have_inclusive_limits() -> None:
    limits = Contract([WIND], future_s=60.0, lateness_s=3600.0)

    def found(time: float) -> str:
        result = limits.check(event({"wind": 1}, time=time), State(), arrived=10_000.0)
        return result.code if isinstance(result, Refused) else "accepted"

    assert [found(time) for time in (10_060.0, 10_060.5, 6_400.0, 6_399.5)] == [
        "accepted", "in_the_future", "accepted", "too_late",
    ]  # fmt: skip


def test_a_rule_refuses_or_flags_and_holds_where_an_operand_is_missing() -> None:
    fields = [FieldSpec(name="low", type="float"), FieldSpec(name="high", type="float")]
    strict = contract(*fields, rules=(RuleSpec(name="order", when="low <= high"),))
    lenient = contract(*fields, rules=(RuleSpec(name="order", when="low <= high", broken="flag"),))
    found = strict.check(event({"low": 2, "high": 1}), State())
    assert found == Refused(
        "rule_broken", "low, high", "low = 2.0, high = 1.0", "Mend the fields, or the rule 'order' (low <= high)."
    )
    assert accepted(lenient, {"low": 2, "high": 1}).flags == ("rule:order",)
    assert accepted(strict, {"low": 2}).flags == ("missing:high",)
    assert accepted(strict, {"low": 1, "high": 1}).flags == ()


def test_the_last_value_is_the_keys_own() -> None:
    state, last = State(), contract(FieldSpec(name="wind", type="float", missing="impute:last"))
    sent: list[tuple[str, Values]] = [
        ("N1", {}),
        ("N1", {"wind": 3}),
        ("N2", {}),
        ("N1", {}),
        ("N1", {"wind": 4}),
        ("N1", {}),
    ]
    found = [last.check(event(dict(values), str(i), key), state) for i, (key, values) in enumerate(sent)]
    assert [result.values["wind"] for result in found if isinstance(result, Accepted)] == [
        None,
        3.0,
        None,
        3.0,
        4.0,
        4.0,
    ]
    assert [result.flags for result in found if isinstance(result, Accepted)] == [
        ("missing:wind",), (), ("missing:wind",), ("imputed:wind",), (), ("imputed:wind",),
    ]  # fmt: skip


def test_a_constant_fills_in_at_once_and_a_mean_only_when_a_release_has_fixed_it() -> None:
    fields = [
        FieldSpec(name="gate", type="int", missing="impute:constant=7"),
        FieldSpec(name="wind", type="float", missing="impute:mean"),
        FieldSpec(name="origin", type="str", missing="impute:most_frequent"),
    ]
    before = contract(*fields)
    fitted = before.fit({"gate": [1], "wind": [1.0, None, 2.0], "origin": ["LGA", "JFK", "LGA", None]})
    assert fitted == Fitted({"wind": 1.5, "origin": "LGA"}, {})
    assert accepted(before, {}) == Accepted(
        {"gate": 7, "wind": None, "origin": None}, ("imputed:gate", "missing:wind", "missing:origin")
    )
    assert accepted(before.with_fitted(fitted), {}) == Accepted(
        {"gate": 7, "wind": 1.5, "origin": "LGA"}, ("imputed:gate", "imputed:wind", "imputed:origin")
    )
    assert accepted(before, {}).values["wind"] is None, "the contract itself has not changed"


def test_outliers_are_flagged_beyond_the_fences_of_a_release() -> None:
    gauge = contract(FieldSpec(name="wind", type="float", outliers=1.5))
    fixed = gauge.with_fitted(gauge.fit({"wind": [1.0, 2.0, 3.0, 4.0, 5.0]}))  # quartiles 2 and 4: fences -1 and 7
    assert [accepted(fixed, {"wind": wind}).flags for wind in (-1, -1.1, 7, 7.1)] == [
        (), ("outlier:wind",), (), ("outlier:wind",),
    ]  # fmt: skip
    assert accepted(gauge, {"wind": 1e6}).flags == ()


PERSONAL = FieldSpec(name="mail", type="str", personal=PersonalSpec(treat="hash", basis="contract"))


@pytest.mark.parametrize(
    ("fields", "rules", "text"),
    [
        ([WIND, WIND], [], "declared more than once: wind"),
        ([WIND, FieldSpec(name="w", type="int", path="wind")], [], "another field stands in 'wind'"),
        ([WIND, FieldSpec(name="w", type="int", path="wind.x")], [], "it stands inside field 'wind'"),
        ([FieldSpec(name="w", type="int", path="wind.x"), WIND], [], "another field stands in 'wind'"),
        ([WIND], [RuleSpec(name="r", when="wind > gust")], "rule 'r': expression 'wind > gust', column 8: 'gust'"),
        ([PERSONAL], [], "with a secret of 0 bytes"),
        ([FieldSpec(name="a", type="int", missing="impute:constant=x")], [], "cannot be imputed by 'x': wrong_type"),
        ([FieldSpec(name="a", type="int", max=5, missing="impute:constant=6")], [], "by 6: out_of_range"),
        ([FieldSpec(name="a", type="float", missing="impute:constant=nan")], [], "cannot be imputed by nan"),
        ([FieldSpec(name="a", type="bool", missing="impute:constant=maybe")], [], "wrong_type"),
        ([FieldSpec(name="a", type="str", categories=("x",), missing="impute:constant=y")], [], "by 'y'"),
    ],
)
def test_a_contradictory_contract_is_refused_with_the_remedy(
    fields: list[FieldSpec], rules: list[RuleSpec], text: str
) -> None:
    with pytest.raises(SpecError) as error:
        Contract(fields, rules, future_s=0.0)
    assert text in str(error.value)


def test_what_a_release_has_fixed_must_fit_the_contract() -> None:
    gauge = contract(FieldSpec(name="wind", type="float", max=10, missing="impute:mean"))
    with pytest.raises(SpecError, match="not declared: gust"):
        gauge.with_fitted(Fitted({"gust": 1.0}))
    with pytest.raises(SpecError, match="out_of_range"):
        gauge.with_fitted(Fitted({"wind": 11.0}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "str", "min": 0},
        {"type": "str", "name": ""},
        {"type": "str", "name": 'a"b'},
        {"type": "str", "path": "a\\b"},
        {"type": "float", "min": 2, "max": 1},
        {"type": "float", "min": float("nan")},
        {"type": "int", "categories": ("a",)},
        {"type": "str", "categories": ()},
        {"type": "str", "unknown": "quarantine"},
        {"type": "str", "missing": "impute:mean"},
        {"type": "float", "missing": "impute:mode"},
        {"type": "float", "outliers": 0},
        {"type": "str", "max_length": 0},
        {"type": "str", "missing": "impute:last", "personal": {"treat": "drop", "basis": "none"}},
        {"type": "float", "outliers": 3, "personal": {"treat": "hash", "basis": "none"}},
    ],
)
def test_a_contradictory_field_is_refused_when_it_is_read(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="1 validation error"):
        FieldSpec.model_validate({"name": "a"} | wrong)
