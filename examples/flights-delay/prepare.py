"""A third of the flights of the example `flights`, those from JFK: half a minute instead of more than one."""

from pathlib import Path

import pandas as pd

from streams.sources.user_code import load_function

_all_flights = load_function("../flights/prepare.py:flights", Path(__file__).parent)


def flights_from_jfk(table: pd.DataFrame) -> pd.DataFrame:
    """What is known at scheduled departure, and for the labels `arr_delay` (minutes) and `landed`."""
    flights: pd.DataFrame = _all_flights(table[table["origin"] == "JFK"])
    return flights
