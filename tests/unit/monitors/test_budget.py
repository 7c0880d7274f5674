"""The budget adds up, and holds on data that behaves as its history did."""

import numpy as np
import pytest

from monitors.budget import FAMILIES, levels, lowest_budget, weekly_tests
from monitors.null import Null
from monitors.quality.shares import poisson_deviance
from monitors.season import fit
from monitors.tail import fit as fit_tail
from streams.sketch import Floats

HOUR, DAYS, LIVE, SERIES = 3600.0, 60, 120, 12


def test_the_shares_of_all_families_add_up_to_the_budget() -> None:
    for budget, window_s in ((0.5, 3600.0), (3.0, 600.0)):
        level = levels(budget, window_s)
        assert set(level) == set(FAMILIES)
        assert sum(level[family] * weekly_tests(family, window_s) for family in FAMILIES) == pytest.approx(budget)


def test_a_longer_history_certifies_a_lower_budget() -> None:
    assert lowest_budget(30.0, HOUR) > lowest_budget(60.0, HOUR) > lowest_budget(365.0, HOUR)
    budget = lowest_budget(60.0, HOUR)
    level = levels(budget, HOUR)
    n = {family: 60 / 7 * weekly_tests(family, HOUR) for family in FAMILIES}
    assert all(level[family] >= 1 / (n[family] + 1) * (1 - 1e-9) for family in FAMILIES)


def counts(rng: np.random.Generator, days: int) -> Floats:
    """Counts of several series with the season of a day, a common autocorrelated disturbance, and storms."""
    hours = days * 24
    season = 30.0 + 25.0 * np.sin(np.arange(hours) / 24 * 2 * np.pi)
    noise = np.zeros(hours)
    for i in range(1, hours):
        noise[i] = 0.9 * noise[i - 1] + rng.normal(0.0, 0.05)
    storm = np.zeros(hours)
    for begin in np.flatnonzero(rng.random(hours) < 0.002):
        storm[begin : begin + 6] = np.log1p(rng.pareto(3.0))
    weights = np.linspace(0.2, 1.0, SERIES)
    return rng.poisson(weights * np.exp(noise + storm)[:, None] * season[:, None]).astype(np.float64)


@pytest.mark.parametrize(("share", "at_most"), [(0.5, 1.0), (0.25, 1.0), (0.03, 2.0)])
def test_false_incidents_stay_within_the_budget_on_autocorrelated_seasonal_series(share: float, at_most: float) -> None:
    """60 days certify 0.12 incidents a week for one family; below that the tail is a guess, within a factor of 2."""
    rng = np.random.default_rng(7)
    level, incidents, weeks = share / (7 * 24), 0, 0.0
    for _ in range(60):
        world = counts(rng, DAYS + LIVE)
        past, now = world[: DAYS * 24], world[DAYS * 24 :]
        season, expected = fit(past, [HOUR * i for i in range(len(past))], HOUR, "UTC")
        tail, sizes = fit_tail(np.abs(poisson_deviance(past, expected)), per_day=24)
        null = Null(tuple(np.sort(sizes.max(axis=1)).tolist()))
        due = np.stack([season.expected(HOUR * (DAYS * 24 + i)) for i in range(len(now))])
        alarmed = null.ps(tail.sizes(np.abs(poisson_deviance(now, due))).max(axis=1)) <= level
        places = np.flatnonzero(alarmed)
        incidents += len(places[:1]) + int(np.count_nonzero(np.diff(places) > 24))
        weeks += LIVE / 7

    assert incidents / weeks <= at_most * share
