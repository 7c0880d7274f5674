import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from models.metrics.port import Setting
from models.metrics.roc_auc import ScoreBins, exact_roc_auc, max_error, roc_auc

BINARY = Setting("binary")


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=2, max_size=60))
def test_exact_area_is_that_of_scikit_learn_and_the_binned_one_within_its_error(rows: list[tuple[bool, float]]) -> None:
    y, p = np.array([r[0] for r in rows]), np.array([r[1] for r in rows])
    tally = ScoreBins(BINARY)
    tally.update(y, p)
    if y.all() or not y.any():
        assert np.isnan([exact_roc_auc(y, p), roc_auc(tally, BINARY), max_error(tally)]).all()
        return
    exact = exact_roc_auc(y, p)
    assert exact == pytest.approx(roc_auc_score(y, p), abs=1e-12)
    assert abs(roc_auc(tally, BINARY) - exact) <= max_error(tally) + 1e-12


@pytest.mark.parametrize("rate", [0.25, 0.003])
def test_bins_are_fine_enough_for_common_and_for_rare_events(rate: float) -> None:
    rng = np.random.default_rng(3)
    p = rng.beta(2, 2 / rate - 2, 200_000)
    y = rng.random(200_000) < p
    tally = ScoreBins(BINARY)
    tally.update(y, p)
    assert max_error(tally) < 0.015
    assert roc_auc(tally, BINARY) == pytest.approx(roc_auc_score(y, p), abs=2e-4)


def test_the_scores_zero_and_one_have_bins() -> None:
    tally = ScoreBins(BINARY)
    tally.update(np.array([False, True]), np.array([0.0, 1.0]))
    assert roc_auc(tally, BINARY) == 1.0
    assert max_error(tally) == 0.0
