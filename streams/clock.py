"""Event time: cuts, windows, and the merge of partitions by time."""

from collections.abc import Sequence

from streams.errors import StopError
from streams.records.record import Record, order


def cut(time: float, every_s: float) -> float:
    """Return the latest multiple of `every_s` (s) that is not after `time`.

    >>> cut(1234.0, 600.0)
    1200.0
    """
    return time // every_s * every_s


def merge(parts: Sequence[Sequence[Record]], before: float, most: int) -> tuple[list[Record], list[int]]:
    """Merge partitions by (time, id) and return the records before `before` with how many each part gave.

    Records of equal time are never torn apart, so more than `most` may come. The result does not depend on how
    the records were spread over the parts. Each part must be in order of time, or StopError is raised.
    """
    ready: list[Record] = []
    for part in parts:
        last = float("-inf")
        for record in part:
            if record.time >= before:
                break
            if record.time < last:
                raise StopError(f"{record.id} at {record.time:.3f} stands behind {last:.3f} in its partition: a writer broke order")
            last = record.time
            ready.append(record)
    ready.sort(key=order)
    if len(ready) > most:
        edge = ready[most - 1].time
        ready = [record for record in ready if record.time <= edge]
    taken = [0] * len(parts)
    if ready:
        edge = ready[-1].time
        for i, part in enumerate(parts):
            taken[i] = sum(1 for record in part if record.time <= edge and record.time < before)
    return ready, taken
