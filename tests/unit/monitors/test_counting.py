"""Counting rows in the bins of a layout, against plain counting."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.counting import CHUNK, KEPT, Row, count, merge_unseen
from monitors.layout import Layout
from monitors.series import bad_values, volumes
from streams.sketch import FIRST, categorical_bins, numeric_bins

LAYOUT = Layout(
    {
        "wind": numeric_bins([float(2 * i) for i in range(20)] * 20),
        "site": categorical_bins(["a", "b", "c"] * 20),
        "score": numeric_bins(np.random.default_rng(1).uniform(size=400)),
    },
    ("site",),
)
rows = st.lists(
    st.tuples(
        st.one_of(st.none(), st.integers(0, 40).map(float), st.just(float("inf"))),
        st.sampled_from(["a", "b", "c", "d", None]),
        st.floats(0.0, 1.0),
    ),
    max_size=60,
)


@given(rows)
def test_rows_and_columns_hold_what_came(records: list[Row]) -> None:
    cells, _ = count(LAYOUT, records)
    sites = Counter("other" if row[1] in ("d", None) else row[1] for row in records)

    assert LAYOUT.rows == ("", "site=a", "site=b", "site=c", "site=other")
    assert LAYOUT.events(cells).tolist() == [len(records), *(sites[site] for site in ("a", "b", "c", "other"))]
    assert cells[1:].sum(axis=0).tolist() == cells[0].tolist()
    hits, n = bad_values(LAYOUT, cells)
    wind = [row[0] for row in records]
    odd = sum(isinstance(x, float) and 0 < x < 38 and x % 2 == 1 for x in wind)
    assert hits[:, 0, 0].tolist() == [wind.count(None), wind.count(float("inf")), odd]
    assert n[:, 0, 0].tolist() == [len(wind), len(wind), len(wind) - wind.count(None) - wind.count(float("inf"))]
    assert volumes(LAYOUT, cells, 7).tolist() == [*LAYOUT.events(cells).tolist(), 7]


@given(rows)
def test_parts_add_up_to_the_whole(records: list[Row]) -> None:
    parts = [count(LAYOUT, records[i::3]) for i in range(3)]
    cells, unseen = count(LAYOUT, records)

    np.testing.assert_array_equal(sum(part[0] for part in parts), cells)
    assert merge_unseen([part[1] for part in parts]) == unseen


def test_few_of_many_unseen_values_are_kept_whatever_their_order() -> None:
    records: list[Row] = [(1.0 + 2 * (i % 19), "a" if i % 7 else f"new{i}", 0.5) for i in range(400)]
    _, unseen = count(LAYOUT, records)
    _, backwards = count(LAYOUT, records[::-1])

    assert unseen == backwards
    assert {name: len(values) for name, values in unseen.items()} == {"wind": KEPT, "site": KEPT}
    assert all(n == sum(str(row[0]) == value for row in records) for value, n in unseen["wind"].items())


def test_more_records_than_a_chunk_are_counted_once() -> None:
    records: list[Row] = [(4.0, "b", 0.5)] * (CHUNK + 1)
    cells, _ = count(LAYOUT, records)

    assert LAYOUT.events(cells).tolist() == [CHUNK + 1, 0, CHUNK + 1, 0, 0]
    assert LAYOUT.columns["wind"].mean(cells[0, : LAYOUT.columns["wind"].width]) == pytest.approx(4.0)


def test_categories_that_are_no_text_are_counted_as_text() -> None:
    layout = Layout({"on": categorical_bins(["True", "False"] * 20), "score": LAYOUT.columns["score"]}, ())
    cells, unseen = count(layout, [(True, 0.5), (False, 0.5), (None, 0.5), (7, 0.5)])

    assert cells[0, :FIRST].tolist() == [1, 0, 1]
    assert unseen == {"on": {"7": 1}}
