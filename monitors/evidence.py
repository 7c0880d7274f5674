"""What a window of summaries says: every statistic as a residual from its season, with a p-value, against one budget."""

from collections.abc import Sequence

import msgspec

from monitors.budget import levels
from monitors.reference import Reference
from monitors.scope import Scope
from streams.records import Summary, Test
from streams.state import State

REMARKABLE = 10.0
"""Tests are listed when their p-value is within this many times their family's level."""


class Look(msgspec.Struct, frozen=True):
    """The tests of one window, from `start` to `end` (s).

    `tests` are the remarkable ones (p at most ten times its family's level), smallest p first, `alarms` those of them at
    or below the level. `tested` counts all, `levels` is the level of each family, `spent` what these tests cost of the
    budget, in false incidents.
    """

    start: float
    end: float
    tests: tuple[Test, ...]
    alarms: tuple[Test, ...]
    tested: int
    levels: dict[str, float]
    spent: float


class Evidence:
    """Tests windows, in order, each once; what it remembers is in the state, under keys that begin with "evidence:"."""

    def __init__(self, scope: Scope) -> None:
        """Start; the levels follow from the scope's budget."""
        self.scope = scope
        self.levels = levels(scope.false_incidents_per_week, scope.window_s)

    def seen(self, state: State, summaries: Sequence[Summary], reference: Reference | None, now: float) -> Look:
        """Test the window that ends at `now` (s), from the "seen" summaries of all partitions; none: nothing came.

        To be called for each window in order, also for those without summaries. Without a reference there are no tests.
        """
        return Look(now - self.scope.window_s, now, (), (), 0, self.levels, 0.0)
