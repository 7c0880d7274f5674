"""Puts a pipeline together: the only place where rooms, adapters and settings meet."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from infra.pipeline import pipeline_hash
from infra.sections import Pipeline
from infra.settings import privacy_key
from models.calibration.threshold import calibrated_threshold
from models.learners import build
from models.learners.port import Learner
from models.metrics.losses import loss_for
from models.metrics.port import Setting, ValueTable
from models.metrics.value import value_of
from models.model import Model, restored
from models.releases.registry import Registry
from models.remedies.port import Recipe
from models.rollout.steer import Steer
from models.spec import ArmSpec
from models.stages.act import Act
from models.stages.learn import Learn
from models.stages.score import ScoreStage
from models.training.history import read
from monitors.calibrate import build_reference
from monitors.policy import rules_of
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.sinks import Sink
from monitors.stages.notify import Notify
from monitors.stages.observe import Observe
from monitors.stages.watch import Setting as WatchSetting
from monitors.stages.watch import Watch
from streams.contract import Contract
from streams.features.plan import Plan, compile_plan
from streams.features.port import Context, Type
from streams.log.port import Log
from streams.records import DeadLetter, Outcome, Prediction, Score, Target
from streams.stage import Stage
from streams.stages.aggregate import Aggregate
from streams.stages.join import Join

BASELINES = {"mean": "baseline.mean", "last": "baseline.last", "recent": "baseline.recent"}
"""Arms that always run: the mean (or majority) so far, the last label, the recent rate. The first is the fallback."""


class Wiring:
    """Makes the stages of one pipeline around one log and one registry.

    Stages are made anew at each call, so that a worker that takes over starts from nothing but the log.
    """

    def __init__(self, pipeline: Pipeline, home: Path, registry: Registry) -> None:
        """Compile the plan of features; `home` is the folder of the pipeline file. Raises SpecError."""
        self.pipeline = pipeline
        self.name = home.name
        self.registry = registry
        label: Type = "category" if pipeline.problem.task == "multiclass" else "numeric"
        self.plan: Plan = compile_plan(
            pipeline.field,
            pipeline.feature,
            Context(key=pipeline.source.key, timezone=pipeline.source.timezone, folder=str(home), label=label),
        )
        self.setting = _setting(pipeline, self.plan)

    @cached_property
    def standing(self) -> dict[str, ArmSpec]:
        """The arms that answer from the start: baselines, or what is watched, and incremental challengers."""
        if self.pipeline.watched is not None:
            watched = ArmSpec(name="watched", learner="watched", params={"column": self.pipeline.watched.column})
            return {"watched": watched} | _baselines()
        model = self.pipeline.model
        arms = () if model is None else model.challenger
        return _baselines() | {arm.name: arm for arm in arms if self.make(arm).incremental}

    def make(self, arm: ArmSpec) -> Learner:
        """Return an untaught learner of an arm."""
        problem, model, plan = self.pipeline.problem, self.pipeline.model, self.plan
        types = [plan.types[name] for name in plan.names]
        return build(arm, problem.task, plan.names, types, problem.classes, 1 if model is None else model.seed)

    def fetch(self, release: str) -> Model:
        """Return a release as it serves."""
        return restored(self.registry.get(release), self.make)

    def judge(self, prediction: Prediction, label: Target) -> tuple[dict[str, float], float | None]:
        """Return the loss of each arm, and the value of what was decided."""
        setting, loss = self.setting, self._loss
        losses = {arm: loss(label, score) for arm, score in prediction.arms.items()}
        if setting.value is None or prediction.decision is None:
            return losses, None
        return losses, value_of(setting.value, setting.task, label, prediction.decision)

    @cached_property
    def _loss(self) -> Callable[[Any, Any], float]:
        return loss_for(self.setting.task, self.pipeline.problem.success.metric)

    @cached_property
    def scope(self) -> Scope:
        """What monitors look at."""
        problem, monitor = self.pipeline.problem, self.pipeline.monitor
        fields = {
            field.name: "categorical" if field.type == "str" else "numeric"
            for field in self.pipeline.field
            if field.personal is None and field.type != "time"
        }
        return Scope(
            fields=fields,  # type: ignore[arg-type]
            segments=monitor.segments,
            window_s=monitor.window,
            label_delay_s=problem.limits.label_delay,
            grid_s=monitor.freshness,
            revisions_s=problem.limits.revisions,
            task=problem.task,
            metric=problem.success.metric,
            value=self.setting.value,
            timezone=self.pipeline.source.timezone,
            distances=monitor.distances,
            false_incidents_per_week=monitor.false_incidents_per_week,
        )

    def reference(self, release: str) -> Reference | None:
        """Return the drift reference of a release, None if it has none."""
        kept = self.registry.get(release).reference
        return msgspec.convert(kept, Reference) if kept else None

    def stages(self, log: Log, sinks: Sequence[Sink]) -> list[Callable[[], Stage]]:
        """Return what makes each stage, in the way of a record."""
        pipeline = self.pipeline
        limits, freshness = pipeline.problem.limits, pipeline.monitor.freshness
        made: list[Callable[[], Stage]] = [
            self._score,
            lambda: Join(limits.label_delay, limits.revisions, freshness, self.judge),
            lambda: Aggregate(self.plan.sums, freshness),
            lambda: Observe(self.scope, self.reference, self.judge),
        ]
        if pipeline.model is not None:
            made.append(lambda: self._learn(log))
        made.append(self._watch)
        if pipeline.model is not None:
            made.append(lambda: Act(self._recipe(log)))
        made.append(lambda: Notify(sinks))
        return made

    def _watch(self) -> Watch:
        problem, model, monitor = self.pipeline.problem, self.pipeline.model, self.pipeline.monitor
        rules = rules_of(self.pipeline.policy, self.name, problem.limits.retrain_per_week, monitor.freshness)
        setting = WatchSetting(
            scope=self.scope,
            rules=rules,
            tolerance=problem.tolerance,
            detectors=monitor.detectors,
            warmup_s=None if model is None else model.warmup,
        )
        return Watch(setting, self.reference, Steer(self.pipeline.rollout, problem.tolerance, rules.lead_s))

    def _score(self) -> ScoreStage:
        threshold = self.setting.threshold
        standing = {
            name: Model(name, self.setting.task, self.make(arm), threshold=threshold)
            for name, arm in self.standing.items()
        }
        return ScoreStage(self.contract(), self.plan, standing, self.fetch, self.pipeline.monitor.freshness)

    def contract(self) -> Contract:
        """Return the compiled contract of events."""
        source, fields = self.pipeline.source, self.pipeline.field
        hashed = any(field.personal is not None and field.personal.treat == "hash" for field in fields)
        return Contract(
            fields,
            self.pipeline.rule,
            future_s=self.pipeline.monitor.freshness,
            lateness_s=source.lateness,
            zone=ZoneInfo(source.timezone),
            secret=privacy_key(hashed),
            remember_s=max(86400.0, source.lateness),
        )

    def _learn(self, log: Log) -> Learn:
        model = self.pipeline.model
        every_s = 3600.0 if model is None else model.snapshots

        def adopt(release: str) -> tuple[Learner, Iterable[Outcome]] | None:
            contents = self.registry.get(release)
            learner = restored(contents, self.make).learner
            return (learner, _since(log, contents.window[1])) if learner.incremental else None

        return Learn(tuple(self.standing), lambda name: self.make(self.standing[name]), adopt, every_s)

    def _recipe(self, log: Log) -> Recipe:
        problem, model = self.pipeline.problem, self.pipeline.model
        if model is None:
            raise ValueError("a pipeline that only watches has no recipe")
        return Recipe(
            log=log,
            registry=self.registry,
            make=self.make,
            setting=self.setting,
            metric=problem.success.metric,
            model=model,
            plan=self.plan,
            shares=self.pipeline.rollout.split,
            label_delay_s=problem.limits.label_delay,
            pipeline=pipeline_hash(self.pipeline),
            goal=problem.goal,
            owners=problem.owners,
            refer=self._refer,
            clock=time.perf_counter,
        )

    def _refer(
        self, name: str, outcomes: Iterable[Outcome], scores: Mapping[str, Score], letters: Iterable[DeadLetter]
    ) -> dict[str, Any]:
        return dict(msgspec.to_builtins(build_reference(name, outcomes, self.scope, scores, letters)))


def _baselines() -> dict[str, ArmSpec]:
    return {name: ArmSpec(name=name, learner=learner) for name, learner in BASELINES.items()}


def _setting(pipeline: Pipeline, plan: Plan) -> Setting:
    """Return what metrics need to know; the threshold is that of calibrated scores."""
    problem = pipeline.problem
    value = None if problem.value is None else ValueTable(**problem.value.model_dump())
    threshold = calibrated_threshold(value) if problem.task == "binary" and value is not None else 0.5
    return Setting(problem.task, problem.classes, threshold, len(plan.names), value=value)


def _since(log: Log, known: float) -> Iterator[Outcome]:
    """Yield the outcomes that became known after a moment (s), in order."""
    span = {part: (0, end) for part, end in log.ends("outcomes").items()}
    return (each for each in read(log, "outcomes", span) if isinstance(each, Outcome) and each.time > known)
