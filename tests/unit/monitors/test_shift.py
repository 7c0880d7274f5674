import math

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.metrics import roc_auc_score

from monitors.budget import DAY_S
from monitors.days import Day, Performance, add, close
from monitors.shift import Kind, auc, kind_of
from tests.unit.monitors.made import settled


def worlds(kind: str, n_days: int, seed: int) -> list[Day]:
    """Days of 900 events whose scores are right, or wrong in one way."""
    rng = np.random.default_rng(seed)
    performance = Performance()
    for i in range(n_days):
        p = np.clip(rng.beta(1.5, 4.0, 900), 0.02, 0.98)
        truth = {
            "none": p,
            "prior_shift": expit(logit(p) + 0.8),
            "calibration_shift": expit(1.8 * logit(p) + 1.5),
            "concept_change": 0.6 * rng.permutation(p) + 0.4 * p,
        }[kind]
        labels = (rng.random(900) < truth).astype(int).tolist()
        performance = close(add(performance, [settled(i * DAY_S, p.tolist(), labels)]), (i + 1) * DAY_S)
    return list(performance.days)


@pytest.mark.parametrize("kind", ["prior_shift", "calibration_shift", "concept_change"])
@pytest.mark.parametrize("seed", [1, 2])
def test_each_kind_of_change_is_told_from_the_others(kind: Kind, seed: int) -> None:
    before = worlds("none", 14, seed)
    since = worlds(kind, 8, seed + 10)

    assert kind_of(before, since) == kind


@pytest.mark.parametrize("kind", ["prior_shift", "concept_change"])
def test_without_days_before_scores_are_held_to_what_they_claim(kind: Kind) -> None:
    assert kind_of([], worlds(kind, 8, 3)) == kind


def test_numbers_cannot_be_recalibrated() -> None:
    assert kind_of([], [Day(0.0, 10, 5.0, 1.0)]) == "concept_change"


def test_the_area_from_bins_is_that_of_the_binned_scores() -> None:
    rng = np.random.default_rng(4)
    p = np.clip(rng.random(500), 0.01, 0.99)
    y = (rng.random(500) < p).astype(int)
    performance = close(add(Performance(), [settled(0.0, p.tolist(), y.tolist())]), DAY_S)

    assert auc(performance.days[0]) == pytest.approx(roc_auc_score(y, (p * 10).astype(int)), abs=1e-12)
    assert math.isnan(auc(Day(0.0, 1, 0.0, 0.0, bins=((3, 0, 0.1),))))
