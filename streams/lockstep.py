"""Steps all stages cut by cut: a scorer never waits, because what it needs is there before it starts.

The order within a cut is the way of a record. Where there are no records, time moves on from one boundary of the
single readers (windows, snapshots) to the next, so that each is decided on what came of the one before, and what was
decided is in force at the next record.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol

from streams.clock import cut
from streams.errors import SourceError
from streams.log.port import Log
from streams.records import Event, Label, Record
from streams.stage import Stage
from streams.topics import TOPIC_OF

SOURCE = "source"
"""Who writes events and labels."""


class Steps(Protocol):
    """A worker, or what stands around one."""

    @property
    def stage(self) -> Stage: ...

    def run_once(self) -> bool:
        """Return whether anything came."""
        ...


def stretches(history: Iterable[Event | Label], every_s: float) -> Iterator[tuple[float, list[Event | Label]]]:
    """Yield the records of each cut that has any, with the cut's start (s).

    Raises SourceError where the history is not in order of time.
    """
    start, records = float("-inf"), list[Event | Label]()
    for record in history:
        begins = cut(record.time, every_s)
        if begins != start:
            if begins < start:
                raise SourceError(
                    f"{record.id or 'a record'} at {record.time:.3f} comes after {start:.3f}. Sort the history"
                )
            if records:
                yield start, records
            start, records = begins, []
        records.append(record)
    if records:
        yield start, records


def run(
    log: Log,
    workers: Sequence[Steps],
    history: Iterable[Event | Label],
    every_s: float,
    at: float = float("-inf"),
    after: Callable[[float], bool] = lambda _: True,
) -> float:
    """Feed the history to the log cut by cut and let every stage finish before the next; return the time reached.

    Records before `at` (s) were fed before a resume and are passed over. `after` is called with the time reached
    after each cut; when it answers False the run ends there.
    """
    begin = at
    for start, records in stretches((record for record in history if record.time >= begin), every_s):
        if at > float("-inf"):
            finish(log, workers, start, at)
        at = start + every_s
        _to(log, workers, records, at)
        if not after(at):
            break
    return at


def finish(log: Log, workers: Sequence[Steps], until: float, at: float = float("-inf")) -> None:
    """Let time run from `at` to `until` (s) without records, so that what waits for it is settled.

    Only the given workers step, others stand still. Without `at`, time jumps.
    """
    beats = [worker.stage.aligned_s for worker in workers if worker.stage.single and worker.stage.aligned_s]
    while at < until:
        at = min(until, cut(at, min(beats)) + min(beats)) if beats and at > float("-inf") else until
        _to(log, workers, [], at)


def _to(log: Log, workers: Sequence[Steps], records: Sequence[Record], watermark: float) -> None:
    log.append(records)
    for topic in (TOPIC_OF[Event], TOPIC_OF[Label]):
        log.advance(SOURCE, topic, watermark)
    for worker in workers:
        while worker.run_once():
            pass
