"""The loss of one answer, in plain Python: what the join computes for every arm of every outcome."""

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from models.metrics.port import Task
from models.metrics.proper import CLIP
from streams.errors import RecordError
from streams.records.record import Target

Loss: TypeAlias = Callable[[Any, Any], float]
"""(label, score) -> loss; lower is better; RecordError for a score that is no answer, such as NaN."""


def log_loss(y: Target, p: float) -> float:
    """Negative log of the probability given to the label 0 or 1, clipped at 1e-15.

    >>> round(log_loss(1.0, 0.8), 4)
    0.2231
    """
    if not 0.0 <= p <= 1.0:
        raise RecordError("probability", "score", repr(p), "The learner must answer a probability, 0 to 1.")
    given = p if y else 1.0 - p
    return -math.log(given if given > CLIP else CLIP)


def brier(y: Target, p: float) -> float:
    """Squared distance between the probability of the positive class and the label 0 or 1."""
    if not 0.0 <= p <= 1.0:
        raise RecordError("probability", "score", repr(p), "The learner must answer a probability, 0 to 1.")
    return (1.0 - p if y else p) ** 2


def class_log_loss(y: Target, p: Mapping[Any, float]) -> float:
    """Negative log of the probability given to the class that came; a class that is not named has none."""
    return log_loss(1.0, p.get(y, 0.0))


def class_brier(y: Target, p: Mapping[Any, float]) -> float:
    """Sum over the classes of the squared distance between probability and what came."""
    missing = 0.0 if y in p else 1.0
    return missing + sum(brier(float(name == y), given) for name, given in p.items())


def absolute_error(y: float, p: float) -> float:
    """Distance between answer and label."""
    error = abs(p - y)
    if not math.isfinite(error):
        raise RecordError("not_finite", "score", f"{p!r} for label {y!r}", "The learner must answer a finite number.")
    return error


def squared_error(y: float, p: float) -> float:
    """Squared distance between answer and label."""
    return absolute_error(y, p) ** 2


_DEFAULT: dict[Task, Loss] = {"binary": log_loss, "multiclass": class_log_loss, "regression": absolute_error}

LOSSES: dict[tuple[Task, str], Loss] = {
    ("binary", "brier"): brier,
    ("multiclass", "brier"): class_brier,
    ("regression", "rmse"): squared_error,
    ("regression", "r2"): squared_error,
    ("regression", "adjusted_r2"): squared_error,
}
"""Success metrics that are judged by another loss than their task's own."""


def loss_for(task: Task, metric: str) -> Loss:
    """Return the loss by which arms are compared when `metric` is the success metric.

    The metric's own loss where it is a mean of losses (log loss, Brier, MAE; the squared error for RMSE and R2),
    else the task's proper one: log loss for probabilities, absolute error for numbers.
    """
    return LOSSES.get((task, metric), _DEFAULT[task])


def loss(task: Task, y: Target, p: Any) -> float:
    """Return the task's own loss of one answer: log loss, or absolute error.

    >>> loss("regression", 3.0, 5.0)
    2.0
    """
    return _DEFAULT[task](y, p)
