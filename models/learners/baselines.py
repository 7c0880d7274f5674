"""Learners that look at labels only: what any model has to beat.

Their probabilities are never 0 or 1 (each class starts with one imagined label: Laplace's rule of succession), so that
their log loss means something. Their memory is one number per class.
"""

from collections.abc import Sequence

import msgspec

from models.learners.port import Recipe
from streams.errors import ReleaseError
from streams.records.record import Score, Target, Values


class Tally(msgspec.Struct):
    """What a baseline knows: weight of the labels so far, by class (regression: their weighted sum), and the last."""

    weight: float = 0.0
    total: float = 0.0
    by_class: dict[str, float] = {}
    last: float | str | None = None


class Baseline:
    """What the baselines share: they differ in how a label is learned and what is answered."""

    incremental = True

    def __init__(self, recipe: Recipe, params: tuple[str, ...] = ()) -> None:
        """Start with nothing learned; LearnerError for parameters that the baseline does not have."""
        for name in recipe.arm.params:
            if name not in params:
                remedy = f"Its parameters: {', '.join(params) or 'none'}."
                raise recipe.refuse("params", f"{recipe.arm.learner} has no such parameter", name, remedy)
        self.recipe = recipe
        self.tally = Tally()

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        score = self.answer()
        return [dict(score) if isinstance(score, dict) else score for _ in rows]

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        self.tally = Tally()
        for x, label in zip(rows, y, strict=True):
            self.learn(x, label)

    def dump(self) -> bytes:
        return msgspec.json.encode(self.tally)

    def load(self, data: bytes) -> None:
        try:
            self.tally = msgspec.json.decode(data, type=Tally)
        except msgspec.DecodeError as exc:
            raise ReleaseError(
                f"{self.recipe.where}: not what a baseline dumps ({exc}). Take an older release."
            ) from exc

    def learn(self, x: Values, y: Target) -> None:
        raise NotImplementedError

    def answer(self) -> Score:
        """Return the one answer to every row."""
        raise NotImplementedError


class RateBaseline(Baseline):
    """Share of each class, or mean of the numbers, so far; with a half-life older labels count less.

    >>> from models.spec import ArmSpec
    >>> recipe = Recipe(arm=ArmSpec(learner="baseline.mean"), task="binary", names=(), types=())
    >>> baseline = RateBaseline(recipe)
    >>> baseline.fit([{}] * 8, [1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
    >>> baseline.predict([{}])
    [0.2]
    """

    def __init__(self, recipe: Recipe, params: tuple[str, ...] = ()) -> None:
        """Read the half-life, in labels; without one, all labels count alike."""
        super().__init__(recipe, params)
        half_life = recipe.arm.params.get("half_life")
        if half_life is not None and (not isinstance(half_life, int | float) or half_life <= 0):
            remedy = "Give a number of labels above 0, such as 500."
            raise recipe.refuse("params.half_life", "no half-life", half_life, remedy)
        self.kept = 1.0 if half_life is None else 0.5 ** (1.0 / half_life)

    def learn(self, x: Values, y: Target) -> None:
        tally, kept = self.tally, self.kept
        tally.weight = tally.weight * kept + 1.0
        if isinstance(y, str):
            shares = tally.by_class
            if kept < 1.0:
                for name in shares:
                    shares[name] *= kept
            shares[y] = shares.get(y, 0.0) + 1.0
        else:
            tally.total = tally.total * kept + y

    def answer(self) -> Score:
        tally = self.tally
        if self.recipe.task == "binary":
            return (tally.total + 1.0) / (tally.weight + 2.0)
        if self.recipe.task == "regression":
            return tally.total / tally.weight if tally.weight else 0.0
        names = dict.fromkeys((*self.recipe.classes, *tally.by_class))
        return {name: (tally.by_class.get(name, 0.0) + 1.0) / (tally.weight + len(names)) for name in names}


class LastBaseline(Baseline):
    """The last label comes again, as often as the last label has come again so far.

    Without that share it would answer 1 or 0, and its first mistake would cost an infinite log loss.
    Regression: the last number.
    """

    def learn(self, x: Values, y: Target) -> None:
        tally = self.tally
        if tally.last is not None:
            tally.weight += 1.0
            tally.total += tally.last == y
        tally.last = y

    def answer(self) -> Score:
        last = self.tally.last
        if last is None:
            return self.recipe.prior()
        if self.recipe.task == "regression":
            return float(last)
        again = (self.tally.total + 1.0) / (self.tally.weight + 2.0)
        if self.recipe.task == "binary":
            return again if last else 1.0 - again
        names = dict.fromkeys((*self.recipe.classes, str(last)))
        return {name: again if name == last else (1.0 - again) / (len(names) - 1) for name in names}


def recent(recipe: Recipe) -> RateBaseline:
    """Return the recent rate: labels count half after `half_life` further labels (default 500)."""
    arm = recipe.arm.model_copy(update={"params": {"half_life": 500, **recipe.arm.params}})
    return RateBaseline(msgspec.structs.replace(recipe, arm=arm), ("half_life",))
