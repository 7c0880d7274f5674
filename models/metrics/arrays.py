"""The gate of all metrics: records to arrays, and arrays that make no sense refused.

NaN and infinity are refused, never counted: an event that could not be scored is answered by the fallback, and that
is counted as coverage elsewhere.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.metrics.port import Setting
from streams.errors import RecordError
from streams.records.record import Score, Target

_LARGEST = 1e100
_SUM_ERROR = 1e-6


def from_records(
    setting: Setting, labels: Sequence[Target], scores: Sequence[Score]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return labels and scores of records as `Scores.update` wants them, classes in the order of the setting.

    A class that a score does not name has probability 0. Raises RecordError for a label that is no class.

    >>> from_records(Setting("multiclass", classes=("sky", "grass")), ["grass"], [{"grass": 0.75, "sky": 0.25}])
    (array([1.]), array([[0.25, 0.75]]))
    """
    if setting.task != "multiclass":
        return np.array(labels, dtype=np.float64), np.array(scores, dtype=np.float64)
    places = {name: place for place, name in enumerate(setting.classes)}
    for row, label in enumerate(labels):
        if label not in places:
            raise RecordError("unknown_class", f"y[{row}]", repr(label), f"Declare it among {setting.classes}.")
    y = np.array([places[label] for label in labels], dtype=np.float64)
    rows = [[score.get(str(name), 0.0) for name in setting.classes] for score in scores if isinstance(score, dict)]
    return y, np.array(rows, dtype=np.float64).reshape(-1, len(places))


def checked(setting: Setting, y: NDArray[Any], p: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """Return clean copies: `y` as bool, class index or float by task, `p` as contiguous floats.

    Raises RecordError that names the first row at fault: shapes that differ, a binary label but 0 and 1, a class
    index out of range, a probability outside [0, 1], rows of probabilities that do not sum to 1, or a number that
    is not finite or beyond 1e100.
    """
    labels, answers = np.asarray(y, dtype=np.float64), np.ascontiguousarray(p, dtype=np.float64)
    wanted = (len(labels), len(setting.classes)) if setting.task == "multiclass" else (len(labels),)
    if labels.ndim != 1 or answers.shape != wanted:
        raise RecordError("shape", "p", f"{answers.shape} for {labels.shape} labels", f"Give p of shape {wanted}.")
    if setting.task == "regression":
        _refuse("too_large", "y", labels, np.abs(labels) <= _LARGEST, "Give finite numbers up to 1e100.")
        _refuse("too_large", "p", answers, np.abs(answers) <= _LARGEST, "Give finite numbers up to 1e100.")
        return labels, answers
    probable = (answers >= 0.0) & (answers <= 1.0)
    if setting.task == "binary":
        _refuse("label", "y", labels, (labels == 0.0) | (labels == 1.0), "Give 0 or 1.")
        _refuse("probability", "p", answers, probable, "Give the probability of the positive class, 0 to 1.")
        return labels == 1.0, answers
    count = len(setting.classes)
    known = (labels >= 0.0) & (labels < count) & (labels == np.floor(labels))
    _refuse("label", "y", labels, known, f"Give a class index from 0 to {count - 1}.")
    _refuse("probability", "p", answers, probable.all(axis=1), "Give probabilities, 0 to 1.")
    _refuse("sum", "p", answers, np.abs(answers.sum(axis=1) - 1.0) <= _SUM_ERROR, "Make each row sum to 1.")
    return labels.astype(np.int64), answers


def decisions(setting: Setting, p: NDArray[np.float64], decided: NDArray[Any] | None) -> NDArray[Any]:
    """Return what was decided: as given, or by threshold (binary, `p` at least) or most probable class (the first).

    Given decisions are 0 or 1 (binary) or class indices; RecordError for others. Regression decides its number.
    """
    if decided is not None and setting.task != "regression":
        kinds = 2 if setting.task == "binary" else len(setting.classes)
        taken = np.asarray(decided, dtype=np.float64)
        if taken.shape != p.shape[:1]:
            raise RecordError("shape", "decided", str(taken.shape), f"Give shape {p.shape[:1]}.")
        known = (taken >= 0.0) & (taken < kinds) & (taken == np.floor(taken))
        _refuse("decision", "decided", taken, known, f"Give 0 to {kinds - 1}.")
        return taken.astype(np.int64)
    if setting.task == "binary":
        return p >= setting.threshold
    return p.argmax(axis=1) if setting.task == "multiclass" else p


def _refuse(code: str, name: str, values: NDArray[np.float64], good: Any, remedy: str) -> None:
    if not good.all():
        row = int(np.argmin(good))
        raise RecordError(code, f"{name}[{row}]", str(values[row]), remedy)
