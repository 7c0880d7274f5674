"""What teaches, when there are snapshots, and that a start from one goes on as if nothing had been."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import msgspec
import pytest

from models.stages.learn import Learn
from streams.records import Outcome, Prediction, Record, Released, Result, Score, Snapshot, Target, Values
from streams.stage import Batch
from streams.state import State

HOUR = 3600.0


class Diary:
    """A learner that remembers what it was taught."""

    incremental = True

    def __init__(self) -> None:
        self.taught: list[Target] = []

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        return [0.5 for _ in rows]

    def learn(self, x: Values, y: Target) -> None:
        self.taught.append(y)

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        self.taught = list(y)

    def dump(self) -> bytes:
        return msgspec.json.encode(self.taught)

    def load(self, data: bytes) -> None:
        self.taught = msgspec.json.decode(data, type=list[Target])


def make(adopted: dict[str, list[Outcome]] | None = None) -> Learn:
    releases = adopted or {}
    return Learn(
        ("a", "b"), lambda _: Diary(), lambda name: (Diary(), releases[name]) if name in releases else None, HOUR
    )


def outcome(known: float, label: Target | None, features: Values | None = None, **more: Any) -> Outcome:
    made = Prediction(
        "p", "p", more.pop("predicted", known - 60.0), 0.0, {"x": 1.0} if features is None else features, {}, ""
    )
    return Outcome("p", "p", known, made, label, 60.0, **more)


def batch(cut: float, watermark: float, *outcomes: Outcome, control: Sequence[Record] = ()) -> Batch:
    streams = {"outcomes": list(outcomes)} if outcomes else {}
    return Batch(None, streams, {"control": list(control)} if control else {}, cut, watermark, None)


def step(stage: Learn, state: State, *batches: Batch) -> list[Any]:
    out = [record for each in batches for record in stage.step(state, each)]
    state.apply()
    return out


def copied(state: State) -> State:
    """What a restart finds: all that was committed."""
    again = State()
    for key, value in state.items():
        again.put(key, value)
    again.apply()
    return again


def taught(snapshots: Sequence[Snapshot], arm: str) -> list[float]:
    return [each for record in snapshots if record.key == arm for each in msgspec.json.decode(record.data)]


def test_only_first_labels_of_sound_records_teach() -> None:
    out = step(
        make(),
        State(),
        batch(
            0.0,
            HOUR,
            outcome(1.0, 1.0),
            outcome(2.0, None),
            outcome(3.0, 2.0, {}),
            outcome(4.0, 3.0, revision=1, before=1.0),
            outcome(5.0, 4.0),
        ),
    )
    assert taught(out, "a") == taught(out, "b") == [1.0, 4.0]


def test_a_snapshot_says_what_it_is_and_from_when_on() -> None:
    first, second = step(make(), State(), batch(0.0, HOUR, outcome(1.0, 1.0)))
    assert (first.key, first.id, first.time, first.effective_at, first.learned) == ("a", "a@3600", HOUR, HOUR, 1)
    assert first.digest == sha256(first.data).hexdigest()
    assert second.key == "b"


def test_there_is_a_snapshot_at_the_first_boundary_after_something_was_learned_and_no_other() -> None:
    stage, state = make(), State()
    counts = [
        len(step(stage, state, each))
        for each in (
            batch(0.0, 10.0),
            batch(0.0, 20.0, outcome(15.0, 1.0)),
            batch(0.0, HOUR - 1),
            batch(0.0, HOUR),
            batch(HOUR, 2 * HOUR),
            batch(2 * HOUR, 3 * HOUR, outcome(2 * HOUR + 5, None)),
        )
    ]
    assert counts == [0, 0, 0, 2, 0, 0]


def test_another_state_is_a_start_from_what_was_committed() -> None:
    stage, state = make(), State()
    step(stage, state, batch(0.0, HOUR, outcome(1.0, 1.0)))
    stage.step(state, batch(HOUR, HOUR, outcome(HOUR + 1, 9.0)))  # not committed
    again = copied(state)
    out = step(stage, again, batch(HOUR, 2 * HOUR, outcome(HOUR + 1, 2.0)))
    assert taught(out, "a") == [1.0, 2.0]
    assert out[0].learned == 2
    assert step(make(), copied(state), batch(HOUR, 2 * HOUR, outcome(HOUR + 1, 2.0))) == out


def test_a_time_on_hold_is_not_learned() -> None:
    def result(id_: str, kind: str, effective_at: float, **args: float) -> Result:
        return Result(id_, id_, effective_at, id_, kind, effective_at, True, "", {}, dict(args))

    stage, state = make(), State()
    pause = result("r1", "pause", 0.0, since=100.0)
    out = step(stage, state, batch(0.0, HOUR, outcome(50.0, 1.0, predicted=40.0), outcome(200.0, 2.0), control=[pause]))
    assert taught(out, "a") == [1.0]
    resume = result("r2", "resume", HOUR)
    late, new = outcome(HOUR + 9, 3.0, predicted=HOUR - 1), outcome(HOUR + 9, 4.0, predicted=HOUR)
    out = step(stage, state, batch(HOUR, 2 * HOUR, late, new, control=[resume]))
    assert taught(out, "a") == [1.0, 4.0]


def released(name: str, role: Any, at: float) -> Released:
    return Released(name, name, at, at, "arm", role, "settled", 1.0, "", "")


@pytest.mark.parametrize("restart", ["no", "another state", "another stage"])
def test_a_release_is_adopted_caught_up_and_learns_until_it_is_retired(restart: str) -> None:
    since = [outcome(10.0, 5.0), outcome(HOUR - 1, 6.0), outcome(HOUR, 7.0)]
    stage, state = make({"v1": since}), State()
    control = [released("v1", "champion", HOUR)]
    out = step(stage, state, batch(HOUR, 2 * HOUR, outcome(HOUR, 7.0), control=control))
    assert taught(out, "v1") == [5.0, 6.0, 7.0]
    if restart != "no":
        state = copied(state)
    if restart == "another stage":
        stage = make({"v1": since})
    else:
        control = []
    out = step(stage, state, batch(2 * HOUR, 3 * HOUR, outcome(2 * HOUR, 8.0), control=control))
    assert taught(out, "v1") == [5.0, 6.0, 7.0, 8.0]
    out = step(
        stage, state, batch(3 * HOUR, 4 * HOUR, outcome(3 * HOUR, 9.0), control=[released("v1", "retired", 1.0)])
    )
    assert {each.key for each in out} == {"a", "b"}
    assert state.get("v1") is None
