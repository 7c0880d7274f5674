import pytest

from streams.errors import SpecError
from streams.records import Value
from tests.unit.streams.features.cases import CONTEXT, made, run, spec


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("distance / seats", {"distance": 300.0, "seats": 150}, 2.0),
        ("distance / seats", {"distance": 300.0, "seats": 0}, None),
        ("distance / seats", {"distance": None, "seats": 150}, None),
        ("distance ** 200", {"distance": 1e300}, None),
        ("'far' if distance > 1000 else origin", {"distance": 2.0, "origin": "JFK"}, "JFK"),
    ],
)
def test_value(text: str, values: dict[str, Value], result: Value) -> None:
    assert run(made(spec(expression=text)), [(0.0, values)]) == [(result,)]


def test_type_follows_from_the_expression() -> None:
    assert made(spec(expression="distance > 3")).type == "numeric"
    assert made(spec(expression="min(origin, dest)")).type == "category"


@pytest.mark.parametrize("text", ["speed * 2", "email", "distance +", "distance + origin", "open('x')", ""])
def test_mistakes_name_the_feature(text: str) -> None:
    with pytest.raises(SpecError, match=r"feature 'f': .*expression.*above this one"):
        made(spec(expression=text), CONTEXT)
