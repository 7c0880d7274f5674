"""One partition of one topic in memory, with its spool on disk if it is kept."""

from bisect import bisect_left
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streams.errors import StopError
from streams.log.codec import Codec
from streams.topics import Topic

_INDEX_EVERY = 1024
_FLUSH_AT = 1 << 20
_COMPACT_AT = {"compact": 64, "expire": 4096}


class Shelf:
    """Records in the order of their offsets; `start` is the first offset that memory still has, `end` the next one.

    With a `spool` (a file), every record is also written to it as a line of JSON, and memory may forget it.
    """

    def __init__(self, topic: Topic, codec: Codec, horizon_s: float = 0.0, spool: Path | None = None) -> None:
        """Open an empty shelf; an existing spool is emptied. `horizon_s` is how long what expires is kept."""
        self.topic = topic
        self.horizon_s = horizon_s
        self.spool = spool
        self.records: list[Any] = []
        self.start = 0
        self.end = 0
        self._codec = codec
        self._unwritten = bytearray()
        self._size = 0
        self._index = [0]
        self._dense = 0
        self._compact_at = _COMPACT_AT.get(topic.cleanup)
        if spool is not None:
            spool.parent.mkdir(parents=True, exist_ok=True)
            spool.write_bytes(b"")

    def append(self, record: Any) -> None:
        """Append a record whose offset is `end`."""
        self.records.append(record)
        self.end += 1
        if self.spool is not None:
            self._spool(record)
        if self._compact_at is not None and len(self.records) >= self._compact_at:
            self._compact()

    def slice(self, start: int, end: int) -> list[Any]:
        """Return the records from one offset up to (not including) another, as far as they are there.

        Raises StopError for records that were consumed and forgotten.
        """
        if start >= self._dense:  # from here on no offset is missing
            first = len(self.records) - self.end + start
            return self.records[first : first + end - start]
        if self._compact_at is not None:
            low = bisect_left(self.records, start, key=_offset)
            return self.records[low : bisect_left(self.records, end, key=_offset)]
        if self.spool is None:
            raise StopError(
                f"{self.topic.name}: offset {start} was forgotten, memory begins at {self.start}. Start anew"
            )
        return list(self.read(start, end))

    def trim(self, before: int) -> None:
        """Forget what lies before an offset, unless it is kept and has no spool."""
        keeps = self._compact_at is not None or (self.topic.cleanup == "keep" and self.spool is None)
        if before > self.start and not keeps:
            del self.records[: before - self.start]
            self.start = self._dense = before

    def read(self, start: int, end: int) -> Iterator[Any]:
        """Yield records by offset from memory, or from the spool where memory has forgotten them."""
        if self.spool is None or start >= self.start:
            yield from self.slice(start, end)
            return
        self.flush()
        block = start // _INDEX_EVERY
        with self.spool.open("rb") as file:
            file.seek(self._index[block])
            for offset, line in enumerate(file, block * _INDEX_EVERY):
                if offset >= end:
                    return
                if offset >= start:
                    yield self._codec.decode(self.topic.name, line)

    def flush(self) -> int:
        """Write out what was spooled, and return the bytes of the spool; 0 without one."""
        if self._unwritten and self.spool is not None:
            with self.spool.open("ab") as file:
                file.write(self._unwritten)
            self._unwritten.clear()
        return self._size

    def resume(self, records: list[Any], start: int, end: int, spool: Path | None, size: int) -> None:
        """Become what a shelf was at a checkpoint; its spool is cut back to `size` (bytes).

        Raises StopError where the spool is gone or shorter than that.
        """
        self.records, self.start, self.end, self.spool = records, start, end, spool
        self._dense = start if self._compact_at is None else end
        if spool is None:
            return
        if not spool.exists() or spool.stat().st_size < size:
            raise StopError(f"{spool}: shorter than at the checkpoint, {size} bytes. Run from the beginning")
        with spool.open("r+b") as file:
            file.truncate(size)
            for n, line in enumerate(file, 1):
                self._size += len(line)
                if not n % _INDEX_EVERY:
                    self._index.append(self._size)

    def _spool(self, record: Any) -> None:
        line = self._codec.encode(record)
        self._unwritten += line
        self._unwritten += b"\n"
        self._size += len(line) + 1
        if not self.end % _INDEX_EVERY:
            self._index.append(self._size)
        if len(self._unwritten) > _FLUSH_AT:
            self.flush()

    def _compact(self) -> None:
        """Keep the newest record of each key; of what expires, only what is young enough."""
        newest = {record.key: record for record in self.records}
        edge = self.records[-1].time - self.horizon_s if self.topic.cleanup == "expire" else float("-inf")
        self.records = [record for record in newest.values() if record.time >= edge]
        self.records.sort(key=_offset)
        self.start = self.records[0].offset
        self._dense = self.end
        self._compact_at = max(_COMPACT_AT[self.topic.cleanup], 2 * len(self.records))


def _offset(record: Any) -> int:
    offset: int = record.offset
    return offset
