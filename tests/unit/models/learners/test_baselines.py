"""Baselines and watched scores, by numbers worked out by hand."""

import math
from typing import Any

import pytest

from models.learners import Learner, build
from models.spec import ArmSpec, Task
from streams.errors import LearnerError, RecordError, ReleaseError
from streams.records.record import Score, Target


def made(name: str, task: Task, params: dict[str, Any] | None = None) -> Learner:
    return build(ArmSpec(learner=name, params=params or {}), task, ["score"], ["numeric"], ["a", "b", "c"])


def answer(learner: Learner, labels: list[Target]) -> Score:
    learner.fit([{} for _ in labels], labels)
    return learner.predict([{}])[0]


def test_the_mean_is_the_share_so_far_with_one_imagined_label_per_class() -> None:
    assert answer(made("baseline.mean", "binary"), [1.0, 0.0, 0.0]) == 2 / 5
    assert answer(made("baseline.mean", "multiclass"), ["a", "a", "b"]) == {"a": 3 / 6, "b": 2 / 6, "c": 1 / 6}
    assert answer(made("baseline.mean", "regression"), [3.0, 6.0]) == 4.5


def test_a_recent_label_counts_double_one_half_life_older() -> None:
    learner = made("baseline.recent", "binary", {"half_life": 1})

    assert answer(learner, [1.0, 0.0, 0.0]) == pytest.approx((0.25 + 1) / (1.75 + 2))
    assert answer(made("baseline.recent", "regression", {"half_life": 1}), [0.0, 3.0]) == pytest.approx(2.0)
    assert answer(made("baseline.recent", "multiclass", {"half_life": 1}), ["a", "b"]) == pytest.approx(
        {"a": 1.5 / 4.5, "b": 2 / 4.5, "c": 1 / 4.5}
    )


def test_the_recent_rate_forgets_what_the_mean_remembers() -> None:
    labels: list[Target] = [*[0.0] * 5000, *[1.0] * 1000]

    assert answer(made("baseline.recent", "binary", {"half_life": 100}), labels) == pytest.approx(0.992, abs=0.001)
    assert answer(made("baseline.mean", "binary"), labels) == pytest.approx(1 / 6, abs=0.001)


def test_the_last_label_comes_again_as_often_as_it_did() -> None:
    # four pairs of neighbours, three of them equal: (3 + 1) / (4 + 2)
    assert answer(made("baseline.last", "binary"), [1.0, 1.0, 1.0, 0.0, 0.0]) == pytest.approx(1 - 4 / 6)
    assert answer(made("baseline.last", "multiclass"), ["a", "b", "b"]) == pytest.approx(
        {"a": 0.25, "b": 0.5, "c": 0.25}
    )
    assert answer(made("baseline.last", "regression"), [3.0, 7.0]) == 7.0


def test_a_class_that_nobody_named_is_learned() -> None:
    score = answer(made("baseline.mean", "multiclass"), ["new", "new"])

    assert isinstance(score, dict)
    assert score["new"] == 3 / 6


def test_what_no_baseline_dumped_is_refused() -> None:
    with pytest.raises(ReleaseError, match="not what a baseline dumps"):
        made("baseline.mean", "binary").load(b"nonsense")


def test_a_watched_score_is_the_field() -> None:
    assert made("watched", "binary", {"column": "score"}).predict([{"score": 0.25}, {"score": 1}]) == [0.25, 1.0]
    assert made("watched", "regression", {"column": "score"}).predict([{"score": -7}]) == [-7.0]
    assert made("watched", "multiclass", {"column": "score"}).predict([{"score": "b"}]) == [
        {"a": 0.0, "b": 1.0, "c": 0.0}
    ]


@pytest.mark.parametrize("score", [None, "high", 1.5, -0.1, math.nan, math.inf])
def test_a_watched_event_without_a_score_becomes_a_dead_letter(score: float | str | None) -> None:
    with pytest.raises(RecordError, match="a probability from 0 to 1") as caught:
        made("watched", "binary", {"column": "score"}).predict([{"score": score}])

    assert (caught.value.code, caught.value.field) == ("no_score", "score")


def test_a_watched_release_of_another_column_is_refused() -> None:
    other = made("watched", "binary", {"column": "risk"})

    with pytest.raises(LearnerError, match=r"params.column: the release reads b'risk', got 'score'"):
        made("watched", "binary", {"column": "score"}).load(other.dump())
