"""The guard of probation: agreement from sums, and what counts as garbage."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.rollout.guard import Agreement, Limits, garbage, limits

Floats = NDArray[np.float64]


def pair(seed: int, n: int = 150, noise: float = 0.03) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    old = rng.beta(2.0, 6.0, n)
    return np.clip(old + rng.normal(0.0, noise, n), 0.0, 1.0), old


SHADOW = [Agreement.of(*pair(seed)) for seed in range(20)]


@given(st.integers(2, 60), st.integers(0, 10))
def test_sums_give_what_numpy_gives_and_add_up(n: int, seed: int) -> None:
    new, old = pair(seed, n)
    whole = Agreement.of(new, old)
    assert whole.difference == pytest.approx(np.abs(new - old).mean() / np.sqrt((old**2).mean()))
    assert whole.correlation == pytest.approx(np.corrcoef(new, old)[0, 1])
    cut = n // 2
    parts = Agreement.of(new[:cut], old[:cut]) + Agreement.of(new[cut:], old[cut:])
    assert (parts.difference, parts.correlation) == pytest.approx((whole.difference, whole.correlation))


def test_no_events_and_constant_scores_do_not_agree() -> None:
    assert (Agreement().difference, Agreement().correlation) == (0.0, 0.0)
    _, old = pair(1)
    assert Agreement.of(np.full_like(old, 0.3), old).correlation == 0.0


def test_a_difference_is_measured_by_the_size_of_the_scores() -> None:
    new, old = pair(1)
    assert Agreement.of(1000.0 * new, 1000.0 * old).difference == pytest.approx(Agreement.of(new, old).difference)
    assert Agreement.of(old, np.zeros_like(old)).difference == np.inf
    assert Agreement.of(np.zeros(3), np.zeros(3)).difference == 0.0


def test_blocks_like_those_of_the_shadow_are_no_garbage() -> None:
    bounds = limits(SHADOW)
    assert bounds is not None
    assert not any(bounds.passed(Agreement.of(*pair(seed))) for seed in range(100, 300))


@pytest.mark.parametrize("kind", ["constant", "shuffled", "turned", "scaled"])
def test_garbage_is_seen_within_two_blocks(kind: str) -> None:
    def spoiled(seed: int) -> Agreement:
        new, old = pair(seed)
        wrong = {
            "constant": np.full_like(new, new.mean()),
            "shuffled": np.random.default_rng(seed).permutation(new),
            "turned": 1.0 - new,
            "scaled": np.minimum(1.0, 2.0 * new),
        }
        return Agreement.of(wrong[kind], old)

    bounds = limits(SHADOW)
    assert bounds is not None
    bad = [spoiled(100), spoiled(101)]
    assert garbage(bounds, [SHADOW[0], *bad])
    assert not garbage(bounds, bad[:1])
    assert not garbage(bounds, [bad[0], SHADOW[0]])


def test_too_little_says_nothing() -> None:
    assert limits(SHADOW[:4]) is None
    assert limits([Agreement.of(*pair(seed, n=99)) for seed in range(20)]) is None
    assert not Limits(0.0, 1.0).passed(Agreement.of(*pair(1, n=99)))
