"""Cuts: the multiple of a period that is not after a moment."""

from hypothesis import given
from hypothesis import strategies as st

from streams.clock import cut

moments = st.floats(-4e9, 4e9)
periods = st.sampled_from([1.0, 60.0, 600.0, 3600.0, 86400.0])


@given(moments, periods)
def test_a_cut_is_a_multiple_and_at_most_a_period_before(time: float, every_s: float) -> None:
    start = cut(time, every_s)
    assert start % every_s == 0.0
    assert start <= time < start + every_s or time - start == every_s  # a tiny negative moment rounds to its end


@given(moments, periods)
def test_a_cut_is_its_own_cut(time: float, every_s: float) -> None:
    assert cut(cut(time, every_s), every_s) == cut(time, every_s)


@given(moments, moments, periods)
def test_cuts_keep_the_order_of_moments(a: float, b: float, every_s: float) -> None:
    assert cut(min(a, b), every_s) <= cut(max(a, b), every_s)
