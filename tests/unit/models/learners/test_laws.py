"""What holds for every learner, registered or reached by name."""

import copy
import functools
import math
import random

import pytest

from models.learners import LEARNERS, Learner
from streams.errors import RecordError
from streams.records.record import Score, Values
from tests.unit.models.learners.cases import ALL, CLASSES, INCREMENTAL, REFIT, Case, labels, rows

COUNT = 200


def sound(case: Case, count: int, seed: int = 1) -> list[Values]:
    """Rows that a watched learner finds its score in."""
    found = rows(count, seed)
    if case.learner == "watched":
        for row in found:
            row["wind"], row["rain"] = row["wind"] or 0.0, 0.5
    return found


@functools.cache
def _state(where: int) -> bytes:
    learner, history = ALL[where].build(), sound(ALL[where], COUNT)
    learner.fit(history, labels(ALL[where].task, history))
    return learner.dump()


def taught(case: Case) -> Learner:
    """A learner that has learned; fitting takes long, so refit learners are fitted once and loaded."""
    learner = case.build()
    if case in REFIT:
        learner.load(_state(ALL.index(case)))
    else:
        history = sound(case, COUNT)
        learner.fit(history, labels(case.task, history))
    return learner


def in_range(case: Case, score: Score) -> bool:
    if case.task == "multiclass":
        return (
            isinstance(score, dict)
            and set(score) == set(CLASSES)
            and math.isclose(sum(score.values()), 1.0, rel_tol=1e-9)
            and all(0.0 <= share <= 1.0 for share in score.values())
        )
    return type(score) is float and (case.task == "regression" or 0.0 <= score <= 1.0) and math.isfinite(score)


def test_every_registered_learner_is_tried() -> None:
    tried = {case.learner if case.learner in LEARNERS else case.learner.partition(".")[0] for case in ALL}

    assert tried == set(LEARNERS)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_it_answers_before_it_has_learned_anything(case: Case) -> None:
    answers = case.build().predict(sound(case, 5))

    assert len(answers) == 5
    assert all(in_range(case, score) for score in answers)
    assert case.build().predict([]) == []


@pytest.mark.parametrize("case", ALL, ids=str)
def test_the_same_seed_gives_the_same_answers_and_the_same_bytes(case: Case) -> None:
    first, second = case.build(), case.build()
    for learner in (first, second):
        history = sound(case, COUNT)
        learner.fit(history, labels(case.task, history))

    assert first.predict(sound(case, 50, seed=9)) == second.predict(sound(case, 50, seed=9))
    assert all(in_range(case, score) for score in first.predict(sound(case, 50, seed=9)))
    assert first.dump() == second.dump()


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_dumped_and_loaded_learner_goes_on_bit_for_bit(case: Case) -> None:
    first, second = taught(case), case.build(seed=4)
    second.load(first.dump())
    later = sound(case, 200, seed=5)

    for x, y in zip(later, labels(case.task, later), strict=True):
        assert second.predict([x]) == first.predict([x])
        first.learn(x, y)
        second.learn(x, y)

    assert second.predict(later) == first.predict(later)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_a_dump_is_the_same_bytes_whether_or_not_there_was_a_stop(case: Case) -> None:
    first, second = taught(case), case.build()
    second.load(first.dump())
    assert second.dump() == first.dump()
    later = sound(case, 100, seed=5)

    for x, y in zip(later, labels(case.task, later), strict=True):
        first.learn(x, y)
        second.learn(copy.deepcopy(x), y)

    assert second.dump() == first.dump()


@pytest.mark.parametrize("case", ALL, ids=str)
def test_predicting_changes_no_later_answer_and_batches_none_at_all(case: Case) -> None:
    asked, unasked = taught(case), taught(case)
    later = sound(case, 60, seed=6)
    odd: Values = {"wind": 1e6, "rain": 0.5, "origin": "XXX"}
    asked.predict([*later, odd])

    for x, y in zip(later, labels(case.task, later), strict=True):
        asked.learn(x, y)
        unasked.learn(x, y)

    assert asked.predict(later) == unasked.predict(later)
    assert [score for x in later for score in asked.predict([x])] == asked.predict(later)


@pytest.mark.parametrize("case", ALL, ids=str)
def test_rows_are_not_changed(case: Case) -> None:
    history = sound(case, 50)
    before = copy.deepcopy(history)
    learner = case.build()

    learner.fit(history, labels(case.task, history))
    learner.learn(history[0], labels(case.task, history)[0])
    learner.predict(history)

    assert history == before


@pytest.mark.parametrize("case", ALL, ids=str)
def test_new_and_reordered_inputs_change_no_answer(case: Case) -> None:
    learner, strange = taught(case), taught(case)
    later = sound(case, 60, seed=7)
    mixed: list[Values] = []
    for row in later:
        names = list(row)
        random.Random(len(mixed)).shuffle(names)
        mixed.append({"new": 5.0, **{name: row[name] for name in names}, "newer": "text"})

    for x, odd, y in zip(later, mixed, labels(case.task, later), strict=True):
        learner.learn(x, y)
        strange.learn(odd, y)

    assert strange.predict(mixed) == learner.predict(later)


@pytest.mark.parametrize("case", [case for case in ALL if case.learner != "watched"], ids=str)
def test_missing_and_unknown_inputs_are_survived(case: Case) -> None:
    learner = taught(case)
    poor: list[Values] = [{}, dict.fromkeys(("wind", "rain", "hour", "origin", "carrier")), {"origin": "never seen"}]

    assert all(in_range(case, score) for score in learner.predict(poor))
    for x, y in zip(poor, labels(case.task, rows(3)), strict=True):
        learner.learn(x, y)
    assert all(in_range(case, score) for score in learner.predict(rows(20)))


@pytest.mark.parametrize("case", [case for case in ALL if not case.learner.startswith("baseline")], ids=str)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 10**400], ids=["nan", "inf", "minus inf", "huge"])
def test_what_is_no_finite_number_is_refused_and_poisons_nothing(case: Case, bad: float) -> None:
    learner, clean = taught(case), taught(case)
    row = sound(case, 1)[0] | {"wind": bad, "rain": bad}

    with pytest.raises(RecordError) as caught:
        learner.predict([row])
    assert caught.value.field in ("wind", "rain")
    if case.learner.startswith("river"):
        with pytest.raises(RecordError, match="wind"):
            learner.learn(row, labels(case.task, [sound(case, 1)[0]])[0])

    assert learner.predict(sound(case, 20)) == clean.predict(sound(case, 20))


@pytest.mark.parametrize("case", ALL, ids=str)
def test_fitting_again_equals_fitting_a_new_one(case: Case) -> None:
    used, new = taught(case), case.build()
    window = sound(case, 200, seed=8)

    used.fit(window, labels(case.task, window))
    new.fit(window, labels(case.task, window))

    assert used.predict(window) == new.predict(window)


@pytest.mark.parametrize("case", INCREMENTAL, ids=str)
def test_an_incremental_learner_learns_the_same_one_by_one_as_from_a_window(case: Case) -> None:
    window = rows(150)
    learner = case.build()
    for x, y in zip(window, labels(case.task, window), strict=True):
        learner.learn(x, y)
    fitted = case.build()
    fitted.fit(window, labels(case.task, window))

    assert learner.incremental
    assert learner.predict(window) == fitted.predict(window)


@pytest.mark.parametrize("case", REFIT, ids=str)
def test_a_refit_learner_learns_only_when_it_is_fitted(case: Case) -> None:
    learner, history = taught(case), rows(50)
    before = learner.dump()
    for x, y in zip(history, labels(case.task, history), strict=True):
        learner.learn(x, y)

    assert not learner.incremental
    assert learner.dump() == before


BOUNDED = [case for case in INCREMENTAL if "linear_model" in case.learner or case.learner.startswith("baseline")]


@pytest.mark.parametrize("case", BOUNDED, ids=str)
def test_memory_stays_bounded_where_nothing_new_comes(case: Case) -> None:
    learner = case.build()
    sizes = []
    for part in range(3):
        history = rows(1000, seed=part)
        for x, y in zip(history, labels(case.task, history), strict=True):
            learner.learn(x, y)
        sizes.append(len(learner.dump()))

    assert sizes[2] <= sizes[0] + 100
