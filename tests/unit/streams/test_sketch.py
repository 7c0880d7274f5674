import math
import random

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.sketch import (
    FIRST,
    INVALID,
    LARGEST,
    MISSING,
    UNSEEN,
    Bins,
    categorical_bins,
    numeric_bins,
)

numbers = st.one_of(st.none(), st.floats(), st.integers(-5, 5).map(float))
texts = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "d", "e", "f"]), st.text(max_size=2))
few = settings(max_examples=50)


def wind_mph(n: int, seed: int) -> list[float]:
    """Knots as weather stations report them, in whole steps, converted to miles an hour: a few dozen values."""
    rng = random.Random(seed)
    return [min(int(rng.expovariate(0.12)), 34) * 1.15078 for _ in range(n)]


@few
@given(st.lists(numbers, max_size=80), st.lists(numbers, max_size=80))
def test_four_partitions_of_numbers_merge_to_one(reference: list[float | None], window: list[float | None]) -> None:
    bins = numeric_bins(reference, most=8)

    parts = [bins.count(window[i::4]) for i in range(4)]

    np.testing.assert_array_equal(np.sum(parts, axis=0), bins.count(window))


@few
@given(st.lists(texts, max_size=80), st.lists(texts, max_size=80))
def test_four_partitions_of_categories_merge_to_one(reference: list[str | None], window: list[str | None]) -> None:
    bins = categorical_bins(reference, most=3)

    parts = [bins.count(window[i::4]) for i in range(4)]

    np.testing.assert_array_equal(np.sum(parts, axis=0), bins.count(window))


@few
@given(st.lists(numbers, max_size=80), st.lists(numbers, max_size=80))
def test_every_number_is_counted_exactly_once(reference: list[float | None], window: list[float | None]) -> None:
    bins = numeric_bins(reference, most=8)
    counts = bins.count(window)

    assert counts[MISSING] == sum(x is None or math.isnan(x) for x in window)
    assert counts[INVALID] == sum(x is not None and abs(x) > LARGEST for x in window)
    assert counts[MISSING] + counts[INVALID] + counts[FIRST:].sum() == len(window)
    assert 0 <= counts[UNSEEN] <= counts[FIRST:].sum()


@few
@given(st.lists(numbers, max_size=80))
def test_the_reference_counts_as_itself_and_holds_nothing_new(reference: list[float | None]) -> None:
    bins = numeric_bins(reference, most=8)

    assert tuple(bins.count(reference)) == bins.reference
    assert bins.reference[UNSEEN] == 0
    assert len(bins.edges) + 1 == len(bins.centres) == bins.width - FIRST <= 8


@few
@given(st.lists(texts, max_size=80))
def test_reference_categories_count_as_themselves(reference: list[str | None]) -> None:
    bins = categorical_bins(reference, most=3)

    assert tuple(bins.count(reference)) == bins.reference
    assert bins.reference[UNSEEN] == 0


@few
@given(st.lists(numbers, max_size=80), st.lists(texts, max_size=80))
def test_bins_survive_json(reference: list[float | None], labels: list[str | None]) -> None:
    for bins in (numeric_bins(reference, most=8), categorical_bins(labels, most=3)):
        assert msgspec.json.decode(msgspec.json.encode(bins), type=Bins) == bins


@few
@given(st.lists(st.floats(-1e6, 1e6), min_size=1, unique=True, max_size=8), st.data())
def test_few_distinct_values_get_a_bin_each(distinct: list[float], data: st.DataObject) -> None:
    value = data.draw(st.sampled_from(distinct))
    bins = numeric_bins(distinct * 4, most=8)

    counts = bins.count([value])

    assert bins.reference[FIRST:] == (4,) * len(distinct)
    assert counts[FIRST + sorted(distinct).index(value)] == 1
    assert counts[UNSEEN] == 0
    assert bins.mean(counts) == pytest.approx(value)


def test_quantile_bins_of_a_continuous_field_are_about_equally_full() -> None:
    rng = np.random.default_rng(1)
    bins = numeric_bins(rng.normal(size=3200))

    assert set(bins.reference[FIRST:]) == {100}
    assert not bins.knows
    assert bins.unseen_share(bins.count([0.5])) is None


def test_a_value_with_most_of_the_mass_does_not_leave_empty_bins() -> None:
    bins = numeric_bins([0.0] * 900 + [float(i) for i in range(1, 101)])

    assert bins.reference[FIRST] >= 900
    assert min(bins.reference[FIRST:]) > 0


def test_values_beyond_the_reference_land_in_the_open_bins() -> None:
    rng = np.random.default_rng(1)
    bins = numeric_bins(rng.uniform(size=1000))

    counts = bins.count([-1e9, 1e9, 1e9])

    assert (counts[FIRST], counts[-1]) == (1, 2)


def test_a_unit_change_shows_as_values_never_seen() -> None:
    bins = numeric_bins(wind_mph(5000, seed=1))
    window = np.array(wind_mph(2000, seed=2))

    right, wrong = bins.unseen_share(bins.count(window)), bins.unseen_share(bins.count(window * 1.609))

    assert right is not None
    assert wrong is not None
    assert right < 0.001
    assert wrong > 0.8, "but for calm hours, multiples in both units, and what lies beyond the range"
    assert bins.unseen_share(bins.count(window * (1 + 1e-12))) == right, "rounding is not a new value"


def test_new_values_cannot_be_told_when_the_reference_itself_kept_bringing_them() -> None:
    days = [round(day + hour / 100, 2) for day in range(40) for hour in range(24)]
    repeated = [value for value in days for _ in range(50)]

    assert not numeric_bins(repeated).knows, "each value comes 50 times, but each day brings 24 new ones"
    assert numeric_bins(days * 50).knows


def test_an_id_is_not_a_category_that_can_be_new() -> None:
    ids = categorical_bins([f"flight-{i}" for i in range(1000)])

    assert not ids.knows
    assert ids.rare == ()
    assert ids.unseen_share(ids.count(["flight-x"])) is None


def test_new_categories_are_told_from_rare_ones() -> None:
    bins = categorical_bins(["EWR", "JFK", "LGA", None] * 10, most=2)
    counts = bins.count(["EWR", "LGA", "SWF", "SWF", None])

    assert counts.tolist() == [1, 0, 2, 1, 0, 3]
    assert bins.unseen_share(counts) == pytest.approx(0.5)


def test_segments_are_counted_in_one_go_as_one_by_one() -> None:
    rng = random.Random(3)
    values, rows = wind_mph(500, seed=4), [rng.randrange(5) for _ in range(500)]
    bins = numeric_bins(wind_mph(1000, seed=5))

    together = bins.count_groups(values, np.array(rows), 6)

    for row in range(6):
        alone = bins.count([value for value, at in zip(values, rows, strict=True) if at == row])
        np.testing.assert_array_equal(together[row], alone)


def test_numbers_beyond_the_range_are_a_new_season_and_not_unseen() -> None:
    winter = [float(i) for i in range(10, 60, 2)] * 8
    bins = numeric_bins(winter)

    assert bins.knows
    assert bins.unseen_share(bins.count([70.0, 80.0, 5.0])) == 0.0
    assert bins.unseen_share(bins.count([11.0, 13.0, 80.0, 12.0])) == 0.5


def test_a_reference_that_warms_up_still_tells_new_values() -> None:
    warming = [float(10 + day // 4 + 2 * (hour % 12)) for day in range(200) for hour in range(24)]

    assert numeric_bins(warming).knows
    assert not numeric_bins([float(i) for i in range(4000)]).knows, "a counter is always new"


def test_an_empty_window_has_no_share_and_no_mean() -> None:
    bins = numeric_bins([1.0, 2.0] * 10)
    stacked = np.stack([bins.count([]), bins.count([2.0, 2.0, 1.0, 1.5])])

    shares = bins.unseen_share(stacked)

    assert shares is not None
    np.testing.assert_array_equal(shares, [np.nan, 0.25])
    np.testing.assert_array_equal(bins.mean(stacked), [np.nan, 1.5])


def test_quantiles_and_spread_of_the_reference_are_kept() -> None:
    bins = numeric_bins([float(i) for i in range(101)])

    assert bins.quantiles == (0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 100)
    assert bins.std == pytest.approx(math.sqrt((101**2 - 1) / 12))


@pytest.mark.parametrize("reference", [[], [None, math.nan], [math.inf]])
def test_a_reference_without_values_has_one_bin(reference: list[float | None]) -> None:
    bins = numeric_bins(reference)

    assert bins.count([1.0, -5.0])[FIRST:].tolist() == [2]
    assert not bins.knows


def test_categories_have_no_order() -> None:
    bins = categorical_bins(["a", "b"])

    assert bins.positions is None
    with pytest.raises(TypeError, match="categorical"):
        bins.mean(bins.count(["a"]))


def test_one_bin_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 2 bins"):
        numeric_bins([1.0], most=1)
