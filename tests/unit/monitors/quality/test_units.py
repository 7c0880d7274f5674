"""Changes of unit: found where values can tell, and not claimed where they cannot."""

import random
from collections.abc import Callable

import numpy as np
import pytest

from monitors.quality.units import CHANGES, find_unit_change
from streams.sketch import Bins, numeric_bins

WIND = [knot * 1.15078 for knot in (0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 23, 24, 27)]


def unseen(bins: Bins, values: list[float]) -> list[str]:
    _, new = bins.place(values)
    return [str(value) for value, is_new in zip(values, new.tolist(), strict=True) if is_new]


@pytest.mark.parametrize(
    ("change", "name", "factor"),
    [
        (lambda x: x * 1.609, "mph to km/h", 1.609344),
        (lambda x: x * 0.868976, "back from knots to mph", 1 / 1.150779),
        (lambda x: x / 2.236936, "back from m/s to mph", 1 / 2.236936),
    ],
)
def test_wind_in_another_unit_is_named(change: Callable[[float], float], name: str, factor: float) -> None:
    bins = numeric_bins(WIND * 50)
    found = find_unit_change("wind", bins, unseen(bins, [change(x) for x in WIND]))

    assert found is not None
    assert (found.field, found.name) == ("wind", name)
    assert found.factor == pytest.approx(factor, rel=1e-3)
    assert found.share == 1.0
    assert found.inverse(change(10.0)) == pytest.approx(10.0, rel=2e-3)


def test_degrees_are_shifted_too() -> None:
    fahrenheit = [round(1.8 * celsius + 32.0, 2) for celsius in range(-10, 25)]
    bins = numeric_bins(fahrenheit * 30)
    found = find_unit_change("temp", bins, unseen(bins, [(x - 32.0) / 1.8 for x in fahrenheit if x > 55]))

    assert found is not None
    assert found.name == "Fahrenheit to Celsius"
    assert found.inverse(20.0) == pytest.approx(68.0)


def test_new_values_of_another_kind_are_no_change_of_unit() -> None:
    rng = random.Random(1)
    bins = numeric_bins(WIND * 50)

    assert find_unit_change("wind", bins, [str(rng.uniform(1, 25)) for _ in range(16)]) is None
    assert find_unit_change("wind", bins, ["1.609344", "3.2"]) is None, "too few to tell"


def test_it_says_nothing_of_continuous_fields_and_of_dense_values() -> None:
    rng = np.random.default_rng(1)
    continuous = numeric_bins(rng.normal(50.0, 10.0, size=2000))
    dense = numeric_bins([i / 1000 for i in range(20, 2000)] * 8)

    assert find_unit_change("x", continuous, ["80.4672", "96.5", "70.1", "66.6", "59.9"]) is None
    assert dense.knows
    assert find_unit_change("x", dense, [str(i / 1000 * 1.609344) for i in range(1000, 1016)]) is None


def test_every_change_has_a_way_back() -> None:
    for name, (factor, shift) in CHANGES.items():
        assert any(
            other != name and abs(factor * f - 1.0) < 1e-6 and abs(factor * s + shift) < 1e-6
            for other, (f, s) in CHANGES.items()
        ), name
