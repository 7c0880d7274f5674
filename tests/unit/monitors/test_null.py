"""P-values by rank, and the tail beyond."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.null import Null

sizes = st.lists(st.floats(0.0, 50.0), min_size=10, max_size=200).map(sorted)


def test_what_exceeds_all_of_history_has_the_smallest_rank() -> None:
    null = Null(tuple(i / 100 for i in range(1, 100)))

    assert null.p(1.0) == pytest.approx(0.01)
    assert null.p(0.985) == pytest.approx(0.02)
    assert null.p(0.0) == 1.0
    assert null.p(float("nan")) == 1.0
    assert Null(()).p(1e9) == 1.0


@given(sizes, st.floats(0.0, 100.0), st.floats(0.0, 100.0))
def test_larger_is_never_likelier(maxima: list[float], a: float, b: float) -> None:
    null = Null(tuple(maxima))

    assert null.p(max(a, b)) <= null.p(min(a, b))
    assert 0.0 < null.p(a) <= 1.0


@given(sizes, st.floats(1e-5, 0.9))
def test_the_threshold_is_where_the_level_is_reached(maxima: list[float], level: float) -> None:
    null = Null(tuple(maxima))
    border = null.threshold(level)

    assert null.p(border * (1 + 1e-9) + 1e-9) <= level * (1 + 1e-6)


def test_the_tail_of_a_pareto_is_found_and_extrapolates() -> None:
    rng = np.random.default_rng(1)
    null = Null(tuple(np.sort(1.0 + rng.pareto(2.0, size=5000)).tolist()))

    assert null.exponent == pytest.approx(2.0, rel=0.15)
    beyond = null.edge * 3.0
    assert null.p(beyond) == pytest.approx(1 / 5001 / 9, rel=0.4)


def test_a_calm_history_does_not_make_small_excesses_remarkable() -> None:
    null = Null((0.01,) * 1000)

    assert null.p(0.5) == pytest.approx(1 / 1001)
    assert null.p(2.0) < 1 / 1001 / 50
