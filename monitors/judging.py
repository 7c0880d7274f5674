"""What is kept of an outcome until it is added to the sums of its window."""

import msgspec

from monitors.expected import Expect
from monitors.layout import Layout
from streams.records import Outcome, Score, Target, Values

BINS = 10
"""Bins of equal width in which the reliability of scores is counted."""


class Judged(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is kept of one outcome until the end of the window in which it became known.

    `start` (s) is the window of its prediction, `sign` is -1 for the label that a revision replaces. `score` is the
    probability (binary), that of the likeliest class (multiclass) or the number that was served, `right` whether it
    came true (binary: whether the label is positive).
    """

    start: float
    sign: int
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


def judged(expect: Expect, outcome: Outcome, start: float, layout: Layout | None) -> Judged:
    """Return what is kept of an outcome whose prediction was made in the window from `start` (s).

    Segments are those of the layout; without one they are left out.
    """
    prediction = outcome.prediction
    served = prediction.served
    answer = prediction.arms[served]
    label = outcome.label
    return Judged(
        start,
        1,
        outcome.delay_s,
        label,
        prediction.decision,
        max(answer.values()) if isinstance(answer, dict) else answer,
        label is not None and _right(answer, label),
        served,
        outcome.losses,
        expect(answer),
        outcome.value,
        () if layout is None else _segments(layout, prediction.features),
    )


def withdrawn(kept: Judged, answer: Score, before: Target, losses: dict[str, float], value: float | None) -> Judged:
    """Return what takes away the label that was there before, with what it had cost."""
    right = _right(answer, before)
    return msgspec.structs.replace(kept, sign=-1, label=before, losses=losses, value=value, right=right)


def likeliest(answer: dict[str, float]) -> str:
    """Return the class of the highest probability; of equal ones, the last by name."""
    return max(answer, key=lambda name: (answer[name], name))


def _segments(layout: Layout, features: Values) -> tuple[str, ...]:
    """The segments of a record as names of sums: "served|origin=JFK"."""
    return tuple([named.get(features.get(name), other) for name, (named, other) in layout.sums.items()])


def _right(answer: Score, label: Target) -> bool:
    return likeliest(answer) == label if isinstance(answer, dict) else label == 1.0
