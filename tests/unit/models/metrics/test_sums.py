import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.metrics.sums import exact_squares, exact_sum, mean, spread

UNIT = 2**1126


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=50))
def test_the_sum_is_exact(values: list[float]) -> None:
    assert Fraction(exact_sum(np.array(values)), UNIT) == sum(map(Fraction, values))


@given(st.lists(st.floats(-1e100, 1e100).filter(lambda x: x == 0.0 or abs(x) > 1e-100), max_size=50))
def test_the_sum_of_squares_is_exact(values: list[float]) -> None:
    assert Fraction(exact_squares(np.array(values)), UNIT) == sum(Fraction(v) ** 2 for v in values)


def test_mean_and_spread() -> None:
    x = np.array([1e16, 1.0, -1e16])
    assert mean(exact_sum(x), 3) == 1 / 3
    x = np.array([1e9, 1e9 + 2])
    assert spread(exact_sum(x), exact_squares(x), 2) == 1.0
    assert math.isnan(mean(0, 0))
    assert math.isnan(spread(0, 0, 0))


def test_a_long_array_is_summed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.arange(100.0)
    monkeypatch.setattr("models.metrics.sums._ROWS", 7)
    assert mean(exact_sum(x), 1) == 4950.0
