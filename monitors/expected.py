"""The loss that a probability expects of itself: what it would lose on average if it were calibrated."""

import math
from collections.abc import Mapping
from typing import Any

from models.metrics.losses import brier, class_brier, loss_for
from models.metrics.port import Task


def expected_loss(task: Task, metric: str, score: Any) -> float | None:
    """Return the mean loss of a score under the distribution that it states; None where it states none (a number, a NaN).

    For log loss it is the entropy, for the Brier score the Gini impurity (Gneiting and Raftery 2007, Journal of the
    American Statistical Association 102, section 2.1: the entropy function of a proper score). The observed loss less
    this one has mean 0 for a calibrated model, however hard the records are.

    >>> round(expected_loss("binary", "log_loss", 0.5), 4), expected_loss("regression", "rmse", 3.0)
    (0.6931, None)
    """
    if task == "regression":
        return None
    shares = tuple(score.values()) if isinstance(score, Mapping) else (score, 1.0 - score)
    if not all(0.0 <= share <= 1.0 for share in shares):
        return None
    if loss_for(task, metric) in (brier, class_brier):
        # The class form sums over both classes, the binary one counts once.
        impurity = 1.0 - math.fsum(share * share for share in shares)
        return impurity if task == "multiclass" else impurity / 2.0
    return -math.fsum(share * math.log(share) for share in shares if share > 0.0)
