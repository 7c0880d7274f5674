import math

import numpy as np
import pytest

from models.metrics.port import Setting, ValueTable
from models.metrics.scores import Scores
from models.metrics.value import value_of

TABLE = ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0)


def test_value_of_decisions_beside_always_and_never() -> None:
    scores = Scores(Setting("binary", threshold=0.5, value=TABLE))
    scores.update(np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.1, 0.9, 0.1, 0.1]))
    assert scores.value("value") == (12 - 20 - 4) / 5
    assert scores.value("value_always") == (12 + 12 - 4 * 3) / 5
    assert scores.value("value_never") == (-20 - 20) / 5


@pytest.mark.parametrize("decision", [0.0, 1.0])
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_event_is_worth_what_the_metric_says_of_it(label: float, decision: float) -> None:
    table = ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0, correct_rejection=0.25)
    scores = Scores(Setting("binary", value=table), ["value"])
    scores.update(np.array([label]), np.array([0.5]), np.array([decision]))
    assert scores.value("value") == value_of(table, "binary", label, decision)


def test_other_tasks_cost_by_error() -> None:
    table = ValueTable(per_error=-2.0)
    classes = Scores(Setting("multiclass", classes=("a", "b"), value=table), ["value"])
    classes.update(np.array([0, 1, 1]), np.array([[0.9, 0.1], [0.9, 0.1], [0.1, 0.9]]))
    assert classes.value("value") == pytest.approx(-2 / 3)
    numbers = Scores(Setting("regression", value=table), ["value"])
    numbers.update(np.array([1.0, 5.0]), np.array([2.0, 5.0]))
    assert numbers.value("value") == -1.0
    assert [value_of(table, "multiclass", "a", d) for d in ("a", "b")] == [0.0, -2.0]
    assert value_of(table, "regression", 1.0, 4.0) == -6.0


def test_without_a_declared_value_it_is_nan() -> None:
    scores = Scores(Setting("binary"))
    scores.update(np.array([1]), np.array([0.9]))
    assert all(math.isnan(scores.value(name)) for name in ("value", "value_always", "value_never"))
