"""Outcomes as a window to train on: labelled ones of complete cohorts, in the order in which they became known.

A cohort is complete once its labels can no longer come: until then those that have come are not like the rest (late
flights land late), and a model that learned from them would learn that.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.rows import Rows, RowsBuilder
from models.spec import Task
from streams.clock import merge
from streams.errors import StopError
from streams.features.port import Type
from streams.log.port import Log, Span
from streams.records import Outcome, Record, Target, Values

QUARANTINED = "quarantined:"
"""What begins the flag of predictions that the fallback made, because the event broke its contract."""

Held = Sequence[tuple[float, float]]
"""Intervals (from, until) (s) of prediction time that nothing may be learned from, such as a broken upstream's."""

_CHUNK = 8192

_SLACK_S = 86400.0
"""Partitions are in order of commits; no writer is aligned to stretches longer than a day."""


class Window(msgspec.Struct, frozen=True):
    """Rows and what came of them, n each, oldest known first.

    `y` has labels (float64, or object for class names); `predicted` and `known` are times (s) of the prediction and of
    the outcome. `losses` has what each arm that answered had lost (by its name, NaN where it did not answer), `served`
    that of the arm that served, `value` the business value of what was decided (NaN where none is declared).
    """

    rows: Rows
    y: NDArray[Any]
    predicted: NDArray[np.float64]
    known: NDArray[np.float64]
    losses: dict[str, NDArray[np.float64]]
    served: NDArray[np.float64]
    value: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.y)

    def take(self, places: NDArray[np.int64]) -> "Window":
        """Return the outcomes at these places, in their order."""
        return Window(
            rows=self.rows.take(places),
            y=self.y[places],
            predicted=self.predicted[places],
            known=self.known[places],
            losses={arm: each[places] for arm, each in self.losses.items()},
            served=self.served[places],
            value=self.value[places],
        )

    def labels(self) -> list[Target]:
        """Return the labels as learners want them."""
        listed: list[Target] = self.y.tolist()
        return listed


def read(log: Log, topic: str, span: Span) -> Iterator[Record]:
    """Yield the records of a pinned span of a topic in order of time, whatever the partitions are."""
    return merge((log.read(topic, {part: ends}) for part, ends in sorted(span.items())), _SLACK_S)


def collect(
    outcomes: Iterable[Record],
    types: Mapping[str, Type],
    task: Task,
    at: float,
    label_delay_s: float,
    held: Held = (),
) -> Window:
    """Return what a training at the time `at` (s) may learn from.

    `outcomes` come in order of time known (other records are passed over, StopError for another order); `types` names
    the inputs to keep. Left out are: what was known after `at`; predictions younger than `label_delay_s`; what never
    got a label; quarantined events; predictions within a held interval, its end excluded; revisions of a label, because
    learners use the first.
    """
    made = _Builder(types, task)
    last = -np.inf
    for outcome in outcomes:
        if not isinstance(outcome, Outcome):
            continue
        if outcome.time < last:
            raise StopError(
                f"training: outcome {outcome.id} of {outcome.time:.3f} came after one of {last:.3f}. "
                "Merge the partitions by time."
            )
        last = outcome.time
        predicted = outcome.prediction.time
        if outcome.label is None or outcome.before is not None or outcome.time > at or predicted > at - label_delay_s:
            continue
        if any(flag.startswith(QUARANTINED) for flag in outcome.prediction.flags):
            continue
        if any(since <= predicted < until for since, until in held):
            continue
        made.add(outcome)
    return made.done()


class _Builder:
    """Gathers outcomes, a chunk at a time, into arrays."""

    def __init__(self, types: Mapping[str, Type], task: Task) -> None:
        self._rows = RowsBuilder(types)
        self._chunk: list[Values] = []
        self._names: dict[Target, Target] = {}
        self._multiclass = task == "multiclass"
        self._y: list[Target] = []
        self._numbers: dict[str, list[float]] = {name: [] for name in ("predicted", "known", "served", "value")}
        self._losses: dict[str, list[float]] = {}

    def add(self, outcome: Outcome) -> None:
        """Add a labelled outcome."""
        label = outcome.label
        if label is None:
            return
        prediction = outcome.prediction
        self._y.append(self._names.setdefault(label, label) if self._multiclass else label)
        numbers = self._numbers
        numbers["predicted"].append(prediction.time)
        numbers["known"].append(outcome.time)
        numbers["served"].append(outcome.losses.get(prediction.served, np.nan))
        numbers["value"].append(np.nan if outcome.value is None else outcome.value)
        for arm, loss in outcome.losses.items():
            losses = self._losses.setdefault(arm, [])
            losses.extend([np.nan] * (len(self._y) - 1 - len(losses)))
            losses.append(loss)
        self._chunk.append(prediction.features)
        if len(self._chunk) == _CHUNK:
            self._rows.add(self._chunk)
            self._chunk = []

    def done(self) -> Window:
        """Return the window."""
        self._rows.add(self._chunk)
        for losses in self._losses.values():
            losses.extend([np.nan] * (len(self._y) - len(losses)))
        return Window(
            rows=self._rows.done(),
            y=np.array(self._y, dtype=object if self._multiclass else np.float64),
            losses={arm: np.array(losses) for arm, losses in self._losses.items()},
            **{name: np.array(values, dtype=np.float64) for name, values in self._numbers.items()},
        )
