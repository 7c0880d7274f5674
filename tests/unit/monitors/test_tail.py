"""Sizes make series with different tails comparable."""

import numpy as np

from monitors.tail import ANCHOR, fit


def test_each_series_is_measured_by_its_own_past() -> None:
    rng = np.random.default_rng(1)
    calm = np.abs(rng.normal(size=60 * 24))
    wild = 20.0 * rng.pareto(2.0, size=60 * 24)
    tail, sizes = fit(np.stack([calm, wild], axis=1), per_day=24)

    assert tail.edge.values[0] == ANCHOR
    assert tail.edge.values[1] == wild.max()
    assert tail.exponent.values[0] > 4.0 > 3.0 > tail.exponent.values[1]
    assert tail.sizes(np.array([16.0, 16.0]))[0] > 10 * tail.sizes(np.array([16.0, 16.0]))[1]
    assert sizes.shape == (60 * 24, 2)


def test_the_largest_day_of_history_is_measured_against_the_others() -> None:
    residuals = np.array([1.0, 5.0, 8.0, 40.0, 6.0])[:, None]
    tail, sizes = fit(residuals)

    exponent = tail.exponent.values[0]
    np.testing.assert_allclose(sizes[3], (40.0 / 8.0) ** (exponent / 3.0))
    np.testing.assert_allclose(sizes[2], (8.0 / 40.0) ** (exponent / 3.0))


def test_hours_of_the_largest_day_do_not_excuse_each_other() -> None:
    residuals = np.zeros((10, 24))
    residuals[4, 3:6] = 30.0
    _, sizes = fit(residuals.reshape(-1, 1), per_day=24)

    assert sizes.reshape(10, 24)[4, 3:6].min() > 2.5


def test_improvements_and_what_was_not_tested_have_no_size() -> None:
    tail, sizes = fit(np.array([[-50.0], [np.nan], [1.0]]))

    assert sizes[0] == 0.0
    assert np.isnan(sizes[1])
    assert tail.edge.values == ANCHOR
