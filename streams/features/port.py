"""What a feature processor is: one object, used alike live, in backtests and in training."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from streams.records.record import Value, Values


class SumSpec(msgspec.Struct, frozen=True):
    """A partial sum that a feature wants from the aggregate stage.

    `of` is "label", "events" or a field's name; `by` the fields whose values together name the entity (empty: all
    events are one entity); `over_s` how far back the feature looks (s).
    """

    name: str
    of: str
    by: tuple[str, ...]
    over_s: float


class Sums(Protocol):
    """Partial sums added up over partitions and buckets, as of the cut of the batch."""

    def window(self, sum_name: str, entity: str, over_s: float) -> tuple[int, float, float]:
        """Return (count, sum, sum of squares) of the entity in the last `over_s` before the cut; zeros if unseen."""
        ...


class Feature(Protocol):
    """One named feature (or several that belong together).

    `update` may read and write `own`, the state of the event's own key, an immutable value per feature name.
    It must not change `values`. A result of None is *missing*, never a calm number.
    """

    names: tuple[str, ...]
    sums: tuple[SumSpec, ...]
    needs_state: bool

    def update(self, values: Values, time: float, own: object, sums: Sums) -> tuple[tuple[Value, ...], object]:
        """Return the values of `names` for this event, and the key's new state for this feature (or None)."""
        ...


class NoSums:
    """The sums of a pipeline without aggregates: every window is empty."""

    def window(self, sum_name: str, entity: str, over_s: float) -> tuple[int, float, float]:
        """Return zeros."""
        return 0, 0.0, 0.0


Registry = Mapping[str, type]
