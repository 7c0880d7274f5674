"""The join: one outcome for every prediction, the same whatever came first."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.records import DeadLetter, Label, Outcome, Prediction, Record, Target
from streams.stage import Batch
from streams.stages.join import Join
from streams.state import State

DELAY_S, REVISIONS_S, GRID_S = 100.0, 50.0, 10.0


def judge(prediction: Prediction, label: Target) -> tuple[dict[str, float], float | None]:
    return {"arm": abs(float(label) - 0.25)}, float(label)


def prediction(time: float, id_: str = "a") -> Prediction:
    return Prediction(id_, id_, time, time, {"x": 1.0}, {"arm": 0.25}, "arm")


def label(time: float, value: float = 1.0, revision: int = 0, id_: str = "a") -> Label:
    return Label(id_, id_, time, value, revision)


class Bench:
    """A join and its state; steps records, then lets time run."""

    def __init__(self, revisions_s: float = 0.0) -> None:
        self.join = Join(DELAY_S, revisions_s, GRID_S, judge)
        self.state = State()
        self.out: list[Any] = []
        self.now = 0.0

    def step(self, *records: Record, watermark: float | None = None) -> "Bench":
        self.now = self.now if watermark is None else watermark
        streams: dict[str, list[Any]] = {
            "predictions": [each for each in records if isinstance(each, Prediction)],
            "labels": [each for each in records if isinstance(each, Label)],
        }
        self.out += self.join.step(self.state, Batch(0, streams, {}, 0.0, self.now, None))
        self.state.apply()
        return self

    def outcomes(self) -> list[tuple[float, Target | None, int, Target | None]]:
        return [(each.time, each.label, each.revision, each.before) for each in self.out if isinstance(each, Outcome)]

    def letters(self) -> list[tuple[str, float]]:
        return [(each.code, each.time) for each in self.out if isinstance(each, DeadLetter)]


def test_a_label_meets_its_prediction_and_is_judged() -> None:
    bench = Bench().step(prediction(5.0)).step(label(25.0))
    (outcome,) = bench.out
    assert outcome == Outcome("a", "a", 25.0, prediction(5.0), 1.0, 20.0, 0, None, {"arm": 0.75}, 1.0)


@pytest.mark.parametrize("known", [5.0, 25.0, 105.0])
def test_the_last_moment_of_the_delay_counts(known: float) -> None:
    bench = Bench().step(prediction(5.0), watermark=5.0).step(label(known), watermark=known)
    assert bench.outcomes() == [(known, 1.0, 0, None)]


def test_a_moment_later_is_too_late() -> None:
    bench = Bench().step(prediction(5.0)).step(label(105.5), watermark=109.9)
    assert bench.outcomes() == []
    bench.step(watermark=110.0)
    assert bench.outcomes() == [(110.0, None, 0, None)]
    bench.step(label(180.0))
    assert bench.letters() == [("label_too_late", 105.5), ("label_too_late", 180.0)]


def test_without_a_label_there_is_an_outcome_at_the_end_of_the_delay_rounded_up() -> None:
    bench = Bench().step(prediction(0.0, "b"), prediction(9.9, "a"), prediction(10.0, "c"), watermark=109.0)
    assert bench.out == []
    bench.step(watermark=110.0)
    assert [(each.id, each.time) for each in bench.out] == [("a", 110.0), ("b", 110.0)]
    bench.step(watermark=1000.0)
    assert [(each.id, each.time) for each in bench.out[2:]] == [("c", 120.0)]


def test_a_label_that_came_first_waits_for_its_prediction() -> None:
    bench = Bench().step(label(5.0), watermark=60.0).step(prediction(70.0), watermark=80.0)
    assert bench.outcomes() == [(70.0, 1.0, 0, None)]
    assert bench.out[0].delay_s == -65.0
    assert bench.step(watermark=2000.0).letters() == []
    assert len(bench.out) == 1


def test_a_label_for_nothing_is_refused_after_one_delay() -> None:
    bench = Bench().step(label(5.0), watermark=109.0)
    assert bench.out == []
    bench.step(watermark=110.0)
    assert bench.letters() == [("label_for_nothing", 110.0)]
    assert msgspec.json.decode(bench.out[0].raw, type=Label) == label(5.0)


@pytest.mark.parametrize("early", [0, 1, 2])
def test_revisions_replace_whatever_came_first(early: int) -> None:
    """`early` of the two labels come before the prediction does."""
    labels = [label(20.0, 1.0), label(30.0, 0.0, 1)]
    bench = Bench(REVISIONS_S).step(*labels[:early]).step(prediction(15.0)).step(*labels[early:])
    assert bench.outcomes() == [(20.0, 1.0, 0, None), (30.0, 0.0, 1, 1.0)]
    assert [each.delay_s for each in bench.out] == [5.0, 5.0]


def test_a_revision_is_taken_until_its_horizon_and_a_lower_one_never() -> None:
    bench = Bench(REVISIONS_S).step(prediction(0.0)).step(label(50.0, 1.0, 3), watermark=50.0)
    bench.step(label(60.0, 0.0, 3), label(60.0, 0.0, 2), watermark=149.0)
    bench.step(label(150.0, 0.0, 4), label(151.0, 1.0, 5), watermark=155.0)
    assert bench.outcomes() == [(50.0, 1.0, 3, None), (150.0, 0.0, 4, 1.0)]
    assert bench.letters() == [("label_too_late", 151.0)]


def test_a_second_prediction_of_an_id_is_passed_over() -> None:
    bench = Bench().step(prediction(0.0), prediction(0.0)).step(label(5.0)).step(prediction(8.0))
    assert len(bench.step(watermark=1000.0).out) == 1


def test_ids_that_look_like_the_joins_own_keys_are_ids() -> None:
    names = ["@first", "@last", "@1", "@1|0", "<a", ">a", "", "a"]
    bench = Bench().step(*(prediction(5.0, name) for name in names))
    bench.step(*(label(6.0, id_=name) for name in names))
    bench.step(watermark=1000.0)
    assert sorted(each.id for each in bench.out) == sorted(names)


def test_nothing_is_kept_once_all_is_settled() -> None:
    bench = Bench(REVISIONS_S)
    for i in range(200):
        bench.step(prediction(float(i), f"p{i}"), label(i + 3.0 * (i % 60), id_=f"p{i}"), watermark=float(i))
        bench.step(label(float(i), id_=f"none{i}"))
    bench.step(watermark=10_000.0)
    assert {key for key, _ in bench.state.items()} <= {"@first", "@last"}


events = st.lists(
    st.one_of(
        st.builds(prediction, st.integers(0, 300).map(float), st.sampled_from("ab")),
        st.builds(
            label,
            st.integers(0, 600).map(float),
            st.sampled_from([0.0, 1.0]),
            st.integers(0, 2),
            st.sampled_from("ab"),
        ),
    ),
    max_size=12,
)


@given(events, st.data())
def test_batches_of_any_size_and_any_order_of_topics_give_the_same(records: list[Any], data: st.DataObject) -> None:
    """Within a stretch of the grid predictions and labels may come in any mixture, each topic in its own order."""
    whole, split = Bench(REVISIONS_S), Bench(REVISIONS_S)
    for start in range(0, 1000, 10):
        inside = sorted((each for each in records if start <= each.time < start + 10), key=lambda each: each.time)
        whole.step(*inside, watermark=start + 10.0)
        predictions = [each for each in inside if isinstance(each, Prediction)]
        labels = [each for each in inside if isinstance(each, Label)]
        while predictions or labels:
            first = predictions if predictions and (not labels or data.draw(st.booleans())) else labels
            split.step(first.pop(0), watermark=float(start))
        split.step(watermark=start + 10.0)
    shown = [sorted(msgspec.json.encode(each) for each in bench.out) for bench in (whole, split)]
    assert shown[0] == shown[1]
    given_ids = [each.id for each in whole.out if isinstance(each, Outcome) and each.before is None]
    assert len(given_ids) >= len({each.id for each in records if isinstance(each, Prediction)})
