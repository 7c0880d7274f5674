import pytest

from streams.errors import SpecError
from streams.features.port import sum_for
from tests.unit.streams.features.cases import made, spec


@pytest.mark.parametrize(("aggregate", "value"), [("count", 8), ("sum", 40.0), ("mean", 5.0), ("std", 2.0)])
def test_statistics_of_the_window(aggregate: str, value: float) -> None:
    feature = made(spec(aggregate=aggregate, of="distance", by="dest", over="2h"))
    assert feature.sums == (sum_for("distance", ("dest",), 7200.0),)
    assert feature.update({}, 0.0, None, ((8, 40.0, 232.0),))[0] == (value,)


def test_no_by_is_one_entity_of_all_events() -> None:
    assert made(spec(aggregate="count", by=[], over="2h")).sums == (sum_for("events", (), 7200.0),)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"aggregate": "max", "of": "distance", "by": "dest", "over": "2h"}, "cannot be added up. Use mean and std"),
        ({"aggregate": "mean", "by": "dest", "over": "2h"}, "only counted"),
        ({"aggregate": "mean", "of": "origin", "by": "dest", "over": "2h"}, "'origin' is no number"),
        ({"aggregate": "mean", "of": "distance", "by": "gate", "over": "2h"}, "'gate' is not a declared field"),
        ({"aggregate": "mean", "of": "distance", "by": ["dest", "email"], "over": "2h"}, "'email' is a personal"),
        ({"aggregate": "mean", "of": "distance", "by": "dest", "over": "20 events"}, "write a duration"),
    ],
)
def test_mistakes(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(**keys))
