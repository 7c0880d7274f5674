"""Metrics by name. A new one: a reading (and perhaps a tally) in its file, and one entry here."""

from models.metrics import calibration_error, confusion, proper, regression, roc_auc, value
from models.metrics.calibration_error import Reliability
from models.metrics.confusion import Confusion
from models.metrics.port import Metric, Task
from models.metrics.proper import ProperScores
from models.metrics.regression import Errors
from models.metrics.roc_auc import ScoreBins

_BINARY: tuple[Task, ...] = ("binary",)
_CLASSES: tuple[Task, ...] = ("binary", "multiclass")
_NUMBERS: tuple[Task, ...] = ("regression",)
_ALL: tuple[Task, ...] = ("binary", "multiclass", "regression")

METRICS: dict[str, Metric] = {
    "log_loss": Metric(_CLASSES, -1, "nats", ProperScores, proper.log_loss),
    "brier": Metric(_CLASSES, -1, "probability squared", ProperScores, proper.brier),
    "roc_auc": Metric(_BINARY, 1, "probability", ScoreBins, roc_auc.roc_auc),
    "calibration_error": Metric(_CLASSES, -1, "probability", Reliability, calibration_error.calibration_error),
    "accuracy": Metric(_CLASSES, 1, "share", Confusion, confusion.accuracy),
    "balanced_accuracy": Metric(_CLASSES, 1, "share", Confusion, confusion.balanced_accuracy),
    "precision": Metric(_CLASSES, 1, "share", Confusion, confusion.precision),
    "recall": Metric(_CLASSES, 1, "share", Confusion, confusion.recall),
    "f1": Metric(_CLASSES, 1, "share", Confusion, confusion.f1),
    "rmse": Metric(_NUMBERS, -1, "of target", Errors, regression.rmse),
    "mae": Metric(_NUMBERS, -1, "of target", Errors, regression.mae),
    "mape": Metric(_NUMBERS, -1, "share", Errors, regression.mape),
    "r2": Metric(_NUMBERS, 1, "share", Errors, regression.r2),
    "adjusted_r2": Metric(_NUMBERS, 1, "share", Errors, regression.adjusted_r2),
    "value": Metric(_ALL, 1, "money per event", value.tally, value.value),
    "value_always": Metric(_BINARY, 1, "money per event", Confusion, value.value_always),
    "value_never": Metric(_BINARY, 1, "money per event", Confusion, value.value_never),
}
