"""References: plain data, made from history alone, which is tested as if it had not seen itself."""

import msgspec
import numpy as np
import pytest

from monitors.calibrate import build_reference
from monitors.reference import Reference
from monitors.series import bad_values
from streams.records import DeadLetter, Outcome, Values
from tests.unit.monitors.world import DAY, HOUR, SCOPE, START, outcomes

HISTORY = outcomes(21, seed=1)


@pytest.fixture(scope="module")
def reference() -> Reference:
    return build_reference("r", HISTORY, SCOPE)


def test_it_goes_through_json_and_through_plain_values(reference: Reference) -> None:
    assert msgspec.json.decode(msgspec.json.encode(reference), type=Reference) == reference
    assert msgspec.convert(msgspec.to_builtins(reference), Reference) == reference
    assert len(msgspec.json.encode(reference)) < 400_000


def test_its_counts_are_those_of_history(reference: Reference) -> None:
    values = [each.prediction.features for each in HISTORY]
    events = reference.events(reference.cells.values.astype(np.int64))

    assert dict(zip(reference.rows, events.tolist(), strict=True)) == {
        "": len(values),
        "site=a": sum(each["site"] == "a" for each in values),
        "site=b": sum(each["site"] == "b" for each in values),
        "site=other": 0,
    }
    hits, n = bad_values(reference, reference.cells.values.astype(np.int64))
    assert hits[0, 0].tolist() == [sum(each["wind"] is None for each in values), 0, 0, 0]
    assert n[0, 0].tolist() == [len(values)] * 4
    assert reference.columns["wind"].knows
    assert not reference.columns["load"].knows


def test_the_order_of_equal_times_and_the_batches_do_not_matter(reference: Reference) -> None:
    assert build_reference("r", reversed(HISTORY), SCOPE) == reference


def test_revisions_change_nothing(reference: Reference) -> None:
    revised = msgspec.structs.replace(HISTORY[5], label=1.0 - (HISTORY[5].label or 0.0), before=HISTORY[5].label)  # type: ignore[operator]

    assert build_reference("r", [*HISTORY, revised], SCOPE) == reference


def test_only_the_most_recent_days_are_used() -> None:
    found = build_reference("r", HISTORY, SCOPE, most_days=10.0)

    assert found.start >= HISTORY[-1].time - 11 * DAY
    assert found.end == max(each.prediction.time for each in HISTORY)


def test_the_scores_of_the_release_take_the_place_of_those_that_were_served() -> None:
    found = build_reference("r", HISTORY, SCOPE, {each.id: 0.25 for each in HISTORY})

    assert found.columns["score"].quantiles == (0.25,) * 11


def test_a_value_of_one_day_counts_as_unseen_on_that_day() -> None:
    def once(time: float, values: Values) -> Values:
        return values | {"wind": 7.777} if 5 * DAY <= time - START < 5.5 * DAY else values

    common = build_reference("r", HISTORY, SCOPE).calibration.bad.values[2, 0, 0]
    rare = build_reference("r", outcomes(21, 1, once), SCOPE).calibration.bad.values[2, 0, 0]

    assert common < 0.0005
    assert 0.01 < rare < 0.05


def test_quarantined_events_are_refused_and_not_missing() -> None:
    broken = [
        msgspec.structs.replace(
            each,
            prediction=msgspec.structs.replace(each.prediction, features={}, flags=("quarantined:out_of_range:wind",)),
        )
        if i % 50 == 0
        else each
        for i, each in enumerate(HISTORY)
    ]
    named = build_reference("r", broken, SCOPE).calibration.named
    letters = [DeadLetter("", "", START + 2 * DAY, b"", "events", "duplicate", "id", "", "")]

    assert named["refused:out_of_range:wind"] == pytest.approx(0.02, rel=0.1)
    assert set(build_reference("r", HISTORY, SCOPE, letters=letters).calibration.named) == {"refused:duplicate:id"}


@pytest.mark.parametrize(("history", "what"), [([], "there is none"), (HISTORY[:20], "a whole day")])
def test_too_little_history_is_told(history: list[Outcome], what: str) -> None:
    with pytest.raises(ValueError, match=what):
        build_reference("r", history, SCOPE)


def test_families_of_few_days_are_not_tested() -> None:
    nulls = build_reference("r", outcomes(7, seed=1), SCOPE).calibration.nulls

    assert nulls["drift"].maxima == ()
    assert nulls["drift"].p(100.0) == 1.0
    assert len(nulls["quality"].maxima) >= 5 * 24 - 1


def test_windows_of_other_lengths_work() -> None:
    scope = msgspec.structs.replace(SCOPE, window_s=HOUR / 2, distances=("psi", "ks", "wasserstein"))
    found = build_reference("r", HISTORY, scope)

    assert found.calibration.season.profile.shape == (336, 5)
    assert found.calibration.drift.usual.shape == (3, 4, 5)
