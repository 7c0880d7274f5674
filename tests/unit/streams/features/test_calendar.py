import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SpecError
from streams.features.port import Context
from streams.records import Value
from tests.unit.streams.features.cases import CONTEXT, made, run, spec

PARTS = ("hour", "weekday", "month", "day", "minute", "weekend")


def at(text: str, zone: str = "America/New_York", **keys: object) -> tuple[Value, ...]:
    context = msgspec.structs.replace(CONTEXT, timezone=zone)
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    return run(made(spec(**keys), context), [(moment, {})])[0]


@pytest.mark.parametrize(
    ("utc", "zone", "parts"),
    [
        ("2013-03-10T06:59", "America/New_York", (1, 6, 3, 10, 59, 1)),  # the last minute of standard time
        ("2013-03-10T07:00", "America/New_York", (3, 6, 3, 10, 0, 1)),  # and the first of summer time
        ("2013-11-03T05:30", "America/New_York", (1, 6, 11, 3, 30, 1)),  # 01:30 comes twice
        ("2013-11-03T06:30", "America/New_York", (1, 6, 11, 3, 30, 1)),
        ("2013-01-01T04:59", "America/New_York", (23, 0, 12, 31, 59, 0)),
        ("2013-06-30T18:14", "Asia/Kathmandu", (23, 6, 6, 30, 59, 1)),  # +05:45
        ("2013-06-30T18:15", "Asia/Kathmandu", (0, 0, 7, 1, 0, 0)),
        ("2007-03-11T03:30", "America/St_Johns", (0, 6, 3, 11, 0, 1)),  # clocks went forward at 00:01
        ("2007-03-11T03:31", "America/St_Johns", (1, 6, 3, 11, 1, 1)),
    ],
)
def test_parts_in_the_zone(utc: str, zone: str, parts: tuple[int, ...]) -> None:
    assert at(utc, zone, calendar=PARTS) == parts


@given(st.floats(0.0, 4e9), st.sampled_from(["UTC", "America/New_York", "Australia/Lord_Howe", "Pacific/Chatham"]))
def test_equals_the_clock_on_the_wall(moment: float, zone: str) -> None:
    feature = made(spec(calendar=("hour", "minute", "day")), Context(key="tailnum", timezone=zone))
    local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=math.floor(moment))).astimezone(ZoneInfo(zone))
    assert feature.update({}, moment, None, ()) == ((local.hour, local.minute, local.day), None)


def test_on_a_circle_midnight_lies_beside_eleven() -> None:
    assert at("2013-01-01T06:00", "UTC", calendar=("hour",), cyclic=True) == pytest.approx((1.0, 0.0))
    assert at("2013-01-01T18:00", "UTC", calendar=("hour",), cyclic=True) == pytest.approx((-1.0, 0.0))
    assert at("2013-01-01T00:00", "UTC", calendar=("month", "day"), cyclic=True) == pytest.approx((0.0, 1.0, 0.0, 1.0))


def test_names() -> None:
    assert made(spec(name="hour", calendar=("hour",))).names == ("hour",)
    assert made(spec(name="dep", calendar=("hour", "month"))).names == ("dep_hour", "dep_month")
    assert made(spec(name="dep", calendar=("hour",), cyclic=True)).names == ("dep_sin", "dep_cos")
    names = ("dep_hour_sin", "dep_hour_cos", "dep_day_sin", "dep_day_cos")
    assert made(spec(name="dep", calendar=("hour", "day"), cyclic=True)).names == names


def test_of_a_field_that_is_a_time() -> None:
    feature = made(spec(calendar=("hour",), of="sched"))
    times: list[Value] = [0.0, None, math.nan, 1e300]
    assert run(feature, [(1e9, {"sched": moment}) for moment in times]) == [(19,), (None,), (None,), (None,)]


@pytest.mark.parametrize(
    ("keys", "zone", "words"),
    [
        ({"calendar": ("weekend",), "cyclic": True}, "UTC", "weekend is no cycle"),
        ({"calendar": ()}, "UTC", "names no part"),
        ({"calendar": ("hour", "hour")}, "UTC", "one twice"),
        ({"calendar": ("hour",), "of": "distance"}, "UTC", "'distance' is not a time"),
        ({"calendar": ("hour",), "of": "nowhere"}, "UTC", "not a declared field"),
        ({"calendar": ("hour",)}, "New York", "no time zone 'New York'"),
        ({"calendar": ("hour",)}, "../etc", "no time zone"),
    ],
)
def test_mistakes(keys: dict[str, object], zone: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(**keys), msgspec.structs.replace(CONTEXT, timezone=zone))
