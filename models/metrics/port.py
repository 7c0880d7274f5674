"""What a metric is: a mergeable tally of what was seen, and a reading of it.

Several metrics read one tally (accuracy, recall and F1 all read the confusion counts), so a chunk of events is
counted once. Every tally is a set of exact sums, hence of three laws that hold to the last bit: chunks may be of
any size, they may be merged in any order, and what was added can be taken away again (``sign=-1``), which is how a
revised label replaces the one before.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Literal, Protocol, Self, TypeAlias

import msgspec
from numpy.typing import NDArray

from streams.records.record import Target

Task: TypeAlias = Literal["binary", "multiclass", "regression"]


class ValueTable(msgspec.Struct, frozen=True):
    """What an answer is worth, in the user's money, gains positive and costs negative.

    Binary: one figure for each pair of decision and label. Otherwise `per_error`: for each wrong answer
    (multiclass), or for each unit of absolute error (regression).
    """

    hit: float = 0.0
    miss: float = 0.0
    false_alarm: float = 0.0
    correct_rejection: float = 0.0
    per_error: float = 0.0


class Setting(msgspec.Struct, frozen=True):
    """All that metrics of one pipeline need to know; tallies of equal settings can be merged.

    `classes` are the labels of a multiclass task, in the order of the columns of `p`. `threshold` decides a binary
    task when decisions are not given. `inputs` is the number of features, for adjusted R2 only.
    """

    task: Task
    classes: tuple[Target, ...] = ()
    threshold: float = 0.5
    inputs: int = 0
    bins: int = 15
    value: ValueTable | None = None


class Tally(Protocol):
    """Exact sums over events, of bounded size.

    It trusts its input, which `models.metrics.scores.Scores` has checked: `y` is bool (binary), class index
    (multiclass) or float (regression), shape (n,). `p` is what `of` says: scores (shape (n,), multiclass
    (n, classes)) or decisions (bool, or class index, shape (n,)).
    """

    of: ClassVar[Literal["score", "decision"]]

    def update(self, y: NDArray[Any], p: NDArray[Any]) -> None:
        """Add a chunk of events."""
        ...

    def merge(self, other: Self, sign: int = 1) -> None:
        """Add (1) or take away (-1) what another tally has counted."""
        ...


class Metric(msgspec.Struct, frozen=True):
    """One metric, declared once: for which tasks, which way is better (1 higher, -1 lower), and in which unit.

    `read` returns nan where the metric is undefined, and never raises.
    """

    tasks: tuple[Task, ...]
    direction: Literal[1, -1]
    unit: str
    tally: Callable[[Setting], Tally]
    read: Callable[[Any, Setting], float]

    @property
    def meaning(self) -> str:
        """What it says, in a sentence: the first line of the reading's docstring."""
        return (self.read.__doc__ or "").partition("\n")[0]
