"""A topic in memory: its partitions, and up to when each of its writers is done."""

from collections.abc import Iterable
from pathlib import Path

from streams.log.codec import Codec
from streams.log.shelf import Shelf
from streams.topics import Topic

Slot = int | None
"""A partition, or None: all of them, for a single reader."""

NEVER = float("-inf")
_TRIM_EVERY = 4096


class MemoryTopic:
    """Shelves by partition, and the watermark of every writer; what nobody needs any more is forgotten.

    `version` grows with everything that a reader may notice.
    """

    def __init__(self, topic: Topic, partitions: int, horizon_s: float, folder: Path | None, codec: Codec) -> None:
        """Start empty, with no writer; `folder` is where a kept topic is spooled."""
        self.topic = topic
        self.shelves = [
            Shelf(topic, codec, horizon_s, spool_of(topic, i, folder)) for i in range(partitions if topic.spread else 1)
        ]
        self.marks: dict[tuple[str, Slot], float] = {}
        self.version = 0
        self._low: float | None = None
        self._trim_at = [_TRIM_EVERY] * len(self.shelves)

    def advance(self, writer: str, slot: Slot, watermark: float) -> None:
        """Note that a writer will write nothing earlier than `watermark` (s); it never goes back."""
        before = self.marks.get((writer, slot))
        if before is None or watermark > before:
            self.marks[writer, slot] = watermark
            self._low = None
            self.version += 1

    def watermark(self, reader: str = "") -> float:
        """Return the minimum over the writers, the reader itself left out; never, where there is no writer."""
        if (reader, None) in self.marks:
            return min((mark for (name, _), mark in self.marks.items() if name != reader), default=NEVER)
        if self._low is None:
            self._low = min(self.marks.values(), default=NEVER)
        return self._low

    def is_full(self, partition: int) -> bool:
        """Say whether it is worth while to look for what can be forgotten."""
        return len(self.shelves[partition].records) > self._trim_at[partition]

    def trim(self, partition: int, read: Iterable[int]) -> None:
        """Forget what lies before the offset of every reader."""
        shelf = self.shelves[partition]
        shelf.trim(min(read, default=shelf.end))
        self._trim_at[partition] = len(shelf.records) + _TRIM_EVERY


def spool_of(topic: Topic, partition: int, folder: Path | None) -> Path | None:
    """Return the file that a kept topic is spooled to; None for others, and without a folder."""
    return None if folder is None or topic.cleanup != "keep" else folder / f"{topic.name}-{partition}.jsonl"
