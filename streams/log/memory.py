"""The log in memory: the backtest's, deterministic, with the same promises as the real one.

Consumed records are dropped and kept ones spooled to files where a folder is given, so that memory does not grow
with the stream.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from zlib import crc32

from msgspec.structs import force_setattr

from streams.errors import StopError
from streams.log.codec import Codec
from streams.log.lanes import Lease, MergedLane, PartitionLane, Place
from streams.log.port import Assigned, Changes, Revoked, Span
from streams.log.table import Table
from streams.log.topic import NEVER, MemoryTopic, Slot
from streams.records import Record
from streams.stage import Batch, Stage
from streams.topics import TOPIC_OF, TOPICS


class MemoryLog:
    """Topics as lists of records, and what each stage has committed.

    `partitions` is the number of partitions of the spread topics, `folder` where kept topics are spooled,
    `horizon_s` how long what expires is kept. With a `codec` everything that is committed goes through its JSON form.
    All seats are taken before the first record is read: a topic waits for those of its writers that it knows, and
    keeps what its known readers need.
    """

    def __init__(
        self, partitions: int = 1, folder: Path | None = None, horizon_s: float = 86400.0, codec: Codec | None = None
    ) -> None:
        """Make every topic, empty."""
        self.partitions = partitions
        self.folder = folder
        self.horizon_s = horizon_s
        self.codec = codec
        json = codec or Codec()
        self.topics = {name: MemoryTopic(topic, partitions, horizon_s, folder, json) for name, topic in TOPICS.items()}
        self.offsets: dict[str, dict[Place, int]] = {}
        self.ahead: dict[str, Mapping[Place, frozenset[int]]] = {}
        self.marks: dict[tuple[str, Slot], float] = {}
        self.state: defaultdict[tuple[str, Slot], dict[str, Any]] = defaultdict(dict)
        self.owners: dict[str, MemorySeat] = {}

    def seat(self, stage: Stage, slot: int = 0) -> "MemorySeat":
        """Take the seat of a stage; who takes it again takes over from the one before, as after a crash."""
        offsets = self.offsets.setdefault(stage.name, {})
        for topic in stage.streams:
            for i, shelf in enumerate(self.topics[topic].shelves):
                offsets.setdefault((topic, i), shelf.start)
        seat = self.owners[stage.name] = MemorySeat(self, stage)
        return seat

    def append(self, records: Iterable[Record]) -> None:
        """Append records, each to its topic and its key's partition, and tell them where they lie."""
        topics = self.topics
        for record in records:
            topic = topics[TOPIC_OF[type(record)]]
            shelves = topic.shelves
            partition = crc32(record.key.encode()) % len(shelves) if len(shelves) > 1 else 0
            shelf = shelves[partition]
            force_setattr(record, "partition", partition)
            force_setattr(record, "offset", shelf.end)
            shelf.append(record)
            topic.version += 1
            if topic.is_full(partition):
                place = topic.topic.name, partition
                topic.trim(partition, [at[place] for at in self.offsets.values() if place in at])

    def advance(self, source: str, topic: str, watermark: float) -> None:
        """Declare that `source` will write nothing earlier than `watermark` (s) to the topic."""
        self.topics[topic].advance(source, None, watermark)

    def ends(self, topic: str) -> dict[int, int]:
        """Return the offset behind the last record of each partition."""
        return {i: shelf.end for i, shelf in enumerate(self.topics[topic].shelves)}

    def read(self, topic: str, span: Span) -> Iterator[Record]:
        """Yield the records of a kept topic between offsets, partition by partition."""
        for partition, (start, end) in sorted(span.items()):
            yield from self.topics[topic].shelves[partition].read(start, end)

    def flush(self) -> None:
        """Write out what was spooled, for others to read."""
        for topic in self.topics.values():
            for shelf in topic.shelves:
                shelf.flush()

    def lease(self, stage: str) -> Lease:
        """Return up to where a stage has read and committed."""
        return Lease(dict(self.offsets[stage]), dict(self.ahead.get(stage, {})))

    def mark(self, stage: str, slot: Slot) -> float:
        """Return the watermark (s) that a stage has committed for a slot."""
        return self.marks.get((stage, slot), NEVER)

    def commit(self, stage: Stage, done: Iterable[Batch], out: list[Record], changes: Changes) -> None:
        """Write output, state, offsets and watermarks of a stage; nothing of it, where a record cannot be encoded."""
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
        offsets = self.offsets[stage.name]
        for batch in done:
            lease: Any = batch.lease
            offsets.update(lease.offsets)
            self.marks[stage.name, batch.partition] = batch.watermark
            if batch.partition is None:
                self.ahead[stage.name] = lease.ahead
            for topic in stage.writes:
                self.topics[topic].advance(stage.name, batch.partition, batch.watermark)


class MemorySeat:
    """Reads on from what was committed, in all partitions; tables from their beginning."""

    def __init__(self, log: MemoryLog, stage: Stage) -> None:
        """Go to the committed offsets. Raises StopError for tables that no cut can be applied to."""
        if stage.tables and not stage.aligned_s:
            raise StopError(f"stage {stage.name}: tables are read up to a cut, so aligned_s must be above 0")
        self._log, self._stage, self._new = log, stage, True
        self._slots: tuple[Slot, ...] = (None,) if stage.single else tuple(range(log.partitions))
        self._streams = [log.topics[name] for name in stage.streams]
        self._reader = stage.name if stage.single else ""
        self._tables = {name: Table(log.topics[name].shelves[0]) for name in stage.tables}
        for name in stage.writes:
            for slot in self._slots:
                log.topics[name].advance(stage.name, slot, NEVER)
        self._idle, self._cut = -1, NEVER
        self._lanes = self._lanes_from_commit()

    def poll(self, most: int, wait_s: float = 0.0) -> list[Batch | Assigned | Revoked]:
        """Return the next batches, all of the earliest cut; none when there is nothing and time stands still."""
        if self._new:
            self._new = False
            return [Assigned(self._slots)]
        version = 0
        for topic in self._streams:
            version += topic.version
        if version == self._idle:
            return []
        before = min([topic.watermark(self._reader) for topic in self._streams])
        found = [batch for lane in self._lanes.values() if (batch := lane.peek(most, before, self._cut)) is not None]
        batches = self._of_one_cut(found)
        for batch in batches:
            self._lanes[batch.partition].take(batch)
        if len(batches) == len(found) and all(lane.is_drained(before) for lane in self._lanes.values()):
            self._idle = version
        if batches and self._tables:
            batches[0].tables = {name: new for name, table in self._tables.items() if (new := table.take(self._cut))}
        return list(batches)

    def restore(self, partition: Slot) -> Iterator[tuple[str, Any]]:
        """Yield the committed state of a partition."""
        return iter(self._log.state[self._stage.name, partition].items())

    def commit(self, done: list[Batch], out: list[Record], changes: Changes) -> None:
        """Write everything. Raises StopError when another has taken over this seat."""
        log, stage = self._log, self._stage
        if log.owners[stage.name] is not self:
            raise StopError(f"stage {stage.name}: its seat was taken over by another worker. End this one")
        log.commit(stage, done, out, changes)

    def rewind(self) -> None:
        """Go back to what was committed; tables go on from where they are."""
        self._idle, self._cut = -1, NEVER
        self._lanes = self._lanes_from_commit()

    def _lanes_from_commit(self) -> dict[Slot, PartitionLane | MergedLane]:
        log, stage = self._log, self._stage
        lease = log.lease(stage.name)
        lanes: dict[Slot, PartitionLane | MergedLane] = {}
        for slot in self._slots:
            mark = log.mark(stage.name, slot)
            lanes[slot] = (
                MergedLane(self._streams, stage.aligned_s, lease, mark)
                if slot is None
                else PartitionLane(slot, self._streams, stage.aligned_s, lease, mark)
            )
        return lanes

    def _of_one_cut(self, found: list[Batch]) -> list[Batch]:
        """Return the batches of the earliest cut, and those that only move time within it."""
        if len(found) > 1:
            first = min([batch.cut for batch in found if batch.streams], default=min([batch.cut for batch in found]))
            end = first + self._stage.aligned_s
            found = [batch for batch in found if batch.cut == first or (not batch.streams and batch.watermark <= end)]
            for batch in found:
                batch.cut = first
        if found:
            self._cut = found[0].cut
        return found
