"""The scikit-learn learner against scikit-learn itself: columns, speed without another answer, and what it refuses."""

from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from threadpoolctl import threadpool_limits

from models.learners import build
from models.learners.columns import MOST_TEXTS, fixed
from models.learners.forest import compiled
from models.learners.sklearn import SklearnLearner
from models.spec import ArmSpec, Task
from streams.errors import LearnerError, RecordError
from streams.records.record import Values
from tests.unit.models.learners.cases import NAMES, REFIT, TYPES, Case, labels, rows

CARRIERS = ["AA", "B6", "DL", "UA", "WN"]


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Threads that wait for each other on shared cores make scikit-learn's own fits take seconds."""
    with threadpool_limits(1):
        yield


BOOSTED = [case for case in REFIT if "HistGradient" in case.learner]


def table(of: list[Values]) -> np.ndarray[tuple[int, int], np.dtype[np.object_]]:
    return np.array(
        [
            [row[name] if row[name] is not None or name in ("origin", "carrier") else np.nan for name in NAMES]
            for row in of
        ],
        dtype=object,
    )


@pytest.mark.parametrize("case", BOOSTED, ids=str)
def test_trees_asked_in_one_call_answer_to_the_bit_as_scikit_learn_does(case: Case) -> None:
    learner, history = case.build(), rows(400)
    learner.fit(history, labels(case.task, history))
    assert isinstance(learner, SklearnLearner)
    asked: list[Values] = [*rows(300, seed=4), {}, {"origin": "never seen", "wind": 1e300}, {"carrier": "AA"}]
    matrix = learner._columns.matrix(asked)

    fast = compiled(learner._model, matrix)

    plain = learner._model.predict(matrix) if case.task == "regression" else learner._model.predict_proba(matrix)
    assert fast is not None
    assert learner._ask is not plain
    for count in (1, 9, 64, 65, len(asked)):
        assert np.array_equal(fast(matrix[:count]), plain[:count])


def test_trees_of_one_stage_and_without_texts_are_asked_in_one_call_as_well() -> None:
    chance = np.random.default_rng(1)
    x = chance.normal(size=(300, 3))
    for model in (HistGradientBoostingRegressor(max_iter=1), HistGradientBoostingRegressor(max_iter=7, loss="poisson")):
        model.fit(x, np.abs(x[:, 0]))
        fast = compiled(model, x)
        assert fast is not None
        assert np.array_equal(fast(x), model.predict(x))


def test_a_model_whose_inside_is_not_as_known_is_asked_the_public_way() -> None:
    x = np.random.default_rng(1).normal(size=(50, 2))
    model = HistGradientBoostingClassifier(max_iter=2).fit(x, x[:, 0] > 0)
    model._predictors = [[object()]]

    assert compiled(model, x) is None


def test_texts_go_to_boosted_trees_as_scikit_learn_itself_would_take_them() -> None:
    history = rows(300)
    truth = [int(y == 1.0) for y in labels("binary", history)]
    learner = BOOSTED[0].build()
    learner.fit(history, labels("binary", history))
    frame = np.array(
        [
            [
                {"EWR": 0, "JFK": 1, "LGA": 2}.get(str(row["origin"])),
                CARRIERS.index(str(row["carrier"])) if row["carrier"] else None,
            ]
            + [row[name] for name in ("wind", "rain", "hour")]
            for row in history
        ],
        dtype=float,
    )
    model = HistGradientBoostingClassifier(
        max_iter=5, early_stopping=False, categorical_features=[0, 1], random_state=3
    )

    assert learner.predict(history) == model.fit(frame, truth).predict_proba(frame)[:, 1].tolist()


def test_the_others_see_what_scikit_learns_own_imputer_scaler_and_encoder_make() -> None:
    history = rows(400)
    truth = labels("binary", history)
    arm = ArmSpec(learner="sklearn.linear_model.LogisticRegression", params={"tol": 1e-10, "max_iter": 1000})
    learner = build(arm, "binary", NAMES, TYPES)
    learner.fit(history, truth)
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    texts = OneHotEncoder(handle_unknown="ignore", categories=[["EWR", "JFK", "LGA"], CARRIERS])
    pipeline = make_pipeline(
        make_column_transformer((numbers, [0, 1, 2]), (texts, [3, 4])), LogisticRegression(tol=1e-10, max_iter=1000)
    )

    expected = pipeline.fit(table(history), [int(y == 1.0) for y in truth]).predict_proba(table(history))[:, 1]

    assert learner.predict(history) == pytest.approx(expected.tolist(), abs=1e-6)


def test_only_the_most_frequent_texts_get_a_code() -> None:
    many: list[Values] = [{"tail": f"N{number:04d}"} for number in range(MOST_TEXTS + 50)]
    columns = fixed([*many, *many[100:]], ["tail"], ["category"], dense=False)

    assert len(columns.texts["tail"]) == MOST_TEXTS
    assert set(columns.texts["tail"]) >= {f"N{number:04d}" for number in range(100, MOST_TEXTS + 50)}
    assert np.isnan(columns.matrix([{"tail": "N0099"}, {"tail": None}, {}])).all()


@pytest.mark.parametrize("case", REFIT, ids=str)
def test_an_input_that_never_came_is_survived(case: Case) -> None:
    history: list[Values] = [row | {"rain": None, "carrier": None, "hour": 5} for row in rows(120)]
    learner = case.build()
    learner.fit(history, labels(case.task, history))

    assert len(learner.predict([{"rain": 1.0, "carrier": "AA"}, {"hour": 6}])) == 2


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_a_window_with_one_class_is_refused_with_the_remedy(task: Task) -> None:
    arm = ArmSpec(learner="sklearn.linear_model.LogisticRegression")
    learner = build(arm, task, NAMES, TYPES, ["early", "late"], where="model.challenger.trees")

    with pytest.raises(LearnerError, match=r"model.challenger.trees.window: rows of at least two classes .* longer"):
        learner.fit(rows(10), [1.0 if task == "binary" else "late"] * 10)
    with pytest.raises(LearnerError, match="got 0 rows"):
        learner.fit([], [])


def test_a_class_that_the_window_did_not_hold_has_no_probability() -> None:
    learner, history = REFIT[1].build(), rows(100)
    learner.fit(history, ["early" if float(row["wind"] or 0) > 10 else "late" for row in history])

    for score in learner.predict(history[:5]):
        assert isinstance(score, dict)
        assert score["on time"] == 0.0
        assert score["early"] + score["late"] == pytest.approx(1.0)


def test_a_text_where_a_number_belongs_is_refused() -> None:
    learner, history = REFIT[0].build(), rows(100)
    learner.fit(history, labels("binary", history))

    with pytest.raises(RecordError, match="wind: not_a_finite_number, got 'strong'"):
        learner.predict([{"wind": "strong"}])
