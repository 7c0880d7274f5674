"""A training leaves a learner and honest evidence: later data, beside what served then."""

import math

import msgspec
import numpy as np
import pytest

from models.calibration.calibrators import Identity, Platt
from models.metrics.port import Setting, ValueTable
from models.spec import ArmSpec
from models.training.history import Window
from models.training.split import inside, lay_out
from models.training.train import Job, Trained, train
from streams.errors import LearnerError
from tests.unit.models.training.worlds import DAY, make, world

VALUE = ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0)
SETTING = Setting("binary", value=VALUE)
AT = 101.0 * DAY


def trained(arm: ArmSpec, history: Window, setting: Setting = SETTING, change: float | None = None) -> Trained:
    return train(Job(arm, setting, "log_loss", AT, DAY, change), make, history, lambda: 0.0)


def test_it_is_fitted_on_everything_and_scored_on_what_came_later() -> None:
    history = world()
    made = trained(ArmSpec(learner="table"), history)
    test = history.take(inside(history, lay_out(history, DAY).test))
    assert (made.rows, made.first, made.last) == (4000, history.predicted.min(), history.predicted.max())
    assert made.evaluation["test_rows"] == len(test)
    assert made.evaluation["log_loss"] == pytest.approx(made.evaluation["loss"])
    assert made.evaluation["loss"] == pytest.approx(0.5, abs=0.03)  # the least possible: entropy of x, 1/2 on average
    assert made.evaluation["fits"] == 2.0
    assert made.table == ()


def test_the_gain_is_over_what_served_with_an_error_by_days() -> None:
    made = trained(ArmSpec(learner="table"), world()).evaluation
    assert made["served.loss"] == made["champion.loss"] == pytest.approx(math.log(2.0))
    assert made["gain"] == pytest.approx(math.log(2.0) - made["loss"])
    assert 0.005 < made["gain_error"] < 0.05
    assert made["value_gain"] == pytest.approx(made["value"] + 4.0)


def test_independent_events_have_the_error_that_theory_gives() -> None:
    history = world(20_000)
    test = history.take(inside(history, lay_out(history, DAY).test))
    made = trained(ArmSpec(learner="table"), history).evaluation
    x = np.array([row["x"] for row in test.rows], dtype=np.float64)
    chance = np.clip(np.round(x, 1), 0.01, 0.99)
    losses = -np.log(np.where(test.y == 1.0, chance, 1.0 - chance))
    assert made["gain_error"] == pytest.approx(losses.std() / math.sqrt(len(test)), rel=0.35)


def test_arms_that_did_not_answer_all_of_the_block_are_left_out() -> None:
    history = world()
    half = np.where(history.predicted < 95.0 * DAY, np.nan, 0.4)
    history = msgspec.structs.replace(history, losses={"new": half, "rate": np.full(4000, 0.6)})
    made = trained(ArmSpec(learner="table"), history).evaluation
    assert "new.loss" not in made
    assert made["rate.loss"] == pytest.approx(0.6)


def test_before_anything_served_there_is_no_gain() -> None:
    history = msgspec.structs.replace(world(), served=np.full(4000, np.nan), losses={})
    made = trained(ArmSpec(learner="table"), history).evaluation
    assert math.isnan(made["gain"])
    assert math.isnan(made["gain_error"])


def test_the_threshold_is_worth_most_and_other_tasks_have_none() -> None:
    assert trained(ArmSpec(learner="table"), world()).threshold == pytest.approx(1.0 / 9.0)
    assert trained(ArmSpec(learner="table"), world(), Setting("binary", threshold=0.3)).threshold == 0.3


def test_a_calibrator_is_kept_only_where_it_helps_later() -> None:
    shifted = trained(ArmSpec(learner="table", params={"shift": 0.25}, calibrate="platt"), world())
    assert isinstance(shifted.calibrator, Platt)
    assert shifted.calibrator.apply(0.75) < 0.65
    assert shifted.evaluation["fits"] == 3.0
    raw = trained(ArmSpec(learner="table", params={"shift": 0.25}), world())
    assert shifted.evaluation["loss"] < raw.evaluation["loss"] - 0.02
    history = world()
    odd = (history.predicted >= 70.0 * DAY) & (history.predicted < 85.0 * DAY)
    misled = msgspec.structs.replace(history, y=np.where(odd, 1.0 - history.y, history.y))
    turned = trained(ArmSpec(learner="table", calibrate="platt"), misled)
    assert isinstance(turned.calibrator, Identity)


def test_the_chosen_window_is_what_the_final_fit_gets() -> None:
    history = world(6000, change=50.0 * DAY)
    made = trained(ArmSpec(learner="table", window=("all", "since_change")), history, change=50.0 * DAY)
    assert made.arm.window == "since_change"
    assert made.first >= 50.0 * DAY
    assert made.rows == int((history.predicted >= 50.0 * DAY).sum())
    assert len(made.table) == 2


def test_a_window_that_is_too_short_falls_back_on_everything() -> None:
    assert trained(ArmSpec(learner="table", window="since_change"), world()).rows == 4000


def test_the_same_job_gives_the_same() -> None:
    arm = ArmSpec(learner="table", window=("all", "30d"))
    one, two = trained(arm, world()), trained(arm, world())
    assert one.learner.dump() == two.learner.dump()
    assert one.evaluation == two.evaluation


def test_too_little_history_is_refused() -> None:
    with pytest.raises(LearnerError, match="too few outcomes"):
        trained(ArmSpec(learner="table"), world(40))
