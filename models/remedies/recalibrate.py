"""The cheapest remedy for a model: fit its calibrator anew on recent outcomes and leave the learner alone.

Run: on the outcomes of the last 30 days, fit on the earlier half and keep the calibrator only if it lowers the loss on
the later half; then fit it on all of them. Undo: roll back. Source: Platt, "Probabilistic outputs for support vector
machines" (1999), section 2.2, by way of `models.calibration`.
"""

import msgspec
import numpy as np

from models.calibration import CALIBRATORS
from models.metrics.losses import loss_for
from models.model import restored
from models.remedies.port import Done, Recipe, Situation
from models.rollout.table import Named, advance, begin
from models.training.history import Window, collect, read
from models.training.judge import answers, calibrated
from streams.errors import LearnerError
from streams.records import Action, Score

_RECENT_S = 30 * 86400.0
_LEAST = 200


def recalibrate(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Give the champion a calibrator of recent outcomes. Raises LearnerError where that is impossible."""
    champion = situation.lineup.champion
    if champion is None or recipe.setting.task != "binary":
        raise LearnerError("recalibrate: it takes a champion of a binary task. Let the policy retrain instead.")
    contents = recipe.registry.get(champion.release)
    window = _recent(recipe, situation, action)
    raw = np.array(answers(restored(contents, recipe.make).learner, window), dtype=np.float64)
    name = contents.arm.calibrate if contents.arm.calibrate != "none" else "platt"
    half = len(window) // 2
    fitted = CALIBRATORS[name](raw[:half], window.y[:half])
    before = _loss(recipe, window.y[half:], calibrated(contents.calibrator, raw[half:].tolist()))
    after = _loss(recipe, window.y[half:], calibrated(fitted, raw[half:].tolist()))
    figures = {"gain": before - after, "loss": after, "rows": float(len(window))}
    if after >= before:
        return Done(True, f"{name} on recent outcomes did not help ({before - after:+.4f}); nothing changed", figures)
    version = recipe.registry.add(
        msgspec.structs.replace(
            contents,
            calibrator=CALIBRATORS[name](raw, window.y),
            parents=(champion.release,),
            evaluation={"release": figures},
            version="",
        )
    )
    gain = f"{before - after:+.4f} on later outcomes"
    what = f"release {version}: {champion.release} with a new {name} calibrator, {gain}"
    named = Named(version, champion.arm, recipe.registry.digest(version))
    begun = begin(named, champion, situation.lineup.previous, recipe.shares)
    step = advance(begun, "offline_better", action.due_at, what, (action.id,))
    return Done(True, what, figures, step.released, version)


def _recent(recipe: Recipe, situation: Situation, action: Action) -> Window:
    span = {part: (0, end) for part, end in recipe.log.ends("outcomes").items()}
    outcomes = (each for each in read(recipe.log, "outcomes", span) if each.time > action.time - _RECENT_S)
    held = [(hold.since, hold.until) for hold in situation.holds]
    window = collect(outcomes, recipe.plan.types, "binary", action.time, recipe.label_delay_s, held)
    if len(window) < _LEAST:
        raise LearnerError(f"recalibrate: {_LEAST} recent outcomes are wanted, got {len(window)}. Wait for more.")
    return window


def _loss(recipe: Recipe, y: "np.ndarray[tuple[int], np.dtype[np.float64]]", scores: list[Score]) -> float:
    loss = loss_for("binary", recipe.metric)
    return float(np.mean([loss(label, score) for label, score in zip(y.tolist(), scores, strict=True)]))
