"""The story's figures against scikit-learn and plain sums over the same outcomes."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from sklearn.metrics import log_loss, roc_auc_score

from dashboards.story import Story, outcomes, story_json, tell, write_run
from dashboards.story.health import allowed
from models.metrics.value import value_of
from streams.errors import StopError
from streams.records import Outcome
from tests.unit.dashboards.sample_run import VALUE, empty_run, sample_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run")
    sample_run(path)
    return path


@pytest.fixture(scope="module")
def story(folder: Path) -> Story:
    return tell(folder)


def scored(folder: Path, warmup_end: float) -> list[Outcome]:
    lines = (folder / "outcomes-0.jsonl").read_bytes().splitlines()
    found = [msgspec.json.decode(line, type=Outcome) for line in lines]
    return [
        each
        for each in found
        if each.label is not None
        and each.prediction.time >= warmup_end
        and not any(flag.startswith("quarantined") for flag in each.prediction.flags)
    ]


def test_metrics_equal_those_of_scikit_learn_over_the_scored_period(folder: Path, story: Story) -> None:
    rows = scored(folder, story.run.warmup_end)
    y = [each.label for each in rows]
    served = story.arm("served")
    assert served is not None
    assert served.events == len(rows)
    for name in ("served", "online", "mean"):
        p = np.array([each.prediction.arms[each.prediction.served if name == "served" else name] for each in rows])
        arm = next(arm for arm in story.arms if arm.name == name)
        assert arm.metrics["log_loss"] == pytest.approx(log_loss(y, p), rel=1e-9)
        assert arm.metrics["roc_auc"] == pytest.approx(roc_auc_score(y, p), abs=2e-3)
    worth = [value_of(VALUE, "binary", each.label, each.prediction.decision) for each in rows]  # type: ignore[arg-type]
    assert served.metrics["value"] == pytest.approx(np.mean(worth))
    assert served.metrics["value_never"] == pytest.approx(-20.0 * np.mean(np.array(y) == 1.0))


def test_how_far_an_arm_is_behind_is_the_mean_paired_difference(folder: Path, story: Story) -> None:
    rows = [each for each in scored(folder, story.run.warmup_end) if "0002" in each.losses]
    expected = np.mean([each.losses["0002"] - each.losses[each.prediction.served] for each in rows])
    arm = next(arm for arm in story.arms if arm.name == "0002")
    assert arm.behind == pytest.approx(expected)
    assert arm.events == len(rows)


def test_months_and_periods_cover_the_whole(folder: Path, story: Story) -> None:
    served = story.arm("served")
    assert served is not None
    assert list(served.months) == ["2013-01", "2013-02", "2013-03"]
    held_out_from = story.run.held_out_from
    assert held_out_from is not None
    late = [each for each in scored(folder, held_out_from)]  # noqa: C416 - a copy for reading
    p = [each.prediction.arms[each.prediction.served] for each in late]
    assert served.periods["held out"]["log_loss"] == pytest.approx(log_loss([each.label for each in late], p))


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_chunks_of_any_size_and_partitions_tell_the_same_story(
    size: int, tmp_path: Path, folder: Path, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in folder.glob("*"):
        if not path.name.startswith("outcomes"):
            (tmp_path / path.name).symlink_to(path)
    lines = (folder / "outcomes-0.jsonl").read_bytes().splitlines(keepends=True)
    for part in range(4):
        (tmp_path / f"outcomes-{part}.jsonl").write_bytes(b"".join(lines[part::4]))
    monkeypatch.setattr(outcomes, "CHUNK", size)
    again = tell(tmp_path)
    assert [(arm.name, arm.metrics, arm.months) for arm in again.arms] == [
        (arm.name, arm.metrics, arm.months) for arm in story.arms
    ]
    assert again.answers == story.answers
    assert again.coverage == story.coverage
    assert again.quality == story.quality


def test_a_revised_label_replaces_the_one_before(tmp_path: Path) -> None:
    run = sample_run(tmp_path / "revised", days=40)
    run = msgspec.structs.replace(run, held_out_from=None)
    write_run(tmp_path / "revised", run)
    path = tmp_path / "revised" / "outcomes-0.jsonl"
    found = [msgspec.json.decode(line, type=Outcome) for line in path.read_bytes().splitlines()]
    place = next(i for i, each in enumerate(found) if each.label == 0.0 and each.prediction.time > run.warmup_end)
    other = msgspec.structs.replace(
        found[place],
        label=1.0,
        losses={arm: -float(np.log(p)) for arm, p in found[place].prediction.arms.items()},  # type: ignore[arg-type]
    )
    revision = msgspec.structs.replace(other, revision=1, before=0.0)
    path.write_bytes(b"\n".join(msgspec.json.encode(each) for each in [*found, revision]))
    revised = tell(tmp_path / "revised")
    path.write_bytes(b"\n".join(msgspec.json.encode(each) for each in [*found[:place], other, *found[place + 1 :]]))
    from_the_start = tell(tmp_path / "revised")
    assert [arm.metrics for arm in revised.arms] == [arm.metrics for arm in from_the_start.arms]
    assert revised.coverage == from_the_start.coverage
    for arm, losses in from_the_start.series.daily.items():
        assert revised.series.daily[arm] == pytest.approx(losses)


def test_arms_are_told_apart(story: Story) -> None:
    kinds = {arm.name: arm.kind for arm in story.arms}
    assert kinds == {
        "served": "served",
        "0001": "never updated",
        "0002": "release",
        "online": "challenger",
        "last": "baseline",
        "mean": "baseline",
        "recent": "baseline",
    }
    first = story.arm("never updated")
    assert first is not None
    assert (first.fits, first.labels_used) == (1, 600)


def test_incidents_are_held_against_the_budget(story: Story) -> None:
    causes = {each.cause: each for each in story.incidents}
    assert causes["concept_change"].confirmed is True
    assert causes["concept_change"].what == "the loss is higher than expected"
    assert causes["broken_upstream"].unexplained
    assert causes["unit_change"].actions == ("action|mask|wind".replace("wind", "gust"),)
    assert allowed(story.run) == pytest.approx(0.5 * 70 / 7)
    text = " ".join(story.health.sentences)
    assert "1 confirmed by later labels, 1 unexplained, 1 with a cause in the data" in text


def test_coverage_counts_every_event_once(story: Story) -> None:
    told = story.coverage
    assert told.quarantined == {"out_of_range": 12}
    assert told.refused == 3
    assert told.labelled + told.unlabelled == told.answered == 2700
    assert told.out == 0


def test_drift_shows_the_wrong_unit_and_where_new_values_can_be_told(story: Story) -> None:
    fields = {field.name: field for field in story.drift.fields}
    gust = fields["gust"]
    assert gust.unseen is not None
    assert fields["air"].unseen is None
    wrong = [i for i, start in enumerate(story.drift.columns) if 50 <= round((start - story.run.start) / 86400.0) < 58]
    assert all((gust.unseen[i] or 0.0) > 0.4 for i in wrong)
    assert all((x or 0.0) == 0.0 for i, x in enumerate(gust.unseen) if i not in wrong)
    assert ("gust", wrong[0]) in story.drift.marked
    assert [name for _, name in story.drift.references] == ["0001", "0002"]


def test_the_log_names_everything_once_and_in_order(story: Story) -> None:
    ids = [entry.id for entry in story.log]
    assert len(ids) == len(set(ids))
    assert [entry.time for entry in story.log] == sorted(entry.time for entry in story.log)
    assert {"incident|unit|1", "verdict|1", "action|mask|gust", "result|mask|gust", "command|6"} <= set(ids)


def test_nothing_came(tmp_path: Path) -> None:
    empty_run(tmp_path)
    story = tell(tmp_path)
    assert story.health.state == "unknown"
    assert story.arms == ()
    assert msgspec.json.encode(story_json(story))


def test_what_is_no_run_folder_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(StopError, match="Name the folder"):
        tell(tmp_path)
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(StopError, match="Run the backtest again"):
        tell(tmp_path)
