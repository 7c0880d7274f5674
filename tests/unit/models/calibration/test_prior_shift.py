import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.calibration.prior_shift import adjusted, estimated_prior, fit_prior_shift, known_prior, recent_rate
from streams.errors import StopError

RATE = st.floats(0.01, 0.99)


def gaussian_scores(train_rate: float, now_rate: float, n: int) -> NDArray[np.float64]:
    """Scores of a classifier that is exact for classes N(1, 1) and N(-1, 1) at `train_rate`, on data at `now_rate`."""
    rng = np.random.default_rng(7)
    x = rng.normal(np.where(rng.random(n) < now_rate, 1.0, -1.0), 1.0)
    odds = train_rate / (1 - train_rate) * np.exp(2 * x)
    return np.asarray(odds / (1 + odds))


@given(p=RATE, old=RATE, new=RATE)
def test_for_two_classes_the_offset_is_the_formula(p: float, old: float, new: float) -> None:
    both = adjusted(np.array([[1 - p, p]]), np.array([1 - old, old]), np.array([1 - new, new]))
    assert known_prior(old, new).apply(p) == pytest.approx(both[0, 1], abs=1e-12)
    assert both.sum() == pytest.approx(1.0)


def test_em_finds_the_new_prior_without_labels() -> None:
    p = gaussian_scores(0.5, 0.1, 50_000)
    prior = estimated_prior(np.column_stack([1 - p, p]), np.array([0.5, 0.5]))
    assert prior[1] == pytest.approx(0.1, abs=0.01)
    assert prior.sum() == pytest.approx(1.0)


def test_em_stays_where_nothing_has_changed() -> None:
    p = gaussian_scores(0.3, 0.3, 50_000)
    assert estimated_prior(np.column_stack([1 - p, p]), np.array([0.7, 0.3]))[1] == pytest.approx(0.3, abs=0.01)


@given(rate=RATE)
def test_recent_rate_becomes_the_mean_score(rate: float) -> None:
    p = gaussian_scores(0.3, 0.3, 500)
    assert recent_rate(p, rate).apply(p).mean() == pytest.approx(rate, abs=1e-9)


def test_fit_takes_the_rate_of_the_labels() -> None:
    p = gaussian_scores(0.5, 0.5, 98)
    assert fit_prior_shift(p, np.arange(98) < 19).apply(p).mean() == pytest.approx(20 / 100)


@pytest.mark.parametrize("rate", [0.0, 1.0, float("nan")])
def test_a_rate_of_nothing_or_everything_is_refused(rate: float) -> None:
    with pytest.raises(StopError, match="between 0 and 1"):
        recent_rate(np.array([0.5]), rate)
    with pytest.raises(StopError, match="between 0 and 1"):
        known_prior(rate, 0.5)
