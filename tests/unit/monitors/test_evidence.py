"""Windows against a reference: what alarms, with which test on top, and that sound data does not."""

from collections.abc import Sequence

import msgspec
import pytest

from monitors.budget import levels
from monitors.calibrate import build_reference
from monitors.evidence import HOLDS, Evidence, Look
from monitors.reference import Reference
from streams.log.codec import Codec
from streams.records import DeadLetter, Outcome, Summary, Values
from streams.state import State
from tests.unit.monitors.world import DAY, HOUR, SCOPE, START, champion, observe, outcomes

HISTORY = outcomes(35, seed=1)
SINCE = START + 35 * DAY
BROKEN = SINCE + 3 * DAY + 10 * HOUR


@pytest.fixture(scope="module")
def reference() -> Reference:
    return build_reference("r", HISTORY, SCOPE)


def look(
    reference: Reference, found: Sequence[Outcome], letters: Sequence[DeadLetter] = (), state: State | None = None
) -> list[Look]:
    """The looks at every window since the reference, the last days (of labels only) left out."""
    summaries = observe(found, {"r": reference}, letters, [champion("r", SINCE)])
    evidence, kept = Evidence(SCOPE), State() if state is None else state
    looks = []
    end = SINCE + HOUR
    while end <= found[-1].time - DAY:
        seen = [each for each in summaries if each.kind == "seen" and each.end == end]
        looks.append(evidence.seen(kept, seen, reference, end))
        kept.apply()
        end += HOUR
    return looks


def live(days: int, change: object = None, seed: int = 7) -> list[Outcome]:
    return outcomes(days, seed, change, SINCE) if callable(change) else outcomes(days, seed, start=SINCE)


def broken(values: Values, **changed: object) -> Values:
    return values | changed  # type: ignore[return-value]


def test_sound_weeks_stay_within_the_budget(reference: Reference) -> None:
    looks = look(reference, live(43))
    alarmed = {(each.end // DAY, test.family) for each in looks for test in each.alarms}

    assert looks[-1].tested > 40
    assert len(alarmed) <= 6 * SCOPE.false_incidents_per_week


@pytest.mark.parametrize(
    ("change", "name", "field", "segment"),
    [
        (lambda v: broken(v, wind=v["wind"] and v["wind"] * 1.609), "unseen", "wind", ""),
        (lambda v: broken(v, load=None) if v["site"] == "b" else v, "missing", "load", "site=b"),
        (lambda v: broken(v, load=float("inf")), "invalid", "load", ""),
        (lambda v: broken(v, kind="w" if v["kind"] == "x" else v["kind"]), "unseen", "kind", ""),
    ],
)
def test_a_broken_field_is_found_in_its_first_windows(
    reference: Reference, change: object, name: str, field: str, segment: str
) -> None:
    assert callable(change)
    looks = look(reference, live(6, lambda t, v: change(v) if t >= BROKEN else v))
    first = next(each for each in looks if each.end > BROKEN and each.alarms)

    assert first.end <= BROKEN + 2 * HOUR
    top = first.alarms[0]
    assert (top.family, top.name, top.field) == ("quality", name, field)
    assert segment in {test.segment for test in first.alarms if test.field == field}
    assert not segment or top.segment == segment
    assert top.p <= first.levels["quality"]
    assert top.statistic > 0.2


def test_a_flood_of_duplicates_is_found(reference: Reference) -> None:
    found = live(6)
    letters = [
        DeadLetter(each.key, each.id, each.prediction.time, b"", "events", "duplicate", "id", each.id, "")
        for each in found
        if each.prediction.time >= BROKEN
    ]
    first = next(each for each in look(reference, found, letters) if each.alarms)

    assert first.start == BROKEN
    assert (first.alarms[0].name, first.alarms[0].field) == ("refused:duplicate", "id")
    assert first.alarms[0].statistic == 0.5


def test_silence_of_a_segment_and_of_labels_is_found(reference: Reference) -> None:
    found = live(9)
    silent = [each for each in found if each.prediction.features["site"] != "b" or each.prediction.time < BROKEN]
    mute = [
        each if each.time < BROKEN else msgspec.structs.replace(each, label=None, time=each.prediction.time + DAY / 2)
        for each in found
    ]
    stopped = next(each for each in look(reference, silent) if each.alarms)
    unlabelled = next(each for each in look(reference, sorted(mute, key=lambda each: each.time)) if each.alarms)

    assert BROKEN < stopped.end <= BROKEN + DAY
    assert stopped.alarms[0].segment == "site=b"
    assert BROKEN < unlabelled.end <= BROKEN + DAY
    assert {test.name for test in unlabelled.alarms} <= {"labels_silent", "labels"}


def test_a_shifted_field_is_drift_and_moves_the_answers(reference: Reference) -> None:
    def shifted(time: float, values: Values) -> Values:
        load = values["load"]
        return broken(values, load=load + 4.0) if time >= BROKEN and isinstance(load, float) else values

    looks = look(reference, live(7, shifted))
    day = next(each for each in looks if each.end == SINCE + 5 * DAY)

    assert {(test.family, test.field) for test in day.alarms} >= {("drift", "load"), ("prediction", "score")}
    assert {test.name for test in day.alarms if test.family == "drift"} == {"psi", "psi_before"}
    assert not [test for each in looks if each.end <= BROKEN for test in each.alarms if test.family == "drift"]


def test_without_a_reference_there_are_no_tests(reference: Reference) -> None:
    assert Evidence(SCOPE).seen(State(), [], None, SINCE) == Look(
        SINCE - HOUR, SINCE, (), (), 0, levels(0.5, HOUR), 0.0
    )
    stranger = Summary("", "", SINCE, "seen", SINCE - HOUR, SINCE, 0, {"accepted": 5}, {}, "another")
    assert Evidence(SCOPE).seen(State(), [stranger], reference, SINCE).tested == 0


def test_partitions_and_a_codec_in_between_change_nothing(reference: Reference) -> None:
    class Coded(State):
        def apply(self) -> None:
            self._overlay = Codec().state_through(HOLDS, self._overlay)
            super().apply()

    found = live(3)
    assert look(reference, found, state=Coded()) == look(reference, found)


def test_the_future_changes_no_look_at_the_past(reference: Reference) -> None:
    calm = look(reference, live(6))
    changed = look(reference, live(6, lambda t, v: broken(v, wind=-1.0) if t >= BROKEN else v))
    past = [each for each in calm if each.end <= BROKEN]

    assert changed[: len(past)] == past


def test_what_is_spent_adds_up_to_the_budget(reference: Reference) -> None:
    looks = look(reference, live(9))
    week = [each for each in looks if SINCE < each.end <= SINCE + 7 * DAY]
    without_performance = SCOPE.false_incidents_per_week * (1 - 1 / len(levels(1.0, HOUR)))

    assert sum(each.spent for each in week) == pytest.approx(without_performance)
