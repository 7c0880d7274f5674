"""A second look at fields with values that were never seen: a known change of unit, or a category under a new name."""

from collections.abc import Sequence

from monitors.counting import Unseen, merge_unseen
from monitors.diagnosis import Closeup
from monitors.evidence import Look
from monitors.quality.units import find_unit_change
from monitors.reference import Reference
from streams.records import Summary
from streams.sketch import FIRST

EXPECTED = 8.0
"""A category is missed when so many records of it were to be expected, and none came: by chance 1 in 3,000."""


def gather(look: Look, seen: Sequence[Summary], before: Unseen) -> Unseen:
    """Return the unseen values of the fields that a window's tests name, with those of its windows before.

    One window may hold too few different values to tell a unit by. A field that is not named any more is forgotten.
    """
    fields = {test.field for test in look.tests if test.name in ("unseen", "new_category")}
    if not fields:
        return {}
    together = merge_unseen([before, *(summary.unseen for summary in seen)])
    return {name: values for name, values in together.items() if name in fields}


def closeup(unseen: Unseen, seen: Sequence[Summary], reference: Reference | None) -> Closeup:
    """Return what a second look at unseen values gives."""
    if reference is None or not unseen:
        return Closeup()
    units = {
        name: found
        for name, values in unseen.items()
        if (bins := reference.columns.get(name)) is not None
        if (found := find_unit_change(name, bins, values)) is not None
    }
    gone = {name: old for name in unseen if (old := _vanished(name, seen, reference)) is not None}
    return Closeup(units, unseen, gone)


def _vanished(field: str, seen: Sequence[Summary], reference: Reference) -> str | None:
    """The commonest known category of a field that should have come in the window and did not."""
    bins = reference.columns.get(field)
    cells = [reference.matrix(each.cells) for each in seen if each.reference == reference.release]
    if bins is None or bins.kind != "categorical" or not cells:
        return None
    counts = reference.sketch(field, sum(cells[1:], start=cells[0]))[0]
    usual = bins.reference[FIRST:]
    events, total = int(counts[0] + counts[1] + counts[FIRST:].sum()), max(sum(usual), 1)
    missed = [
        (share, name)
        for name, had, now in zip(bins.categories, usual, counts[FIRST:], strict=False)
        if not now and (share := had / total) * events >= EXPECTED
    ]
    return max(missed)[1] if missed else None
