"""Runs a pipeline over its history: what would have been predicted, learned, alarmed, retrained and rolled back.

A run folder holds all of it: run.json (what was run), one file of JSON lines for each kept topic, the registry of
releases, and the checkpoint from which the run can be resumed.
"""

import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from dashboards.story.run import Run, write_run
from infra.pipeline import load, pipeline_hash
from infra.sections import Pipeline
from infra.settings import release_key
from infra.wiring import BASELINES, Wiring
from models.releases.libraries import libraries
from models.releases.registry import Registry
from monitors.sinks import JsonLines
from streams import lockstep
from streams.errors import StopError
from streams.log import checkpoint
from streams.log.memory import MemoryLog
from streams.sources import history, parse_injection
from streams.sources.times import second
from streams.stage import Stage
from streams.worker import Worker

_CHECKPOINT_EVERY_S = 30 * 86400.0
_BATCH = 1000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to run: a pipeline file, where to write, and what would have been different.

    `start` and `end` are texts in the pipeline's time zone; `resume` goes on from the folder's checkpoint.
    """

    file: Path
    out: Path
    start: str | None = None
    end: str | None = None
    seed: int | None = None
    injections: tuple[str, ...] = ()
    resume: bool = False
    partitions: int = 1


class Pace(msgspec.Struct):
    """How far a run has come: events done, of how many (None: unknown), and the time (s) that it simulates."""

    done: int = 0
    total: int | None = None
    at: float = 0.0


class Stopped(Exception):  # noqa: N818 not an error: somebody wanted it
    """The run was stopped and can be resumed."""


class _Timed:
    """A worker with a stopwatch, for the table of costs: nothing is decided by it."""

    def __init__(self, worker: Worker) -> None:
        self.stage: Stage = worker.stage
        self.seconds = 0.0
        self._worker = worker

    def run_once(self, wait_s: float = 0.0) -> bool:
        began = time.perf_counter()
        came = self._worker.run_once(wait_s)
        self.seconds += time.perf_counter() - began
        return came


def backtest(plan: Plan, shown: Callable[[Pace], bool] = lambda _: True) -> Run:
    """Run to the end and return what run.json holds; `shown` is told of each cut and answers False to stop.

    Raises SpecError, SourceError or StopError for what a person must mend, and `Stopped` when `shown` wanted that.
    """
    began = time.perf_counter()
    # Step 1. Read the pipeline file and its history.
    pipeline = _seeded(load(plan.file), plan.seed)
    home = plan.file.absolute().parent
    zone = pipeline.source.timezone
    start, end = (None if text is None else second(text, zone) for text in (plan.start, plan.end))
    records = history(
        pipeline.source,
        pipeline.labels,
        pipeline.lookup,
        pipeline.watched,
        home,
        pipeline.problem.task,
        [parse_injection(text, zone) for text in plan.injections],
        start,
        end,
    )
    # Step 2. Make the stages around a log, new or resumed.
    of = msgspec.json.encode([pipeline_hash(pipeline), plan.injections, plan.start, plan.end]).decode()
    wiring, log, workers, at = _set_up(plan, pipeline, home, of)
    # Step 3. Step them cut by cut.
    progress = Pace(total=records.events)
    follower = _Follower(log, plan.out, of, progress, shown)
    reached = lockstep.run(log, workers, records, pipeline.monitor.freshness, at, follower.after)
    if follower.stopped:
        checkpoint.save(log, plan.out, reached, of)
        raise Stopped(f"stopped at {progress.done:,} events; go on with --resume")
    # Step 4. Let labels that are still out settle. Nothing is decided any more: the history is over, not the world.
    settles = reached + wiring.scope.settles_s + 2 * pipeline.monitor.window
    passive = [worker for worker in workers if worker.stage.name in ("score", "join", "aggregate", "observe")]
    lockstep.finish(log, passive, settles, reached)
    checkpoint.save(log, plan.out, reached, of)
    # Step 5. Say what was run.
    run = _described(plan, pipeline, wiring, follower, workers, time.perf_counter() - began)
    write_run(plan.out, run)
    return run


class _Follower:
    """Counts, shows, and saves a checkpoint now and then, after each cut."""

    def __init__(self, log: MemoryLog, folder: Path, of: str, progress: Pace, shown: Callable[[Pace], bool]) -> None:
        self._log, self._folder, self._of = log, folder, of
        self.pace, self._shown = progress, shown
        self.first: float | None = None
        self._saved = 0.0
        self.stopped = False

    def after(self, at: float) -> bool:
        """Take note of the time reached; answer False to stop there."""
        self.first = at if self.first is None else self.first
        self._saved = self._saved or at
        self.pace.done = sum(self._log.ends("events").values())
        self.pace.at = at
        self.stopped = not self._shown(self.pace)
        if not self.stopped and at - self._saved >= _CHECKPOINT_EVERY_S:
            checkpoint.save(self._log, self._folder, at, self._of)
            self._saved = at
        return not self.stopped


def _seeded(pipeline: Pipeline, seed: int | None) -> Pipeline:
    if seed is None or pipeline.model is None:
        return pipeline
    return pipeline.model_copy(update={"model": pipeline.model.model_copy(update={"seed": seed})})


def _set_up(plan: Plan, pipeline: Pipeline, home: Path, of: str) -> tuple[Wiring, MemoryLog, list[_Timed], float]:
    """Make the stages around a log: a new one in an emptied folder, or the one of the checkpoint."""
    if not plan.resume:
        _empty(plan.out)
    kept = plan.out / "registry"
    wiring = Wiring(pipeline, home, Registry(str(kept), release_key(kept)))
    horizon_s = max((spec.over_s for spec in wiring.plan.sums), default=0.0) + 2 * pipeline.monitor.freshness
    log, at = MemoryLog(plan.partitions, plan.out, horizon_s), float("-inf")
    sinks = (JsonLines(plan.out / "alerts.jsonl"),)
    makers = wiring.stages(log, sinks)
    if plan.resume:
        log, at = checkpoint.load(plan.out, [make() for make in makers], of)
        makers = wiring.stages(log, sinks)
    stages = [make() for make in makers]
    return wiring, log, [_Timed(Worker(stage, log.seat(stage), _BATCH)) for stage in stages], at


def _empty(folder: Path) -> None:
    """Make room for a run. Raises StopError for a folder that is no run's."""
    if folder.exists() and any(folder.iterdir()):
        if not any((folder / name).exists() for name in (checkpoint.NAME, "run.json", "control-0.jsonl")):
            raise StopError(f"{folder}: is not empty and holds no run. Name another folder with --out")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _described(
    plan: Plan, pipeline: Pipeline, wiring: Wiring, follower: _Follower, workers: Sequence[_Timed], wall_s: float
) -> Run:
    problem, model, zone = pipeline.problem, pipeline.model, pipeline.source.timezone
    first, last, done = follower.first or 0.0, follower.pace.at, max(follower.pace.done, 1)
    arms = () if model is None else (model.champion, *model.challenger)
    return Run(
        name=plan.out.name,
        pipeline=str(plan.file),
        digest=pipeline_hash(pipeline),
        goal=problem.goal,
        task=problem.task,
        target=problem.target,
        metric=problem.success.metric,
        below=problem.success.below,
        above=problem.success.above,
        tolerance=problem.tolerance,
        value=wiring.setting.value,
        owners=problem.owners,
        budget=pipeline.monitor.false_incidents_per_week,
        window_s=pipeline.monitor.window,
        label_delay_s=problem.limits.label_delay,
        segments=pipeline.monitor.segments,
        distances=pipeline.monitor.distances,
        inputs=len(wiring.plan.names),
        timezone=zone,
        seed=1 if model is None else model.seed,
        start=first,
        end=last,
        warmup_end=first + (0.0 if model is None else model.warmup),
        held_out_from=None if problem.held_out_from is None else second(problem.held_out_from, zone),
        watch_only=model is None,
        injections=plan.injections,
        recipes={arm.name: arm.learner for arm in arms},
        baselines=tuple(BASELINES),
        libraries=libraries(),
        events=done,
        wall_s=wall_s,
        stages_us={worker.stage.name: worker.seconds / done * 1e6 for worker in workers},
    )
