"""From a history to a learner that can serve, with the evidence for it.

1. Lay out blocks of time. 2. Search, if there is anything to choose. 3. Fit the choice up to the test block and score
it there, beside what served at that time and every other arm. 4. Keep a calibrator only if it helps there.
5. Fit on everything. 6. Take the threshold that is worth most.
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.calibration import CALIBRATORS
from models.calibration.calibrators import Calibrator, Identity
from models.calibration.threshold import calibrated_threshold
from models.learners.port import Learner
from models.metrics.losses import loss_for
from models.metrics.port import Setting
from models.spec import ArmSpec
from models.training.ground import Ground
from models.training.history import Window
from models.training.judge import Clock, Judge, Make, answers, calibrated, fit_on, measured, overfits
from models.training.search import Tried, search
from models.training.split import lay_out
from streams.records import Score, Target

_DAY_S = 86400.0


class Job(msgspec.Struct, frozen=True):
    """What is wanted: an arm, trained at the time `at` (s), judged by `metric`.

    `setting` has task, classes and value; its threshold is used where no value is declared. `change` is the time (s)
    of the last change that is known of. `seed` is the search's.
    """

    arm: ArmSpec
    setting: Setting
    metric: str
    at: float
    label_delay_s: float
    change: float | None = None
    seed: int = 1


class Trained(msgspec.Struct, frozen=True):
    """A learner fitted on everything in its window, and how the same recipe did on the test block before.

    `arm` is the chosen one. `evaluation` has the task's metrics on the test block by name (nan where undefined), and

    - `loss`: mean loss of the candidate; `<arm>.loss`: of every arm that answered all of the block, when it answered;
      `served.loss`: of what served then;
    - `gain`: `served.loss` less `loss`, above 0 if the candidate is better, with its standard error over day blocks,
      `gain_error`; both nan where nothing served yet;
    - `value_gain`: what the candidate's decisions were worth more per event than the served ones;
    - `gap`, `overfit` (0 or 1), `test_rows`, `fits` (all fits that this training took).

    `table` has what was tried; `rows`, `first` and `last` (s, prediction times) say what it was fitted on; `fit_s` is
    measured and decides nothing.
    """

    arm: ArmSpec
    learner: Learner
    calibrator: Calibrator
    threshold: float | None
    evaluation: dict[str, float]
    table: tuple[Tried, ...]
    rows: int
    first: float
    last: float
    fit_s: float


def train(job: Job, make: Make, history: Window, clock: Clock) -> Trained:
    """Search, evaluate and fit. Raises LearnerError where the history is too short or the learner cannot be fitted."""
    setting = msgspec.structs.replace(job.setting, threshold=_threshold(job.setting))
    judge = Judge(setting, job.metric)
    # Step 1. Lay out blocks of time.
    blocks = lay_out(history, job.label_delay_s, job.change)
    ground = Ground(history, blocks, job.label_delay_s, job.change, judge, make, clock)
    # Step 2. Search.
    found = search(job.arm, ground, job.seed)
    name = str(found.arm.window)
    # Step 3. Fit up to the test block and score there.
    test = ground.block(blocks.test)
    earlier = ground.trains(name, blocks.test.start) or ground.trains("all", blocks.test.start) or history
    learner, fit = measured(make, found.arm, earlier, test, judge, clock)
    scores = answers(learner, test)
    # Step 4. Keep a calibrator only if it helps there.
    calibrator, fits = _calibrator(job, ground, found.arm, test, scores)
    if not isinstance(calibrator, Identity):
        scores = calibrated(calibrator, scores)
    # Step 5. Fit on everything.
    window = ground.everything(name, job.at)
    started = clock()
    final = fit_on(make, found.arm, window)
    evaluation = _beside(judge, job, test, scores)
    evaluation |= {"gap": fit.gap, "overfit": float(overfits([fit])), "fits": float(found.fits + fits + 2)}
    return Trained(
        arm=found.arm,
        learner=final,
        calibrator=calibrator,
        threshold=setting.threshold if setting.task == "binary" else None,
        evaluation=evaluation,
        table=found.table,
        rows=len(window),
        first=float(window.predicted.min()),
        last=float(window.predicted.max()),
        fit_s=clock() - started,
    )


def _threshold(setting: Setting) -> float:
    """Return the threshold of calibrated scores by value, or the setting's own without a value."""
    if setting.task != "binary" or setting.value is None:
        return setting.threshold
    return calibrated_threshold(setting.value)


def _calibrator(job: Job, ground: Ground, arm: ArmSpec, test: Window, scores: list[Score]) -> tuple[Calibrator, int]:
    """Return the calibrator that the arm wants, if it lowers the loss on the test block, and how many fits it took.

    It is fitted on the last fold, on scores of a learner that was trained before it.
    """
    block = ground.blocks.folds[-1]
    earlier = ground.trains(str(arm.window), block.start)
    if arm.calibrate == "none" or job.setting.task != "binary" or earlier is None:
        return Identity(), 0
    later = ground.block(block)
    raw = np.array(answers(fit_on(ground.make, arm, earlier), later), dtype=np.float64)
    fitted = CALIBRATORS[arm.calibrate](raw, later.y)
    helps = _losses(job, test.labels(), calibrated(fitted, scores)).mean() < _losses(job, test.labels(), scores).mean()
    return (fitted if helps else Identity()), 1


def _losses(job: Job, y: list[Target], scores: list[Score]) -> NDArray[np.float64]:
    """Return the loss of every answer, in the unit in which arms are compared."""
    loss = loss_for(job.setting.task, job.metric)
    return np.array([loss(label, score) for label, score in zip(y, scores, strict=True)])


def _beside(judge: Judge, job: Job, test: Window, scores: list[Score]) -> dict[str, float]:
    """Return metrics and losses of the candidate, the arms and what served on the test block, and the gains."""
    metrics = judge.metrics(test.labels(), scores)
    losses = _losses(job, test.labels(), scores)
    gains = test.served - losses
    arms = {f"{arm}.loss": float(each.mean()) for arm, each in test.losses.items() if not np.isnan(each).any()}
    return {
        **metrics,
        **arms,
        "loss": float(losses.mean()),
        "served.loss": float(test.served.mean()),
        "gain": float(gains.mean()),
        "gain_error": _day_error(gains, test.predicted),
        "value_gain": metrics.get("value", math.nan) - float(test.value.mean()),
        "test_rows": float(len(test)),
    }


def _day_error(gains: NDArray[np.float64], times: NDArray[np.float64]) -> float:
    """Return the standard error of the mean gain per event, days being the independent units; nan for one day.

    That of a ratio of totals: Cochran, "Sampling Techniques" (1977), section 2.11.
    """
    _, day = np.unique(times // _DAY_S, return_inverse=True)
    events = np.bincount(day)
    days = len(events)
    if days < 2:
        return math.nan
    rest = np.bincount(day, weights=gains) - gains.mean() * events
    return float(np.sqrt(np.sum(rest**2) * days / (days - 1)) / len(gains))
