"""Business value per event, beside what two deciders without a model would have earned: always act, never act."""

import math

from models.metrics.confusion import Confusion
from models.metrics.port import Setting, Tally, ValueTable
from models.metrics.regression import Errors, mae
from streams.records.record import Target


def value_of(table: ValueTable, task: str, label: Target, decision: Target) -> float:
    """Return the value of one event, from its label and the decision that was taken.

    >>> value_of(ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0), "binary", 1.0, 0.0)
    -20.0
    """
    if task == "binary":
        if label:
            return table.hit if decision else table.miss
        return table.false_alarm if decision else table.correct_rejection
    if isinstance(label, str) or isinstance(decision, str) or task == "multiclass":
        return table.per_error if label != decision else 0.0
    return table.per_error * abs(decision - label)


def tally(setting: Setting) -> Tally:
    """Return the tally from which value is read: decisions, or errors of numbers."""
    return Errors(setting) if setting.task == "regression" else Confusion(setting)


def value(counted: Confusion | Errors, setting: Setting) -> float:
    """Mean value per event of the decisions; nan where no value is declared."""
    table = setting.value
    if table is None:
        return math.nan
    if isinstance(counted, Errors):
        return table.per_error * mae(counted, setting)
    if setting.task == "multiclass":
        wrong = int(counted.counts.sum() - counted.counts.trace())
        return _per_event(counted, table.per_error * wrong)
    (rejections, false_alarms), (misses, hits) = counted.counts.tolist()
    return _per_event(
        counted,
        table.hit * hits
        + table.miss * misses
        + table.false_alarm * false_alarms
        + table.correct_rejection * rejections,
    )


def value_always(counted: Confusion, setting: Setting) -> float:
    """Mean value per event of acting on every event; nan where no value is declared."""
    table = setting.value
    if table is None:
        return math.nan
    negatives, positives = counted.counts.sum(axis=1).tolist()
    return _per_event(counted, table.hit * positives + table.false_alarm * negatives)


def value_never(counted: Confusion, setting: Setting) -> float:
    """Mean value per event of never acting; nan where no value is declared."""
    table = setting.value
    if table is None:
        return math.nan
    negatives, positives = counted.counts.sum(axis=1).tolist()
    return _per_event(counted, table.miss * positives + table.correct_rejection * negatives)


def _per_event(counted: Confusion, total: float) -> float:
    events = int(counted.counts.sum())
    return total / events if events else math.nan
