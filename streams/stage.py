"""What a stage is: a step from a batch of records to new records, and nothing else."""

from typing import Any, Protocol

import msgspec

from streams.records import Record
from streams.state import State


class Batch(msgspec.Struct, gc=False):
    """Records of one partition (`partition` is None: all partitions, merged by time), never across a cut.

    `streams` drive time. By topic, they are in the order of their partition; a single reader gets one list, under the
    name of its first stream, in order of (time, id). Any may be missing: a batch without records moves time only.
    `tables` are what became effective up to `cut` and was not handed over before; a poll of several partitions has
    them in its first batch. `cut` (s) is the boundary before the records, 0.0 for a stage that is not aligned.
    `watermark` (s): nothing earlier than it will come. `lease` belongs to the log.
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
    folded from tables, which are handed over again from their beginning after a restart. Output is not earlier than
    the watermark of the batch before. Laws: a step over a + b equals a step over a and then one over b; the same
    records give the same result, however often and in however many partitions they come.
    """

    name: str
    streams: tuple[str, ...]
    tables: tuple[str, ...]
    writes: tuple[str, ...]
    single: bool
    """One reader of all partitions, merged by time; else one state for each partition."""
    aligned_s: float
    """Batches do not cross multiples of this, and a watermark stands at each that has records behind it."""
    checkpoints: bool
    """Commit only at multiples of `aligned_s`, where the stage has put into the state what it learned in between.

    It may hold that beside the state: after a crash or an abort another `State` is handed to it, and it starts anew.
    """
    holds: Any

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Return what follows from the batch."""
        ...
