import math

import numpy as np
import pytest

from models.metrics.port import Setting
from models.metrics.scores import Scores


def test_one_certain_mistake_costs_the_clip_and_no_more() -> None:
    scores = Scores(Setting("binary"))
    scores.update(np.array([1, 0]), np.array([0.0, 0.0]))
    assert scores.value("log_loss") == pytest.approx(-math.log(1e-15) / 2)
    assert scores.value("brier") == 0.5


def test_a_fair_coin_loses_ln_two_and_a_quarter() -> None:
    scores = Scores(Setting("binary"))
    scores.update(np.array([1, 0, 0]), np.full(3, 0.5))
    assert scores.value("log_loss") == pytest.approx(math.log(2))
    assert scores.value("brier") == 0.25


def test_three_even_classes_lose_ln_three_and_two_thirds() -> None:
    scores = Scores(Setting("multiclass", classes=("a", "b", "c")))
    scores.update(np.array([0, 2]), np.full((2, 3), 1 / 3))
    assert scores.value("log_loss") == pytest.approx(math.log(3))
    assert scores.value("brier") == pytest.approx(2 / 3)
