"""Event time: cuts, and the merge of partitions by time."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from heapq import merge as merge_sorted

from streams.records.record import Record, order


def cut(time: float, every_s: float) -> float:
    """Return the latest multiple of `every_s` (s) that is not after `time`.

    >>> cut(1234.0, 600.0)
    1200.0
    """
    return time // every_s * every_s


def merge(parts: Iterable[Iterable[Record]], slack_s: float) -> Iterator[Record]:
    """Yield the records of all partitions by (time, id), however they were spread.

    A partition is in order of commits: a record may stand behind one that is up to `slack_s` (s) later, the length of
    the stretches that its writer was aligned to.
    """
    return merge_sorted(*(_in_order(part, slack_s) for part in parts), key=order)


def _in_order(part: Iterable[Record], slack_s: float) -> Iterator[Record]:
    waiting: list[tuple[float, str, int, Record]] = []
    newest = float("-inf")
    for n, record in enumerate(part):
        heappush(waiting, (record.time, record.id, n, record))
        newest = max(newest, record.time)
        while waiting[0][0] < newest - slack_s:
            yield heappop(waiting)[3]
    while waiting:
        yield heappop(waiting)[3]
