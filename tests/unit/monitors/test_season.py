"""The season of the week: found, drawn to calmer averages, in local time, and followed when its level moves."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from monitors.season import FLOOR, adapted, fit, slot

HOUR, DAY = 3600.0, 86400.0
MONDAY = datetime(2024, 1, 1, tzinfo=UTC).timestamp()


def starts(weeks: int) -> list[float]:
    return [MONDAY + i * HOUR for i in range(weeks * 168)]


def test_a_weekly_shape_is_found() -> None:
    rng = np.random.default_rng(1)
    shape = 40.0 + 30.0 * np.sin(np.arange(168) / 24 * 2 * np.pi) + 10.0 * (np.arange(168) // 24 < 5)
    counts = rng.poisson(np.tile(shape, 12)).astype(float)[:, None]
    season, without = fit(counts, starts(12), HOUR, "UTC")

    expected = np.array([season.expected(start)[0] for start in starts(1)])
    assert np.abs(expected / shape - 1.0).mean() < 0.05
    assert np.abs(without[:, 0] / np.tile(shape, 12) - 1.0).mean() < 0.06


def test_a_window_is_not_expected_from_itself() -> None:
    counts = np.full((168 * 4, 1), 10.0)
    counts[200] = 18.0
    _, without = fit(counts, starts(4), HOUR, "UTC")

    assert without[200, 0] < 10.5
    assert without[200 + 168, 0] > 11.0


def test_a_storm_of_one_week_is_not_the_season_of_the_next() -> None:
    counts = np.full((168 * 8, 1), 10.0)
    counts[200] = 1000.0
    season, _ = fit(counts, starts(8), HOUR, "UTC")

    assert season.expected(MONDAY + 200 * HOUR)[0] < 13.0


def test_a_peak_of_every_week_is_the_season() -> None:
    counts = np.full((168 * 8, 1), 10.0)
    counts[40::168] = 400.0
    season, _ = fit(counts, starts(8), HOUR, "UTC")

    assert season.expected(MONDAY + 40 * HOUR)[0] > 300.0


def test_one_week_is_told_by_its_time_of_day_and_day_of_week() -> None:
    shape = np.tile(np.arange(24.0), 7) * np.repeat([1, 1, 1, 1, 1, 2, 2], 24)
    season, _ = fit(shape[:, None], starts(1), HOUR, "UTC")

    assert season.expected(MONDAY + 12 * HOUR)[0] == pytest.approx(12.0, rel=0.1)
    assert season.expected(MONDAY + 5 * DAY + 12 * HOUR)[0] == pytest.approx(24.0, rel=0.1)
    assert season.expected(MONDAY)[0] == FLOOR


def test_slots_follow_the_clock_on_the_wall() -> None:
    zone = ZoneInfo("America/New_York")
    winter = datetime(2024, 1, 10, 9, tzinfo=zone).timestamp()
    summer = datetime(2024, 7, 10, 9, tzinfo=zone).timestamp()

    assert slot(winter, HOUR, zone) == slot(summer, HOUR, zone)
    assert slot(winter, HOUR, ZoneInfo("UTC")) != slot(summer, HOUR, ZoneInfo("UTC"))


def test_the_level_follows_growth_and_resists_one_wild_day() -> None:
    level = np.ones(1)
    for _ in range(30):
        level = adapted(level, np.array([2000.0]), np.array([1000.0]))
    assert level[0] == pytest.approx(2.0, rel=0.02)
    assert adapted(np.ones(1), np.array([0.0]), np.array([1000.0]))[0] == pytest.approx(0.5 ** (1 / 7))
    assert adapted(np.ones(1), np.array([1e9]), np.array([1000.0]))[0] == pytest.approx(2.0 ** (1 / 7))
