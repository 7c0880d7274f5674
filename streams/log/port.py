"""What a log must do for a stage. `commit` is the transaction: all of it happens, or nothing does.

The in-memory log and Kafka stand behind this one face, and one suite of tests holds for both.

1. `poll` may first say that partitions came or went; a partition that came is restored before its first batch.
2. Batches of a poll are stepped, each with the state of its partition. Table records are handed over once to a seat,
   from their beginning, when the cut has reached the moment from which they are effective.
3. `commit` writes the output, the coalesced changes of state and the offsets of the batches together, with the
   watermark up to which the stage's output is complete. No transaction is open across a poll.
4. When a step or a commit fails, nothing of it is seen: the worker drops its overlays and `rewind` makes the seat poll
   the same records again. A seat that another has taken over commits nothing any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

import msgspec

from streams.records import Record
from streams.stage import Batch, Stage


class Assigned(msgspec.Struct, frozen=True):
    """These partitions (None: the single reader's) are this seat's from now on."""

    partitions: tuple[int | None, ...]


class Revoked(msgspec.Struct, frozen=True):
    """These partitions are no longer this seat's; `lost`: another may own them already, so abort."""

    partitions: tuple[int | None, ...]
    lost: bool


Changes = Mapping[int | None, Mapping[str, Any]]
"""Coalesced changes of state by partition and key; None removes the key."""

Span = Mapping[int, tuple[int, int]]
"""Offsets by partition, from (inclusive) and to (exclusive)."""


class Seat(Protocol):
    """One stage's place at the log: one slot, one thread."""

    def poll(self, most: int, wait_s: float) -> list[Batch | Assigned | Revoked]:
        """Return at most about `most` records, or what happened to the assignment; waits up to `wait_s`."""
        ...

    def restore(self, partition: int | None) -> Iterator[tuple[str, Any]]:
        """Yield the committed state of a partition."""
        ...

    def commit(self, done: list[Batch], out: list[Record], changes: Changes) -> None:
        """Write everything in one transaction.

        Raises RetryError when nothing was written, StopError when the seat is another's by now.
        """
        ...

    def rewind(self) -> None:
        """Go back to what was committed; what was handed over of tables is not handed over again."""
        ...


class Log(Protocol):
    """Where records are kept, by topic and partition, in order of arrival."""

    def seat(self, stage: Stage, slot: int = 0) -> Seat:
        """Take a seat for a stage."""
        ...

    def append(self, records: Iterable[Record]) -> None:
        """Append from outside (a source, a command), each to its topic."""
        ...

    def advance(self, source: str, topic: str, watermark: float) -> None:
        """Declare that `source` will write nothing earlier than `watermark` (s) to the topic."""
        ...

    def ends(self, topic: str) -> dict[int, int]:
        """Return the offset behind the last committed record of each partition."""
        ...

    def read(self, topic: str, span: Span) -> Iterator[Record]:
        """Yield the records of a kept topic between offsets, partition by partition."""
        ...
