"""What is watched: fields, segments, windows, and how an answer is judged; made once from the pipeline file."""

import math
from typing import Literal

import msgspec

from models.metrics.port import Task, ValueTable

SCORE = "score"
"""The name under which the served answer is watched, beside the fields."""

OTHER = "other"
"""The segment of all values (and of missing ones) that the reference does not know well enough for one of their own."""


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the monitors of one pipeline.

    `fields` are the cleaned fields that are watched, in order; `segments` are those among the categorical ones whose
    values are watched apart. `window_s` divides a day. Labels come within `label_delay_s`, are given up at the next
    multiple of `grid_s`, and may be revised for `revisions_s` more. `metric` is the success metric, which decides the
    loss. Seasons are those of `timezone`. `distances` are names of `monitors.distances`.

    A field of the name "score" is refused with ValueError: it would hide the served answer.
    """

    fields: dict[str, Literal["numeric", "categorical"]]
    segments: tuple[str, ...] = ()
    window_s: float = 3600.0
    label_delay_s: float = 86400.0
    grid_s: float = 600.0
    revisions_s: float = 0.0
    task: Task = "binary"
    metric: str = "log_loss"
    value: ValueTable | None = None
    timezone: str = "UTC"
    distances: tuple[str, ...] = ("psi",)
    false_incidents_per_week: float = 1.0

    def __post_init__(self) -> None:
        if SCORE in self.fields:
            raise ValueError(f"a field named {SCORE!r} cannot be watched: the served answer has this name. Rename it")
        if unknown := [name for name in self.segments if self.fields.get(name) != "categorical"]:
            raise ValueError(f"segments must be categorical fields that are watched, got {unknown}")

    @property
    def score_kind(self) -> Literal["numeric", "categorical"]:
        """Multiclass answers are watched as the most probable class, others as numbers."""
        return "categorical" if self.task == "multiclass" else "numeric"

    @property
    def settles_s(self) -> float:
        """How long after a window's end its last label is in, or too late: a multiple of the window."""
        return math.ceil((self.label_delay_s + self.grid_s) / self.window_s) * self.window_s
