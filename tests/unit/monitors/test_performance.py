import numpy as np
import pytest

from models.rollout.verdict import DayBlocks
from monitors.budget import DAY_S
from monitors.days import LIFE_DAYS, Performance, add, anew, close
from monitors.performance import after_release, alpha, as_blocks, changed, judge, p_value, ranked_segments
from streams.exact import to_fixed
from streams.records import Summary
from tests.unit.monitors.made import day, days, noise, settled

TOLERANCE = 0.02
BUDGET = 0.5
LEVEL = alpha(BUDGET, retrain_per_week=1.0)


def first_alarm(excesses: list[float]) -> int | None:
    for i, performance in enumerate(days(excesses)):
        found = judge(performance, TOLERANCE, LEVEL)
        if found is not None and found.alarms:
            return i
    return None


def test_a_healthy_stream_stays_far_within_the_budget() -> None:
    runs, length = 30, 182
    rng = np.random.default_rng(1)

    false = sum(first_alarm(noise(rng, length)) is not None for _ in range(runs))

    share = BUDGET / 7 * length / 7
    assert false <= share * runs, f"{false} of {runs} half-years, {share:.2f} each were accepted"
    assert false <= 6


def test_a_mean_excess_within_half_the_tolerance_is_no_alarm_either() -> None:
    rng = np.random.default_rng(2)
    runs = [[0.01 + each for each in noise(rng, 120)] for _ in range(20)]

    assert sum(first_alarm(run) is not None for run in runs) <= 3


def test_an_excess_of_a_twentieth_is_found_in_about_twelve_days() -> None:
    rng = np.random.default_rng(3)
    lags = []
    for i in range(30):
        begins = 40 + i % 7
        excesses = noise(rng, begins + 40)
        found = first_alarm([each + 0.05 * (at >= begins) for at, each in enumerate(excesses)])
        assert found is not None
        if found >= begins:
            lags.append(found - begins + 1)

    assert len(lags) >= 28
    assert np.median(lags) <= 12
    assert np.percentile(lags, 90) <= 21


def test_the_day_of_the_change_is_named_within_days() -> None:
    rng = np.random.default_rng(4)
    misses = []
    for _ in range(30):
        excesses = [each + 0.05 * (at >= 30) for at, each in enumerate(noise(rng, 45))]
        *_, performance = days(excesses)
        misses.append(changed(performance.days, TOLERANCE) / DAY_S - 30)

    assert abs(float(np.median(misses))) <= 1
    assert np.percentile(np.abs(misses), 90) <= 7


def test_the_p_value_is_the_level_at_which_the_bound_passes() -> None:
    blocks = DayBlocks()
    for i in range(12):
        blocks = blocks.add(900, 900 * (0.06 + 0.01 * (i % 3)))

    p = p_value(blocks, TOLERANCE)

    above, below = blocks.verdict(2 * p * 1.05).lower, blocks.verdict(2 * p * 0.95).lower
    assert above is not None
    assert below is not None
    assert below < TOLERANCE < above


def test_tests_begin_weekly_and_live_four_weeks() -> None:
    *_, performance = days([0.0] * 60)

    assert [start / DAY_S for start in performance.starts] == [35.0, 42.0, 49.0, 56.0]
    assert len(performance.days) == 2 * LIFE_DAYS


def test_after_a_remedy_days_before_it_count_no_more() -> None:
    *_, performance = days([0.2] * 20)
    performance = anew(performance, 20 * DAY_S - 100.0)

    assert judge(performance, TOLERANCE, LEVEL) is None
    performance = close(add(performance, [day(20 * DAY_S, 900, 0.0)]), 21 * DAY_S)
    found = judge(performance, TOLERANCE, LEVEL)
    assert found is not None
    assert found.start == 20 * DAY_S
    assert not found.alarms


def test_a_day_without_labels_is_no_block_and_a_closed_day_stays_closed() -> None:
    empty = Summary("", "s", 0.0, "settled", 0.0, 3600.0, 0, {"unlabelled": 5}, {})
    performance = close(add(Performance(), [empty]), DAY_S)
    assert performance.days == ()
    assert performance.open == ()

    performance = close(add(performance, [day(DAY_S, 900, 0.1)]), 2 * DAY_S)
    assert add(performance, [day(DAY_S, 900, 9.9)]) == performance


@pytest.mark.parametrize("order", [1, -1])
def test_partitions_add_up_to_the_same_bits(order: int) -> None:
    rng = np.random.default_rng(5)
    scores = rng.uniform(0.05, 0.95, 300).tolist()
    labels = (rng.random(300) < 0.4).astype(int).tolist()
    whole = [settled(0.0, scores, labels, segment="origin=JFK")]
    parts = [settled(0.0, scores[i::4], labels[i::4], i, segment="origin=JFK") for i in range(4)][::order]

    assert close(add(Performance(), parts), DAY_S) == close(add(Performance(), whole), DAY_S)


def test_where_answers_state_nothing_the_usual_loss_is_what_is_expected() -> None:
    def at(i: int, loss: float) -> Summary:
        sums = {"loss:served": to_fixed(loss * 900)}
        return Summary("", str(i), 0.0, "settled", i * DAY_S, i * DAY_S + 1, 0, {"n:served": 900}, sums)

    performance = Performance()
    for i in range(20):
        performance = close(add(performance, [at(i, 10.0 + 0.1 * (i % 2) if i < 14 else 12.0)]), (i + 1) * DAY_S)

    assert len(performance.days) == 6
    assert performance.usual == pytest.approx(10.05 + 2 * 0.0519 / 14**0.5, abs=1e-3)
    assert as_blocks(performance.days).mean == pytest.approx(12.0 - 10.0777, abs=1e-3)


def test_segments_are_named_by_their_part_in_the_loss() -> None:
    bad = settled(0.0, [0.1] * 50, [1] * 25 + [0] * 25, segment="origin=JFK")
    good = settled(0.0, [0.1] * 500, [1] * 50 + [0] * 450, 1, segment="origin=LGA")

    performance = close(add(Performance(), [bad, good]), DAY_S)

    assert ranked_segments(performance.days) == ("origin=JFK",)


def test_a_new_champion_is_compared_on_the_same_events_only() -> None:
    performance = Performance()
    for i in range(28):
        arms: dict[str, float] = {"r2": 0.55 + 0.01 * (i % 3), "r1": 0.50} if i % 2 else {"r2": 0.9}
        performance = close(add(performance, [day(i * DAY_S, 900, 0.0, arms)]), (i + 1) * DAY_S)

    bounds = after_release(performance.days, "r2", "r1", 0.0, 0.05)

    assert bounds.blocks == 14
    assert bounds.lower is not None
    assert 0.0 < bounds.lower < 0.06
