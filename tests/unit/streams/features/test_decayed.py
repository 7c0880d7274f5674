import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SpecError
from streams.records import Value
from tests.unit.streams.features.cases import made, run, spec

HALF_LIFE_S = 3600.0


def decayed(aggregate: str, events: Sequence[tuple[float, float | None]]) -> list[Value]:
    feature = made(spec(aggregate=aggregate, of="distance", half_life="1h"))
    return [one[0] for one in run(feature, [(t, {"distance": x}) for t, x in events])]


def test_an_event_weighs_half_after_a_half_life() -> None:
    events = [(0.0, 8.0), (3600.0, 2.0), (7200.0, None)]
    assert decayed("count", events) == [1.0, 1.5, 0.75]
    assert decayed("sum", events) == pytest.approx([8.0, 6.0, 3.0])
    assert decayed("mean", events) == pytest.approx([8.0, 4.0, 4.0])
    assert decayed("std", events) == [None, pytest.approx(math.sqrt(8.0)), pytest.approx(math.sqrt(8.0))]


rows = st.lists(st.tuples(st.integers(-3000, 9000), st.floats(-100.0, 100.0)), min_size=1, max_size=20)


@given(rows)
def test_equals_the_weighted_sums_by_hand_late_events_too(steps: list[tuple[int, float]]) -> None:
    events = [(float(sum(step for step, _ in steps[: i + 1])), x) for i, (_, x) in enumerate(steps)]
    newest = max(t for t, _ in events)
    weights = [2.0 ** (-(newest - t) / HALF_LIFE_S) for t, _ in events]
    total = sum(weights)
    mean = sum(w * x for w, (_, x) in zip(weights, events, strict=True)) / total
    variance = sum(w * (x - mean) ** 2 for w, (_, x) in zip(weights, events, strict=True)) / total
    assert decayed("count", events)[-1] == pytest.approx(total)
    assert decayed("mean", events)[-1] == pytest.approx(mean, abs=1e-9)
    assert float(decayed("std", events)[-1] or 0.0) == pytest.approx(math.sqrt(variance), abs=1e-3)


def test_what_is_too_large_is_left_out_and_harms_nothing() -> None:
    assert decayed("mean", [(0.0, 1.0), (1.0, 1.7e308), (2.0, math.nan), (3.0, -1.7e308)]) == [1.0] * 4


def test_after_ages_nothing_is_left() -> None:
    assert decayed("mean", [(0.0, 5.0), (1e9, None)]) == [5.0, None]
    assert decayed("mean", [(1e9, None), (0.0, 5.0)]) == [None, None]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"aggregate": "mean", "of": "distance", "half_life": "0h"}, "half_life is zero"),
        ({"aggregate": "max", "of": "distance", "half_life": "1h"}, "decayed max is not defined"),
        ({"aggregate": "mean", "of": "label", "half_life": "1h"}, "labels do not decay"),
        ({"aggregate": "mean", "of": "distance", "by": "dest", "half_life": "1h"}, "own key decay"),
        ({"aggregate": "mean", "half_life": "1h"}, "only counted"),
        ({"aggregate": "mean", "of": "distance", "over": "1h", "half_life": "1h"}, "over and half_life"),
    ],
)
def test_mistakes(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(**keys))
