import pytest

from streams.errors import SpecError
from tests.unit.streams.features.cases import made, run, spec


def test_value_of_the_event_before() -> None:
    feature = made(spec(last="dest"))
    events = [(0.0, {"dest": dest}) for dest in ("ATL", "BOS", None, "ORD")]
    assert run(feature, events) == [(None,), ("ATL",), ("BOS",), (None,)]
    assert (feature.type, made(spec(last="distance")).type) == ("category", "numeric")


def test_unknown_field() -> None:
    with pytest.raises(SpecError, match=r"'gate' is not a declared field. Add a \[\[field\]\]"):
        made(spec(last="gate"))
    with pytest.raises(SpecError, match="nothing says what is remembered"):
        made(spec(last=""))
