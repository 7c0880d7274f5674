"""What a learner is, whoever made it: asked one batch at a time, taught one outcome at a time, dumped exactly."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

from models.spec import ArmSpec, Task
from streams.errors import LearnerError
from streams.features.port import Type
from streams.records.record import Score, Target, Values


class Learner(Protocol):
    """An incremental or refit model behind one face.

    `predict` never changes the learner and works before anything was learned (it answers the prior). A learner looks
    at the inputs that it was built with and at nothing else, so new fields and another order change no answer; a
    missing input (absent or None) is survived. Rows are never changed.

    `predict`, `learn` and `fit` raise RecordError for a row that holds NaN or infinity, which a contract and a plan
    of features never let through, and LearnerError when the learner itself has gone wrong (it diverged, the window
    cannot be fitted).
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
        """Fit anew on a window, oldest first; incremental learners forget everything and learn the rows in order."""
        ...

    def dump(self) -> bytes:
        """Return all that is needed to go on exactly as if never stopped."""
        ...

    def load(self, data: bytes) -> None:
        """Become what was dumped, by a learner of the same recipe; ReleaseError or LearnerError if it was not."""
        ...


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what a learner is before it has seen data.

    `names` and `types` are the inputs, in order; `classes` the known class names (multiclass), in order; `seed` pins
    every source of chance that the learner has; `where` is the arm's key in the pipeline file, for messages.
    """

    arm: ArmSpec
    task: Task
    names: tuple[str, ...]
    types: tuple[Type, ...]
    classes: tuple[str, ...] = ()
    seed: int = 1
    where: str = "model.champion"

    def refuse(self, key: str, wanted: str, got: object, remedy: str) -> LearnerError:
        """Return the error that names the key of the pipeline file, what was got, and the remedy.

        >>> recipe = Recipe(arm=ArmSpec(learner="river.x"), task="binary", names=("a",), types=("numeric",))
        >>> print(recipe.refuse("learner", "no such estimator", "river.x", "Look it up in River's reference."))
        model.champion.learner: no such estimator, got 'river.x'. Look it up in River's reference.
        """
        return LearnerError(f"{self.where}.{key}: {wanted}, got {got!r}. {remedy}")

    def prior(self) -> Score:
        """Return what is answered before anything was learned: even odds, or 0."""
        if self.task == "multiclass":
            return {name: 1.0 / len(self.classes) for name in self.classes}
        return 0.5 if self.task == "binary" else 0.0
