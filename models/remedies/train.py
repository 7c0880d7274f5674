"""Remedies that make a new release by training: the first one, a newer one of the same recipe, one of another recipe.

Run: pin the outcomes known at the action's time, train, put the release into the registry, and let it begin its
rollout if it was better on later data than what served. Undo: roll back.
"""

import math
from collections.abc import Iterator
from itertools import islice, takewhile
from typing import Any

from models.calibration.calibrators import Identity
from models.releases.contents import ReleaseContents
from models.remedies.port import Done, Recipe, Situation
from models.rollout.table import Event, Named, advance, begin
from models.spec import ArmSpec
from models.training.history import collect, read
from models.training.judge import calibrated
from models.training.train import Job, Trained, train
from streams.errors import LearnerError
from streams.records import Action, DeadLetter, Outcome, Score

_CHUNK = 4096

_REFERENCE_S = 122 * 86400.0
"""Drift is measured against at most the last 120 days; two more for labels that were on their way."""


def release(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Train the first release; there is nothing that it could be compared with but the fallback."""
    return _trained(recipe, situation, action, recipe.model.champion)


def retrain(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Train the champion's recipe on what is known now."""
    arms = {arm.name: arm for arm in (recipe.model.champion, *recipe.model.challenger)}
    champion = situation.lineup.champion
    return _trained(recipe, situation, action, arms[champion.arm] if champion else recipe.model.champion)


def replace(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Train a challenger's recipe (`args.arm`; the first one by default) to take the champion's place."""
    names = [arm.name for arm in recipe.model.challenger]
    wanted = action.args.get("arm", names[0] if names else "")
    if wanted not in names:
        raise LearnerError(f"replace: there is no challenger {wanted!r} in the pipeline file. There are: {names}.")
    return _trained(recipe, situation, action, recipe.model.challenger[names.index(wanted)])


def _trained(recipe: Recipe, situation: Situation, action: Action, arm: ArmSpec) -> Done:
    # Step 1. Read what was known at the time of the action.
    span = {part: (0, end) for part, end in recipe.log.ends("outcomes").items()}
    held = [(hold.since, hold.until) for hold in situation.holds]
    learner = recipe.make(arm)
    delay_s = 0.0 if learner.incremental else recipe.label_delay_s
    window = collect(
        read(recipe.log, "outcomes", span), recipe.plan.types, recipe.setting.task, action.time, delay_s, held
    )
    # Step 2. Train, and put the release into the registry.
    change = action.args.get("change")
    job = Job(arm, recipe.setting, recipe.metric, action.time, delay_s, change, recipe.model.seed)
    trained = train(job, recipe.make, window, recipe.clock)
    contents = _contents(recipe, situation, trained, span, action, _reference(recipe, trained, span, action))
    version = recipe.registry.add(contents)
    # Step 3. Begin the rollout, if it was better on later data.
    better = _better(trained)
    named = Named(version, arm.name, recipe.registry.digest(version))
    lineup = situation.lineup
    begun = begin(named, lineup.champion, lineup.previous, recipe.shares)
    event: Event = "offline_better" if better else "offline_not_better"
    what = _in_words(trained, version, arm, better or lineup.champion is None)
    step = advance(begun, event, action.due_at, what, (action.id,))
    figures = {key: value for key, value in trained.evaluation.items() if math.isfinite(value)}
    return Done(True, what, figures | {"rows": float(trained.rows)}, step.released, version)


def _reference(recipe: Recipe, trained: Trained, span: dict[int, tuple[int, int]], action: Action) -> dict[str, Any]:
    """Return what drift is measured against: what was seen until now, with the new release's own answers to it."""
    scores: dict[str, Score] = {}

    def answered() -> Iterator[Outcome]:
        read_back = (each for each in read(recipe.log, "outcomes", span) if isinstance(each, Outcome))
        recent = (each for each in read_back if each.time > action.time - _REFERENCE_S)
        known = takewhile(lambda each: each.time <= action.time, recent)
        while chunk := list(islice(known, _CHUNK)):
            given = trained.learner.predict([each.prediction.features for each in chunk])
            if not isinstance(trained.calibrator, Identity):
                given = calibrated(trained.calibrator, given)
            scores.update(zip((each.id for each in chunk), given, strict=True))
            yield from chunk

    ends = {part: (0, end) for part, end in recipe.log.ends("dead-letters").items()}
    letters = (each for each in read(recipe.log, "dead-letters", ends) if isinstance(each, DeadLetter))
    return recipe.refer(action.id, answered(), scores, (each for each in letters if each.time <= action.time))


def _better(trained: Trained) -> bool:
    """Say whether it lost less than what served, without having learned the past by heart."""
    return trained.evaluation["gain"] > 0.0 and not trained.evaluation["overfit"]


def _contents(
    recipe: Recipe,
    situation: Situation,
    trained: Trained,
    span: dict[int, tuple[int, int]],
    action: Action,
    reference: dict[str, Any],
) -> ReleaseContents:
    plan, champion = recipe.plan, situation.lineup.champion
    figures = {key: value if math.isfinite(value) else None for key, value in trained.evaluation.items()}
    return ReleaseContents(
        arm=trained.arm,
        task=recipe.setting.task,
        names=plan.names,
        types=tuple(plan.types[name] for name in plan.names),
        classes=tuple(map(str, recipe.setting.classes)),
        seed=recipe.model.seed,
        learner=trained.learner.dump(),
        plan={"digest": plan.digest, "names": list(plan.names)},
        calibrator=trained.calibrator,
        threshold=trained.threshold,
        reference=reference,
        offsets={f"outcomes/{part}": ends for part, ends in span.items()},
        window=(trained.first, action.time),
        evaluation={"release": figures},
        pipeline=recipe.pipeline,
        goal=recipe.goal,
        owners=recipe.owners,
        parents=() if champion is None else (champion.release,),
    )


def _in_words(trained: Trained, version: str, arm: ArmSpec, begins: bool) -> str:
    gain, error = trained.evaluation["gain"], trained.evaluation["gain_error"]
    beside = f"{gain:+.4f} ± {error:.4f} against what served, on later data"
    fate = "begins its rollout" if begins else "was not better and is laid aside"
    return f"release {version} of {arm.name}, trained on {trained.rows:,} outcomes: {beside}; {fate}"
