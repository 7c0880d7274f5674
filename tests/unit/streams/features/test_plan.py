import copy
from pathlib import Path

import msgspec
import pytest

from streams.errors import RecordError, SpecError
from streams.features.plan import Plan, build_features, compile_plan
from streams.features.port import NoSums, SumSpec, entity_of
from streams.records import Value, Values
from streams.spec import FeatureSpec, FieldSpec
from tests.unit.streams.features.cases import CONTEXT, FIELDS, SAMPLES, FixedSums, spec, stream

EVERYTHING = [
    one.model_copy(update={"name": f"{kind}{place}"})
    for kind, sections in SAMPLES.items()
    for place, one in enumerate(sections)
]


def plan_of(*features: FeatureSpec, fields: tuple[FieldSpec, ...] = FIELDS) -> Plan:
    return compile_plan(fields, features, CONTEXT)


def rates(*lengths: str, by: object = "origin") -> list[FeatureSpec]:
    return [spec(name=f"late_{by}_{over}", aggregate="mean", of="label", by=by, over=over) for over in lengths]


def test_the_function_equals_its_features_one_by_one() -> None:
    plan = plan_of(*EVERYTHING)
    built, mistakes = build_features(FIELDS, EVERYTHING, CONTEXT)
    assert not mistakes
    own, states = None, [None] * len(built)
    for time, values in stream(150, seed=1):
        expected: dict[str, Value] = {name: values[name] for name in ("distance", "seats", "full", "origin", "dest")}
        for place, feature in enumerate(built):
            windows = tuple(FixedSums().window(one.name, entity_of(values, one.by), one.over_s) for one in feature.sums)
            result, states[place] = feature.update(values, time, states[place], windows)
            expected |= zip(feature.names, result, strict=True)
        expected |= {"tailnum": values["tailnum"], "sched": values["sched"]}
        row, own = plan.compute(values, time, own, FixedSums())
        assert list(row.items()) == list(expected.items())
        assert own == tuple(state for state, feature in zip(states, built, strict=True) if feature.needs_state)


def test_names_types_and_what_is_only_carried() -> None:
    plan = plan_of(spec(name="hour", calendar=("hour",)), spec(name="route", interact=("origin", "dest")))
    assert plan.names == ("distance", "seats", "full", "origin", "dest", "hour", "route")
    assert plan.carried == ("tailnum", "sched")
    assert tuple(plan.types) == plan.names
    assert {name for name, type_ in plan.types.items() if type_ == "category"} == {"origin", "dest", "route"}


def test_no_personal_field_leaves_and_absent_fields_are_missing() -> None:
    row, own = plan_of().compute({"email": "secret", "seats": 3}, 0.0, None, NoSums())
    assert tuple(row) == ("distance", "seats", "full", "origin", "dest", "tailnum", "sched")
    assert [name for name, value in row.items() if value is not None] == ["seats"]
    assert own is None


def test_features_of_the_same_sum_share_it() -> None:
    plan = plan_of(
        *rates("24h", "2h", "6h"), *rates("2h", by=[]), spec(name="busy", aggregate="count", by="origin", over="2h")
    )
    assert plan.sums == (
        SumSpec("label@origin", "label", ("origin",), 86400.0),
        SumSpec("label@", "label", (), 7200.0),
        SumSpec("events@origin", "events", ("origin",), 7200.0),
    )
    assert plan.windows == {
        "label@origin": (7200.0, 21600.0, 86400.0),
        "label@": (7200.0,),
        "events@origin": (7200.0,),
    }


class Asked:
    """Notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, float]] = []

    def window(self, sum_name: str, entity: str, over_s: float) -> tuple[int, float, float]:
        self.asked.append((sum_name, entity, over_s))
        return 4, 1.0, 1.0


def test_each_window_is_looked_up_once_for_the_events_entity() -> None:
    sums = Asked()
    twice = spec(name="spread", aggregate="std", of="label", by="origin", over="2h")
    plan = plan_of(*rates("2h"), twice, *rates("2h", by=["origin", "seats"]), *rates("2h", by=[]))
    row, _ = plan.compute({"origin": "JFK", "seats": 7}, 0.0, None, sums)
    assert sums.asked == [
        ("label@origin", "JFK", 7200.0),
        ("label@origin|seats", "JFK|7", 7200.0),
        ("label@", "", 7200.0),
    ]
    assert (row["late_origin_2h"], row["late_origin_2h_n"]) == (0.25, 4)
    sums.asked.clear()
    plan.compute({"origin": None}, 0.0, None, sums)
    assert [entity for _, entity, _ in sums.asked] == ["", "|", ""]


def test_features_read_earlier_features_and_leave_the_event_as_it_was() -> None:
    plan = plan_of(
        spec(name="hour", calendar=("hour",)),
        spec(name="late_hour", expression="hour >= 18"),
        spec(name="before", last="late_hour"),
        spec(name="hour_x_origin", interact=("hour", "origin")),
    )
    values: Values = {"origin": "JFK"}
    own = None
    rows = []
    for time in (0.0, 3600.0):  # 19 h and 20 h in New York
        row, own = plan.compute(values, time, own, NoSums())
        rows.append([row[name] for name in ("hour", "late_hour", "before", "hour_x_origin")])
    assert rows == [[19, True, None, "19|JFK"], [20, True, True, "20|JFK"]]
    assert values == {"origin": "JFK"}


def test_the_keys_state_is_a_new_tuple_each_time() -> None:
    plan = plan_of(spec(name="a", last="dest"), spec(name="b", aggregate="count", over="2h"))
    _, first = plan.compute({"dest": "ATL"}, 0.0, None, NoSums())
    kept = copy.deepcopy(first)
    row, second = plan.compute({"dest": "BOS"}, 60.0, first, NoSums())
    assert (row["a"], row["b"]) == ("ATL", 2)
    assert first == kept != second


def test_what_users_write_is_never_code() -> None:
    name = "x']; raise SystemExit  # {"
    fields = (FieldSpec(name=name, type="str"), FieldSpec(name="import os", type="float"))
    features = [
        spec(name="def f(", aggregate="mean", of="label", by=name, over="2h"),
        spec(name="{}", last="import os"),
    ]
    row, _ = compile_plan(fields, features, CONTEXT).compute({name: "a", "import os": 1.0}, 0.0, None, NoSums())
    assert row == {name: "a", "import os": 1.0, "def f(": None, "def f(_n": 0, "{}": None}


def test_digest_is_that_of_the_sections_and_functions(tmp_path: Path) -> None:
    base = plan_of(*rates("2h")).digest
    assert base == plan_of(*rates("2h")).digest
    others = [plan_of(*rates("6h")).digest, plan_of(*rates("2h"), fields=FIELDS[::-1]).digest]
    zone = msgspec.structs.replace(CONTEXT, timezone="UTC")
    others.append(compile_plan(FIELDS, rates("2h"), zone).digest)
    context = msgspec.structs.replace(CONTEXT, folder=str(tmp_path))
    for body in ("1.0", "2.0"):
        (tmp_path / "own.py").write_text(f"def f(values):\n    return {body}\n", encoding="utf-8")
        others.append(compile_plan(FIELDS, [spec(python="own.py:f")], context).digest)
    assert len({base, *others}) == 6
    assert len(base) == 64


def test_every_mistake_is_listed_with_its_section() -> None:
    features = [
        spec(name="a", last="gate"),
        spec(name="b", last="dest"),
        spec(name="c"),
        spec(name="d", kind="nothing"),
        spec(name="b", last="dest"),
        spec(name="dest", last="seats"),
    ]
    built, mistakes = build_features(FIELDS, features, CONTEXT)
    assert [feature.names for feature in built] == [("b",)]
    assert [place for place, _ in mistakes] == [0, 2, 3, 4, 5]
    with pytest.raises(SpecError) as caught:
        compile_plan(FIELDS, features, CONTEXT)
    lines = str(caught.value).splitlines()
    assert len(lines) == 5
    assert "there is no kind 'nothing'. Write one of arithmetic" in lines[2]
    assert "has the name of a feature. Give it another name" in lines[3]
    assert "has the name of a field" in lines[4]


def test_a_users_exception_is_the_records() -> None:
    plan = plan_of(spec(name="x", python="functions.py:divides"))
    with pytest.raises(RecordError, match="x: feature_failed"):
        plan.compute({"distance": 1.0}, 0.0, None, NoSums())
