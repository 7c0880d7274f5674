"""How the fields moved away from the reference, by day or by week, from the windows' mergeable counts."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import msgspec
import numpy as np

from dashboards.formats import figure
from dashboards.story.days import Days
from dashboards.story.parts import Drift, Field, Finding, Segment
from dashboards.story.run import Run
from monitors.counting import merge_unseen
from monitors.distances import DISTANCES, ORDERED
from monitors.layout import Layout
from streams.exact import from_fixed
from streams.records import Summary
from streams.sketch import FIRST, MISSING, Bins, Counts

FEWEST = 50
"""With fewer values than this a distance says more about chance than about the field."""

DAYS_MOST = 100
"""A longer run is shown by week."""


def summaries(folder: Path) -> Iterator[Summary]:
    """Yield the summaries of a run folder; those of a window add up, over partitions and revisions."""
    decoder = msgspec.json.Decoder(Summary)
    for path in sorted(folder.glob("summaries-*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                yield decoder.decode(line)


class Counted:
    """Windows added up to days or weeks, and segments over the scored period."""

    def __init__(self, run: Run, references: Mapping[str, Layout]) -> None:
        """Start from nothing."""
        self.run = run
        self.references = references
        days = Days(run.start, run.end, run.timezone)
        stride = 1 if len(days) <= DAYS_MOST else 7
        self.columns = days.starts[::stride]
        self.step_s = stride * 86400.0
        self.counts: dict[tuple[int, str], Counts] = {}
        self.unseen: dict[str, dict[str, int]] = {}
        self.segment_events: Counter[str] = Counter()
        self.segment_loss: Counter[str] = Counter()
        self.since: dict[str, float] = {}

    def add(self, summary: Summary) -> None:
        """Add one window."""
        if summary.kind == "settled":
            self._settled(summary)
        reference = self.references.get(summary.reference)
        if reference is None or not summary.cells or summary.kind != "seen":
            return
        key = (self.place(summary.start), summary.reference)
        row = reference.matrix(summary.cells)[0]
        self.counts[key] = self.counts[key] + row if key in self.counts else row
        self.unseen = merge_unseen([self.unseen, summary.unseen])
        self.since[summary.reference] = min(self.since.get(summary.reference, summary.start), summary.start)

    def place(self, time: float) -> int:
        """Return the column of a moment (s)."""
        return max(int(np.searchsorted(self.columns, time, side="right")) - 1, 0)

    def _settled(self, summary: Summary) -> None:
        if summary.start < self.run.warmup_end:
            return
        for name, events in summary.counts.items():
            if name.startswith("n:served|"):
                segment = name.partition("|")[2]
                self.segment_events[segment] += events
                self.segment_loss[segment] += summary.sums.get(f"loss:served|{segment}", 0)

    def segments(self) -> tuple[Segment, ...]:
        """Return the served answers by segment, most events first."""
        return tuple(
            Segment(name, events, from_fixed(self.segment_loss[name]) / events)
            for name, events in sorted(self.segment_events.items(), key=lambda each: (-each[1], each[0]))
            if events > 0
        )


def drift(counted: Counted, found: Iterable[Finding]) -> Drift:
    """Return the heat map's figures; empty where nothing was compared."""
    measure = next((name for name in counted.run.distances if name not in ORDERED), "psi")
    of_column: dict[int, tuple[str, Counts]] = {}
    for (column, name), row in sorted(counted.counts.items()):
        if column not in of_column or _events(counted, name, row) > _events(counted, *of_column[column]):
            of_column[column] = (name, row)
    if not of_column:
        return Drift(measure=measure)
    used = range(min(of_column), max(of_column) + 1)
    newest = counted.references[of_column[max(of_column)][0]]
    fields = tuple(_field(name, newest, counted, measure, [of_column.get(i) for i in used]) for name in newest.columns)
    names = {field.name for field in fields}
    marked = {
        (name, counted.place(finding.since) - used[0])
        for finding in found
        for name in finding.fields
        if name in names and counted.place(finding.since) in used
    }
    return Drift(
        measure=measure,
        step_s=counted.step_s,
        columns=tuple(float(counted.columns[i]) for i in used),
        events=tuple(_events(counted, *of_column[i]) if i in of_column else 0 for i in used),
        fields=fields,
        references=tuple(sorted((time, name) for name, time in counted.since.items())),
        marked=tuple(sorted(marked)),
    )


def _events(counted: Counted, name: str, row: Counts) -> int:
    return int(counted.references[name].events(row[None, :])[0])


def _field(
    name: str, newest: Layout, counted: Counted, measure: str, columns: list[tuple[str, Counts] | None]
) -> Field:
    """Return one field over all columns, each in the bins of its own reference."""
    bins = newest.columns[name]
    distance: list[float | None] = []
    missing: list[float | None] = []
    unseen: list[float | None] = []
    counts: list[tuple[int, ...]] = []
    for each in columns:
        if each is None:
            distance.append(None)
            missing.append(None)
            unseen.append(None)
            counts.append(())
            continue
        reference = counted.references[each[0]]
        own = reference.columns.get(name, bins)
        sketch = reference.sketch(name, each[1])
        present = int(sketch[FIRST:].sum())
        total = int(sketch[MISSING] + sketch[1] + present)
        before = np.array(own.reference)[FIRST:]
        enough = present >= FEWEST and before.sum() > 0
        distance.append(float(DISTANCES[measure](before, sketch[FIRST:])) if enough else None)
        missing.append(float(sketch[MISSING]) / total if total else None)
        share = own.unseen_share(sketch)
        unseen.append(float(share) if share is not None and present else None)
        counts.append(tuple(sketch[FIRST:].tolist()) if own.width == bins.width and own.edges == bins.edges else ())
    held = np.array(bins.reference)
    present = int(held[FIRST:].sum())
    records = present + int(held[MISSING]) + int(held[1])
    return Field(
        name=name,
        kind=bins.kind,
        bins=bin_names(bins),
        shares=tuple((held[FIRST:] / max(present, 1)).tolist()),
        columns=tuple(counts),
        distance=tuple(distance),
        missing=tuple(missing),
        reference_missing=float(held[MISSING]) / records if records else None,
        unseen=tuple(unseen) if bins.knows else None,
        strangers=counted.unseen.get(name, {}),
    )


def bin_names(bins: Bins) -> tuple[str, ...]:
    """Return what people call each bin: categories, single values, or ranges (above the first, up to the second).

    >>> from streams.sketch import numeric_bins
    >>> bin_names(numeric_bins([0.0, 1.0, 2.0] * 9))
    ('0', '1', '2')
    """
    if bins.kind == "categorical":
        return (*bins.categories, "all others")
    if bins.values and len(bins.values) == len(bins.centres):
        return tuple(figure(value) for value in bins.values)
    edges = [figure(edge) for edge in bins.edges]
    if not edges:
        return ("all",)
    return (f"up to {edges[0]}", *(f"{a} to {b}" for a, b in pairwise(edges)), f"over {edges[-1]}")
