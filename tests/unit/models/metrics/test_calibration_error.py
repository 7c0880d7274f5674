import numpy as np
import pytest
from sklearn.calibration import calibration_curve

from models.metrics.calibration_error import Reliability
from models.metrics.port import Setting
from models.metrics.scores import Scores


@pytest.mark.parametrize("bins", [10, 15])
def test_table_is_that_of_scikit_learn(bins: int) -> None:
    rng = np.random.default_rng(2)
    p = rng.random(5000)
    y = rng.random(5000) < p**1.5
    tally = Reliability(Setting("binary", bins=bins))
    tally.update(y, p)
    rates, means = calibration_curve(y, p, n_bins=bins)
    assert [row.observed_rate for row in tally.table()] == pytest.approx(rates)
    assert [row.mean_score for row in tally.table()] == pytest.approx(means, abs=1e-9)
    assert sum(row.events for row in tally.table()) == 5000


def test_error_weighs_each_bin_by_its_events() -> None:
    scores = Scores(Setting("binary", bins=10))
    scores.update(np.array([1, 0, 0, 1]), np.array([0.25, 0.25, 0.25, 1.0]))
    # three events at .25, of which 1/3 came; one at 1.0, which came
    assert scores.value("calibration_error") == pytest.approx(3 / 4 * abs(0.25 - 1 / 3), abs=1e-9)


def test_multiclass_compares_the_confidence_with_how_often_it_was_right() -> None:
    scores = Scores(Setting("multiclass", classes=("a", "b"), bins=10))
    scores.update(np.array([0, 1]), np.array([[0.8, 0.2], [0.8, 0.2]]))
    assert scores.value("calibration_error") == pytest.approx(0.3, abs=1e-9)
