import pickle
import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.exact import UNIT, from_fixed, to_fixed
from streams.features.port import Window
from streams.features.sums import Totals
from streams.records import PartialSum

BUCKET_S = 600.0
WINDOWS = {"label@origin": (1200.0, 3600.0, 6000.0), "events@": (2400.0,)}
ENTITIES = ("", "JFK", "LGA")

number = st.integers(-(10**7), 10**7)
cell = st.tuples(st.integers(-2, 3), number, number) | st.sampled_from([(0, 0, 0), (1, 1, 1), (-1, -1, -1)])
row = st.tuples(
    st.sampled_from(list(WINDOWS)),
    st.integers(0, 12),  # bucket
    st.integers(1, 4),  # takes effect so many buckets after its own began: each later one is a revision
    st.integers(0, 2),  # writer
    st.dictionaries(st.sampled_from(ENTITIES), cell, max_size=3),
)
rows = st.lists(row, max_size=25, unique_by=lambda one: one[:4])


def record(name: str, bucket: int, after: int, writer: int, cells: dict[str, tuple[int, int, int]]) -> PartialSum:
    start = bucket * BUCKET_S
    key = f"{name}|{writer}|{start:.0f}"
    return PartialSum(key, key, start, name, start, start + after * BUCKET_S, writer, cells)


def from_scratch(records: Iterable[PartialSum], cut: float, name: str, entity: str, over_s: float) -> Window:
    newest: dict[tuple[int, float], PartialSum] = {}
    for one in sorted(records, key=lambda one: one.effective_at):
        if one.sum == name and one.effective_at <= cut and one.bucket >= cut - over_s:
            newest[one.writer, one.bucket] = one
    count, total, squares = (sum(one.cells.get(entity, (0, 0, 0))[i] for one in newest.values()) for i in range(3))
    return count, from_fixed(total), from_fixed(squares)


def answers(totals: Totals) -> dict[tuple[str, str, float], Window]:
    return {
        (name, entity, over_s): totals.window(name, entity, over_s)
        for name, lengths in WINDOWS.items()
        for over_s in lengths
        for entity in ENTITIES
    }


@given(rows, st.randoms(use_true_random=False))
def test_equals_from_scratch_in_any_order_and_batches(
    made: list[tuple[str, int, int, int, dict[str, tuple[int, int, int]]]], rng: random.Random
) -> None:
    records = [record(*one) for one in made]
    rng.shuffle(records)
    totals, came = Totals(WINDOWS), []
    for step in range(30):
        cut = step * BUCKET_S
        before = rng.randrange(2)  # records come before or after the cut advances
        if before:
            totals.advance(cut)
        for _ in range(rng.randrange(4)):
            if records:
                came.append(records.pop())
                totals.apply(came[-1])
        totals.advance(cut)
        if step == 9:
            totals = pickle.loads(pickle.dumps(totals))  # noqa: S301 our own bytes
        for (name, entity, over_s), answer in answers(totals).items():
            assert answer == from_scratch(came, cut, name, entity, over_s)
    for one in records:
        totals.apply(one)
    totals.advance(100 * BUCKET_S)
    assert totals.size() == 0


@given(rows, st.randoms(use_true_random=False))
def test_the_order_does_not_change_a_bit(
    made: list[tuple[str, int, int, int, dict[str, tuple[int, int, int]]]], rng: random.Random
) -> None:
    records = [record(*one) for one in made]
    found = []
    for _ in range(2):
        rng.shuffle(records)
        totals = Totals(WINDOWS)
        totals.advance(5 * BUCKET_S)
        for one in records:
            totals.apply(one)
        totals.advance(8 * BUCKET_S)
        found.append(answers(totals))
    assert found[0] == found[1]


def totals_of(*records: PartialSum) -> Totals:
    totals = Totals(WINDOWS)
    for one in records:
        totals.apply(one)
    return totals


def test_a_record_counts_from_the_cut_at_which_it_takes_effect_until_its_bucket_leaves() -> None:
    totals = totals_of(record("label@origin", 10, 1, 0, {"JFK": (4, to_fixed(1.0), to_fixed(1.0))}))
    counts = []
    for step in range(9, 15):
        totals.advance(step * BUCKET_S)
        counts.append(totals.window("label@origin", "JFK", 1200.0)[0])
    assert counts == [0, 0, 4, 4, 0, 0]
    assert totals.window("label@origin", "JFK", 3600.0) == (4, 1.0, 1.0)


def test_the_same_record_again_and_an_older_one_change_nothing() -> None:
    new, old = (record("events@", 10, after, 0, {"": (n, n, n)}) for after, n in ((2, 7), (1, 3)))
    totals = totals_of(new)
    totals.advance(12 * BUCKET_S)
    for one in (new, old, new):
        totals.apply(one)
        assert totals.window("events@", "", 2400.0) == (7, 7 * UNIT, 7 * UNIT)


def test_writers_add_up_and_a_revision_replaces_its_own_writers() -> None:
    totals = totals_of(*(record("events@", 10, 1, writer, {"": (5, 0, 0)}) for writer in (0, 1, 2)))
    totals.advance(11 * BUCKET_S)
    totals.apply(record("events@", 10, 1, 1, {}))
    assert totals.window("events@", "", 2400.0)[0] == 10


def test_a_cut_does_not_go_back() -> None:
    totals = totals_of()
    totals.advance(1200.0)
    totals.advance(1200.0)
    with pytest.raises(ValueError, match=r"stand at the cut 1200.0, got 600.0"):
        totals.advance(600.0)


def test_sums_that_nobody_asked_for() -> None:
    totals = totals_of(record("label@dest", 1, 1, 0, {"": (1, 1, 1)}))
    assert totals.size() == 0
    with pytest.raises(KeyError):
        totals.window("label@dest", "", 1200.0)


def test_memory_stays_bounded_on_a_long_stream() -> None:
    totals, largest = Totals(WINDOWS), []
    for step in range(3000):
        cells = {f"D{step * 7 % 1009}": (1, 1, 1), "": (1, 1, 1)}
        totals.apply(record("label@origin", step, 1, 0, cells))
        totals.advance((step + 1) * BUCKET_S)
        largest.append(totals.size())
    assert max(largest) == max(largest[:20]) <= 3 * 2 * 11
