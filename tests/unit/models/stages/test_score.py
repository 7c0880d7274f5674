"""What the scorer answers, refuses, and uses of features, snapshots and control."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from models.model import Model
from models.serving import NEVER_UPDATED
from models.stages.score import ScoreStage
from streams.contract import Contract
from streams.features.plan import compile_plan
from streams.features.port import Context
from streams.records import (
    DeadLetter,
    Event,
    PartialSum,
    Prediction,
    Record,
    Released,
    Result,
    Score,
    Snapshot,
    Target,
    Values,
)
from streams.spec import FeatureSpec, FieldSpec
from streams.stage import Batch
from streams.state import State

FIELDS = [FieldSpec(name="heat", type="float", min=0, max=100), FieldSpec(name="line", type="str")]
FEATURES = [FeatureSpec(name="fails_1h", aggregate="mean", of="label", by=(), over="1h")]
UNIT = 2**20


class Fixed:
    """Answers what it was loaded with."""

    def __init__(self, answer: float, incremental: bool = True) -> None:
        self.answer, self.incremental = answer, incremental

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        return [self.answer for _ in rows]

    def learn(self, x: Values, y: Target) -> None: ...

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None: ...

    def dump(self) -> bytes:
        return msgspec.json.encode(self.answer)

    def load(self, data: bytes) -> None:
        self.answer = msgspec.json.decode(data, type=float)


def model(name: str, answer: float, incremental: bool = True) -> Model:
    return Model(name, "binary", Fixed(answer, incremental), threshold=0.5)


def make() -> ScoreStage:
    plan = compile_plan(FIELDS, FEATURES, Context(key="machine"))
    standing = {"mean": model("mean", 0.3), "online": model("online", 0.6)}
    return ScoreStage(
        Contract(FIELDS, future_s=60.0), plan, standing, lambda name: model(name, 0.8, name != "batch"), 600.0
    )


def event(id_: str = "a", time: float = 610.0, key: str = "m", **payload: Any) -> Event:
    return Event(key, id_, time, time, {"heat": 1.0, "line": "x"} | payload)


def step(stage: ScoreStage, state: State, cut: float, *events: Event, **tables: list[Record]) -> list[Any]:
    out = stage.step(state, Batch(0, {"events": list(events)}, dict(tables), cut, cut, None))
    state.apply()
    return out


def test_an_event_gets_the_answer_of_every_arm_and_the_decision_of_the_fallback() -> None:
    (made,) = step(make(), State(), 600.0, event())
    assert made == Prediction(
        "a",
        "a",
        610.0,
        610.0,
        {"heat": 1.0, "line": "x", "fails_1h": None, "fails_1h_n": 0},
        {"mean": 0.3, "online": 0.6},
        "mean",
        0.0,
        0.5,
        made.flags,
        "",
        {},
        600.0,
    )


def test_a_refused_event_gets_a_dead_letter_and_the_fallbacks_answer() -> None:
    letter, made = step(make(), State(), 600.0, event(heat=1000.0))
    assert isinstance(letter, DeadLetter)
    assert (letter.code, letter.field, letter.topic) == ("out_of_range", "heat", "events")
    assert msgspec.json.decode(letter.raw)["heat"] == 1000.0
    assert (made.features, made.arms, made.flags) == ({}, {"mean": 0.3}, ("quarantined:out_of_range:heat",))


def test_one_without_id_or_seen_before_gets_a_dead_letter_only() -> None:
    stage, state = make(), State()
    out = step(stage, state, 600.0, event(), event(), event(""))
    assert [type(each).__name__ for each in out] == ["DeadLetter", "DeadLetter", "Prediction"]
    assert [each.code for each in out[:2]] == ["duplicate", "no_id"]
    assert [each.code for each in step(stage, state, 1200.0, event(time=1200.0))] == ["duplicate"]


def test_features_count_from_the_cut_at_which_they_take_effect() -> None:
    sums: list[Record] = [PartialSum("s", "s", 0.0, "label@", 0.0, 600.0, 0, {"": (4, 1 * UNIT, 1 * UNIT)})]
    stage = make()
    assert step(stage, State(), 0.0, event("a", 5.0))[0].features["fails_1h"] is None
    made = step(stage, State(), 600.0, event("b", 700.0), features=sums)[0]
    assert (made.features["fails_1h"], made.features["fails_1h_n"]) == (0.25, 4)


def test_the_newest_snapshot_answers_and_is_named() -> None:
    stage = make()
    snapshots: list[Record] = [
        Snapshot("online", f"online@{t}", float(t), float(t), 1, "", msgspec.json.encode(t / 1000.0))
        for t in (100, 200)
    ]
    snapshots.append(Snapshot("stranger", "stranger@1", 1.0, 1.0, 1, "", b"0.9"))
    made = step(stage, State(), 600.0, event(), snapshots=snapshots)[0]
    assert made.arms == {"mean": 0.3, "online": 0.2}
    assert made.snapshots == {"online": "online@200"}


def released(name: str, role: Any, share: float = 1.0, stage: Any = "settled") -> Released:
    return Released(name, name, 600.0, 600.0, "arm", role, stage, share, "", "")


def test_a_champion_serves_and_the_first_one_stays_as_it_was() -> None:
    stage = make()
    out = step(stage, State(), 600.0, event(), control=[released("v1", "champion")])
    assert (out[0].served, out[0].release, out[0].decision) == ("v1", "v1", 1.0)
    assert out[0].arms == {"mean": 0.3, "online": 0.6, "v1": 0.8, NEVER_UPDATED: 0.8}
    newer: list[Record] = [Snapshot("v1", "v1@9", 9.0, 9.0, 1, "", b"0.1")]
    out = step(stage, State(), 1200.0, event("b"), snapshots=newer)
    assert (out[0].arms["v1"], out[0].arms[NEVER_UPDATED], out[0].decision) == (0.1, 0.8, 0.0)


def test_a_challenger_serves_its_share_of_the_keys() -> None:
    control: list[Record] = [released("v1", "champion"), released("v2", "challenger", 0.25, "split")]
    events = [event(f"e{i}", key=f"m{i}") for i in range(2000)]
    served = [each.served for each in step(make(), State(), 600.0, *events, control=control)]
    assert 0.2 < served.count("v2") / len(served) < 0.3
    again = step(make(), State(), 600.0, *reversed(events), control=control)
    assert {each.id: each.served for each in again} == {f"e{i}": name for i, name in enumerate(served)}


@pytest.mark.parametrize("restarted", [False, True])
def test_what_was_retired_is_no_longer_named_whether_the_scorer_was_restarted_or_not(restarted: bool) -> None:
    first: list[Record] = [released("v1", "champion"), released("v2", "challenger", 0.0, "shadow")]
    snapshots: list[Record] = [Snapshot(name, f"{name}@9", 9.0, 9.0, 1, "", b"0.1") for name in ("v1", "v2")]
    then: list[Record] = [released("v2", "retired")]
    stage = make()
    step(stage, State(), 600.0, event(), control=first, snapshots=snapshots)
    if restarted:
        made = step(make(), State(), 1200.0, event("b"), control=[*first, *then], snapshots=snapshots)[0]
    else:
        made = step(stage, State(), 1200.0, event("b"), control=then)[0]
    assert made.snapshots == {"v1": "v1@9"}
    assert set(made.arms) == {"mean", "online", "v1", NEVER_UPDATED}


def result(kind: str, **args: Any) -> Result:
    return Result(kind, kind, 600.0, f"action {kind}", kind, 600.0, True, "", {}, args)


def test_remedies_on_fields_are_applied_before_the_contract_and_flagged() -> None:
    convert, mask = result("convert", field="heat", factor=0.01), result("mask", field="line")
    made = step(make(), State(), 600.0, event(heat=5000.0), control=[convert, mask])[0]
    assert made.features["heat"] == 50.0
    assert made.features["line"] is None
    assert {"masked:line", "converted:heat"} <= set(made.flags)


def test_steps_over_parts_equal_one_over_the_whole() -> None:
    events = [event(f"e{i % 17}", 600.0 + i, f"m{i % 3}", heat=float(i * 3)) for i in range(40)]
    whole, parts, states = make(), make(), [State(), State()]
    out = step(whole, states[0], 600.0, *events)
    split = [each for i in range(0, 40, 3) for each in step(parts, states[1], 600.0, *events[i : i + 3])]
    shown = [sorted(msgspec.json.encode(each) for each in records) for records in (out, split)]
    assert shown[0] == shown[1]
    assert dict(states[0].items()) == dict(states[1].items())
