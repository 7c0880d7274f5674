"""What cannot be built is refused with the key, what was got, and the remedy."""

from typing import Any

import pytest
from river import base, ensemble, linear_model, optim, preprocessing

from models.learners import build
from models.learners.port import Recipe
from models.learners.recipe import construct
from models.learners.river import RIVER
from models.spec import ArmSpec, Task
from streams.errors import LearnerError

LOGISTIC = "river.linear_model.LogisticRegression"


def made(learner: str, params: dict[str, Any]) -> base.Base:
    recipe = Recipe(
        arm=ArmSpec(learner=learner, params=params), task="binary", names=("a",), types=("numeric",), seed=7
    )
    found = construct(recipe, RIVER, {})
    assert isinstance(found, base.Base)
    return found


def test_a_dotted_parameter_changes_one_of_the_default_part() -> None:
    model = made(LOGISTIC, {"optimizer.lr": 0.125, "l2": 0.5})

    assert isinstance(model, linear_model.LogisticRegression)
    assert isinstance(model.optimizer, optim.SGD)
    assert model.optimizer.learning_rate == 0.125
    assert model.l2 == 0.5


def test_a_dotted_name_is_built_with_the_parameters_beside_it() -> None:
    model = made(LOGISTIC, {"optimizer": "river.optim.Adam", "optimizer.lr": 0.25, "optimizer.beta_1": 0.5})

    assert isinstance(model, linear_model.LogisticRegression)
    assert isinstance(model.optimizer, optim.Adam)
    assert (model.optimizer.learning_rate, model.optimizer.beta_1) == (0.25, 0.5)


def test_a_pipeline_is_a_list_of_names() -> None:
    steps = ["river.preprocessing.MinMaxScaler", LOGISTIC]
    scaler, model = made("river.compose.Pipeline", {"steps": steps, "steps.1.optimizer.lr": 0.5}).steps.values()  # type: ignore[attr-defined]

    assert isinstance(scaler, preprocessing.MinMaxScaler)
    assert model.optimizer.learning_rate == 0.5


def test_chance_is_pinned_unless_the_user_pins_it() -> None:
    params = {"model": "river.tree.HoeffdingTreeClassifier"}

    pinned, given = (
        made("river.ensemble.BaggingClassifier", params),
        made("river.ensemble.BaggingClassifier", params | {"seed": 1}),
    )

    assert isinstance(pinned, ensemble.BaggingClassifier)
    assert isinstance(given, ensemble.BaggingClassifier)
    assert (pinned.seed, given.seed) == (7, 1)


@pytest.mark.parametrize(
    ("task", "learner", "params", "words"),
    [
        ("binary", "prophet", {}, "model.champion.learner: no such learner, got 'prophet'"),
        ("binary", "baseline.best", {}, "baseline.recent"),
        ("binary", "river.linear_model.LogisticRegresion", {}, "Did you mean river.linear_model.LogisticRegression?"),
        ("binary", "river.nothing.LogisticRegression", {}, "no such module"),
        ("binary", "river", {}, "no class of river"),
        ("binary", "river.utils.inspect.os.system", {}, "no such module"),
        ("binary", "river.linear_model.base.np", {}, "no class of river"),
        ("binary", "river.preprocessing.StandardScaler", {}, "a River classifier is wanted"),
        ("binary", "river.linear_model.LinearRegression", {}, "a River classifier is wanted"),
        ("regression", LOGISTIC, {}, "a River regressor is wanted"),
        ("multiclass", LOGISTIC, {}, "river.multiclass.OneVsRestClassifier"),
        ("binary", "river.multiclass.OneVsOneClassifier", {"classifier": LOGISTIC}, "it gives no probabilities"),
        ("binary", LOGISTIC, {"learning_rate": 1}, "no such parameter, got 'learning_rate'. It takes: optimizer, loss"),
        ("binary", LOGISTIC, {"optimizer.rate": 1}, "params.optimizer: SGD has no such parameter"),
        ("binary", LOGISTIC, {"l2.lr": 1}, "there is no default whose parameters could be set"),
        ("binary", LOGISTIC, {"l1": 1.0, "l2": 1.0}, "LogisticRegression does not take this"),
        ("binary", "river.multiclass.OneVsRestClassifier", {}, "classifier"),
        ("binary", "sklearn.linear_model.LinearRegression", {}, "a scikit-learn classifier with probabilities"),
        ("binary", "sklearn.svm.LinearSVC", {}, "a scikit-learn classifier with probabilities"),
        ("regression", "sklearn.linear_model.LogisticRegression", {}, "a scikit-learn regressor is wanted"),
        (
            "binary",
            "sklearn.ensemble.HistGradientBoostingClassifier",
            {"early_stopping": True},
            "holds rows out at random",
        ),
        ("binary", "sklearn.ensemble.HistGradientBoostingClassifier", {"early_stopping": "auto"}, "at random"),
        ("binary", "sklearn.ensemble.GradientBoostingClassifier", {"n_iter_no_change": 5}, "at random"),
        ("binary", "sklearn.linear_model.LogisticRegressionCV", {}, "without regard to time"),
        ("binary", "sklearn.calibration.CalibratedClassifierCV", {}, "without regard to time"),
        ("binary", "watched", {}, "column"),
        ("binary", "baseline.mean", {"half_life": 3}, "no such parameter"),
        ("binary", "baseline.recent", {"half_life": -3}, "no half-life, got -3"),
    ],
)
def test_what_is_wrong_is_named(task: Task, learner: str, params: dict[str, Any], words: str) -> None:
    with pytest.raises(LearnerError) as caught:
        build(ArmSpec(learner=learner, params=params), task, ["a"], ["numeric"], ["x", "y"])

    assert str(caught.value).startswith("model.champion.")
    assert words in str(caught.value)


def test_inputs_narrow_what_the_learner_sees() -> None:
    arm = ArmSpec(learner=LOGISTIC, inputs=("a",), params={"optimizer.lr": 1.0})
    learner = build(arm, "binary", ["a", "b"], ["numeric", "numeric"])
    learner.learn({"a": 1.0, "b": 1.0}, 1.0)

    assert learner.predict([{"a": 1.0, "b": 99.0}]) == learner.predict([{"a": 1.0}])

    with pytest.raises(LearnerError, match=r"inputs: no field or feature has this name, got 'c'. The inputs are: a, b"):
        build(arm.model_copy(update={"inputs": ("c",)}), "binary", ["a", "b"], ["numeric", "numeric"])


def test_a_multiclass_learner_must_know_two_classes() -> None:
    with pytest.raises(LearnerError, match="at least two classes, got"):
        build(ArmSpec(learner="baseline.mean"), "multiclass", ["a"], ["numeric"], ["only"])


def test_a_part_that_cannot_be_stored_is_refused_when_it_is_built() -> None:
    params = {"model": LOGISTIC}

    with pytest.raises(LearnerError, match=r"can be stored is wanted .*builtins.getattr"):
        build(
            ArmSpec(learner="river.ensemble.LeveragingBaggingClassifier", params=params), "binary", ["a"], ["numeric"]
        )
