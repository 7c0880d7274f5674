import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SourceError
from streams.sources.lookup import Lookup
from streams.sources.order import KNOWN
from streams.spec import LookupSpec

_TIME = st.integers(0, 40).map(float)
_WHERE = st.sampled_from(["JFK", "LGA", "EWR"])


def _spec(known_after_s: float = 0.0, within_s: float | None = None, on: tuple[str, ...] = ("origin",)) -> LookupSpec:
    return LookupSpec(name="weather", path="-", on=on, time="hour", known_after=known_after_s, within=within_s)


def _piece(events: list[tuple[str | None, float]]) -> pd.DataFrame:
    return pd.DataFrame({"origin": [where for where, _ in events], KNOWN: [time for _, time in events]})


@given(
    rows=st.lists(st.tuples(_WHERE, _TIME), min_size=1, max_size=30),
    events=st.lists(st.tuples(st.one_of(_WHERE, st.just("BOS"), st.none()), _TIME), min_size=1, max_size=30),
    known_after=st.integers(0, 10).map(float),
    within=st.one_of(st.none(), st.integers(0, 20).map(float)),
)
def test_an_event_gets_the_newest_row_that_could_be_known_and_never_a_later_one(
    rows: list[tuple[str, float]], events: list[tuple[str | None, float]], known_after: float, within: float | None
) -> None:
    table = pd.DataFrame(
        {"origin": [where for where, _ in rows], "hour": [time for _, time in rows], "place": range(len(rows))}
    )
    joined = Lookup(_spec(known_after, within), table, "UTC").join(_piece(events))
    for (where, known), got in zip(events, joined["place"], strict=True):
        usable = [
            (time, place) for place, (there, time) in enumerate(rows) if there == where and time + known_after <= known
        ]
        newest = max(usable, default=None)
        if newest is None or (within is not None and known - newest[0] > within):
            assert pd.isna(got)
        else:
            assert got == newest[1]


def test_whole_numbers_stay_whole_and_rows_keep_their_index() -> None:
    table = pd.DataFrame({"origin": ["JFK"], "hour": [10.0], "runways": [4]})
    piece = _piece([("LGA", 20.0), ("JFK", 20.0)]).set_axis([7, 3])
    joined = Lookup(_spec(), table, "UTC").join(piece)
    assert joined.index.tolist() == [7, 3]
    assert type(joined["runways"][3]) is int
    assert pd.isna(joined["runways"][7])


def test_a_table_can_be_joined_by_two_columns_or_by_none() -> None:
    table = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "y", "x"], "hour": [0.0, 0.0, 5.0], "value": [10.0, 20.0, 30.0]})
    piece = pd.DataFrame({"a": pd.Series([1, 2, 2], dtype=object), "b": ["y", "x", "y"], KNOWN: [9.0, 9.0, 9.0]})
    by_both = Lookup(_spec(on=("a", "b")), table, "UTC").join(piece)["value"]
    assert by_both[0] == 20.0
    assert by_both[1] == 30.0
    assert pd.isna(by_both[2])
    by_none = Lookup(_spec(on=()), table.drop(columns=["a", "b"]), "UTC").join(piece)["value"]
    assert by_none.tolist() == [30.0] * 3


def test_a_local_hour_shown_twice_is_used_after_the_later_of_both() -> None:
    table = pd.DataFrame({"origin": ["JFK"], "hour": ["2013-11-03 01:00"], "wind": [3.0]})
    later = pd.Timestamp("2013-11-03T06:00Z").timestamp()
    joined = Lookup(_spec(), table, "America/New_York").join(_piece([("JFK", later - 1), ("JFK", later)]))
    assert joined["wind"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"orign": ["JFK"], "hour": [1.0]}, "no column 'origin'. Did you mean 'orign'"),
        ({"origin": ["JFK"], "time": [1.0]}, "no column 'hour'"),
        ({"origin": ["JFK"], "hour": ["soon"]}, "no row has a readable 'hour'"),
        ({"origin": [None], "hour": [1.0]}, "no row has a readable 'hour'"),
    ],
)
def test_a_table_that_cannot_be_joined_is_refused(table: dict[str, list[object]], message: str) -> None:
    with pytest.raises(SourceError, match=message):
        Lookup(_spec(), pd.DataFrame(table), "UTC")


def test_events_that_do_not_fit_the_table_are_refused() -> None:
    lookup = Lookup(_spec(), pd.DataFrame({"origin": ["JFK"], "hour": [1.0], "wind": [2.0]}), "UTC")
    with pytest.raises(SourceError, match="events have no 'origin'"):
        lookup.join(pd.DataFrame({"orig": ["JFK"], KNOWN: [1.0]}))
    with pytest.raises(SourceError, match="'wind' is a column of the events too"):
        lookup.join(_piece([("JFK", 1.0)]).assign(wind=1.0))
