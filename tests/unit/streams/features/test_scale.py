import math

import pytest

from streams.errors import SpecError
from streams.features.numeric import spread
from streams.features.port import sum_for
from tests.unit.streams.features.cases import made, spec


def test_standard_is_distance_from_the_mean_in_standard_deviations() -> None:
    feature = made(spec(scale="standard", of="distance", over="30d"))
    assert feature.sums == (sum_for("distance", (), 2592000.0),)
    window = (8, 40.0, 232.0)  # 2 4 4 4 5 5 7 9: mean 5, standard deviation 2
    assert feature.update({"distance": 9.0}, 0.0, None, (window,))[0] == (2.0,)
    assert feature.update({"distance": None}, 0.0, None, (window,))[0] == (None,)


@pytest.mark.parametrize("window", [(0, 0.0, 0.0), (1, 5.0, 25.0), (3, 15.0, 75.0), (3, 0.3, 0.3 * 0.1)])
def test_no_scale_without_two_different_values(window: tuple[int, float, float]) -> None:
    feature = made(spec(scale="standard", of="distance", over="30d"))
    assert feature.update({"distance": 9.0}, 0.0, None, (window,))[0] == (None,)


def test_spread_keeps_its_digits_far_from_zero() -> None:
    values = [1e6 + x for x in (2, 4, 4, 4, 5, 5, 7, 9)]
    assert spread(8, sum(values), sum(x * x for x in values)) == pytest.approx(2.0, rel=1e-3)
    assert spread(2, 2e300, math.inf) is None


def test_min_max_of_the_declared_range() -> None:
    feature = made(spec(scale="min_max", of="distance"))
    results = [feature.update({"distance": x}, 0.0, None, ())[0][0] for x in (0.0, 1250.0, 5000.0, None)]
    assert results == [0.0, 0.25, 1.0, None]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"scale": "min_max", "of": "seats"}, "no declared range"),
        ({"scale": "min_max", "of": "distance", "over": "2h"}, "declared range, not a window"),
        ({"scale": "standard", "of": "distance"}, "how far back"),
        ({"scale": "standard", "of": "origin", "over": "2h"}, "has type str"),
        ({"scale": "standard", "of": "distance", "by": "gate", "over": "2h"}, "'gate' is not a declared field"),
        ({"scale": "standard", "over": "2h"}, "nothing says what is scaled"),
    ],
)
def test_mistakes(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(**keys))
