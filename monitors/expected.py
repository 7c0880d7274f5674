"""The loss that a probability expects of itself: what it would lose on average if it were calibrated."""

import math
from collections.abc import Callable
from typing import Any, TypeAlias

from models.metrics.losses import brier, class_brier, loss_for
from models.metrics.port import Task

Expect: TypeAlias = Callable[[Any], float | None]
"""From a score to its expected loss; None where it states no distribution (a number, a NaN)."""


def expectation(task: Task, metric: str) -> Expect:
    """Return the mean loss of a score under the distribution that it states, for the loss of a success metric.

    For log loss it is the entropy, for the Brier score the Gini impurity (Gneiting and Raftery 2007, Journal of the
    American Statistical Association 102, section 2.1: the entropy function of a proper score). The observed loss less
    this one has mean 0 for a calibrated model, however hard the records are.

    >>> round(expectation("binary", "log_loss")(0.5), 4), expectation("regression", "rmse")(3.0)
    (0.6931, None)
    """
    if task == "regression":
        return _nothing
    proper = loss_for(task, metric)
    if task == "binary":
        return _binary_impurity if proper is brier else _binary_entropy
    return _impurity if proper is class_brier else _entropy


def _nothing(score: float) -> None:
    return None


def _binary_entropy(p: float) -> float | None:
    if 0.0 < p < 1.0:
        return -p * math.log(p) - (1.0 - p) * math.log1p(-p)
    return 0.0 if p in (0.0, 1.0) else None


def _binary_impurity(p: float) -> float | None:
    return p * (1.0 - p) if 0.0 <= p <= 1.0 else None


def _entropy(shares: dict[str, float]) -> float | None:
    if not all(0.0 <= share <= 1.0 for share in shares.values()):
        return None
    return -math.fsum(share * math.log(share) for share in shares.values() if share > 0.0)


def _impurity(shares: dict[str, float]) -> float | None:
    if not all(0.0 <= share <= 1.0 for share in shares.values()):
        return None
    return 1.0 - math.fsum(share * share for share in shares.values())
