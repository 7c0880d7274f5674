"""Rows kept by column are the rows that came in."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rows import RowsBuilder, gathered
from streams.features.port import Type
from streams.records import Value, Values

TYPES: dict[str, Type] = {"n": "numeric", "t": "category"}
numbers = st.none() | st.floats(allow_nan=False)
texts = st.none() | st.text(max_size=3)
tables = st.lists(st.fixed_dictionaries({"n": numbers, "t": texts}), max_size=30)


@given(tables, st.integers(1, 7))
def test_any_chunks_give_the_rows_back(table: list[Values], size: int) -> None:
    builder = RowsBuilder(TYPES)
    for start in range(0, len(table), size):
        builder.add(table[start : start + size])
    rows = builder.done()
    assert list(rows) == table == [rows[place] for place in range(len(rows))]
    assert list(rows[1:9:2]) == table[1:9:2]


@given(tables)
def test_matrix_and_counts_are_those_of_the_rows(table: list[Values]) -> None:
    codes: dict[Value, int] = {"a": 0, "": 1}
    made = gathered(table, TYPES).matrix({"t": codes}, ["n", "unknown"])
    want = [[codes.get(row["t"], np.nan), np.nan if row["n"] is None else row["n"], np.nan] for row in table]
    np.testing.assert_array_equal(made, np.array(want, dtype=float).reshape(-1, 3))
    counted = gathered(table, TYPES).counts("t")
    assert counted == {text: sum(row["t"] == text for row in table) for text in {row["t"] for row in table}}


def test_places_beyond_the_end_are_refused_and_rows_are_the_callers_own() -> None:
    rows = gathered([{"n": 1.0, "t": "a"}], TYPES)
    rows[-1]["n"] = 2.0
    assert rows[0] == {"n": 1.0, "t": "a"}
    with pytest.raises(IndexError):
        rows[1]


def test_rows_without_inputs_are_still_rows() -> None:
    assert list(gathered([{"n": 1.0}] * 3, {})) == [{}, {}, {}]
