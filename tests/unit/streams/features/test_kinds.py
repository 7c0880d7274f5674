import pytest

from streams.errors import SpecError
from streams.features.kinds import kind_of
from tests.unit.streams.features.cases import CONTEXT, SAMPLES, spec


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_sample_is_of_its_kind(kind: str) -> None:
    assert {kind_of(one, CONTEXT) for one in SAMPLES[kind]} == {kind}


def test_the_sources_key_is_rolled_other_entities_are_added_up() -> None:
    keys = {"aggregate": "mean", "of": "distance", "over": "2h"}
    found = [kind_of(spec(**keys, by=by), CONTEXT) for by in (None, "tailnum", ["tailnum"], "dest", [])]
    assert found == ["rolling", "rolling", "rolling", "entity", "entity"]


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "feature 'f': nothing says what it is. Give exactly one of kind, expression"),
        ({"of": "distance"}, "nothing says what it is"),
        ({"expression": "a", "last": "b"}, "expression and last are given. Give exactly one"),
        ({"kind": "rolling", "aggregate": "mean"}, "kind and aggregate are given"),
        ({"expression": "a", "over": "2h"}, "over means nothing beside expression"),
        ({"python": "a.py:f", "of": "b", "by": "c"}, "of and by mean nothing beside python"),
        ({"aggregate": "mean", "cyclic": True}, "cyclic means nothing beside aggregate"),
        ({"last": "a", "params": {"x": 1.0}}, "params means nothing beside last"),
    ],
)
def test_contradictions_name_the_remedy(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        kind_of(spec(**keys), CONTEXT)
