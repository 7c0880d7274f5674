import math

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.stats import nct, t

from models.rollout.verdict import FIRST, DayBlocks, Kind, Verdict, blocks_needed

ALPHA = 0.05
DAYS = 120


def fold(means: NDArray[np.float64], events: NDArray[np.int64] | None = None) -> DayBlocks:
    blocks = DayBlocks()
    for i, mean in enumerate(means.tolist()):
        count = 900 if events is None else int(events[i])
        blocks = blocks.add(count, mean * count)
    return blocks


def first_day(means: NDArray[np.float64], events: NDArray[np.int64], kind: Kind, tolerance: float) -> tuple[str, int]:
    """Look every day, stop at the first verdict."""
    blocks = DayBlocks()
    for count, mean in zip(events.tolist(), means.tolist(), strict=True):
        blocks = blocks.add(count, mean * count)
        decision = blocks.verdict(ALPHA).judge(kind, tolerance)
        if decision != "inconclusive":
            return decision, blocks.blocks
    return "inconclusive", DAYS + 1


def days(rng: np.random.Generator, runs: int, sd: float) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Day means with tails of t(5), on days of 500 to 1,100 events and now and then a very short one."""
    means = rng.standard_t(5, (runs, DAYS)) * (sd / math.sqrt(5 / 3))
    events = rng.integers(500, 1100, (runs, DAYS))
    return means, np.where(rng.random((runs, DAYS)) < 0.03, 20, events)


def test_bounds_are_where_the_mixture_of_noncentral_t_reaches_its_level() -> None:
    """The same wealth from its definition: noncentral t over central t, integrated over the prior of mean / sd."""
    means = np.random.default_rng(1).normal(0.3, 1.0, 12)
    verdict = fold(means).verdict(ALPHA)
    for bound in (verdict.lower, verdict.upper):
        assert bound is not None
        shifted = means - bound
        n = len(shifted)
        seen = shifted.mean() / shifted.std(ddof=1) * math.sqrt(n)

        def bet(effect: float, seen: float = seen, n: int = n) -> float:
            prior = math.exp(-(effect**2) / 0.5) / math.sqrt(0.5 * math.pi)
            return float(nct.pdf(seen, n - 1, effect * math.sqrt(n))) * prior

        wealth = quad(bet, -4, 4)[0] / t.pdf(seen, n - 1)
        assert wealth == pytest.approx(1 / ALPHA, rel=1e-4)


def test_false_verdicts_are_rarer_than_alpha_however_often_one_looks() -> None:
    means, events = days(np.random.default_rng(2), 600, 0.03)
    wrong = [first_day(m, e, "replacement", 0.0)[0] != "inconclusive" for m, e in zip(means, events, strict=True)]
    assert np.mean(wrong) <= ALPHA


def test_false_verdicts_stay_rare_when_events_within_a_day_are_correlated() -> None:
    rng = np.random.default_rng(3)
    shocks = rng.standard_t(5, (600, 60, 40)) * 0.3
    kernel = 0.9 ** np.arange(40)
    events = np.stack([np.convolve(day, kernel)[:40] for day in shocks.reshape(-1, 40)]).reshape(shocks.shape)
    wrong = [first_day(run, np.full(60, 40), "replacement", 0.0)[0] != "inconclusive" for run in events.mean(axis=2)]
    assert np.mean(wrong) <= ALPHA


@pytest.mark.parametrize(
    ("kind", "gain", "tolerance", "sd", "most"),
    [("replacement", 0.02, 0.0, 0.02, 16), ("replacement", 0.02, 0.0, 0.035, 30), ("refresh", 0.0, 0.01, 0.01, 16)],
)
def test_true_gains_are_found_in_weeks(kind: Kind, gain: float, tolerance: float, sd: float, most: int) -> None:
    means, events = days(np.random.default_rng(4), 200, sd)
    found = [first_day(m - gain, e, kind, tolerance) for m, e in zip(means, events, strict=True)]
    assert np.median([day for decision, day in found if decision == "success"]) <= most
    assert np.mean([decision == "success" for decision, _ in found]) > 0.95


@given(st.lists(st.tuples(st.integers(1, 5000), st.floats(-1, 1)), min_size=FIRST, max_size=30))
def test_the_mean_per_event_lies_between_the_bounds(days: list[tuple[int, float]]) -> None:
    blocks = DayBlocks()
    for count, mean in days:
        blocks = blocks.add(count, count * mean)
    verdict = blocks.verdict(ALPHA)
    assert blocks.mean == pytest.approx(sum(n * d for n, d in days) / sum(n for n, _ in days))
    if verdict.lower is not None and verdict.upper is not None:
        assert verdict.lower - 1e-6 <= blocks.mean <= verdict.upper + 1e-6


@given(scale=st.floats(0.01, 100), shift=st.floats(-1, 1))
def test_bounds_move_and_stretch_with_the_losses(scale: float, shift: float) -> None:
    means = np.random.default_rng(5).normal(0, 1, 20)
    plain, moved = fold(means).verdict(ALPHA), fold(means * scale + shift).verdict(ALPHA)
    assert plain.lower is not None
    assert moved.lower == pytest.approx(plain.lower * scale + shift, abs=1e-6)


def test_swapping_the_arms_swaps_the_bounds() -> None:
    means = np.random.default_rng(6).normal(0.1, 1, 20)
    one, other = fold(means).verdict(ALPHA), fold(-means).verdict(ALPHA)
    assert one.lower is not None
    assert one.upper is not None
    assert (other.upper, other.lower) == pytest.approx((-one.lower, -one.upper))


def test_the_first_week_says_nothing_and_a_day_without_events_is_no_block() -> None:
    blocks = fold(np.full(FIRST - 1, -0.5) + np.arange(FIRST - 1) * 1e-3)
    assert blocks.verdict(ALPHA) == Verdict(None, None, FIRST - 1)
    assert blocks.verdict(ALPHA).judge("replacement") == "inconclusive"
    assert blocks.add(0, 0.0) == blocks
    assert blocks.add(900, -450.0).verdict(ALPHA).judge("replacement") == "success"


def test_one_day_that_outweighs_all_others_decides_nothing() -> None:
    means = np.array([0.0, 0.1, -0.1, 0.05, -0.05, 0.02, -0.02, -9.0])
    verdict = fold(means, np.array([10] * 7 + [100_000])).verdict(ALPHA)
    assert verdict == Verdict(None, None, 8)


@pytest.mark.parametrize(
    ("lower", "upper", "replacement", "refresh"),
    [
        (-0.03, -0.01, "success", "success"),
        (-0.03, 0.005, "inconclusive", "success"),
        (-0.03, 0.02, "inconclusive", "inconclusive"),
        (0.001, 0.005, "failure", "success"),
        (0.001, 0.02, "failure", "failure"),
    ],
)
def test_what_counts_as_success_and_failure(lower: float, upper: float, replacement: str, refresh: str) -> None:
    verdict = Verdict(lower, upper, 20)
    assert verdict.judge("replacement", 0.01) == replacement
    assert verdict.judge("refresh", 0.01) == refresh


def test_blocks_and_verdict_come_back_from_json_as_they_were() -> None:
    for count in (3, 20):
        blocks = fold(np.random.default_rng(7).normal(0, 1, count))
        assert msgspec.json.decode(msgspec.json.encode(blocks), type=DayBlocks) == blocks
        verdict = blocks.verdict(ALPHA)
        assert msgspec.json.decode(msgspec.json.encode(verdict), type=Verdict) == verdict


def test_a_loss_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="day block"):
        DayBlocks().add(10, math.nan)


def test_blocks_needed_is_a_little_more_than_half_of_the_runs_take() -> None:
    rng = np.random.default_rng(8)
    runs = rng.normal(-0.02, 0.03, (300, DAYS))
    taken = [first_day(run, np.full(DAYS, 900), "replacement", 0.0)[1] for run in runs]
    needed = blocks_needed(0.02, 0.03, ALPHA)
    assert needed is not None
    assert 0.75 * needed <= np.median(taken) <= needed
    assert blocks_needed(0.001, 0.1, ALPHA) is None
