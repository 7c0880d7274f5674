"""From counts of windows to the series that are tested: bad values by field and segment, records, shares by name."""

from collections.abc import Mapping

import numpy as np

from monitors.layout import Layout
from streams.sketch import INVALID, MISSING, UNSEEN, Counts, Floats

KINDS = ("missing", "invalid", "unseen")
"""What may be wrong with a value, in the order of the first axis of `bad_values`."""


def bad_values(layout: Layout, cells: Counts) -> tuple[Floats, Floats]:
    """Return hits and numbers of records of each kind, segment and field, from cells of shape (..., rows, width).

    Both of shape (..., 3, rows, fields), without the served answer. Missing and invalid are shares of all records,
    unseen of the present values; the number is 0, so nothing is tested, where new values cannot be told.
    """
    offsets = layout.offsets[:-1]
    missing, invalid, unseen = (cells[..., offsets + kind] for kind in (MISSING, INVALID, UNSEEN))
    total = np.add.reduceat(cells, layout.offsets, axis=-1)[..., :-1] - unseen
    present = (total - missing - invalid) * layout.knows
    hits = np.stack([missing, invalid, unseen], axis=-3)
    n = np.stack([total, total, present], axis=-3)
    return hits.astype(np.float64), n.astype(np.float64)


def volumes(layout: Layout, cells: Counts, labels: Counts | int) -> Floats:
    """Return the numbers of records of all and of each segment, and of the labels: shape (..., rows + 1)."""
    events = layout.events(cells)
    return np.concatenate([events, np.expand_dims(labels, -1)], axis=-1).astype(np.float64)


def named_shares(counts: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return hits and number of records of every share that is counted by name, for all segments together.

    Refused events and flags are shares of all events that came (accepted or refused), refused labels of all labels.
    Flags that say the same as something else (missing, quarantined) or what was done about it (masked, converted) are
    left out.
    """
    return {name: (n, asked(name, counts)) for name, n in counts.items() if _is_share(name)}


def asked(name: str, counts: Mapping[str, int]) -> int:
    """Return of how many records a named share is one."""
    if name.startswith(HEALTH):
        return counts.get("labels", 0) + sum(n for other, n in counts.items() if other.startswith(HEALTH))
    return counts.get("accepted", 0) + sum(n for other, n in counts.items() if other.startswith("refused:"))


def _is_share(name: str) -> bool:
    return name.startswith(("refused:", *HEALTH)) or (name.startswith("flag:") and not name.startswith(_SAID_ELSEWHERE))


_SAID_ELSEWHERE = ("flag:missing:", "flag:quarantined:", "flag:masked:", "flag:converted:")

HEALTH = ("refused_label:",)
"""Shares by name that say how well things run; all others say how good the data is."""
