import math

import numpy as np
import pytest

from models.metrics.port import Setting
from models.metrics.scores import Scores


def numbers(y: list[float], p: list[float], inputs: int = 0) -> Scores:
    scores = Scores(Setting("regression", inputs=inputs))
    scores.update(np.array(y), np.array(p))
    return scores


def test_errors_by_hand() -> None:
    scores = numbers([1.0, 2.0, 4.0, 0.0], [2.0, 2.0, 1.0, 1.0], inputs=1)
    assert scores.value("mae") == 5 / 4
    assert scores.value("rmse") == math.sqrt(11 / 4)
    assert scores.value("mape") == pytest.approx((1 + 0 + 3 / 4) / 3)  # the label 0 is left out
    variation = 21 - 49 / 4
    assert scores.value("r2") == pytest.approx(1 - 11 / variation)
    assert scores.value("adjusted_r2") == pytest.approx(1 - 11 / variation * 3 / 2)


def test_what_has_no_meaning_is_nan() -> None:
    assert math.isnan(numbers([0.0], [1.0]).value("mape"))
    assert math.isnan(numbers([2.0, 2.0], [1.0, 3.0]).value("r2"))
    assert math.isnan(numbers([1.0, 2.0], [1.0, 2.0], inputs=1).value("adjusted_r2"))


def test_r2_survives_a_mean_that_dwarfs_the_spread() -> None:
    rng = np.random.default_rng(4)
    small = rng.integers(-8, 9, 1000) / 16.0
    noise = rng.integers(-8, 9, 1000) / 64.0
    near = numbers(small.tolist(), (small + noise).tolist()).value("r2")
    far = numbers((small + 1e12).tolist(), (small + 1e12 + noise).tolist()).value("r2")
    assert near == pytest.approx(far, abs=1e-12)
