import msgspec
import pytest

from streams.errors import SpecError
from streams.records import Values
from tests.unit.streams.features.cases import CONTEXT, made, run, spec


def test_numbers_are_multiplied() -> None:
    feature = made(spec(interact=("distance", "seats", "full")))
    rows = [(2.5, 4, True), (2.5, 4, None), (1e200, 10**300, True)]
    events = [(0.0, {"distance": a, "seats": b, "full": c}) for a, b, c in rows]
    assert run(feature, events) == [(10.0,), (None,), (None,)]


def test_categories_are_crossed_with_earlier_features_too() -> None:
    feature = made(spec(interact=("hour", "origin")), msgspec.structs.replace(CONTEXT, earlier={"hour": "numeric"}))
    assert feature.type == "category"
    events: list[tuple[float, Values]] = [(0.0, {"hour": 7, "origin": "JFK"}), (0.0, {"hour": 7, "origin": None})]
    assert run(feature, events) == [("7|JFK",), (None,)]


@pytest.mark.parametrize("parts", [(), ("distance",), ("distance", "hour"), ("distance", "email")])
def test_mistakes(parts: tuple[str, ...]) -> None:
    with pytest.raises(SpecError, match=r"nothing to combine|not a declared field|personal"):
        made(spec(interact=parts))
