"""Steps all stages cut by cut: a scorer never waits, because what it needs is there before it starts.

The order within a cut is the way of a record. Between two cuts without records time is moved on first, so that what
was decided in between is in force at the next record.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from streams.clock import cut
from streams.log.port import Log
from streams.records import Event, Label, Record
from streams.topics import TOPIC_OF
from streams.worker import Worker

SOURCE = "source"


def stretches(history: Iterable[Event | Label], every_s: float) -> Iterator[tuple[float, list[Event | Label]]]:
    """Yield the records of each cut that has any, with the cut's start (s); `history` is in order of time."""
    start, records = None, []
    for record in history:
        begins = cut(record.time, every_s)
        if begins != start:
            if start is not None:
                yield start, records
            start, records = begins, []
        records.append(record)
    if start is not None:
        yield start, records


def run(
    log: Log,
    workers: Sequence[Worker],
    history: Iterable[Event | Label],
    every_s: float,
    at: float = float("-inf"),
    after: Callable[[float], bool] = lambda _: True,
) -> float:
    """Feed the history to the log cut by cut and let every stage finish before the next; return the time reached.

    Records before `at` (s) were fed before a resume and are passed over. `after` is called with the time reached
    after each cut; when it answers False the run ends there.
    """
    for start, records in stretches((record for record in history if record.time >= at), every_s):
        if start > at > float("-inf"):
            _to(log, workers, [], start)
        at = start + every_s
        _to(log, workers, records, at)
        if not after(at):
            break
    return at


def finish(log: Log, workers: Sequence[Worker], until: float) -> None:
    """Let time run to `until` (s) for some stages, so that what waits for a label or a window's end is settled."""
    _to(log, workers, [], until)


def _to(log: Log, workers: Sequence[Worker], records: Sequence[Record], watermark: float) -> None:
    log.append(records)
    for topic in (TOPIC_OF[Event], TOPIC_OF[Label]):
        log.advance(SOURCE, topic, watermark)
    for worker in workers:
        while worker.run_once():
            pass
