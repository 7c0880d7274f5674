"""Is a new champion answering garbage? Told without labels, by how its scores agree with the previous champion's.

Both answer the same events, while the challenger is in shadow and while the champion is in probation. In shadow they
were seen to differ by so much, block by block; after the promotion they must not differ by much more. Two measures,
because a wrong scale spares the correlation, and constant or shuffled answers may spare the mean difference:

- the mean absolute difference of the scores, as a share of the root mean square of the old champion's (so that a day
  on which all scores are higher is no sign of garbage);
- the lack of correlation, 1 - r (Pearson's r; 1 where either's scores do not vary).

The limit of each is twice the largest of the shadow's blocks. Of k like blocks and one new one, the new one is the
largest with chance 1 / (k + 1); doubling is what keeps days that are unlike the shadow's from counting, and the guard
acts on two blocks in a row only (docs/decisions/0301-guard-of-probation.md says what that gives on a year of flights).
"""

import math
from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

LEAST_EVENTS = 100
"""Smaller blocks are to be joined with the next one before they are judged."""

LEAST_BLOCKS = 5
"""Fewer blocks of shadow say too little about how much two releases differ."""

_FACTOR = 2.0
_IN_A_ROW = 2
_TINY = 1e-9


class Agreement(msgspec.Struct, frozen=True):
    """Sums over events that both answered: number, absolute difference, both scores, their squares and product.

    >>> two = Agreement.of(np.array([0.2, 0.8]), np.array([0.1, 0.7]))
    >>> round(two.difference, 3), round(two.correlation, 3)
    (0.2, 1.0)
    """

    n: int = 0
    apart: float = 0.0
    new: float = 0.0
    old: float = 0.0
    new_new: float = 0.0
    old_old: float = 0.0
    new_old: float = 0.0

    @staticmethod
    def of(new: NDArray[np.float64], old: NDArray[np.float64]) -> "Agreement":
        """Count scores of both, shape (n,)."""
        return Agreement(
            len(new),
            float(np.abs(new - old).sum()),
            float(new.sum()),
            float(old.sum()),
            float(new @ new),
            float(old @ old),
            float(new @ old),
        )

    def __add__(self, other: "Agreement") -> "Agreement":
        return Agreement(*(a + b for a, b in zip(_sums(self), _sums(other), strict=True)))  # type: ignore[arg-type]

    @property
    def difference(self) -> float:
        """Mean absolute difference by the root mean square of the old scores; infinite where those are all 0."""
        if not self.apart:
            return 0.0
        return self.apart / math.sqrt(self.n * self.old_old) if self.old_old else math.inf

    @property
    def correlation(self) -> float:
        """Pearson's r of the scores; 0 where either's do not vary."""
        if not self.n:
            return 0.0
        new = self.new_new - self.new * self.new / self.n
        old = self.old_old - self.old * self.old / self.n
        if new <= _TINY * self.new_new or old <= _TINY * self.old_old:
            return 0.0
        return (self.new_old - self.new * self.old / self.n) / math.sqrt(new * old)


class Limits(msgspec.Struct, frozen=True):
    """The largest relative difference of scores, and the least correlation, that are no sign of garbage."""

    difference: float
    correlation: float

    def passed(self, block: Agreement) -> bool:
        """Return whether a block is beyond one of the limits; blocks that are too small never are."""
        if block.n < LEAST_EVENTS:
            return False
        return block.difference > self.difference or block.correlation < self.correlation


def limits(shadow: Sequence[Agreement]) -> Limits | None:
    """Return the limits that the blocks of a shadow period set; None while there are too few of them."""
    blocks = [block for block in shadow if block.n >= LEAST_EVENTS]
    if len(blocks) < LEAST_BLOCKS:
        return None
    return Limits(
        difference=_FACTOR * max(block.difference for block in blocks),
        correlation=1.0 - _FACTOR * max(1.0 - block.correlation for block in blocks),
    )


def garbage(bounds: Limits, probation: Sequence[Agreement]) -> bool:
    """Return whether the last two blocks of a probation were both beyond the limits."""
    last = probation[-_IN_A_ROW:]
    return len(last) == _IN_A_ROW and all(bounds.passed(block) for block in last)


def _sums(agreement: Agreement) -> tuple[float, ...]:
    return msgspec.structs.astuple(agreement)
