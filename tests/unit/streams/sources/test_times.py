from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SpecError
from streams.sources.times import second, seconds

NEW_YORK = "America/New_York"


def _one(value: Any, zone: str = "UTC", ambiguous: Literal["earlier", "later"] = "earlier") -> float:
    return float(seconds(pd.Series([value], dtype=object), zone, ambiguous)[0])


@given(
    st.floats(3e7, 7e9).map(lambda time: datetime.fromtimestamp(time, UTC)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_a_text_that_names_its_zone_means_that_moment(moment: datetime, offset_min: int, separator: str) -> None:
    aware = moment.astimezone(timezone(timedelta(minutes=offset_min)))
    assert _one(aware.isoformat(separator), NEW_YORK) == pytest.approx(aware.timestamp(), abs=1e-5)


@pytest.mark.parametrize(
    ("text", "utc_hour"),
    [("2013-11-03 00:59:59", 4), ("2013-11-03 01:30", 5), ("2013-11-03 02:00", 7), ("2013-03-10 01:59", 6)],
)
def test_a_local_time_is_read_with_its_offset(text: str, utc_hour: int) -> None:
    assert datetime.fromtimestamp(_one(text, NEW_YORK), UTC).hour == utc_hour


def test_a_time_shown_twice_is_the_earlier_for_predictions_and_the_later_for_what_they_use() -> None:
    first, last = _one("2013-11-03 01:30", NEW_YORK), _one("2013-11-03 01:30", NEW_YORK, "later")
    assert first == datetime(2013, 11, 3, 5, 30, tzinfo=UTC).timestamp()
    assert last == first + 3600


def test_a_skipped_time_is_the_first_moment_after_the_gap() -> None:
    assert _one("2013-03-10 02:30", NEW_YORK) == datetime(2013, 3, 10, 7, tzinfo=UTC).timestamp()


def test_all_ways_to_write_a_moment_agree() -> None:
    moment = datetime(2013, 7, 1, 12, 0, tzinfo=UTC)
    ways: list[Any] = ["2013-07-01T12:00:00Z", "2013-07-01 08:00", "2013-07-01T14:00+02", moment, moment.timestamp()]
    ways += [int(moment.timestamp()), pd.Timestamp(moment), str(int(moment.timestamp())), "20130701T120000+0000"]
    assert set(seconds(pd.Series(ways, dtype=object), NEW_YORK)) == {moment.timestamp()}


def test_columns_of_every_type_agree() -> None:
    utc = pd.Series(pd.date_range("2013-07-01", periods=3, freq="h", tz="UTC"))
    wanted = [1372636800.0, 1372640400.0, 1372644000.0]
    for column in (
        utc,
        utc.dt.tz_convert(NEW_YORK),
        utc.dt.tz_localize(None),
        pd.Series(wanted),
        pd.Series(wanted).astype(int),
    ):
        assert seconds(column, "UTC").tolist() == wanted


@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "now",
        "today",
        "",
        "01/02/2013",
        None,
        float("nan"),
        float("inf"),
        1.4e12,
        True,
        b"2013",
        [1],
        {},
        pd.NaT,
    ],
)
def test_what_is_no_time_is_nan(value: Any) -> None:
    assert np.isnan(_one(value))


def test_numbers_stay_exact_beside_a_mistake() -> None:
    assert seconds(pd.Series([1372636800.25, "oops"], dtype=object), "UTC").tolist()[0] == 1372636800.25
    assert np.isnan(seconds(pd.Series([True, False]), "UTC")).all()


def test_a_single_date_is_midnight_in_its_zone_or_refused() -> None:
    assert second("2013-09-03", NEW_YORK) == datetime(2013, 9, 3, 4, tzinfo=UTC).timestamp()
    with pytest.raises(SpecError, match="'September' is no date"):
        second("September", NEW_YORK)
