"""Adds up, for each entity and time bucket, what features of other keys need: partial sums of this partition."""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

from streams.clock import cut
from streams.exact import LARGEST, to_fixed
from streams.features.port import SumSpec, entity_of
from streams.records import Outcome, PartialSum, Prediction, Record, Value, Values
from streams.stage import Batch
from streams.state import State

FRACTION = 20
"""Bits behind the point of a fixed-point number: the square of one has twice as many."""

Cell = tuple[int, int, int]
"""Count, fixed-point sum, fixed-point sum of squares."""

_NOTHING: Cell = (0, 0, 0)
_ONE: Cell = (1, to_fixed(1.0), to_fixed(1.0))

Bucket = dict[str, dict[str, Cell]]
"""Cells of a bucket by sum and entity."""


class Aggregate:
    """Sums of events and fields by the time of the event, sums of labels by the time at which they became known.

    Buckets are `freshness_s` long and take effect at their end. A revised label changes the bucket of its first
    value. A bucket may change until it has left every window; what would change it later is passed over, and so is what
    was quarantined.
    State by bucket start: its sums; "open": the starts of the buckets that may still change.
    """

    name = "aggregate"
    streams: tuple[str, ...] = ("predictions", "outcomes")
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ("features",)
    single = False
    checkpoints = False
    holds: Any = dict[str, dict[str, Cell]] | tuple[float, ...] | None

    def __init__(self, sums: Sequence[SumSpec], freshness_s: float) -> None:
        """`sums` are the distinct sums that the features want."""
        self._of_labels = [spec for spec in sums if spec.of == "label"]
        self._of_events = [spec for spec in sums if spec.of != "label"]
        self.aligned_s = freshness_s
        self._open_s = freshness_s + max([spec.over_s for spec in sums], default=0.0)

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Add the batch to its buckets and give the new sums of every bucket that changed."""
        changed: dict[float, Bucket] = {}
        oldest = batch.cut - self._open_s
        if self._of_events:
            for prediction in batch.streams.get("predictions", ()):
                self._happened(state, changed, prediction, oldest)
        if self._of_labels:
            for outcome in batch.streams.get("outcomes", ()):
                self._learned(state, changed, outcome, oldest)
        if not changed:
            return []
        self._close(state, changed, oldest)
        return self._sums(changed, batch.partition or 0)

    def _happened(self, state: State, changed: dict[float, Bucket], prediction: Prediction, oldest: float) -> None:
        start, features = cut(prediction.time, self.aligned_s), prediction.features
        if start < oldest or not features:
            return
        bucket = _bucket(state, changed, start)
        for spec in self._of_events:
            cell = _ONE if spec.of == "events" else _cell(features.get(spec.of))
            if cell is not None:
                _add(bucket, spec, features, cell, 1)

    def _learned(self, state: State, changed: dict[float, Bucket], outcome: Outcome, oldest: float) -> None:
        prediction: Prediction = outcome.prediction
        start, features = cut(prediction.time + max(outcome.delay_s, 0.0), self.aligned_s), prediction.features
        if start < oldest or not features or outcome.label is None:
            return
        bucket = _bucket(state, changed, start)
        for label, sign in ((outcome.before, -1), (outcome.label, 1)):
            cell = _cell(label)
            if cell is not None:
                for spec in self._of_labels:
                    _add(bucket, spec, features, cell, sign)

    def _close(self, state: State, changed: dict[float, Bucket], oldest: float) -> None:
        """Keep the changed buckets and forget those that are too old to change."""
        for start, bucket in changed.items():
            state.put(repr(start), bucket)
        known: tuple[float, ...] = state.get("open", ())
        new = changed.keys() - known
        if new or known[0] < oldest:
            closed = bisect_left(known, oldest)
            for start in known[:closed]:
                state.put(repr(start), None)
            state.put("open", tuple(sorted((*known[closed:], *new))))

    def _sums(self, changed: dict[float, Bucket], writer: int) -> list[Record]:
        out: list[Record] = []
        for start, bucket in sorted(changed.items()):
            for name, cells in bucket.items():
                key = f"{name}|{writer}|{start:.0f}"
                out.append(PartialSum(key, key, start, name, start, start + self.aligned_s, writer, cells))
        return out


def _bucket(state: State, changed: dict[float, Bucket], start: float) -> Bucket:
    """Return a copy of a bucket that this step may change."""
    bucket = changed.get(start)
    if bucket is None:
        known: Bucket = state.get(repr(start), {})
        bucket = changed[start] = {name: dict(cells) for name, cells in known.items()}
    return bucket


def _cell(x: Value) -> Cell | None:
    """Return what a number adds; None for what is no number, or larger than an exact sum can hold."""
    if not isinstance(x, int | float) or not -LARGEST <= x <= LARGEST:
        return None
    fixed = to_fixed(x)
    return 1, fixed, fixed * fixed >> FRACTION


def _add(bucket: Bucket, spec: SumSpec, features: Values, cell: Cell, sign: int) -> None:
    """Add to the entity of a sum, or take back."""
    by = spec.by
    entity = features.get(by[0]) if len(by) == 1 else None
    if type(entity) is not str:
        entity = entity_of(features, by)
    cells = bucket.setdefault(spec.name, {})
    n, total, squares = cells.get(entity, _NOTHING)
    cells[entity] = (n + sign * cell[0], total + sign * cell[1], squares + sign * cell[2])
