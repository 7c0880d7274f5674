"""Settled windows, whole: the summaries of all partitions and revisions of a window added up."""

from collections import Counter
from collections.abc import Iterable

from streams.records import Summary


def merged(summaries: Iterable[Summary]) -> tuple[Summary, ...]:
    """Return one summary a window, in the order of their starts; counts and sums only, by name."""
    windows: dict[float, tuple[Summary, Counter[str], Counter[str]]] = {}
    for summary in summaries:
        _, counts, sums = windows.setdefault(summary.start, (summary, Counter(), Counter()))
        counts.update(summary.counts)
        sums.update(summary.sums)
    return tuple(
        Summary(
            "",
            f"{first.kind}@{start:.0f}",
            first.time,
            first.kind,
            start,
            first.end,
            -1,
            dict(sorted(counts.items())),
            dict(sorted(sums.items())),
        )
        for start, (first, counts, sums) in sorted(windows.items())
    )
