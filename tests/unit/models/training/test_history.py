"""A window has what a training at that time could know, whole cohorts only, in order."""

import math
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.training.history import QUARANTINED, collect, read
from streams.errors import StopError
from streams.log.port import Log, Span
from streams.records import Outcome, Prediction, Record, Values
from tests.unit.models.training.worlds import TYPES, outcome


def test_columns_give_back_the_rows() -> None:
    made = [
        outcome(0, 1.0, 2.0, x=3.0, town="JFK"),
        outcome(1, 2.0, 3.0, 0.0, x=None, town="EWR"),
        outcome(2, 3.0, 4.0, x=1.5, town=None),
        outcome(3, 4.0, 5.0, x=True, town="JFK", other=1.0),
    ]
    window = collect(made, TYPES, "binary", 10.0, 1.0)
    assert list(window.rows) == [
        {"x": 3.0, "town": "JFK"},
        {"x": None, "town": "EWR"},
        {"x": 1.5, "town": None},
        {"x": 1.0, "town": "JFK"},
    ]
    assert window.labels() == [1.0, 0.0, 1.0, 1.0]
    assert window.predicted.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert window.known.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert window.served.tolist() == [0.5] * 4
    assert math.isnan(window.losses["late"][0])
    assert window.losses["late"].tolist()[1:] == [0.7] * 3


def test_what_may_not_be_learned_from_is_left_out() -> None:
    made = [
        outcome(1, 10.0, 20.0, x=1.0),
        outcome(2, 11.0, 21.0, None, x=2.0),
        outcome(3, 12.0, 22.0, before=0.0, x=3.0),
        outcome(4, 13.0, 23.0, flags=(QUARANTINED,), x=4.0),
        outcome(5, 30.0, 31.0, x=5.0),
        outcome(6, 40.0, 41.0, x=6.0),
        outcome(7, 50.0, 51.0, x=7.0),
        outcome(8, 64.0, 65.0, x=8.0),
        outcome(9, 20.0, 101.0, x=9.0),
    ]
    window = collect(made, TYPES, "binary", at=100.0, label_delay_s=36.5, held=[(30.0, 40.0), (49.0, math.inf)])
    assert [row["x"] for row in window.rows] == [1.0, 6.0]


def test_names_of_classes_stay_names() -> None:
    window = collect([outcome(1, 1.0, 2.0, "sky"), outcome(2, 1.0, 2.0, "grass")], TYPES, "multiclass", 9.0, 1.0)
    assert window.labels() == ["sky", "grass"]


def test_another_order_is_refused() -> None:
    with pytest.raises(StopError, match="Merge the partitions by time"):
        collect([outcome(1, 1.0, 5.0), outcome(2, 1.0, 4.0)], TYPES, "binary", 9.0, 1.0)


def test_nothing_makes_an_empty_window() -> None:
    window = collect([], TYPES, "binary", 9.0, 1.0)
    assert len(window) == len(window.rows) == len(list(window.rows)) == 0
    assert len(window.take(np.array([], dtype=np.int64))) == 0


@given(st.lists(st.integers(0, 999), max_size=60), st.integers(1, 4))
def test_partitions_change_nothing(times: list[int], partitions: int) -> None:
    class Kept:
        def read(self, topic: str, span: Span) -> Iterator[Record]:
            for part, (first, last) in span.items():
                yield from parts[part][first:last]

    made: list[Outcome] = [outcome(i, float(t), float(t) + 1.0, x=float(i)) for i, t in enumerate(times)]
    made.sort(key=lambda each: (each.time, each.id))
    parts = [made[part::partitions] for part in range(partitions)]
    span = {part: (0, len(each)) for part, each in enumerate(parts)}
    whole = collect(made, TYPES, "binary", 2000.0, 1.0)
    merged = collect(read(cast(Log, Kept()), "outcomes", span), TYPES, "binary", 2000.0, 1.0)
    assert list(merged.rows) == list(whole.rows)


def test_memory_is_that_of_the_numbers() -> None:
    def stream(n: int) -> Iterable[Outcome]:
        for i in range(n):
            features: Values = {f"f{place}": float(i + place) for place in range(25)}
            prediction = Prediction("k", f"e{i}", float(i), float(i), features, {"a": 0.5}, "a")
            yield Outcome("k", f"e{i}", float(i), prediction, float(i % 2), 0.0, losses={"a": 0.5})

    rows = 9_000
    tracemalloc.start()
    window = collect(stream(rows), {f"f{place}": "numeric" for place in range(25)}, "binary", 1e9, 1.0)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(window) == rows
    assert kept / rows < 8 * 25 + 60
