"""Shares against independent figures, and the slow following of trickles."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, poisson

from monitors.quality.shares import deviance, followed, moved, poisson_deviance, smoothed


@given(st.integers(1, 500), st.data(), st.floats(1e-6, 0.999))
def test_it_is_twice_the_log_likelihood_ratio(n: int, data: st.DataObject, share: float) -> None:
    k = data.draw(st.integers(0, n))
    root = float(deviance(np.array(k), np.array(n), np.array(share)))

    ratio = 2.0 * (binom.logpmf(k, n, k / n) - binom.logpmf(k, n, share))
    assert root**2 == pytest.approx(ratio, abs=1e-6, rel=1e-6)
    assert root == 0 or (root > 0) == (k > n * share)


@given(st.integers(0, 2000), st.floats(0.05, 1000.0))
def test_it_is_that_of_poisson_too(k: int, expected: float) -> None:
    root = float(poisson_deviance(np.array(k), np.array(expected)))

    ratio = 2.0 * ((poisson.logpmf(k, k) if k else 0.0) - poisson.logpmf(k, expected))
    assert root**2 == pytest.approx(ratio, abs=1e-6, rel=1e-6)


def test_it_is_about_standard_normal_where_it_should_be() -> None:
    rng = np.random.default_rng(1)
    residuals = deviance(rng.binomial(400, 0.1, size=20_000), np.array(400), np.array(0.1))

    assert residuals.mean() == pytest.approx(0.0, abs=0.05)
    assert residuals.std() == pytest.approx(1.0, abs=0.05)


def test_one_record_is_never_as_remarkable_as_many() -> None:
    share = smoothed(np.array(3), np.array(3000))
    one, many = deviance(np.array([1, 40]), np.array([1, 40]), share)

    assert one < 4.0 < 20.0 < many
    assert np.isnan(deviance(np.array(0), np.array(0), share))


def test_shares_follow_a_trickle_and_not_a_break() -> None:
    share, trickle, broken = np.array(1e-4), np.zeros(()), np.zeros(())
    first = deviance(np.array(8), np.array(900), share)
    for _ in range(45):
        trickle = followed(trickle, deviance(np.array(8), np.array(900), moved(share, trickle)))
        broken = followed(broken, deviance(np.array(850), np.array(900), moved(share, broken)))
    assert first > 7.0
    assert deviance(np.array(8), np.array(900), moved(share, trickle)) < 2.0
    assert deviance(np.array(850), np.array(900), moved(share, broken)) > 60.0
    assert followed(np.zeros(()), np.array(-5.0)) == 0.0, "never below history's share"
