import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.exact import LARGEST, UNIT, from_fixed, to_fixed

numbers = st.floats(-LARGEST, LARGEST)


@given(st.lists(numbers, max_size=50))
def test_any_order_and_any_partition_gives_the_same_sum(values: list[float]) -> None:
    whole = sum(map(to_fixed, values))
    parts = [sum(map(to_fixed, values[i::4])) for i in range(4)]

    assert sum(reversed(parts)) == whole == sum(map(to_fixed, sorted(values)))


@given(numbers)
def test_rounding_is_at_most_half_a_unit(x: float) -> None:
    assert abs(Fraction(x) - to_fixed(x) * Fraction(UNIT)) <= Fraction(UNIT) / 2


@given(st.integers(-(2**53), 2**53))
def test_units_survive_the_way_there_and_back(units: int) -> None:
    if abs(units) * UNIT <= LARGEST:
        assert to_fixed(from_fixed(units)) == units


def test_floats_depend_on_the_order_and_fixed_units_do_not() -> None:
    a, b, c = 0.1, 0.2, 0.3

    assert (a + b) + c != a + (b + c)
    assert (to_fixed(a) + to_fixed(b)) + to_fixed(c) == to_fixed(a) + (to_fixed(b) + to_fixed(c))


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf, 2 * LARGEST])
def test_what_would_poison_a_sum_is_refused(x: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        to_fixed(x)


def test_a_million_large_losses_fit_sixty_four_bits() -> None:
    assert 1_000_000 * to_fixed(1e6) < 2**63
