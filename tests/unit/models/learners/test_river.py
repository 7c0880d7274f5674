"""The River learner against River itself, and where it stops on purpose."""

from typing import Any

import pytest
from river import linear_model, optim, preprocessing

from models.learners import build
from models.spec import ArmSpec
from streams.errors import LearnerError, ReleaseError
from streams.records.record import Values
from tests.unit.models.learners.cases import INCREMENTAL, NAMES, REFIT, TYPES, labels, rows

LOGISTIC = "river.linear_model.LogisticRegression"


def test_it_equals_rivers_own_pipeline_bit_for_bit() -> None:
    numbers = ("wind", "rain", "hour")
    history: list[Values] = [{name: row[name] for name in numbers if row[name] is not None} for row in rows(500)]
    model = preprocessing.StandardScaler() | linear_model.LogisticRegression(optimizer=optim.SGD(0.05))
    arm = ArmSpec(learner=LOGISTIC, scale=True, params={"optimizer.lr": 0.05}, inputs=numbers)
    learner = build(arm, "binary", NAMES, TYPES)

    for x, y in zip(history, labels("binary", history), strict=True):
        assert learner.predict([x]) == [model.predict_proba_one(x)[True]]
        learner.learn(x, y)
        model.learn_one(x, y == 1.0)


def test_texts_become_inputs_of_their_own_for_linear_models() -> None:
    arm = ArmSpec(learner=LOGISTIC, params={"optimizer.lr": 0.5})
    learner = build(arm, "binary", ["origin"], ["category"])
    model: Any = linear_model.LogisticRegression(optimizer=optim.SGD(0.5))

    for origin, y in (("EWR", 1.0), ("JFK", 0.0), ("EWR", 1.0), ("LGA", 0.0)):
        learner.learn({"origin": origin}, y)
        model.learn_one({f"origin={origin}": 1.0}, y == 1.0)

    for origin in ("EWR", "JFK", "LGA"):
        assert learner.predict([{"origin": origin}]) == [model.predict_proba_one({f"origin={origin}": 1.0})[True]]
    assert learner.predict([{"origin": "SFO"}]) == learner.predict([{}])


def test_a_learner_that_diverged_says_so() -> None:
    arm = ArmSpec(learner="river.linear_model.LinearRegression", params={"clip_gradient": 1e300})
    learner = build(arm, "regression", ["a"], ["numeric"])
    for place in range(200):
        learner.learn({"a": 1e6 + place}, 1.0)

    with pytest.raises(LearnerError, match=r"has diverged: it answers (nan|-?inf). Standardise its inputs"):
        learner.predict([{"a": 1e6}])


def test_a_state_of_another_learner_or_other_inputs_is_refused() -> None:
    logistic, tree = INCREMENTAL[0].build(), INCREMENTAL[1].build()
    fewer = INCREMENTAL[0].build(inputs=("wind",))

    with pytest.raises(LearnerError, match=r"a state of river.tree.HoeffdingTreeClassifier is wanted"):
        tree.load(logistic.dump())
    with pytest.raises(LearnerError, match="The inputs have changed since: retrain the arm"):
        fewer.load(logistic.dump())
    with pytest.raises(LearnerError, match="a state of"):
        logistic.load(REFIT[0].build().dump())
    with pytest.raises(ReleaseError, match="cannot be read"):
        logistic.load(logistic.dump()[:-20])
