"""The stage that sums up windows: laws, revisions, and what it counts."""

import zlib
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

import msgspec
import numpy as np
import pytest

from monitors.calibrate import build_reference
from monitors.reference import Reference
from monitors.stages.observe import Observe
from streams.exact import from_fixed, to_fixed
from streams.log.codec import Codec
from streams.records import DeadLetter, Outcome, Prediction, Summary
from streams.stage import Batch
from streams.state import State
from tests.unit.monitors.world import DAY, HOUR, SCOPE, START, champion, judge, observe, outcomes

LIVE = outcomes(4, seed=2, start=START + 30 * DAY)
END = START + 36 * DAY


@pytest.fixture(scope="module")
def references() -> dict[str, Reference]:
    return {"r": build_reference("r", outcomes(14, seed=1), SCOPE)}


def content(summaries: Sequence[Summary], what: str) -> dict[float, tuple[Counter[str], Counter[str], bytes, object]]:
    """Windows with the sums over partitions and revisions."""
    totals: dict[float, tuple[Counter[str], Counter[str], bytes, object]] = {}
    for each in summaries:
        if each.kind == what:
            counts, sums, cells, unseen = totals.get(each.start, (Counter(), Counter(), b"", Counter()))
            counts.update(each.counts)
            sums.update(each.sums)
            own = zlib.decompress(each.cells) if each.cells else b""
            matrix = np.frombuffer(own, "<i4") + (np.frombuffer(cells, "<i4") if cells else 0)
            more = Counter({f"{f}={v}": n for f, values in each.unseen.items() for v, n in values.items()})
            assert isinstance(unseen, Counter)
            totals[each.start] = (counts, sums, matrix.astype("<i4").tobytes(), unseen + more)
    return totals


def test_stretches_of_any_length_give_the_same_summaries(references: dict[str, Reference]) -> None:
    control = [champion("r", START + 30 * DAY)]
    by_hour = observe(LIVE, references, control=control, until=END)
    by_minutes = observe(LIVE, references, control=control, every_s=600.0, until=END)

    assert by_minutes == by_hour
    assert {each.kind for each in by_hour} == {"seen", "settled"}


def test_four_partitions_add_up_to_one(references: dict[str, Reference]) -> None:
    control = [champion("r", START + 30 * DAY)]
    parts = [[each for each in LIVE if crc32(each.key.encode()) % 4 == i] for i in range(4)]
    spread = [
        each
        for i, part in enumerate(parts)
        for each in observe(part, references, control=control, partition=i, until=END)
    ]
    alone = observe(LIVE, references, control=control, until=END)

    for kind in ("seen", "settled"):
        assert content(spread, kind) == content(alone, kind)


def test_state_survives_the_codec_between_any_two_batches(references: dict[str, Reference]) -> None:
    class Coded(State):
        def apply(self) -> None:
            self._overlay = Codec().state_through(Observe.holds, self._overlay)
            super().apply()

    control = [champion("r", START + 30 * DAY)]
    coded = observe(LIVE, references, control=control, every_s=600.0, until=END, state=Coded())

    assert coded == observe(LIVE, references, control=control, until=END)


def test_state_is_empty_again_once_everything_settled(references: dict[str, Reference]) -> None:
    state = State()
    observe(LIVE, references, until=START + 40 * DAY, state=state)

    assert {key: value for key, value in state.items() if value} == {"until": START + 40 * DAY}


def test_a_window_counts_what_came_in_it() -> None:
    seen = {each.start: each for each in observe(LIVE, {}) if each.kind == "seen"}
    window = seen[START + 31 * DAY + 10 * HOUR]
    made = [each for each in LIVE if window.start <= each.prediction.time < window.end]
    known = [each for each in LIVE if window.start <= each.time < window.end and each.label is not None]

    assert window.counts["predictions"] == window.counts["accepted"] == len(made)
    assert window.counts["labels"] == len(known)
    assert from_fixed(window.sums["label_delay_s"]) == pytest.approx(sum(each.delay_s for each in known))
    assert window.cells == b"", "there is no reference yet"


def test_a_settled_window_has_the_losses_of_its_predictions() -> None:
    settled = {each.start: each for each in observe(LIVE, {}, until=END) if each.kind == "settled"}
    window = settled[START + 31 * DAY + 10 * HOUR]
    mine = [each for each in LIVE if window.start <= each.prediction.time < window.end]
    labelled = [each for each in mine if each.label is not None]

    assert window.counts["labelled"] == len(labelled)
    assert window.counts.get("unlabelled", 0) == len(mine) - len(labelled)
    assert window.counts["positives"] == sum(each.label == 1.0 for each in labelled)
    for arm in ("champion", "mean"):
        assert window.sums[f"loss:{arm}"] == sum(to_fixed(each.losses[arm]) for each in labelled)
    assert window.sums["loss:served"] == window.sums["loss:champion"]
    assert sum(window.counts.get(f"reliability:{i}", 0) for i in range(10)) == len(labelled)
    assert window.time == window.end + SCOPE.settles_s


def test_the_expected_loss_of_calibrated_scores_is_the_loss() -> None:
    settled = [each for each in observe(outcomes(20, seed=5), {}, until=START + 25 * DAY) if each.kind == "settled"]
    n = sum(each.counts["labelled"] for each in settled)
    excess = sum(each.sums.get("loss:served", 0) - each.sums.get("expected:served", 0) for each in settled) / n

    assert n > 5000
    assert abs(excess * 2**-20) < 0.02


def test_a_revised_label_replaces_the_one_before() -> None:
    first = next(each for each in LIVE if each.label == 1.0)
    losses, value = judge(first.prediction, 0.0)
    revised = msgspec.structs.replace(
        first, time=first.time + 3 * DAY, label=0.0, before=1.0, revision=1, losses=losses, value=value
    )
    instead = msgspec.structs.replace(first, label=0.0, losses=losses, value=value)
    until = START + 40 * DAY

    late = observe([*LIVE, revised], {}, until=until)
    clean = observe([instead if each is first else each for each in LIVE], {}, until=until)

    assert {start: found[:2] for start, found in content(late, "settled").items()} == {
        start: found[:2] for start, found in content(clean, "settled").items()
    }
    again = [each for each in late if each.revision]
    assert [(each.kind, each.start) for each in again] == [("settled", first.prediction.time // HOUR * HOUR)]


def test_a_late_record_comes_as_a_numbered_revision() -> None:
    stage, state = Observe(SCOPE, lambda _: None, judge), State()
    late = msgspec.structs.replace(LIVE[0].prediction, time=START + 100.0)

    def step(records: list[Prediction], watermark: float) -> list[Summary]:
        out = stage.step(state, Batch(0, {"predictions": records}, {}, 0.0, watermark, None))
        state.apply()
        return [each for each in out if isinstance(each, Summary)]

    assert [each.revision for each in step([late], START + HOUR)] == [0]
    assert step([late], START + 1.5 * HOUR) == [], "it waits for the next end of a window"
    (again,) = step([late], START + 2 * HOUR)
    assert (again.revision, again.counts["predictions"], again.start) == (1, 2, START)
    assert again.time == START + 2 * HOUR


def test_a_window_is_counted_in_the_bins_of_the_champion_at_its_start(references: dict[str, Reference]) -> None:
    other = msgspec.structs.replace(references["r"], release="s")
    control = [champion("r", START + 31 * DAY), champion("s", START + 32 * DAY)]

    seen = observe(LIVE, references | {"s": other}, control=control, until=END)

    used = {each.start: each.reference for each in seen if each.kind == "seen"}
    assert used[START + 31 * DAY - HOUR] == ""
    assert used[START + 31 * DAY] == used[START + 32 * DAY - HOUR] == "r"
    assert used[START + 32 * DAY] == "s"


def test_refused_events_and_flags_are_counted_by_name() -> None:
    letter = DeadLetter("k", "e", START + 30 * DAY + 5.0, b"", "events", "out_of_range", "wind", "-1", "mend it")
    label = msgspec.structs.replace(letter, topic="labels", code="label_too_late")
    flagged = msgspec.structs.replace(LIVE[0].prediction, flags=("new_category:kind",))
    refused = msgspec.structs.replace(LIVE[0].prediction, id="other", flags=("quarantined:out_of_range:wind",))
    found = [msgspec.structs.replace(LIVE[0], prediction=each) for each in (flagged, refused)]

    window = observe(found, {}, letters=[letter, label])[0]

    assert window.counts["refused:out_of_range:wind"] == window.counts["refused_label:label_too_late"] == 1
    assert window.counts["flag:new_category:kind"] == window.counts["quarantined"] == 1
    assert (window.counts["predictions"], window.counts["accepted"]) == (2, 1)


def test_multiclass_and_regression_settle() -> None:
    for task, metric, answer, label in (
        ("multiclass", "log_loss", {"sky": 0.25, "grass": 0.75}, "grass"),
        ("regression", "mae", 12.5, 10.0),
    ):
        scope = msgspec.structs.replace(SCOPE, task=task, metric=metric)
        base = LIVE[0].prediction
        prediction = msgspec.structs.replace(base, arms={"champion": answer}, decision=None)
        one = Outcome("i", "i", base.time + 60.0, prediction, label, 60.0, 0, None, {"champion": 0.5}, None)

        settled = observe([one], {}, scope=scope, until=START + 33 * DAY)[-1]

        assert settled.kind == "settled"
        assert settled.counts["n:served"] == 1
        assert settled.sums["loss:served"] == to_fixed(0.5)
        if task == "multiclass":
            assert from_fixed(settled.sums["expected:served"]) == pytest.approx(0.562335, abs=1e-6)
            assert settled.counts["right:7"] == 1
        else:
            assert "expected:served" not in settled.sums
