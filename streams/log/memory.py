"""The log in memory: the backtest's, deterministic, with the same promises as the real one.

Consumed records are dropped and kept ones spooled to files where a folder is given, so that memory does not grow
with the stream.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from msgspec.structs import force_setattr

from streams.clock import cut, merge
from streams.log.codec import Codec
from streams.log.port import Assigned, Changes, Revoked, Span
from streams.log.shelf import Shelf
from streams.records import Record
from streams.stage import Batch, Stage
from streams.topics import TOPIC_OF, TOPICS

_TRIM_AT = 4096
_NEVER = float("-inf")
_Place = tuple[str, int]
"""A topic and a partition."""


class MemoryLog:
    """Topics as lists of records.

    `partitions` is the number of partitions of the spread topics, `folder` where kept topics are spooled,
    `horizon_s` how long what expires is kept. With a `codec` everything that is committed goes through its JSON form.
    """

    def __init__(
        self, partitions: int = 1, folder: Path | None = None, horizon_s: float = 86400.0, codec: Codec | None = None
    ) -> None:
        """Make every topic, empty."""
        self.partitions = partitions
        self.codec = codec
        self.shelves: dict[str, list[Shelf]] = {}
        for name, topic in TOPICS.items():
            self.shelves[name] = [
                Shelf(name, topic.cleanup, horizon_s, _spool(folder, name, i) if topic.cleanup == "keep" else None)
                for i in range(partitions if topic.spread else 1)
            ]
        self.committed: dict[tuple[str, str, int], int] = {}
        self.state: defaultdict[tuple[str, int | None], dict[str, Any]] = defaultdict(dict)
        self.watermarks: dict[str, dict[str, float]] = {name: {} for name in TOPICS}

    def seat(self, stage: Stage, slot: int = 0) -> "MemorySeat":
        """Take the seat of a stage; who takes it again takes over from the one before, as after a crash."""
        return MemorySeat(self, stage)

    def append(self, records: Iterable[Record]) -> None:
        """Append records, each to its topic and its key's partition, and tell them where they lie."""
        for record in records:
            shelves = self.shelves[TOPIC_OF[type(record)]]
            partition = crc32(record.key.encode()) % len(shelves) if len(shelves) > 1 else 0
            shelf = shelves[partition]
            force_setattr(record, "partition", partition)
            force_setattr(record, "offset", shelf.end)
            shelf.append(record)

    def commit(self, stage: Stage, out: list[Record], changes: Changes) -> None:
        """Append a stage's output and change its state."""
        if self.codec is not None:
            out = [self.codec.through(record) for record in out]
            changes = {slot: self.codec.state_through(stage.holds, change) for slot, change in changes.items()}
        self.append(out)
        for slot, change in changes.items():
            state = self.state[stage.name, slot]
            for key, value in change.items():
                if value is None:
                    state.pop(key, None)
                else:
                    state[key] = value

    def advance(self, source: str, topic: str, watermark: float) -> None:
        """Declare that `source` will write nothing earlier than `watermark` (s) to the topic."""
        self.watermarks[topic][source] = watermark

    def watermark(self, topic: str, reader: str = "") -> float:
        """Return the minimum over the topic's writers, the reader itself left out."""
        marks = self.watermarks[topic]
        return min((mark for name, mark in marks.items() if name != reader), default=float("-inf"))

    def ends(self, topic: str) -> dict[int, int]:
        """Return the offset behind the last record of each partition."""
        return {i: shelf.end for i, shelf in enumerate(self.shelves[topic])}

    def read(self, topic: str, span: Span) -> Iterator[Record]:
        """Yield the records of a kept topic between offsets, partition by partition."""
        for partition, (start, end) in sorted(span.items()):
            yield from self.shelves[topic][partition].read(start, end)

    def trim(self, topic: str) -> None:
        """Forget what every reader has committed past, once it is worth the while."""
        for i, shelf in enumerate(self.shelves[topic]):
            if len(shelf.records) > _TRIM_AT:
                ends = [end for (_, name, partition), end in self.committed.items() if (name, partition) == (topic, i)]
                shelf.trim(min(ends, default=0))


def _spool(folder: Path | None, topic: str, partition: int) -> Path | None:
    return None if folder is None else folder / f"{topic}-{partition}.jsonl"


class MemorySeat:
    """Reads on from what was committed, in all partitions; tables from their beginning."""

    def __init__(self, log: MemoryLog, stage: Stage) -> None:
        """Go to the committed offsets."""
        self._log, self._stage, self._new = log, stage, True
        self._slots: tuple[int | None, ...] = (None,) if stage.single else tuple(range(log.partitions))
        self._at: dict[_Place, int] = {}
        for topic in stage.streams:
            for i, shelf in enumerate(log.shelves[topic]):
                self._at[topic, i] = log.committed.setdefault((stage.name, topic, i), shelf.start)
        for topic in stage.writes:
            for slot in self._slots:
                log.watermarks[topic].setdefault(self._writer(slot), _NEVER)
        self._marks = dict.fromkeys(self._slots, _NEVER)
        self._tables = dict.fromkeys(stage.tables, 0)
        self._later: dict[str, list[Any]] = {topic: [] for topic in stage.tables}

    def poll(self, most: int, wait_s: float = 0.0) -> list[Batch | Assigned | Revoked]:
        """Return the next batches, all of the earliest cut; none when there is nothing and time stands still."""
        if self._new:
            self._new = False
            return [Assigned(self._slots)]
        batches = [batch for slot in self._slots if (batch := self._batch(slot, most)) is not None]
        if not batches:
            return []
        first = min(batch.cut for batch in batches)
        batches = [batch for batch in batches if batch.cut == first]
        for batch in batches:
            self._marks[batch.partition] = batch.watermark
            self._at.update(batch.lease)
        if self._tables:
            batches[0].tables = self._effective(first)
        return list(batches)

    def restore(self, partition: int | None) -> Iterator[tuple[str, Any]]:
        """Yield the committed state of a partition."""
        return iter(self._log.state[self._stage.name, partition].items())

    def commit(self, done: list[Batch], out: list[Record], changes: Changes) -> None:
        """Write output, state, offsets and watermarks."""
        log, stage = self._log, self._stage
        log.commit(stage, out, changes)
        for batch in done:
            for (topic, i), end in batch.lease.items():
                log.committed[stage.name, topic, i] = end
            for topic in stage.writes:
                log.watermarks[topic][self._writer(batch.partition)] = batch.watermark
        for topic in stage.streams:
            log.trim(topic)

    def _writer(self, slot: int | None) -> str:
        return self._stage.name if slot is None else f"{self._stage.name}/{slot}"

    def _batch(self, slot: int | None, most: int) -> Batch | None:
        """Return the next batch of a slot, or None. Its watermark moves once everything that is there was taken."""
        stage, mark = self._stage, self._marks[slot]
        before = min([self._log.watermark(topic, stage.name) for topic in stage.streams])
        places = [(topic, i) for topic in stage.streams for i in self._partitions(topic, slot)]
        parts = [self._log.shelves[topic][i].slice(self._at[topic, i], self._at[topic, i] + most) for topic, i in places]
        edge, limit = self._cut(parts, before)
        streams: dict[str, list[Any]] = {}
        if slot is None:
            merged, taken = merge(parts, min(before, limit), most)
            if merged:
                streams[stage.streams[0]] = list(merged)
        else:
            taken = [_count_before(part, limit) for part in parts]
            for (topic, _), part, n in zip(places, parts, taken, strict=True):
                if n:
                    streams[topic] = part[:n]
        lease = {place: self._at[place] + n for place, n in zip(places, taken, strict=True) if n}
        until = min(before, limit) if slot is None else limit
        before = mark if any(self._left(place, lease, until) for place in places) else min(before, limit)
        if not streams and before == mark:
            return None
        return Batch(slot, streams, {}, edge, before, lease)

    def _partitions(self, topic: str, slot: int | None) -> tuple[int, ...]:
        return tuple(range(len(self._log.shelves[topic]))) if slot is None else (slot,)

    def _cut(self, parts: list[list[Any]], before: float) -> tuple[float, float]:
        """Return the cut of the batch and the end of its stretch."""
        every_s = self._stage.aligned_s
        if not every_s:
            return 0.0, float("inf")
        edge = cut(min((part[0].time for part in parts if part), default=before), every_s)
        return edge, edge + every_s

    def _left(self, place: _Place, lease: dict[_Place, int], until: float) -> bool:
        """Say whether something before `until` stays behind, which the watermark must not pass."""
        topic, i = place
        shelf, at = self._log.shelves[topic][i], lease.get(place, self._at[place])
        return at != shelf.end and shelf.slice(at, at + 1)[0].time < until

    def _effective(self, edge: float) -> dict[str, list[Any]]:
        """Return the table records that became effective up to the cut and were not handed over before."""
        tables = {}
        for topic, at in self._tables.items():
            shelf = self._log.shelves[topic][0]
            waiting = self._later[topic]
            if at != shelf.end:
                waiting += shelf.slice(at, shelf.end)
                self._tables[topic] = shelf.end
            if waiting:
                tables[topic] = [record for record in waiting if _effective_at(record) <= edge]
                self._later[topic] = [record for record in waiting if _effective_at(record) > edge]
        return tables


def _count_before(part: list[Any], limit: float) -> int:
    if not part or part[-1].time < limit:
        return len(part)
    return next(i for i, record in enumerate(part) if record.time >= limit)


def _effective_at(record: Record) -> float:
    at: float = getattr(record, "effective_at", record.time)
    return at
