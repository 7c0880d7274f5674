"""What a stage is: a step from a batch of records to new records, and nothing else."""

from typing import Any, Protocol

import msgspec

from streams.records import Record
from streams.state import State


class Batch(msgspec.Struct, gc=False):
    """Records of one partition (`partition` is None: all partitions, merged by time), never across a cut.

    `streams` drive time and are in the order of their partition; `tables` are what became effective up to `cut`
    and was not handed over before. `watermark` (s): nothing earlier than it will come. `lease` belongs to the log.
    """

    partition: int | None
    streams: dict[str, list[Any]]
    tables: dict[str, list[Any]]
    cut: float
    watermark: float
    lease: object


class Stage(Protocol):
    """A pure step over batches.

    What must survive a crash is in `state`, in values of the type `holds`; `step` touches its arguments and what it
    folded from tables, which are handed over again from their beginning after a restart. Laws: a step over a + b
    equals a step over a and then one over b; the same records give the same result, however often and in however
    many partitions they come.
    """

    name: str
    streams: tuple[str, ...]
    tables: tuple[str, ...]
    writes: tuple[str, ...]
    single: bool
    """One reader of all partitions, merged by time; else one state for each partition."""
    aligned_s: float
    """Batches do not cross multiples of this; `cut` is the one before the batch."""
    checkpoints: bool
    """Commit only with a snapshot among the output: what is learned in between is learned again after a crash."""
    holds: Any

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Return what follows from the batch."""
        ...
