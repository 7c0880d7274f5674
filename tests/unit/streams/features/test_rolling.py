import statistics
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SpecError
from streams.features.rolling import MOST
from tests.unit.streams.features.cases import made, run, spec

BY_HAND: dict[str, Callable[[list[float]], float | None]] = {
    "count": len,
    "sum": lambda inside: sum(inside) if inside else None,
    "mean": lambda inside: statistics.fmean(inside) if inside else None,
    "std": lambda inside: statistics.pstdev(inside) if len(set(inside)) > 1 else None,
    "min": lambda inside: min(inside, default=None),
    "max": lambda inside: max(inside, default=None),
}
events_ = st.lists(
    st.tuples(st.integers(0, 40), st.none() | st.integers(-50, 50).map(float)), min_size=1, max_size=40
).map(lambda rows: [(float(sum(gap for gap, _ in rows[: i + 1])), value) for i, (_, value) in enumerate(rows)])


@pytest.mark.parametrize("aggregate", BY_HAND)
@given(events=events_)
def test_equals_the_window_by_hand(aggregate: str, events: list[tuple[float, float | None]]) -> None:
    by_time = run(made(spec(aggregate=aggregate, of="distance", over="60s")), [(t, {"distance": x}) for t, x in events])
    by_count = run(
        made(spec(aggregate=aggregate, of="distance", over="5 events")), [(t, {"distance": x}) for t, x in events]
    )
    for place, (now, _) in enumerate(events):
        seen = events[: place + 1]
        inside = [x for t, x in seen if now - 60.0 < t <= now and x is not None]
        last = [x for _, x in seen[-5:] if x is not None]
        assert by_time[place][0] == pytest.approx(BY_HAND[aggregate](inside))
        assert by_count[place][0] == pytest.approx(BY_HAND[aggregate](last))


def test_a_late_event_stands_at_its_own_time() -> None:
    feature = made(spec(aggregate="sum", of="distance", over="60s"))
    events = [(100.0, {"distance": 1.0}), (150.0, {"distance": 2.0}), (120.0, {"distance": 4.0})]
    assert run(feature, [*events, (170.0, {"distance": 8.0})]) == [(1.0,), (3.0,), (5.0,), (14.0,)]


def test_events_are_counted_without_a_field() -> None:
    feature = made(spec(aggregate="count", over="60s"))
    assert run(feature, [(0.0, {}), (59.0, {}), (60.0, {})]) == [(1,), (2,), (2,)]


def test_a_busy_keys_window_is_its_last_events() -> None:
    feature = made(spec(aggregate="min", of="distance", over="365d"))
    events = [(float(second), {"distance": float(second)}) for second in range(MOST + 5)]
    assert run(feature, events)[-1] == (5.0,)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"aggregate": "mean", "over": "2h"}, "mean of events, which are only counted"),
        ({"aggregate": "mean", "of": "origin", "over": "2h"}, "'origin', which is text"),
        ({"aggregate": "mean", "of": "gate", "over": "2h"}, "'gate' is not a declared field"),
        ({"aggregate": "mean", "of": "email", "over": "2h"}, "'email' is a personal field"),
        ({"aggregate": "mean", "of": "distance"}, "how far back"),
        ({"aggregate": "mean", "of": "distance", "over": "two hours"}, "is not understood"),
        ({"aggregate": "mean", "of": "distance", "over": "0 events"}, "looks at nothing"),
        ({"aggregate": "mean", "of": "distance", "over": "0h"}, "looks at nothing"),
        ({"aggregate": "mean", "of": "distance", "over": "1001 events"}, "1000 events that are kept"),
    ],
)
def test_mistakes(keys: dict[str, object], words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(**keys))
