"""The detection floor: a rise of that size is found about as often as promised."""

from statistics import NormalDist

import numpy as np
import pytest

from dashboards.story.outcomes import Told
from dashboards.story.run import Run
from dashboards.story.unseen import POWER, detection_floor
from monitors.budget import levels

DAYS = 364


def told(daily: np.ndarray[tuple[int], np.dtype[np.float64]], budget: float = 0.5) -> Told:
    run = Run(
        name="n", pipeline="p", digest="", goal="", task="binary", target="t", metric="log_loss", budget=budget,
        start=0.0, end=DAYS * 86400.0, warmup_end=0.0,
    )  # fmt: skip
    made = Told(run, (), {}, 0.5)
    made.judged += 100.0
    made.excess += 100.0 * daily
    return made


def test_a_rise_of_the_floor_is_found_four_times_in_five() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(0.0, 0.05, DAYS)
    floors = detection_floor(told(noise))
    level = levels(0.5, 3600.0)["performance"]
    limit = NormalDist(0.0, 0.05).inv_cdf(1.0 - level)
    found = (rng.normal(floors[1], 0.05, 20_000) > limit).mean()
    assert found == pytest.approx(POWER, abs=0.06)


def test_independent_days_are_averaged_and_dependent_ones_are_not() -> None:
    rng = np.random.default_rng(6)
    floors = detection_floor(told(rng.normal(0.0, 0.05, DAYS)))
    assert floors[1] / floors[7] == pytest.approx(np.sqrt(7), rel=0.25)
    slow = np.repeat(rng.normal(0.0, 0.05, DAYS // 28), 28)
    floors = detection_floor(told(slow))
    assert floors[28] / floors[1] == pytest.approx(1.0, abs=0.15)


def test_a_smaller_budget_sees_less() -> None:
    noise = np.random.default_rng(7).normal(0.0, 0.05, DAYS)
    assert detection_floor(told(noise, 0.1))[7] > detection_floor(told(noise, 2.0))[7]


def test_too_few_days_say_nothing() -> None:
    made = told(np.zeros(DAYS))
    made.judged[5:] = 0.0
    assert detection_floor(made) == {}
