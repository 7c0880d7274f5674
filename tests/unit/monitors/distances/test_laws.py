"""What holds for every registered distance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from monitors.distances import DISTANCES, ORDERED
from monitors.distances.port import Distance

BINS = 6
POSITIONS = np.array([-2.0, 0.0, 0.5, 3.0, 3.5, 10.0])

every = pytest.mark.parametrize("distance", DISTANCES.values(), ids=DISTANCES)
counts = arrays(np.int64, BINS, elements=st.integers(0, 1000)).filter(lambda a: bool(a.sum()))
Counts = NDArray[np.int64]
few = settings(max_examples=20)


@every
@few
@given(counts, counts)
def test_it_is_a_finite_number_from_zero_on(distance: Distance, reference: Counts, window: Counts) -> None:
    assert 0 <= distance(reference, window, POSITIONS) < np.inf


@every
@few
@given(counts, st.integers(1, 50))
def test_equal_shares_are_at_distance_zero(distance: Distance, reference: Counts, times: int) -> None:
    assert distance(reference, reference * times, POSITIONS) == pytest.approx(0, abs=1e-7)


@every
@few
@given(counts, counts)
def test_it_is_symmetric(distance: Distance, reference: Counts, window: Counts) -> None:
    there, back = distance(reference, window, POSITIONS), distance(window, reference, POSITIONS)

    assert there == pytest.approx(back, rel=1e-9, abs=1e-9)


@every
@few
@given(arrays(np.int64, (3, 4, BINS), elements=st.integers(0, 50)), counts)
def test_stacked_counts_give_what_each_gives_alone(distance: Distance, windows: Counts, reference: Counts) -> None:
    together = distance(reference, windows, POSITIONS)

    assert together.shape == (3, 4)
    for place in np.ndindex(3, 4):
        np.testing.assert_allclose(together[place], distance(reference, windows[place], POSITIONS), atol=1e-12)


@every
@few
@given(counts, counts)
def test_padding_with_empty_bins_changes_nothing(distance: Distance, reference: Counts, window: Counts) -> None:
    def pad(a: Counts) -> Counts:
        return np.pad(a, (0, 3))

    padded = distance(pad(reference), pad(window), np.pad(POSITIONS, (0, 3), mode="edge"))

    assert padded == pytest.approx(distance(reference, window, POSITIONS), rel=1e-9, abs=1e-9)


@every
def test_where_nothing_was_compared_there_is_no_number(distance: Distance) -> None:
    some, none = np.ones(BINS, dtype=np.int64), np.zeros(BINS, dtype=np.int64)

    assert np.isnan(distance(some, none, POSITIONS))
    assert np.isnan(distance(none, some, POSITIONS))
    np.testing.assert_array_equal(np.isnan(distance(some, np.stack([some, none]), POSITIONS)), [False, True])


@every
@few
@given(counts, counts)
def test_the_input_is_not_changed(distance: Distance, reference: Counts, window: Counts) -> None:
    before = reference.copy(), window.copy()

    distance(reference, window, POSITIONS)

    np.testing.assert_array_equal(before, (reference, window))


@every
def test_it_grows_as_a_distribution_moves_away(distance: Distance) -> None:
    reference = np.array([400, 300, 200, 60, 30, 10])
    windows = np.stack([reference, np.array([380, 290, 210, 70, 35, 15]), reference[::-1]])

    near, far, farthest = distance(reference, windows, POSITIONS)

    assert near < far < farthest


@pytest.mark.parametrize("name", sorted(set(DISTANCES) - ORDERED))
@few
@given(counts, counts, st.permutations(range(BINS)))
def test_the_order_of_categories_does_not_matter(
    name: str, reference: Counts, window: Counts, order: list[int]
) -> None:
    shuffled = DISTANCES[name](reference[order], window[order])

    assert shuffled == pytest.approx(DISTANCES[name](reference, window), rel=1e-9, abs=1e-12)


def test_the_ordered_ones_are_registered() -> None:
    assert set(DISTANCES) >= ORDERED
