import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.metrics import METRICS
from models.metrics.losses import absolute_error, class_brier, class_log_loss, log_loss, loss, loss_for, squared_error
from models.metrics.port import Setting, Task
from models.metrics.scores import Scores
from streams.errors import RecordError


@given(y=st.sampled_from([0.0, 1.0]), p=st.floats(0, 1))
def test_binary_losses_are_those_of_the_metrics(y: float, p: float) -> None:
    for name in ("log_loss", "brier"):
        scores = Scores(Setting("binary"), [name])
        scores.update(np.array([y]), np.array([p]))
        assert loss_for("binary", name)(y, p) == pytest.approx(scores.value(name), rel=1e-12, abs=1e-15)


@given(y=st.sampled_from([0, 1, 2]), weights=st.tuples(*[st.floats(0.01, 1)] * 3))
def test_multiclass_losses_are_those_of_the_metrics(y: int, weights: tuple[float, ...]) -> None:
    p = np.array(weights) / sum(weights)
    for name in ("log_loss", "brier"):
        scores = Scores(Setting("multiclass", classes=("a", "b", "c")), [name])
        scores.update(np.array([y]), p[None, :])
        given_loss = loss_for("multiclass", name)("abc"[y], dict(zip("abc", p.tolist(), strict=True)))
        assert given_loss == pytest.approx(scores.value(name), rel=1e-12)


def test_a_class_that_was_not_named_had_no_chance() -> None:
    assert class_log_loss("new", {"a": 1.0}) == pytest.approx(-math.log(1e-15))
    assert class_brier("new", {"a": 1.0}) == 2.0


@pytest.mark.parametrize(
    ("task", "metric", "chosen"),
    [
        ("binary", "roc_auc", log_loss),
        ("multiclass", "accuracy", class_log_loss),
        ("regression", "rmse", squared_error),
        ("regression", "mape", absolute_error),
    ],
)
def test_each_success_metric_has_a_loss(task: Task, metric: str, chosen: object) -> None:
    assert metric in METRICS
    assert loss_for(task, metric) is chosen


@pytest.mark.parametrize(
    ("task", "y", "p"),
    [
        ("binary", 1.0, math.nan),
        ("binary", 0.0, 1.5),
        ("multiclass", "a", {"a": math.nan}),
        ("regression", 1.0, math.nan),
        ("regression", 1.0, -math.inf),
    ],
)
def test_a_score_that_is_no_answer_is_refused(task: Task, y: Any, p: Any) -> None:
    with pytest.raises(RecordError, match="score"):
        loss(task, y, p)
