"""The search takes what is best on later data, is repeatable, and leaves the test block alone."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pytest

from models.learners.port import Learner
from models.metrics.port import Setting
from models.spec import ArmSpec, SearchSpec
from models.training import SEARCHES
from models.training.ground import Ground
from models.training.history import Window
from models.training.judge import Fit, Judge, overfits
from models.training.search import Found, search
from models.training.split import Block, inside, lay_out
from streams.records import Target, Values
from tests.unit.models.training.worlds import DAY, Table, make, world

SPACE = {"digits": (0, 1, 6), "shift": (0.0, 0.2)}


def arm(how: Literal["random", "bayes"] = "random", trials: int = 6, window: str | tuple[str, ...] = "all") -> ArmSpec:
    spec = SearchSpec(how=how, trials=trials, space=SPACE)
    return ArmSpec(learner="table", params={"digits": 6, "shift": 0.2}, window=window, search=spec)


def found(
    wanted: ArmSpec, history: Window, seed: int = 1, change: float | None = None, metric: str = "log_loss"
) -> Found:
    times = iter(range(10_000))
    judge = Judge(Setting("binary"), metric)
    blocks = lay_out(history, DAY, change)
    return search(wanted, Ground(history, blocks, DAY, change, judge, make, lambda: float(next(times))), seed)


@pytest.mark.parametrize("how", sorted(SEARCHES))
def test_the_best_of_the_space_is_found(how: Literal["random", "bayes"]) -> None:
    best = found(arm(how, trials=12), world())
    assert best.arm.params == {"digits": 1, "shift": 0.0}
    assert best.arm.search is None


@pytest.mark.parametrize("metric", ["log_loss", "roc_auc", "brier"])
def test_it_is_better_whichever_way_the_metric_points(metric: str) -> None:
    assert found(arm(), world(), metric=metric).arm.params["digits"] == 1


def test_random_search_of_the_whole_space_tries_each_setting_once() -> None:
    table = found(arm(trials=50), world()).table
    settings = [tuple(line.params.values()) for line in table]
    assert len(settings) == len(set(settings)) == 6


@pytest.mark.parametrize("how", sorted(SEARCHES))
def test_the_same_seed_finds_the_same(how: Literal["random", "bayes"]) -> None:
    assert found(arm(how), world()).table == found(arm(how), world()).table


def test_the_arm_as_written_comes_first_and_weak_ones_are_stopped() -> None:
    best = found(arm(), world())
    assert best.table[0].params == {"digits": 6, "shift": 0.2}
    fates = [line.fate for line in best.table]
    assert fates[0] == "finished"
    assert any(fate.startswith("stopped after fold") for fate in fates)
    assert best.fits == sum(len(line.scores) for line in best.table)


def test_learning_by_heart_is_flagged_and_not_taken() -> None:
    best = found(arm(), world())
    flags = {line.params["digits"]: line.overfit for line in best.table if line.params["shift"] == 0.0}
    assert flags[6] is True
    assert flags[1] is False


def test_overfitting_compares_gains_not_months() -> None:
    easy = Fit(trained=0.5, later=0.65, base_trained=0.6, base_later=0.75, fit_s=0.0, predict_us=0.0, size=1)
    heart = Fit(trained=0.1, later=0.55, base_trained=0.6, base_later=0.6, fit_s=0.0, predict_us=0.0, size=1)
    nothing = Fit(trained=0.6, later=0.7, base_trained=0.6, base_later=0.6, fit_s=0.0, predict_us=0.0, size=1)
    assert [overfits([each]) for each in (easy, heart, nothing)] == [False, True, False]


def test_the_window_is_a_candidate() -> None:
    history = world(6000, change=50.0 * DAY)
    windows = ("all", "5d", "since_change")
    wanted = ArmSpec(learner="table", window=windows)
    best = found(wanted, history, change=50.0 * DAY)
    assert best.arm.window == "since_change"
    assert {line.window for line in best.table} == set(windows)
    without = found(wanted, history)
    lines = {line.window: line.fate for line in without.table}
    assert lines["since_change"] == "too few outcomes in its window"
    assert without.arm.window == "5d"


def test_where_nothing_is_to_choose_nothing_is_fitted() -> None:
    assert found(ArmSpec(learner="table", window="20d"), world()) == Found(
        ArmSpec(learner="table", window="20d"), (), 0
    )


def test_nothing_of_the_test_block_is_looked_at() -> None:
    history = world()
    block = lay_out(history, DAY).test
    turned = history.y.copy()
    turned[inside(history, block)] = 1.0 - turned[inside(history, block)]
    other = Window(history.rows, turned, history.predicted, history.known, {}, history.served, history.value)
    assert found(arm(), other).table == found(arm(), history).table


def test_times_are_measured_and_decide_nothing() -> None:
    table = found(arm(), world()).table
    assert all(line.fit_s == 1.0 for line in table)
    rows = len(inside(world(), lay_out(world(), DAY).folds[-1]))
    finished = [line for line in table if line.fate == "finished"]
    assert finished[0].predict_us == pytest.approx(1e6 / rows)
    assert all(line.size > 10 for line in finished)


def test_every_fit_is_on_what_a_training_then_would_have_had() -> None:
    seen: list[tuple[int, float]] = []

    class Watched(Table):
        def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
            seen.append((len(rows), float(np.mean(np.array(y, dtype=np.float64)))))
            super().fit(rows, y)

    def watched(wanted: ArmSpec) -> Learner:
        return make(wanted) if wanted.learner.startswith("baseline") else Watched(wanted)

    history = world()
    blocks = lay_out(history, DAY)
    ground = Ground(history, blocks, DAY, None, Judge(Setting("binary"), "log_loss"), watched, lambda: 0.0)
    search(ArmSpec(learner="table", window=("all", "30d")), ground, 1)
    complete = history.known <= blocks.folds[0].start
    early = history.predicted <= blocks.folds[0].start - DAY
    assert seen[0][0] == int((complete & early).sum())
    recent = history.predicted >= blocks.folds[0].start - 30.0 * DAY
    assert seen[3][0] == int((complete & early & recent).sum())
    assert isinstance(blocks.folds[0], Block)
