"""What a learner is, whoever made it: asked one batch at a time, taught one outcome at a time, dumped exactly."""

from collections.abc import Sequence
from typing import Protocol

from streams.records.record import Score, Target, Values


class Learner(Protocol):
    """An incremental or refit model behind one face.

    `predict` never changes the learner and works before anything was learned (it answers the prior). Missing
    features (absent or None), new ones and another order are survived. NaN and infinity never reach a learner:
    the contract refuses them.
    """

    incremental: bool
    """True: `learn` teaches. False: `learn` does nothing and the learner is fitted anew on a window."""

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        """Answer each row: probability of the positive class, class to probability, or the expected number."""
        ...

    def learn(self, x: Values, y: Target) -> None:
        """Learn one outcome, in the order in which outcomes became known."""
        ...

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        """Fit anew on a window, oldest first (refit learners); incremental ones reset and learn the rows in order."""
        ...

    def dump(self) -> bytes:
        """Return all that is needed to go on exactly as if never stopped."""
        ...
