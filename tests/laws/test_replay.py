"""The same history gives the same outcomes, learner states, partial sums and dead letters.

However many partitions there are, however records are batched, whether they travel as objects or as JSON, and however
often stages are killed: before any step, or within its commit.
"""

import random
from functools import cache

import pytest

from streams.log.codec import Codec
from tests.laws.small import Fate, Seen, make_history, run


@cache
def undisturbed(seed: int = 1) -> Seen:
    """One partition, large batches, nobody dies."""
    return run(make_history(seed))


def test_the_history_has_what_the_laws_are_about() -> None:
    seen = undisturbed()
    assert {letter["code"] for letter in seen.letters} == {
        "duplicate",
        "label_for_nothing",
        "label_too_late",
        "no_id",
        "out_of_range",
    }
    outcomes = seen.outcomes.values()
    assert sum(each["label"] is None for each in outcomes) > 20
    assert sum(each["delay_s"] < 0 for each in outcomes) > 20
    assert sum(each.get("revision", 0) == 1 for each in outcomes) > 20
    assert {name for _, bucket in seen.sums for name in [bucket % 600.0]} == {0.0}
    assert len({each["features"].get("fails_line_3h") for each in seen.predictions.values()}) > 50
    assert len({each["arms"].get("online") for each in seen.predictions.values()}) > 300
    assert len(set(seen.snapshots.values())) > 60
    assert all(each["flags"][0].startswith("quarantined") for each in outcomes_without_features(seen))


def outcomes_without_features(seen: Seen) -> list[dict[str, list[str]]]:
    return [each for each in seen.predictions.values() if not each["features"]]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("partitions", [1, 4])
@pytest.mark.parametrize("most", [1, 7, 1000])
def test_partitions_and_batches_change_nothing(seed: int, partitions: int, most: int) -> None:
    run(make_history(seed), partitions, most).same(undisturbed(seed))


@pytest.mark.parametrize("partitions", [1, 4])
def test_ragged_batches_change_nothing(partitions: int) -> None:
    rng = random.Random(partitions)
    run(make_history(), partitions, lambda _: rng.choice([1, 2, 3, 10, 100])).same(undisturbed())


@pytest.mark.parametrize(("partitions", "most"), [(1, 1000), (4, 3)])
def test_records_as_json_change_nothing(partitions: int, most: int) -> None:
    run(make_history(), partitions, most, Codec()).same(undisturbed())


@pytest.mark.parametrize(
    ("partitions", "most", "codec"), [(1, 2, None), (1, 1000, Codec()), (4, 2, Codec()), (4, 1000, None)]
)
def test_stages_killed_again_and_again_change_nothing(partitions: int, most: int, codec: Codec | None) -> None:
    rng = random.Random(most + partitions)
    seen = run(make_history(), partitions, most, codec, lambda _: rng.choices(["", "before", "within"], [6, 1, 1])[0])
    assert seen.deaths > 100
    seen.same(undisturbed())


def once(at: int, how: str) -> Fate:
    """Kill whoever takes the step of this number."""
    count = iter(range(10**9))
    return lambda _: how if next(count) == at else ""


def counted(partitions: int, most: int) -> int:
    """How many steps a run takes."""
    steps: list[str] = []

    def note(name: str) -> str:
        steps.append(name)
        return ""

    run(make_history(4, 60, 5.0), partitions, most, fate=note)
    return len(steps)


@pytest.mark.parametrize("how", ["before", "within"])
@pytest.mark.parametrize(("partitions", "most"), [(1, 3), (4, 1000)])
def test_one_kill_at_any_step_changes_nothing(partitions: int, most: int, how: str) -> None:
    """A seeded sample of all the steps of a shorter run, one kill each."""
    history, steps = make_history(4, 60, 5.0), counted(partitions, most)
    wanted = run(history)
    for at in sorted(random.Random(5).sample(range(steps), 15)):
        run(make_history(4, 60, 5.0), partitions, most, fate=once(at, how)).same(wanted)


@pytest.mark.parametrize(("stage", "every"), [("score", 3), ("join", 3), ("aggregate", 3), ("learn", 25)])
def test_a_stage_that_dies_over_and_over_changes_nothing(stage: str, every: int) -> None:
    """At every third step; a learner goes back to its last snapshot, so it must live from one to the next."""
    turn = iter(range(10**9))
    how = "before" if stage == "learn" else "within"
    fate: Fate = lambda name: how if name == stage and next(turn) % every == every - 1 else ""  # noqa: E731
    seen = run(make_history(), 4, 5, fate=fate)
    assert seen.deaths > 5
    seen.same(undisturbed())
