"""Blocks of time: nothing that is validated on comes before what was trained on was known."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.split import FOLDS, LEAST, Layout, before, inside, lay_out, layout, since_of
from streams.errors import LearnerError
from tests.unit.models.training.worlds import DAY, world


def blocks_of(found: Layout) -> list[tuple[float, float]]:
    return [(block.start, block.end) for block in (*found.folds, found.test)]


@given(st.integers(0, 20), st.floats(0.0, 5.0), st.none() | st.floats(1.0, 99.0))
def test_training_labels_were_known_before_the_first_validated_prediction(
    seed: int, delay_days: float, change_day: float | None
) -> None:
    window = world(2000, 100.0, seed, delay=delay_days * DAY)
    found = lay_out(window, delay_days * DAY, None if change_day is None else change_day * DAY)
    for block in (*found.folds, found.test):
        later = window.take(inside(window, block))
        train = window.take(before(window, block.start, delay_days * DAY, -np.inf))
        assert len(train) >= LEAST
        assert len(later) >= LEAST
        assert train.known.max() <= later.predicted.min()
        assert train.predicted.max() <= block.start - delay_days * DAY


@given(st.floats(0.0, 1e9), st.floats(1.0, 1e9))
def test_blocks_follow_each_other_to_the_last_prediction(first: float, length: float) -> None:
    edges = blocks_of(layout(first, first + length))
    assert len(edges) == FOLDS + 1
    assert all(end == start for (_, end), (start, _) in pairwise(edges))
    assert edges[0][0] > first
    assert edges[-1][1] > first + length


def test_training_grows_from_fold_to_fold() -> None:
    window = world()
    sizes = [len(before(window, block.start, DAY, -np.inf)) for block in lay_out(window, DAY).folds]
    assert sizes == sorted(sizes)
    assert sizes[0] == pytest.approx(0.39 * len(window), rel=0.05)


def test_after_a_change_blocks_lie_behind_it_if_there_is_enough() -> None:
    window = world(days=100.0)
    assert lay_out(window, DAY, change=60.0 * DAY).folds[0].start > 60.0 * DAY
    assert lay_out(window, DAY, change=99.5 * DAY) == lay_out(window, DAY)


@pytest.mark.parametrize(
    ("n", "days", "words"), [(0, 1.0, "got none"), (50, 10.0, "got 50 over"), (900, 1.0, "30 out")]
)
def test_too_short_a_history_is_named_with_the_remedy(n: int, days: float, words: str) -> None:
    with pytest.raises(LearnerError, match=words):
        lay_out(world(n, days), DAY)


def test_windows_begin_where_they_say() -> None:
    assert since_of("all", 100.0, None) == -np.inf
    assert since_of("60d", 100.0 * DAY, None) == 40.0 * DAY
    assert since_of("since_change", 100.0, 30.0) == 30.0
    assert since_of("since_change", 100.0, 100.0) is None
