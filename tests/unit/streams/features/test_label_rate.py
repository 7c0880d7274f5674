import msgspec
import pytest

from streams.errors import SpecError
from streams.features.port import Window, sum_for
from tests.unit.streams.features.cases import CONTEXT, made, spec


@pytest.mark.parametrize(
    ("aggregate", "window", "values"),
    [
        ("mean", (8, 2.0, 2.0), (0.25, 8)),
        ("sum", (8, 2.0, 2.0), (2.0, 8)),
        ("std", (4, 2.0, 2.0), (0.5, 4)),
        ("mean", (3, 0.0, 0.0), (0.0, 3)),
        ("mean", (0, 0.0, 0.0), (None, 0)),  # no label has come: missing, not zero
        ("sum", (0, 0.0, 0.0), (None, 0)),
    ],
)
def test_value_and_how_many_labels_it_stands_on(
    aggregate: str, window: Window, values: tuple[float | None, int]
) -> None:
    feature = made(spec(name="late", aggregate=aggregate, of="label", by="origin", over="2h"))
    assert feature.names == ("late", "late_n")
    assert feature.sums == (sum_for("label", ("origin",), 7200.0),)
    assert feature.update({}, 0.0, None, (window,))[0] == values


def test_the_entity_is_the_sources_key_if_none_is_given() -> None:
    assert made(spec(aggregate="mean", of="label", over="2h")).sums == (sum_for("label", ("tailnum",), 7200.0),)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"aggregate": "max", "over": "2h"}, "cannot be added up"),
        ({"aggregate": "count", "over": "2h"}, "f_n is the count"),
        ({"aggregate": "mean", "over": "9 events"}, "write a duration"),
        ({"aggregate": "mean", "over": "2h", "by": "gate"}, "not a declared field"),
    ],
)
def test_mistakes(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(of="label", **keys))


def test_class_names_do_not_add_up() -> None:
    with pytest.raises(SpecError, match="class names do not add up"):
        made(spec(aggregate="mean", of="label", over="2h"), msgspec.structs.replace(CONTEXT, label="category"))
