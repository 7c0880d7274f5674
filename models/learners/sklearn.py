"""Any scikit-learn classifier with probabilities, or regressor, by its dotted name: fitted anew on a window.

Boosted trees (HistGradientBoosting) take texts and missing numbers natively. For all others texts become columns of 0
and 1, missing numbers the window's mean, and numbers are standardised. Chance is pinned by the arm's seed, fitting
and asking use one thread (answers do not depend on the machine, and threads that wait for each other on shared cores
cost more than they bring), and whatever would hold rows out at random is refused: windows are split in time.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, clone, is_classifier, is_regressor
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.ensemble._forest import BaseForest
from sklearn.ensemble._gb import BaseGradientBoosting
from sklearn.tree import BaseDecisionTree
from threadpoolctl import threadpool_limits

from models.learners.columns import Columns, fixed
from models.learners.forest import compiled
from models.learners.pickles import dumps, loads
from models.learners.port import Recipe
from models.learners.recipe import Library, construct
from streams.errors import LearnerError
from streams.records.record import Score, Target, Values

SKLEARN = Library(
    root="sklearn",
    part=BaseEstimator,
    chance="random_state",
    change=lambda part, params: clone(part).set_params(**params),
)
"""How scikit-learn is spoken to."""

_BOOSTED = (HistGradientBoostingClassifier, HistGradientBoostingRegressor)
_ROW_BY_ROW = (BaseDecisionTree, BaseForest, BaseGradientBoosting)
"""Their answer to a row does not depend on the rows beside it; a matrix product's last bits do."""

_PINNED = {"early_stopping": False}
_PROBES = 64
_Matrix: TypeAlias = NDArray[np.float64]
_Ask: TypeAlias = Callable[[_Matrix], NDArray[Any]]


class SklearnLearner:
    """A scikit-learn estimator behind the learner's face; it answers the prior until it is fitted.

    >>> from models.spec import ArmSpec
    >>> arm = ArmSpec(learner="sklearn.linear_model.LogisticRegression")
    >>> learner = SklearnLearner(Recipe(arm=arm, task="binary", names=("wind",), types=("numeric",)))
    >>> learner.predict([{"wind": 9.0}])
    [0.5]
    >>> learner.fit([{"wind": wind} for wind in (1.0, 2.0, 8.0, 9.0)], [0.0, 0.0, 1.0, 1.0])
    >>> calm, storm = learner.predict([{"wind": 1.0}, {"wind": 9.0}])
    >>> calm < 0.5 < storm
    True
    """

    incremental = False

    def __init__(self, recipe: Recipe) -> None:
        """Build the estimator; LearnerError if the name, the parameters or the kind of estimator do not fit."""
        self.recipe = recipe
        self._new = construct(recipe, SKLEARN, _PINNED)
        _check_kind(recipe, self._new)
        _check_splits(recipe, self._new)
        if not recipe.names:
            remedy = "Name fields or features in inputs, or leave inputs out."
            raise recipe.refuse("inputs", "a learner that is fitted needs inputs", (), remedy)
        self._model: Any = None
        self._columns = Columns(texts={}, numbers=[], dense=False)
        self._ask: _Ask | None = None
        self._data = dumps(())

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        recipe = self.recipe
        if self._ask is None:
            return [recipe.prior() for _ in rows]
        if not rows:
            return []
        answers = self._ask(self._columns.matrix(rows))
        if recipe.task == "binary":
            return answers[:, 1].tolist()  # type: ignore[no-any-return]
        if recipe.task == "regression":
            return answers.tolist()  # type: ignore[no-any-return]
        names = [str(name) for name in self._model.classes_]
        unseen = dict.fromkeys(recipe.classes, 0.0)
        return [{**unseen, **dict(zip(names, line, strict=True))} for line in answers.tolist()]

    def learn(self, x: Values, y: Target) -> None:
        """Do nothing: what was fitted stays until it is fitted anew."""

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        recipe = self.recipe
        seen = set(y)
        if not rows or (recipe.task != "regression" and len(seen) < 2):
            raise LearnerError(
                f"{recipe.where}.window: rows of at least two classes are wanted, got {len(rows)} rows with the labels "
                f"{sorted(map(str, seen))}. Take a longer window or a longer warm-up."
            )
        # Step 1. Fix the columns by this window.
        boosted = isinstance(self._new, _BOOSTED)
        columns = fixed(rows, recipe.names, recipe.types, dense=not boosted)
        matrix = columns.matrix(rows)
        if not matrix.shape[1]:
            remedy = "Look at the missing values of the inputs, or take another window."
            raise recipe.refuse("inputs", "none of the inputs ever came in the window", recipe.names, remedy)
        # Step 2. Fit a fresh copy.
        model = clone(self._new)
        if boosted and columns.texts:
            model.set_params(categorical_features=list(range(len(columns.texts))))
        labels = np.array([int(each == 1.0) for each in y] if recipe.task == "binary" else list(y))
        try:
            with threadpool_limits(1):
                model.fit(matrix, labels)
        except (ValueError, TypeError, ArithmeticError) as exc:
            raise recipe.refuse(
                "params", f"scikit-learn could not fit ({exc})", recipe.arm.params, "Mend them."
            ) from exc
        # Step 3. Use it from now on.
        self._model, self._columns = model, columns
        probe = matrix[-_PROBES:]
        self._bind(probe)
        self._data = dumps((msgspec.to_builtins(columns), model, probe))

    def _bind(self, probe: _Matrix) -> None:
        """Choose the fastest way to ask that answers the probe to the bit alike."""
        model = self._model
        if model.get_params(deep=False).get("n_jobs") is not None:
            model.set_params(n_jobs=1)  # threads are for fitting: to hand them a few rows costs more than to ask
        plain: _Ask = model.predict if self.recipe.task == "regression" else model.predict_proba
        if isinstance(model, _BOOSTED):
            with threadpool_limits(1):
                self._ask = compiled(model, probe) or plain
        else:
            self._ask = plain if isinstance(model, _ROW_BY_ROW) else _one_by_one(plain)

    def dump(self) -> bytes:
        return self._data

    def load(self, data: bytes) -> None:
        recipe = self.recipe
        state = loads(data)
        if state == ():
            self._model = self._ask = None
            self._data = data
            return
        if not isinstance(state, tuple) or len(state) != 3 or type(state[1]) is not type(self._new):
            got = type(state[1]).__name__ if isinstance(state, tuple) and len(state) == 3 else type(state).__name__
            remedy = "Take a release of this arm, or retrain it."
            raise recipe.refuse("learner", f"a state of {recipe.arm.learner} is wanted", got, remedy)
        columns = msgspec.convert(state[0], Columns)
        if not {*columns.texts, *columns.numbers} <= set(recipe.names):
            remedy = "The inputs have changed since: retrain the arm."
            stored = (*columns.texts, *columns.numbers)
            raise recipe.refuse("inputs", f"a state over {recipe.names} is wanted", stored, remedy)
        self._columns, self._model, self._data = columns, state[1], data
        self._bind(state[2])


def _one_by_one(ask: _Ask) -> _Ask:
    """Return the same answers whatever the size of the batch, at the price of a call per row."""
    return lambda rows: np.concatenate([ask(rows[place : place + 1]) for place in range(len(rows))])


def _check_kind(recipe: Recipe, model: Any) -> None:
    """Refuse an estimator that cannot answer the task."""
    got = recipe.arm.learner
    if recipe.task == "regression":
        if not is_regressor(model):
            remedy = "Use one such as sklearn.ensemble.HistGradientBoostingRegressor."
            raise recipe.refuse("learner", "a scikit-learn regressor is wanted", got, remedy)
    elif not is_classifier(model) or not hasattr(model, "predict_proba"):
        remedy = "Use one such as sklearn.ensemble.HistGradientBoostingClassifier."
        raise recipe.refuse("learner", "a scikit-learn classifier with probabilities is wanted", got, remedy)


def _check_splits(recipe: Recipe, model: Any) -> None:
    """Refuse whatever splits the window by itself: at random, or in folds that know nothing of time."""
    for key, value in model.get_params(deep=True).items():
        name = key.rpartition("__")[2]
        if name == "cv":
            remedy = "Use the estimator inside it; search parameters with the arm's own search, which splits in time."
            raise recipe.refuse("learner", "it splits the window without regard to time", recipe.arm.learner, remedy)
        stops = name == "n_iter_no_change" and "GradientBoosting" in type(model).__name__ and not _has_early(model)
        if (name == "early_stopping" and value) or (stops and value is not None):
            remedy = f"Leave {name} out, and let the arm's search find the number of rounds on later data."
            raise recipe.refuse(f"params.{name}", "it holds rows out at random", value, remedy)


def _has_early(model: Any) -> bool:
    """Return whether early stopping is a parameter of its own."""
    return "early_stopping" in model.get_params(deep=False)
