import pytest

from streams.errors import SpecError
from streams.features.port import sum_for
from tests.unit.streams.features.cases import made, run, spec


def test_one_column_for_each_declared_category() -> None:
    feature = made(spec(name="o", encode="one_hot", of="origin"))
    assert feature.names == ("o_EWR", "o_JFK", "o_LGA")
    events = [(0.0, {"origin": origin}) for origin in ("EWR", "LGA", "BOS", None)]
    assert run(feature, events) == [(1, 0, 0), (0, 0, 1), (0, 0, 0), (None, None, None)]


def test_frequency_is_the_share_of_the_windows_events() -> None:
    feature = made(spec(encode="frequency", of="dest", over="7d"))
    assert feature.sums == (sum_for("events", ("dest",), 604800.0), sum_for("events", (), 604800.0))
    windows = (3, 3.0, 3.0), (12, 12.0, 12.0)
    assert feature.update({"dest": "ATL"}, 0.0, None, windows)[0] == (0.25,)
    assert feature.update({"dest": None}, 0.0, None, windows)[0] == (None,)
    assert feature.update({"dest": "new"}, 0.0, None, ((0, 0.0, 0.0), windows[1]))[0] == (0.0,)
    assert feature.update({"dest": "ATL"}, 0.0, None, ((0, 0.0, 0.0),) * 2)[0] == (None,)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"encode": "one_hot"}, "nothing says what is encoded"),
        ({"encode": "one_hot", "of": "dest"}, "no declared categories"),
        ({"encode": "one_hot", "of": "email"}, "personal"),
        ({"encode": "one_hot", "of": "origin", "over": "2h"}, "one-hot columns"),
        ({"encode": "frequency", "of": "dest"}, "how far back"),
        ({"encode": "frequency", "of": "dest", "over": "20 events"}, "write a duration"),
    ],
)
def test_mistakes(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(**keys))
