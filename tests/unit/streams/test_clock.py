"""Cuts, and the merge of partitions by time."""

import random

from hypothesis import given
from hypothesis import strategies as st

from streams.clock import cut, merge
from streams.records import Label, order

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


@given(st.lists(st.floats(0, 100), max_size=60), st.integers(1, 5), st.integers(0, 99))
def test_partitions_in_order_of_cuts_merge_into_order_of_time(times: list[float], n: int, seed: int) -> None:
    rng = random.Random(seed)
    records = [Label(f"l{i}", f"l{i}", time, 1.0) for i, time in enumerate(times)]
    rng.shuffle(records)
    committed = sorted(records, key=lambda each: cut(each.time, 10.0))
    parts: list[list[Label]] = [[] for _ in range(n)]
    for each in committed:
        rng.choice(parts).append(each)
    assert list(merge(parts, 10.0)) == sorted(records, key=order)


def test_revisions_of_one_time_keep_the_order_of_their_partition() -> None:
    revisions = [Label("a", "a", 5.0, float(i), i) for i in range(4)]
    assert list(merge([[Label("b", "b", 4.0, 1.0)], revisions], 10.0))[1:] == revisions
