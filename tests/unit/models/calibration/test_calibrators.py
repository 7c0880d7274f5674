from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from models.calibration import CALIBRATORS
from models.calibration.calibrators import Calibrator, Identity, Platt, fit_isotonic, fit_platt
from models.metrics.port import Setting
from models.metrics.scores import Scores
from streams.errors import StopError

FITTED = [name for name in CALIBRATORS if name != "none"]


def miscalibrated(n: int = 20_000, seed: int = 5) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """Scores whose true log odds are 0.5 * logit - 1."""
    rng = np.random.default_rng(seed)
    p = expit(rng.normal(0.0, 1.5, n))
    return p, (rng.random(n) < expit(0.5 * logit(p) - 1.0)).astype(int)


def log_loss(p: NDArray[np.float64], y: NDArray[Any]) -> float:
    scores = Scores(Setting("binary"), ["log_loss"])
    scores.update(y, p)
    return scores.value("log_loss")


@pytest.mark.parametrize("name", CALIBRATORS)
def test_one_score_is_calibrated_as_in_an_array(name: str) -> None:
    calibrator = CALIBRATORS[name](*miscalibrated())
    p = np.linspace(0.0, 1.0, 101)
    assert [calibrator.apply(float(x)) for x in p] == pytest.approx(calibrator.apply(p).tolist(), abs=1e-14)


@pytest.mark.parametrize("name", CALIBRATORS)
def test_order_of_scores_is_kept_and_answers_are_probabilities(name: str) -> None:
    q = CALIBRATORS[name](*miscalibrated()).apply(np.linspace(0.0, 1.0, 101))
    assert (np.diff(q) >= 0).all()
    assert 0.0 <= q[0] <= q[-1] <= 1.0


@pytest.mark.parametrize("name", CALIBRATORS)
def test_it_comes_back_from_json_as_it_was(name: str) -> None:
    calibrator = CALIBRATORS[name](*miscalibrated(500))
    assert msgspec.json.decode(msgspec.json.encode(calibrator), type=Calibrator) == calibrator


@pytest.mark.parametrize("name", FITTED)
def test_later_scores_get_better(name: str) -> None:
    calibrator = CALIBRATORS[name](*miscalibrated(seed=5))
    p, y = miscalibrated(seed=6)
    assert log_loss(calibrator.apply(p), y) < log_loss(p, y) - 0.1


@pytest.mark.parametrize("name", FITTED)
def test_nothing_to_fit_on_is_refused(name: str) -> None:
    with pytest.raises(StopError, match="calibration"):
        CALIBRATORS[name](np.zeros(0), np.zeros(0))
    with pytest.raises(StopError, match="calibration"):
        CALIBRATORS[name](np.zeros(2), np.zeros(3))


@pytest.mark.parametrize("name", FITTED)
@pytest.mark.parametrize("label", [0, 1])
def test_labels_of_one_kind_never_make_a_certainty(name: str, label: int) -> None:
    calibrator = CALIBRATORS[name](np.array([0.2, 0.4, 0.9]), np.full(3, label))
    q = calibrator.apply(np.array([0.2, 0.4, 0.9]))
    assert ((q > 1e-3) & (q < 1 - 1e-3)).all()


def test_platt_finds_the_true_curve_as_scikit_learn_does() -> None:
    p, y = miscalibrated()
    fitted = fit_platt(p, y)
    peer = LogisticRegression(C=np.inf, tol=1e-8).fit(logit(p)[:, None], y)
    assert fitted.slope == pytest.approx(peer.coef_[0, 0], abs=1e-3)
    assert fitted.intercept == pytest.approx(peer.intercept_[0], abs=1e-3)
    assert (fitted.slope, fitted.intercept) == pytest.approx((0.5, -1.0), abs=0.05)


def test_platt_fits_scores_that_separate_the_labels_or_are_all_the_same() -> None:
    split = fit_platt(np.array([0.1, 0.2, 0.8, 0.9]), np.array([0, 0, 1, 1]))
    assert split.apply(0.9) == pytest.approx(0.75, abs=0.1)
    assert fit_platt(np.full(98, 0.5), np.arange(98) < 49).apply(0.5) == pytest.approx(0.5)


def test_isotonic_has_the_knots_of_scikit_learn() -> None:
    p, y = miscalibrated(500)
    q = np.linspace(0, 1, 50)
    peer = IsotonicRegression(out_of_bounds="clip").fit(p, y).predict(q)
    assert fit_isotonic(p, y).apply(q) == pytest.approx(np.clip(peer, 1 / 502, 501 / 502), abs=1e-9)


def test_identity_and_neutral_platt_change_nothing() -> None:
    assert Identity().apply(0.3) == 0.3
    assert Platt(1.0, 0.0).apply(0.3) == pytest.approx(0.3)
    assert Platt(100.0, -1000.0).apply(0.0) == 0.0
