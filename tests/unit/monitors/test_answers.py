from itertools import count

import pytest

from monitors.answers import Standing, harmed, stale, value_lost, worse, worse_after_release
from monitors.budget import DAY_S
from monitors.corroboration import Opinion, agreeing, hear
from monitors.days import Day, Performance
from tests.unit.monitors.made import day


def history(*blocks: tuple[int, float, float], arms: tuple[str, ...] = ()) -> Performance:
    """Days of 900 events: so many of this mean excess and value of an event, one block after the other."""
    at = count()
    made = []
    for n, excess, value in blocks:
        for _ in range(n):
            i = next(at)
            wave = 0.002 * (i % 3 - 1)  # 900 events of 450 expected loss, days differ a little
            losses = {name: (900, 900 * (0.5 + excess * j + wave * j)) for j, name in enumerate(arms)}
            made.append(Day(i * DAY_S, 900, 450.0 + 900 * (excess + wave), 450.0, 900 * (value + wave), {}, losses))
    return Performance(days=tuple(made), starts=tuple(7 * i * DAY_S for i in range(4)))


def test_worse_answers_say_since_when_and_what_they_cost() -> None:
    found = worse(history((20, 0.0, 0.2), (8, 0.1, 0.1)), Opinion(alarms=(("adwin", 21 * DAY_S),)), 0.02, 0.03)

    assert found is not None
    assert not found.weak
    assert found.since == 20 * DAY_S
    assert found.harm["loss"] == pytest.approx(0.1, abs=0.003)
    assert found.harm["value"] == pytest.approx(90.0, rel=0.05)
    assert [each.name for each in found.evidence] == ["excess_loss", "adwin"]


def test_answers_that_were_worse_and_are_right_again_are_no_finding() -> None:
    assert worse(history((8, 0.1, 0.1), (5, 0.0, 0.2)), Opinion(), 0.02, 0.03) is None
    assert worse(Performance(), Opinion(), 0.02, 0.03) is None


def test_a_release_is_worse_only_if_the_previous_one_did_better_on_the_same_events() -> None:
    days = history((14, 0.05, 0.2), arms=("old", "new"))
    standing = Standing("new", "old", 0.0, 100)

    found = worse_after_release(days, standing, 0.03)

    assert found is not None
    assert found.harm["loss"] == pytest.approx(0.05, abs=0.002)
    assert worse_after_release(days, Standing("old", "new", 0.0, 100), 0.03) is None
    assert worse_after_release(days, Standing("new", "", 0.0, 100), 0.03) is None


def test_a_champion_is_stale_once_the_data_has_grown_enough() -> None:
    standing = Standing("r1", "", 0.0, 1000)

    assert stale(standing, 1499, 1.5, 0.0) is None
    found = stale(standing, 1500, 1.5, 0.0)
    assert found is not None
    assert found.what == "r1 was fitted on 1000 outcomes, 1500 are known now"
    assert stale(Standing("", "", 0.0, 0), 1500, 1.5, 0.0) is None


def test_harm_is_said_once_enough_days_are_settled() -> None:
    bad = history((20, 0.0, 0.2), (4, 0.1, 0.2))
    assert harmed(bad, 20 * DAY_S, 30 * DAY_S, 0.02) is True
    assert harmed(bad, 22 * DAY_S, 30 * DAY_S, 0.02) is None
    assert harmed(bad, 10 * DAY_S, 12 * DAY_S, 0.02) is False
    poorer = history((20, 0.0, 0.2), (4, 0.0, 0.1))
    assert harmed(poorer, 20 * DAY_S, 24 * DAY_S, 0.02) is True, "the metric is as it was, the value is not"


def test_value_that_varies_as_before_is_not_lost() -> None:
    same = history((30, 0.0, 0.2)).days
    assert value_lost(same[:20], same[20:]) is None


def test_detectors_agree_when_windows_get_worse_and_never_on_their_own_word() -> None:
    opinion = Opinion()
    for i in range(400):
        wave = 0.05 * (i % 5 - 2)
        opinion = hear(opinion, ("page_hinkley", "ddm"), [day(i * 3600.0, 50, wave + (0.3 if i >= 300 else 0.0))])

    assert agreeing(opinion, 300 * 3600.0) == ("page_hinkley",), "without decisions there is no share of wrong ones"
    assert not agreeing(Opinion(alarms=opinion.alarms[:0]), 0.0)
