"""Partial sums against sums counted from scratch."""

import random
from fractions import Fraction
from typing import Any

import pytest

from streams.features.port import SumSpec
from streams.records import Outcome, PartialSum, Prediction, Values
from streams.stage import Batch
from streams.stages.aggregate import Aggregate
from streams.state import State

SPECS = (
    SumSpec("label@", "label", (), 100.0),
    SumSpec("label@place|kind", "label", ("place", "kind"), 100.0),
    SumSpec("events@place", "events", ("place",), 60.0),
    SumSpec("heat@place", "heat", ("place",), 60.0),
)
UNIT = 2**20


def prediction(time: float, features: Values | None = None, id_: str = "a") -> Prediction:
    features = {"place": "x", "kind": None, "heat": 1.5} if features is None else features
    return Prediction(id_, id_, time, time, features, {}, "")


def outcome(made: Prediction, known: float, label: float | str | None, before: float | None = None) -> Outcome:
    return Outcome(made.id, made.id, known, made, label, known - made.time, 0, before)


class Bench:
    def __init__(self, partition: int | None = 0) -> None:
        self.stage = Aggregate(SPECS, 10.0)
        self.state = State()
        self.partition = partition
        self.newest: dict[str, PartialSum] = {}

    def step(self, cut: float, *records: Any) -> list[PartialSum]:
        streams: dict[str, list[Any]] = {
            "predictions": [each for each in records if isinstance(each, Prediction)],
            "outcomes": [each for each in records if isinstance(each, Outcome)],
        }
        out: list[Any] = self.stage.step(self.state, Batch(self.partition, streams, {}, cut, cut, None))
        self.state.apply()
        self.newest |= {each.key: each for each in out}
        return out

    def cells(self, name: str) -> dict[float, dict[str, tuple[int, int, int]]]:
        return {each.bucket: each.cells for each in self.newest.values() if each.sum == name}


def test_events_count_when_they_happen_and_labels_when_they_are_known() -> None:
    bench = Bench()
    made = prediction(12.0)
    out = bench.step(10.0, made)
    assert [(each.sum, each.bucket, each.effective_at, each.cells) for each in out] == [
        ("events@place", 10.0, 20.0, {"x": (1, UNIT, UNIT)}),
        ("heat@place", 10.0, 20.0, {"x": (1, UNIT * 3 // 2, UNIT * 9 // 4)}),
    ]
    out = bench.step(30.0, outcome(made, 35.0, 1.0))
    assert [(each.sum, each.bucket, each.effective_at, each.cells) for each in out] == [
        ("label@", 30.0, 40.0, {"": (1, UNIT, UNIT)}),
        ("label@place|kind", 30.0, 40.0, {"x|": (1, UNIT, UNIT)}),
    ]


def test_a_label_before_its_event_counts_when_the_event_came() -> None:
    bench = Bench()
    bench.step(10.0, outcome(prediction(15.0), 3.0, 1.0))
    assert bench.cells("label@") == {10.0: {"": (1, UNIT, UNIT)}}


def test_a_revised_label_changes_the_bucket_of_the_first() -> None:
    bench = Bench()
    made = prediction(5.0)
    bench.step(10.0, outcome(made, 15.0, 1.0))
    revised = Outcome("a", "a", 47.0, made, 0.0, 10.0, 1, 1.0)
    bench.step(40.0, revised)
    assert bench.cells("label@") == {10.0: {"": (1, 0, 0)}}


def test_what_is_no_number_or_was_quarantined_is_left_out() -> None:
    bench = Bench()
    bench.step(0.0, prediction(1.0, {}), prediction(1.0, {"place": "x", "heat": None}, "b"))
    bench.step(0.0, prediction(1.0, {"place": "x", "heat": "hot"}, "c"), prediction(1.0, {"place": "y", "heat": 1e300}))
    made = prediction(1.0)
    bench.step(0.0, outcome(made, 5.0, None), outcome(made, 5.0, "a class"), outcome(prediction(1.0, {}), 5.0, 1.0))
    assert bench.cells("events@place") == {0.0: {"x": (2, 2 * UNIT, 2 * UNIT), "y": (1, UNIT, UNIT)}}
    assert bench.cells("heat@place") == {}
    assert bench.cells("label@") == {}


def test_large_numbers_have_exact_squares() -> None:
    bench = Bench()
    bench.step(0.0, prediction(1.0, {"place": "x", "heat": 3e6}))
    assert bench.cells("heat@place") == {0.0: {"x": (1, 3_000_000 * UNIT, 9 * 10**12 * UNIT)}}


def test_a_bucket_may_change_until_it_has_left_every_window_and_no_longer() -> None:
    bench = Bench()
    made = prediction(5.0)
    bench.step(0.0, outcome(made, 5.0, 1.0))
    bench.step(100.0, outcome(prediction(105.0), 105.0, 1.0), Outcome("a", "a", 105.0, made, 0.0, 0.0, 1, 1.0))
    assert bench.cells("label@")[0.0] == {"": (1, 0, 0)}
    assert bench.step(120.0, Outcome("a", "a", 125.0, made, 1.0, 0.0, 2, 0.0)) == []
    bench.step(1000.0, outcome(prediction(1001.0), 1002.0, 1.0))
    assert {key for key, _ in bench.state.items()} == {"open", "1000.0"}


def test_the_writer_is_the_partition() -> None:
    assert {each.writer for each in Bench(3).step(0.0, prediction(1.0))} == {3}
    assert {each.key for each in Bench(3).step(0.0, prediction(1.0))} == {"events@place|3|0", "heat@place|3|0"}


@pytest.mark.parametrize("sizes", [[1], [1000], [1, 2, 5]])
def test_any_batches_over_any_partitions_add_up_to_the_count_from_scratch(sizes: list[int]) -> None:
    rng = random.Random(8)
    made = [
        prediction(rng.uniform(0, 300), {"place": rng.choice("xyz"), "kind": rng.choice("pq"), "heat": rng.gauss(0, 9)})
        for _ in range(300)
    ]
    known = [outcome(each, each.time + rng.uniform(-5, 60), float(rng.random() < 0.3)) for each in made]
    wanted: dict[tuple[float, str], list[Fraction]] = {}
    for each in made:
        cell = wanted.setdefault((each.time // 10 * 10, str(each.features["place"])), [Fraction(0)] * 2)
        cell[0] += 1
        cell[1] += Fraction(round(float(each.features["heat"] or 0) * UNIT), UNIT)
    benches = [Bench(i) for i in range(3)]
    records: list[Any] = [*made, *known]
    for start in range(0, 400, 10):
        inside = [
            each for each in records if start <= max(each.time, getattr(each, "prediction", each).time) < start + 10
        ]
        for i, bench in enumerate(benches):
            mine = inside[i::3]
            while mine:
                n = rng.choice(sizes)
                bench.step(float(start), *mine[:n])
                mine = mine[n:]
    got: dict[tuple[float, str], list[Fraction]] = {}
    for bench in benches:
        for bucket, cells in bench.cells("heat@place").items():
            for entity, (n, total, _) in cells.items():
                cell = got.setdefault((bucket, entity), [Fraction(0)] * 2)
                cell[0] += n
                cell[1] += Fraction(total, UNIT)
    assert got == wanted
    labels = sum(cell[1] for bench in benches for cells in bench.cells("label@").values() for cell in cells.values())
    assert labels == UNIT * sum(each.label == 1.0 for each in known)
