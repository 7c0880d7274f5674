"""Any River classifier or regressor, by its dotted name: incremental, one outcome at a time.

Numbers go in as they are, or standardised first (`scale`). Texts go to classification trees and to pipelines as they
are, which know what to do with them; for all others each (name, text) becomes an input of its own, 1 where it holds.
Missing inputs are left out. Memory grows with the number of inputs and of texts that they take, which the contract
bounds, and by whatever the estimator itself keeps.
"""

import math
import pickle
from collections.abc import Callable, Sequence
from typing import Any

from river import base, compose, preprocessing

from models.learners.finite import check_finite
from models.learners.pickles import dumps, loads
from models.learners.port import Recipe
from models.learners.recipe import Library, construct
from streams.errors import LearnerError, ReleaseError
from streams.records.record import Score, Target, Values

RIVER = Library(root="river", part=base.Base, chance="seed", change=lambda part, params: part.clone(params))
"""How River is spoken to."""

_TAKES_TEXTS = ("river.tree.", "river.forest.")


class RiverLearner:
    """A River estimator behind the learner's face.

    State is one pickle of inputs, known texts, scaler and estimator together, so that the names which are the keys
    of all of them stay the same objects: a learner that was dumped and loaded dumps the same bytes later on as one
    that was not.

    >>> from models.spec import ArmSpec
    >>> arm = ArmSpec(learner="river.linear_model.LogisticRegression", params={"optimizer.lr": 0.5})
    >>> learner = RiverLearner(Recipe(arm=arm, task="binary", names=("wind",), types=("numeric",)))
    >>> for wind in (9.0, 1.0, 8.0, 2.0):
    ...     learner.learn({"wind": wind}, float(wind > 5))
    >>> calm, storm = learner.predict([{"wind": 1.0}, {"wind": 9.0}])
    >>> calm < storm
    True
    """

    incremental = True

    def __init__(self, recipe: Recipe) -> None:
        """Build the estimator; LearnerError if the name, the parameters or the kind of estimator do not fit."""
        self.recipe = recipe
        self._start()
        try:
            loads(self.dump())
        except (ReleaseError, pickle.PicklingError, AttributeError, TypeError) as exc:
            remedy = "Leave out the part that is named, or use another learner."
            got = recipe.arm.learner
            raise recipe.refuse("learner", f"a learner that can be stored is wanted ({exc})", got, remedy) from exc

    def _start(self) -> None:
        """Become a learner that knows nothing."""
        recipe = self.recipe
        self._model = construct(recipe, RIVER, {})
        _check_kind(recipe, self._model)
        kinds = dict(zip(recipe.names, recipe.types, strict=True))
        self._numbers = [name for name, kind in kinds.items() if kind == "numeric"]
        self._texts: dict[str, dict[str, str]] = {name: {} for name, kind in kinds.items() if kind == "category"}
        self._scaler: Any = preprocessing.StandardScaler() if recipe.arm.scale else None
        self._bind()

    def _bind(self) -> None:
        """Choose what depends on task and estimator only."""
        self._answer: Callable[[dict[str, Any]], Score] = self._number
        if self.recipe.task != "regression":
            self._answer = self._odds if self.recipe.task == "binary" else self._shares
        self._as_they_are = _takes_texts(self._model)

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        return [self._answer(self._inputs(row)) for row in rows]

    def learn(self, x: Values, y: Target) -> None:
        # Step 1. Note texts that are new, so that each stands in the state once.
        for name, known in self._texts.items():
            text = x.get(name)
            if text is not None and text not in known:
                known[str(text)] = str(text) if self._as_they_are else f"{name}={text}"
        # Step 2. Teach scaler and estimator, in the order of a River pipeline.
        inputs = self._inputs(x, teach=True)
        self._model.learn_one(inputs, y == 1.0 if self.recipe.task == "binary" else y)

    def _inputs(self, row: Values, teach: bool = False) -> dict[str, Any]:
        """Return what the estimator sees of a row."""
        # One finite sum proves all numbers of the common row; any other one is looked at in detail.
        x: dict[str, Any] = {name: value for name in self._numbers if (value := row.get(name)) is not None}
        try:
            if not math.isfinite(sum(x.values())):
                x = self._what_came(row)
        except (TypeError, OverflowError):
            x = self._what_came(row)
        if self._scaler is not None:
            if teach:
                self._scaler.learn_one(x)
            x = self._scaler.transform_one(x)
        for name, known in self._texts.items():
            text = row.get(name)
            if text is None:
                continue
            if self._as_they_are:
                x[name] = known.get(str(text), text)
            elif text in known:
                x[known[str(text)]] = 1.0
        return x

    def _what_came(self, row: Values) -> dict[str, Any]:
        """Return the numbers that are not missing; RecordError for one that would poison scaler and weights."""
        check_finite(row, self._numbers)
        return {name: row[name] for name in self._numbers if row.get(name) is not None}

    def _odds(self, x: dict[str, Any]) -> float:
        shares = self._model.predict_proba_one(x)
        p = shares.get(True)
        if p is None:
            p = 0.0 if shares else 0.5
        return float(p) if 0.0 <= p <= 1.0 else self._rounded(p)

    def _shares(self, x: dict[str, Any]) -> dict[str, float]:
        shares = self._model.predict_proba_one(x)
        total = sum(shares.values())
        if not shares or total == 0.0:
            return {name: 1.0 / len(self.recipe.classes) for name in self.recipe.classes}
        answer = dict.fromkeys(self.recipe.classes, 0.0)
        for name, share in shares.items():
            answer[str(name)] = float(share) if 0.0 <= share <= 1.0 else self._rounded(share)
        return answer

    def _number(self, x: dict[str, Any]) -> float:
        number = self._model.predict_one(x)
        if number is None:
            return 0.0
        return float(number) if math.isfinite(number) else self._diverged(number)

    def _rounded(self, p: float) -> float:
        """Return 0 or 1 for what is beside it by rounding."""
        return min(max(float(p), 0.0), 1.0) if -1e-9 < p < 1.0 + 1e-9 else self._diverged(p)

    def _diverged(self, got: object) -> float:
        recipe = self.recipe
        raise LearnerError(
            f"{recipe.where}.learner: {recipe.arm.learner} has diverged: it answers {got!r}. "
            "Standardise its inputs (scale = true) or make its steps smaller, such as params.optimizer.lr = 0.001."
        )

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        self._start()
        for x, label in zip(rows, y, strict=True):
            self.learn(x, label)

    def dump(self) -> bytes:
        return dumps((self._numbers, self._texts, self._scaler, self._model))

    def load(self, data: bytes) -> None:
        recipe = self.recipe
        state = loads(data)
        if not isinstance(state, tuple) or len(state) != 4 or type(state[3]) is not type(self._model):
            remedy = "Take a release of this arm, or retrain it."
            got = type(state[3]).__name__ if isinstance(state, tuple) and len(state) == 4 else type(state).__name__
            raise recipe.refuse("learner", f"a state of {recipe.arm.learner} is wanted", got, remedy)
        if state[0] != self._numbers or list(state[1]) != list(self._texts):
            remedy = "The inputs have changed since: retrain the arm."
            raise recipe.refuse("inputs", f"a state over {recipe.names} is wanted", (*state[0], *state[1]), remedy)
        self._numbers, self._texts, self._scaler, self._model = state
        self._bind()


def _final(model: Any) -> Any:
    """Return the estimator at the end of a pipeline."""
    while isinstance(model, compose.Pipeline):
        model = list(model.steps.values())[-1]
    return model


def _takes_texts(model: Any) -> bool:
    """Return whether texts go in as they are: to classification trees, which split on them, and to pipelines."""
    if isinstance(model, compose.Pipeline):
        return True
    if isinstance(model, base.Classifier) and type(model).__module__.startswith(_TAKES_TEXTS):
        return True
    inner = next((part for name in ("model", "classifier", "regressor") if (part := getattr(model, name, None))), None)
    return isinstance(inner, base.Base) and _takes_texts(inner)


def _check_kind(recipe: Recipe, model: Any) -> None:
    """Refuse an estimator that cannot answer the task."""
    final, got = _final(model), recipe.arm.learner
    if recipe.task == "regression":
        if not isinstance(final, base.Regressor):
            remedy = "Use one such as river.linear_model.LinearRegression."
            raise recipe.refuse("learner", "a River regressor is wanted", got, remedy)
        return
    if not isinstance(final, base.Classifier):
        remedy = "Use one such as river.linear_model.LogisticRegression."
        raise recipe.refuse("learner", "a River classifier is wanted", got, remedy)
    if type(final).predict_proba_one is base.Classifier.predict_proba_one:
        remedy = "Use one that does, such as river.linear_model.LogisticRegression."
        raise recipe.refuse("learner", "it gives no probabilities", got, remedy)
    if recipe.task == "multiclass" and not final._multiclass:
        remedy = f'Wrap it: learner = "river.multiclass.OneVsRestClassifier", params = {{ classifier = "{got}" }}.'
        raise recipe.refuse("learner", "it knows two classes only", got, remedy)
