"""Run folder in, story out."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from dashboards.story.arms import answers, arms, coverage, series
from dashboards.story.control import control, findings, fold, marks
from dashboards.story.drift import Counted, drift, summaries
from dashboards.story.health import health
from dashboards.story.log import entries
from dashboards.story.outcomes import Told, classes_of, lines, read_outcomes
from dashboards.story.parts import Release, Story
from dashboards.story.quality import letters, quality, refusals
from dashboards.story.releases import references, releases
from dashboards.story.run import Run, read_run
from dashboards.story.unseen import weaknesses
from models.calibration.threshold import calibrated_threshold
from models.metrics import METRICS


def tell(folder: Path) -> Story:
    """Return the story of a run folder; StopError where it is none, or where it was written by another version.

    Outcomes and summaries are read once each, in memory that does not grow with them.
    """
    run = read_run(folder)
    # Step 1. What was decided: it says what each arm is.
    decided = fold(control(folder))
    made = releases(folder, decided, run.end)
    found = findings(decided)
    # Step 2. What labels say.
    classes = classes_of(folder) if run.task == "multiclass" else ()
    told = Told(run, classes, _thresholds(made), _usual(run))
    read_outcomes(told, lines(folder))
    # Step 3. What the data say.
    counted = Counted(run, references(folder))
    for summary in summaries(folder):
        counted.add(summary)
    moved = drift(counted, found)
    refused, unanswered = refusals(letters(folder))
    # Step 4. What follows from it.
    table = arms(told, decided, made)
    covered = coverage(told, unanswered)
    segments = counted.segments()
    weak = weaknesses(told, covered, moved, segments)
    done = Counter(action.kind for action in decided.actions.values())
    return Story(
        run=run,
        health=health(run, table, covered, found, dict(done), made, weak),
        arms=table,
        series=series(told),
        coverage=covered,
        answers=answers(told),
        drift=moved,
        segments=segments,
        quality=quality(told, refused),
        incidents=found,
        marks=marks(decided, found),
        log=entries(decided, run.timezone),
        releases=made,
        weaknesses=weak,
        tests=decided.tested,
        spent=decided.spent,
        metrics=_metrics(run),
    )


def story_json(story: Story) -> dict[str, Any]:
    """Return the story for programs: everything but the series and the distributions, which are for charts."""
    apart = ("series", "drift", "quality", "answers", "marks")
    return {name: msgspec.to_builtins(getattr(story, name)) for name in Story.__struct_fields__ if name not in apart}


def _metrics(run: Run) -> tuple[str, ...]:
    """Return the metrics of the task: the success metric first, then value where it is declared, then the others."""
    mine = [name for name, metric in METRICS.items() if run.task in metric.tasks]
    plain = [name for name in mine if not name.startswith("value")]
    worth = ["value"] if run.value is not None else []
    return tuple(dict.fromkeys([run.metric, *worth, *plain]))


def _thresholds(made: tuple[Release, ...]) -> dict[str, float]:
    return {release.version: release.threshold for release in made if release.threshold is not None}


def _usual(run: Run) -> float:
    """Return the threshold of arms that have none of their own: worth most if scores are calibrated, else a half."""
    if run.value is None or run.task != "binary":
        return 0.5
    return calibrated_threshold(run.value)
