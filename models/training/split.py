"""Blocks of time to validate and to test on, and what may be trained on before each; never at random.

::

    first                                                                       last
      |  training            | gap |  fold 0  |  fold 1  |  fold 2  |   test     |
      |  training                       | gap |  fold 1  |                            ... and so on, expanding

The gap is the label delay: at the start of a block the labels of younger predictions may still come, so a training
at that moment would not have used them (it takes complete cohorts only).
"""

import math
from itertools import pairwise

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.training.history import Window
from streams.errors import LearnerError
from streams.units import parse_duration

FOLDS = 3
SHARE = 0.15
"""Of the time that is validated on; so the first fold trains on 40 % of it, without its gap."""

LEAST = 30
"""A block, or what is trained on, with fewer outcomes says nothing."""


class Block(msgspec.Struct, frozen=True):
    """Predictions of times (s) from `start` on and before `end`."""

    start: float
    end: float


class Layout(msgspec.Struct, frozen=True):
    """Folds to choose by, oldest first, and the block behind them that the choice never sees."""

    folds: tuple[Block, ...]
    test: Block


def layout(first: float, last: float) -> Layout:
    """Return the blocks for predictions of times (s) from `first` to `last`.

    >>> layout(0.0, 1000.0).folds[0]
    Block(start=400.0, end=550.0)
    """
    end = math.nextafter(last, math.inf)
    edges = [first + (last - first) * (1.0 - SHARE * back) for back in range(FOLDS + 1, 0, -1)]
    folds = tuple(Block(*pair) for pair in pairwise(edges))
    return Layout(folds, Block(edges[-1], end))


def lay_out(window: Window, label_delay_s: float, change: float | None = None) -> Layout:
    """Return the blocks of a window; after a change they lie behind it, where that leaves enough to train on.

    Raises LearnerError if the window is too short.
    """
    if len(window):
        first, last = float(window.predicted.min()), float(window.predicted.max())
        if change is not None and first < change < last:
            since = layout(change, last)
            if _works(window, since, label_delay_s, change):
                return since
        found = layout(first, last)
        if _works(window, found, label_delay_s, first):
            return found
        spans = f"{len(window)} over {(last - first) / 86400.0:.1f} days"
    else:
        spans = "none"
    raise LearnerError(
        f"training: too few outcomes that are labelled and complete, got {spans}. Wait for more, or give a longer "
        f"warmup: a block to test on and what comes {label_delay_s:g} s before it want {LEAST} outcomes each."
    )


def _works(window: Window, found: Layout, label_delay_s: float, since: float) -> bool:
    """Return whether every block, and what is trained on before it, has enough outcomes."""
    return all(
        len(inside(window, block)) >= LEAST and len(before(window, block.start, label_delay_s, since)) >= LEAST
        for block in (*found.folds, found.test)
    )


def inside(window: Window, block: Block) -> NDArray[np.int64]:
    """Return the places of the outcomes whose prediction was made within the block."""
    return np.flatnonzero((window.predicted >= block.start) & (window.predicted < block.end))


def before(window: Window, moment: float, label_delay_s: float, since: float) -> NDArray[np.int64]:
    """Return the places of what a training at `moment` (s) would have used of predictions since `since` (s)."""
    complete = (window.predicted <= moment - label_delay_s) & (window.known <= moment)
    return np.flatnonzero(complete & (window.predicted >= since))


def since_of(window: str, moment: float, change: float | None) -> float | None:
    """Return the time (s) from which on a training at `moment` takes predictions; None where the window has no sense.

    `window` is "all", "since_change" (None without one before `moment`) or a duration.

    >>> since_of("2d", 200000.0, change=None), since_of("since_change", 200000.0, change=None)
    (27200.0, None)
    """
    if window == "all":
        return -math.inf
    if window == "since_change":
        return change if change is not None and change < moment else None
    return moment - parse_duration(window)
