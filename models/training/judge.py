"""One fit of one arm, and how good it is on later outcomes: by metrics, beside a rate that looks at nothing."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.calibration.calibrators import Calibrator
from models.learners.port import Learner
from models.metrics import METRICS
from models.metrics.arrays import from_records
from models.metrics.port import Setting
from models.metrics.scores import Scores
from models.spec import ArmSpec
from models.training.history import Window
from streams.records import Score, Target

Make: TypeAlias = Callable[[ArmSpec], Learner]
"""Builds a learner that has seen nothing."""

Clock: TypeAlias = Callable[[], float]
"""Seconds, for measuring only; nothing is decided by it."""

BASELINE = ArmSpec(name="rate", learner="baseline.mean")
"""What every candidate is compared with."""

_SAMPLE = 20_000
"""So many rows of those trained on are asked again, evenly spread."""

_KEEPS = 0.5
"""Of what was gained over the baseline on the rows that were trained on, at least this share must hold later."""


class Judge(msgspec.Struct, frozen=True):
    """The metric that decides, and all that it needs; costs are lower if better, whatever the metric's direction."""

    setting: Setting
    metric: str

    def metrics(self, y: Sequence[Target], scores: Sequence[Score]) -> dict[str, float]:
        """Return all metrics of the task, nan where undefined."""
        tally = Scores(self.setting)
        tally.update(*from_records(self.setting, y, scores))
        return tally.values()

    def cost(self, y: Sequence[Target], scores: Sequence[Score]) -> float:
        """Return the metric, turned so that lower is better; infinite where it is undefined."""
        tally = Scores(self.setting, [self.metric])
        tally.update(*from_records(self.setting, y, scores))
        found = -METRICS[self.metric].direction * tally.value(self.metric)
        return float(found) if np.isfinite(found) else np.inf

    def score(self, cost: float) -> float:
        """Return the metric of a cost."""
        return -METRICS[self.metric].direction * cost


class Fit(msgspec.Struct, frozen=True):
    """A fit, measured: costs of the arm and of the baseline on what was trained on and on later outcomes.

    `fit_s` (s) and `predict_us` (microseconds a row) are from a clock; `size` is bytes of the learner as dumped.
    """

    trained: float
    later: float
    base_trained: float
    base_later: float
    fit_s: float
    predict_us: float
    size: int

    @property
    def gap(self) -> float:
        """How much worse it is on later outcomes than on those that it was trained on."""
        return self.later - self.trained


def overfits(fits: Sequence[Fit]) -> bool:
    """Return whether less than half of what was gained over the baseline in training holds on later outcomes.

    Gains are compared, not costs, because some months are harder than others, for the baseline too.
    """
    trained = sum(fit.base_trained - fit.trained for fit in fits)
    later = sum(fit.base_later - fit.later for fit in fits)
    return bool(trained > 0.0 and later < _KEEPS * trained)


def fit_on(make: Make, arm: ArmSpec, train: Window) -> Learner:
    """Return a new learner of the arm, fitted."""
    learner = make(arm)
    learner.fit(train.rows, train.labels())
    return learner


def answers(learner: Learner, window: Window, calibrator: Calibrator | None = None) -> list[Score]:
    """Return the scores of all rows; a calibrator is applied to numbers only."""
    scores = learner.predict(window.rows)
    return scores if calibrator is None else calibrated(calibrator, scores)


def calibrated(calibrator: Calibrator, scores: Sequence[Score]) -> list[Score]:
    """Return binary scores as the calibrator has them."""
    plain: NDArray[Any] = np.array(scores, dtype=np.float64)
    listed: list[Score] = calibrator.apply(plain).tolist()
    return listed


def measured(make: Make, arm: ArmSpec, train: Window, later: Window, judge: Judge, clock: Clock) -> tuple[Learner, Fit]:
    """Fit the arm on one window and judge it on that and on a later one."""
    sample = train.take(np.unique(np.linspace(0, len(train) - 1, min(len(train), _SAMPLE)).astype(np.int64)))
    started = clock()
    learner = fit_on(make, arm, train)
    fitted = clock()
    scores = learner.predict(later.rows)
    asked = clock()
    base = fit_on(make, BASELINE, train)
    return learner, Fit(
        trained=judge.cost(sample.labels(), learner.predict(sample.rows)),
        later=judge.cost(later.labels(), scores),
        base_trained=judge.cost(sample.labels(), base.predict(sample.rows)),
        base_later=judge.cost(later.labels(), base.predict(later.rows)),
        fit_s=fitted - started,
        predict_us=(asked - fitted) / len(later) * 1e6,
        size=len(learner.dump()),
    )
