import math

import pandas as pd
import pytest

from streams.errors import SpecError
from streams.records import Label
from streams.sources.inject import Injection, change_fields, delay_labels, parse_injection, times_sent
from streams.sources.order import KNOWN

NEW_YORK = "America/New_York"
SEPTEMBER_3 = pd.Timestamp("2013-09-03", tz=NEW_YORK).timestamp()
SEPTEMBER_5 = pd.Timestamp("2013-09-05T06:30", tz=NEW_YORK).timestamp()


@pytest.mark.parametrize(
    ("text", "what", "field", "operator", "amount", "old", "new"),
    [
        ("wind_speed*1.609", "arithmetic", "wind_speed", "*", 1.609, "", ""),
        ("value-mean * 2", "arithmetic", "value-mean", "*", 2.0, "", ""),
        ("temp-32", "arithmetic", "temp", "-", 32.0, "", ""),
        ("temp + -1e1", "arithmetic", "temp", "+", -10.0, "", ""),
        ("pressure/33.86", "arithmetic", "pressure", "/", 33.86, "", ""),
        ("wind_speed=missing", "missing", "wind_speed", "", 1.0, "", ""),
        ("carrier=UA->ZZ", "rename", "carrier", "", 1.0, "UA", "ZZ"),
        ("weather state = light rain -> rain", "rename", "weather state", "", 1.0, "light rain", "rain"),
        ("labels=stop", "labels", "", "", 1.0, "", ""),
        ("duplicates*5", "duplicates", "", "*", 5.0, "", ""),
    ],
)
@pytest.mark.parametrize(
    "dates",
    [
        "",
        " from 2013-09-03",
        " from 2013-09-03 to 2013-09-05T06:30",
        " to 2013-09-05T06:30",
        " to 2013-09-05T06:30 from 2013-09-03",
    ],
)
def test_a_text_says_what_when_and_where(
    text: str, what: str, field: str, operator: str, amount: float, old: str, new: str, dates: str
) -> None:
    where = "" if what == "labels" else "origin == 'JFK' and wind_speed > 3"
    got = parse_injection(text + dates + (f" where {where}" if where else ""), NEW_YORK)
    assert (got.what, got.field, got.operator, got.amount, got.old, got.new) == (
        what,
        field,
        operator,
        amount,
        old,
        new,
    )
    assert got.start == (SEPTEMBER_3 if "from" in dates else -math.inf)
    assert got.end == (SEPTEMBER_5 if "to" in dates else math.inf)
    assert got.where == where


@pytest.mark.parametrize(
    "text",
    [
        "",
        "wind_speed",
        "*2",
        "wind_speed**2",
        "wind_speed*fast",
        "wind_speed/0",
        "wind_speed=",
        "wind_speed=5",
        "carrier=UA->",
        "carrier=->ZZ",
        "labels=missing",
        "labels=stop where origin == 'JFK'",
        "duplicates*0",
        "duplicates*1.5",
        "duplicates+1",
        "wind_speed*2 from yesterday",
        "wind_speed*2 from now",
        "wind_speed*2 from 2013-02-30",
        "wind_speed*2 from 2013-09-03 to 2013-09-03",
        "wind_speed*2 to 2013-09-03 from 2013-09-03",
        "wind_speed*2 from 2013-09-03 from 2013-09-01",
        "wind_speed*2 from 2013-09-03 where",
        "wind_speed*2 since 2013-09-03",
        "wind_speed*2 where origin ==",
        "wind_speed*2 where __import__('os')",
    ],
)
def test_what_is_not_understood_is_refused_with_what_is(text: str) -> None:
    with pytest.raises(SpecError, match=r"Write|Use|Leave"):
        parse_injection(text, NEW_YORK)


def _piece() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "origin": ["JFK", "LGA", "JFK", None],
            "wind": [10.0, 20.0, None, 30.0],
            "hour": [1, 2, 3, 4],
            KNOWN: [0.0, 10.0, 20.0, 30.0],
        }
    )


@pytest.mark.parametrize(
    ("injection", "field", "wanted"),
    [
        (Injection("", "arithmetic", "wind", "*", 2.0, start=10.0), "wind", [10.0, 40.0, None, 60.0]),
        (Injection("", "arithmetic", "hour", "+", 0.5, end=20.0), "hour", [1.5, 2.5, 3, 4]),
        (Injection("", "missing", "hour", where="origin == 'JFK'"), "hour", [None, 2, None, 4]),
        (Injection("", "missing", "wind", where="wind > 15"), "wind", [10.0, None, None, None]),
        (Injection("", "rename", "origin", old="JFK", new="KJFK", start=5.0), "origin", ["JFK", "LGA", "KJFK", None]),
    ],
)
def test_only_the_meant_values_change(injection: Injection, field: str, wanted: list[object]) -> None:
    given = _piece()
    changed = change_fields(given, [injection], "UTC")
    assert [None if pd.isna(value) else value for value in changed[field].tolist()] == wanted
    pd.testing.assert_frame_equal(given, _piece())
    pd.testing.assert_frame_equal(changed.drop(columns=field), given.drop(columns=field))


@pytest.mark.parametrize(
    ("injection", "message"),
    [
        (Injection("", "arithmetic", "winds", "*", 2.0), "there is no field 'winds'. Did you mean 'wind'"),
        (Injection("", "arithmetic", "origin", "*", 2.0), "origin has no numbers, got 'JFK'"),
        (Injection("", "rename", "wind", old="10", new="20"), "wind has no texts, got 10.0"),
        (Injection("", "missing", "wind", where="orgin == 'JFK'"), "'orgin' is not a field"),
    ],
)
def test_an_injection_that_does_not_fit_the_events_is_refused(injection: Injection, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        change_fields(_piece(), [injection], "UTC")


def test_events_are_sent_again_under_the_same_id() -> None:
    assert times_sent(_piece(), [Injection("", "duplicates", amount=5.0, start=10.0, end=30.0)], "UTC") == [1, 5, 5, 1]
    assert times_sent(_piece(), [Injection("", "duplicates", amount=5.0, start=99.0)], "UTC") is None


def test_labels_that_stop_come_at_the_end_of_the_stop_or_never() -> None:
    labels = [Label(key=str(t), id=str(t), time=float(t), value=1.0) for t in range(5)]
    delayed = delay_labels(labels, [Injection("", "labels", start=1.0, end=3.0)])
    assert [label.time for label in delayed] == [0.0, 3.0, 3.0, 3.0, 4.0]
    assert [label.time for label in delay_labels(labels, [Injection("", "labels", start=2.0)])] == [0.0, 1.0]
