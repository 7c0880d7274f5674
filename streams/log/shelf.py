"""One partition of one topic in memory, with its spool on disk if it is kept."""

from bisect import bisect_left
from collections.abc import Iterator
from io import BufferedRandom
from pathlib import Path
from typing import Any

from streams.log.codec import Codec

_COMPACT_AT = 8192


class Shelf:
    """Records in the order of their offsets; `start` is the first offset that memory still has, `end` the next one.

    With a `spool`, every record is also written to it as a line of JSON, and memory may forget it.
    """

    def __init__(self, topic: str, cleanup: str, horizon_s: float, spool: Path | None) -> None:
        """Open an empty shelf; an existing spool file is emptied."""
        self.topic = topic
        self.cleanup = cleanup
        self.horizon_s = horizon_s
        self.records: list[Any] = []
        self.start = 0
        self.end = 0
        self.path = spool
        self._codec = Codec()
        self._file: BufferedRandom | None = None
        self._lines: list[int] = []
        self._compact_at = _COMPACT_AT
        if spool is not None:
            spool.parent.mkdir(parents=True, exist_ok=True)
            self._file = spool.open("w+b", buffering=1 << 20)

    def append(self, record: Any) -> None:
        """Append a record whose offset is `end`."""
        self.records.append(record)
        self.end += 1
        if self._file is not None:
            self._file.write(self._codec.encode(record) + b"\n")
        if self.cleanup in ("compact", "expire") and len(self.records) >= self._compact_at:
            self._compact()

    def slice(self, start: int, end: int) -> list[Any]:
        """Return the records from one offset up to (not including) another, as far as they are there."""
        if self.cleanup in ("compact", "expire"):
            low = bisect_left(self.records, start, key=_offset)
            return self.records[low : bisect_left(self.records, end, key=_offset)]
        return self.records[start - self.start : max(end - self.start, 0)]

    def trim(self, before: int) -> None:
        """Forget what lies before an offset, unless it is kept and has no spool."""
        if self.cleanup == "keep" and self._file is None:
            return
        drop = before - self.start
        if drop > 0:
            del self.records[:drop]
            self.start = before

    def read(self, start: int, end: int) -> Iterator[Any]:
        """Yield records by offset from memory, or from the spool where memory has forgotten them."""
        if self._file is None or start >= self.start:
            yield from self.slice(start, end)
            return
        self._file.flush()
        if self.path is None:
            return
        with self.path.open("rb") as file:
            for offset, line in enumerate(file):
                if offset >= end:
                    return
                if offset >= start:
                    yield self._codec.decode(self.topic, line)

    def size(self) -> int:
        """Return the bytes of the spool, everything written out; 0 without one."""
        if self._file is None:
            return 0
        self._file.flush()
        return self._file.tell()

    def cut_back(self, size: int) -> None:
        """Shorten the spool to what it was at a checkpoint."""
        if self._file is not None:
            self._file.truncate(size)
            self._file.seek(size)

    def _compact(self) -> None:
        """Keep the newest record of each key; of what expires, only what is young enough."""
        newest = {record.key: record for record in self.records}
        edge = self.records[-1].time - self.horizon_s if self.cleanup == "expire" else float("-inf")
        self.records = [record for record in newest.values() if record.time >= edge]
        self.records.sort(key=_offset)
        self.start = self.records[0].offset
        self._compact_at = max(_COMPACT_AT, 2 * len(self.records))


def _offset(record: Any) -> int:
    offset: int = record.offset
    return offset
