"""Adds up what outcomes say about the answers of a window: losses of every arm, calibration, decisions, value."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from monitors.expected import expected_loss
from monitors.scope import OTHER, Scope
from streams.exact import LARGEST, to_fixed
from streams.records import Outcome, Score, Target

BINS = 10
"""Bins of equal width of the reliability counts."""


class Judged(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept of one outcome until its window's end. `start` (s) is the window of its prediction; `sign` is -1 for
    the label that a revision replaces. `score` is the probability (binary), that of the likeliest class (multiclass) or
    the number that was served, `right` whether it came true (binary: whether the label is positive).
    """

    start: float
    sign: int
    labelled: bool
    delay_s: float
    label: Target | None
    decision: Target | None
    score: float
    right: bool
    served: str
    losses: dict[str, float]
    expected: float | None
    value: float | None
    segments: tuple[str, ...]


def judged(scope: Scope, outcome: Outcome, start: float, known: frozenset[str]) -> Judged:
    """Return what is kept of an outcome whose prediction was made in the window from `start` (s).

    `known` has the segments that are told apart; all other values of a segment field are "other". With none of them,
    segments are left out.
    """
    prediction = outcome.prediction
    answer = prediction.arms[prediction.served]
    score = max(answer.values()) if isinstance(answer, dict) else answer
    features = prediction.features
    return Judged(
        start,
        1,
        outcome.label is not None,
        outcome.delay_s,
        outcome.label,
        prediction.decision,
        score,
        outcome.label is not None and _right(answer, outcome.label),
        prediction.served,
        outcome.losses,
        expected_loss(scope.task, scope.metric, answer),
        outcome.value,
        tuple(_segment(name, features.get(name), known) for name in scope.segments) if known else (),
    )


def withdrawn(kept: Judged, answer: Score, before: Target, losses: dict[str, float], value: float | None) -> Judged:
    """Return what takes away the label that was there before, with what it had cost."""
    right = _right(answer, before)
    return msgspec.structs.replace(kept, sign=-1, label=before, losses=losses, value=value, right=right)


def add_up(scope: Scope, outcomes: Iterable[Judged]) -> tuple[Counter[str], Counter[str]]:
    """Add up outcomes of one window: counts, and fixed-point sums, by name.

    Counts: "labelled", "unlabelled", "n:ARM", "n:served|origin=JFK", "positives" (binary), "confusion:LABEL|DECISION",
    "reliability:BIN" and "right:BIN". Sums: "loss:ARM", "loss:served", "loss2:served", "expected:served", both also by
    segment as "loss:served|origin=JFK", "score:BIN", "value:served", "label_delay_s". A loss too large for a fixed-point
    sum is left out and counted as "too_large:ARM", a score that is no probability has no reliability bin.
    """
    counts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    for one in outcomes:
        if not one.labelled:
            counts["unlabelled"] += one.sign
            continue
        counts["labelled"] += one.sign
        sums["label_delay_s"] += one.sign * to_fixed(one.delay_s)
        _add_losses(one, counts, sums)
        if scope.task != "regression":
            _add_answer(scope, one, counts, sums)
        if one.value is not None and abs(one.value) <= LARGEST:
            sums["value:served"] += one.sign * to_fixed(one.value)
    return counts, sums


def add_baselines(scope: Scope, counts: Counter[str], sums: Counter[str]) -> None:
    """Add what two deciders without a model would have earned (binary): "value:always" and "value:never"."""
    if scope.task != "binary" or scope.value is None:
        return
    positives, negatives = counts["positives"], counts["labelled"] - counts["positives"]
    table = scope.value
    sums["value:always"] = to_fixed(table.hit) * positives + to_fixed(table.false_alarm) * negatives
    sums["value:never"] = to_fixed(table.miss) * positives + to_fixed(table.correct_rejection) * negatives


def _add_losses(one: Judged, counts: Counter[str], sums: Counter[str]) -> None:
    sign = one.sign
    for arm, loss in one.losses.items():
        if not abs(loss) <= LARGEST:
            counts[f"too_large:{arm}"] += sign
            continue
        fixed = sign * to_fixed(loss)
        counts[f"n:{arm}"] += sign
        sums[f"loss:{arm}"] += fixed
        if arm != one.served:
            continue
        square = min(loss * loss, LARGEST)
        counts["n:served"] += sign
        sums["loss:served"] += fixed
        sums["loss2:served"] += sign * to_fixed(square)
        expected = None if one.expected is None else sign * to_fixed(one.expected)
        if expected is not None:
            sums["expected:served"] += expected
        for segment in one.segments:
            counts[f"n:served|{segment}"] += sign
            sums[f"loss:served|{segment}"] += fixed
            if expected is not None:
                sums[f"expected:served|{segment}"] += expected


def _add_answer(scope: Scope, one: Judged, counts: Counter[str], sums: Counter[str]) -> None:
    if 0.0 <= one.score <= 1.0:
        place = min(int(one.score * BINS), BINS - 1)
        counts[f"reliability:{place}"] += one.sign
        counts[f"right:{place}"] += one.sign * one.right
        sums[f"score:{place}"] += one.sign * to_fixed(one.score)
    if scope.task == "binary":
        counts["positives"] += one.sign * one.right
    if one.decision is not None:
        counts[f"confusion:{_text(one.label)}|{_text(one.decision)}"] += one.sign


def likeliest(answer: dict[str, float]) -> str:
    """Return the class of the highest probability; of equal ones, the last by name."""
    return max(answer, key=lambda name: (answer[name], name))


def _right(answer: Score, label: Target) -> bool:
    return likeliest(answer) == label if isinstance(answer, dict) else label == 1.0


def _segment(name: str, value: Any, known: frozenset[str]) -> str:
    segment = f"{name}={value}"
    return segment if segment in known else f"{name}={OTHER}"


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
