"""Predictions made elsewhere: the score is read from a field of the row, and nothing is learned."""

from collections.abc import Sequence

from models.learners.finite import is_finite
from models.learners.port import Recipe
from streams.errors import RecordError
from streams.records.record import Score, Target, Values


class WatchedLearner:
    """The score that another system logged in the field `column` (a parameter of the arm).

    Binary: the probability of the positive class; regression: the number; multiclass: the name of the class, which
    is taken as certain. A row without a usable score is a RecordError: it is no prediction of anybody's.

    >>> from models.spec import ArmSpec
    >>> arm = ArmSpec(learner="watched", params={"column": "risk"})
    >>> WatchedLearner(Recipe(arm=arm, task="binary", names=("risk",), types=("numeric",))).predict([{"risk": 0.25}])
    [0.25]
    """

    incremental = True

    def __init__(self, recipe: Recipe) -> None:
        """Read which field holds the score."""
        self.recipe = recipe
        column = recipe.arm.params.get("column")
        if not isinstance(column, str) or set(recipe.arm.params) != {"column"}:
            remedy = 'Say which field holds the score, and nothing else: params = { column = "score" }.'
            raise recipe.refuse("params", "one parameter, column, is wanted", recipe.arm.params, remedy)
        self.column = column

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        return [self._score(row.get(self.column)) for row in rows]

    def _score(self, value: object) -> Score:
        recipe = self.recipe
        if recipe.task == "multiclass":
            if isinstance(value, str) and value:
                return {name: float(name == value) for name in dict.fromkeys((*recipe.classes, value))}
        elif isinstance(value, int | float) and is_finite(value) and (recipe.task != "binary" or 0 <= value <= 1):
            return float(value)
        wanted = {"binary": "a probability from 0 to 1", "multiclass": "a class name", "regression": "a number"}
        remedy = f"The system that predicts must log {wanted[recipe.task]} in this field with each event."
        raise RecordError("no_score", self.column, repr(value)[:80], remedy)

    def learn(self, x: Values, y: Target) -> None:
        """Do nothing: whoever predicts, learns."""

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        """Do nothing: whoever predicts, learns."""

    def dump(self) -> bytes:
        return self.column.encode()

    def load(self, data: bytes) -> None:
        if data != self.column.encode():
            remedy = "A release of another column cannot go on here: make a new one."
            raise self.recipe.refuse("params.column", f"the release reads {data!r}", self.column, remedy)
