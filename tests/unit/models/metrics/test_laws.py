"""Laws over every registered metric: chunks, order, merging, undoing, emptiness, memory, bad input, scikit-learn."""

import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn import metrics as oracle

from models.metrics import METRICS
from models.metrics.port import Setting, Task, ValueTable
from models.metrics.scores import Scores
from streams.errors import RecordError

TABLE = ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0, correct_rejection=0.5, per_error=-3.0)
SETTINGS: dict[Task, Setting] = {
    "binary": Setting("binary", threshold=0.3, value=TABLE),
    "multiclass": Setting("multiclass", classes=("a", "b", "c"), value=TABLE),
    "regression": Setting("regression", inputs=3, value=TABLE),
}
PAIRS = [(name, task) for name, metric in METRICS.items() for task in metric.tasks]
TASKS = list(SETTINGS.values())

Data = tuple[NDArray[Any], NDArray[np.float64]]


def sample(task: Task, n: int, seed: int = 1) -> Data:
    rng = np.random.default_rng(seed)
    if task == "binary":
        p = rng.beta(1, 3, n)
        return (rng.random(n) < p).astype(int), p
    if task == "multiclass":
        p = rng.dirichlet((1.0, 2.0, 3.0), n)
        return (rng.random((n, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 2), p
    y = rng.normal(1e3, 5.0, n)
    return y, y + rng.standard_t(3, n)


def scored(setting: Setting, y: NDArray[Any], p: NDArray[np.float64]) -> Scores:
    scores = Scores(setting)
    scores.update(y, p)
    return scores


def same(a: dict[str, float], b: dict[str, float]) -> bool:
    """Equal to the last bit, nan equal to nan."""
    return a.keys() == b.keys() and all(a[k] == b[k] or (math.isnan(a[k]) and math.isnan(b[k])) for k in a)


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
@given(cuts=st.lists(st.integers(0, 200), max_size=6), seed=st.integers(0, 1000))
def test_any_chunks_merged_in_any_order_equal_the_whole_to_the_last_bit(
    setting: Setting, cuts: list[int], seed: int
) -> None:
    y, p = sample(setting.task, 200, seed)
    order = np.random.default_rng(seed).permutation(200)
    total = Scores(setting)
    for rows in np.split(order, sorted(cuts)):
        total.merge(scored(setting, y[rows], p[rows]))
    whole = scored(setting, y, p)
    assert same(total.values(), whole.values())
    assert total.events == 200


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
def test_what_was_added_can_be_taken_away_exactly(setting: Setting) -> None:
    y, p = sample(setting.task, 300)
    kept = scored(setting, y[:200], p[:200])
    total = scored(setting, y, p)
    total.merge(scored(setting, y[200:], p[200:]), sign=-1)
    assert same(total.values(), kept.values())


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
def test_nothing_seen_is_nan(setting: Setting) -> None:
    scores = Scores(setting)
    assert all(math.isnan(value) for value in scores.values().values())
    shape = (0, 3) if setting.task == "multiclass" else (0,)
    scores.update(np.zeros(0), np.zeros(shape))
    assert all(math.isnan(value) for value in scores.values().values())


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
def test_memory_does_not_grow_with_the_stream(setting: Setting) -> None:
    y, p = sample(setting.task, 10_000)
    scores = scored(setting, y, p)
    before = len(pickle.dumps(scores))
    for _ in range(30):
        scores.update(y, p)
    assert len(pickle.dumps(scores)) < before + 64 < 20_000


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
def test_pickled_in_mid_stream_it_goes_on_as_if_nothing_had_been(setting: Setting) -> None:
    y, p = sample(setting.task, 100)
    scores = pickle.loads(pickle.dumps(scored(setting, y[:50], p[:50])))  # noqa: S301
    scores.update(y[50:], p[50:])
    assert same(scores.values(), scored(setting, y, p).values())


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_nan_and_infinity_are_refused_with_their_row_and_nothing_is_counted(setting: Setting, bad: float) -> None:
    y, p = sample(setting.task, 5)
    broken = p.copy()
    broken[3] = bad
    scores = Scores(setting)
    with pytest.raises(RecordError, match=r"p\[3\]"):
        scores.update(y, broken)
    labels = y.astype(float)
    labels[2] = bad
    with pytest.raises(RecordError, match=r"y\[2\]"):
        scores.update(labels, p)
    assert scores.events == 0
    assert all(math.isnan(value) for value in scores.values().values())


@pytest.mark.parametrize("setting", TASKS, ids=lambda s: s.task)
def test_input_is_not_changed(setting: Setting) -> None:
    y, p = sample(setting.task, 50)
    before = y.copy(), p.copy()
    scored(setting, y, p)
    assert np.array_equal(y, before[0])
    assert np.array_equal(p, before[1])


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_one_metric_alone_reads_the_same_as_among_all(name: str, task: Task) -> None:
    y, p = sample(task, 100)
    alone = Scores(SETTINGS[task], [name])
    alone.update(y, p)
    assert alone.value(name) == scored(SETTINGS[task], y, p).value(name)


@pytest.mark.parametrize(("name", "task"), PAIRS)
def test_right_answers_read_better_in_the_declared_direction(name: str, task: Task) -> None:
    y, p = sample(task, 2000)
    truth = np.eye(3)[y] if task == "multiclass" else y
    right, given_ones = scored(SETTINGS[task], y, truth), scored(SETTINGS[task], y, p)
    gain = METRICS[name].direction * (right.value(name) - given_ones.value(name))
    assert gain == 0 if name in ("value_always", "value_never") else gain > 0


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_says_what_it_means_and_in_which_unit(name: str) -> None:
    assert METRICS[name].meaning.endswith(".")
    assert METRICS[name].unit


def test_scores_of_other_settings_are_not_merged() -> None:
    with pytest.raises(ValueError, match="cannot be merged"):
        Scores(SETTINGS["binary"]).merge(Scores(Setting("binary", threshold=0.5)))


def _macro(function: Callable[..., float]) -> Callable[..., float]:
    return lambda y, d: function(y, d, average="macro", zero_division=0.0)


DECIDED: dict[str, Callable[..., float]] = {
    "accuracy": oracle.accuracy_score,
    "balanced_accuracy": oracle.balanced_accuracy_score,
    "precision": oracle.precision_score,
    "recall": oracle.recall_score,
    "f1": oracle.f1_score,
}
SCORED: dict[tuple[Task, str], Callable[..., float]] = {
    ("binary", "log_loss"): oracle.log_loss,
    ("multiclass", "log_loss"): oracle.log_loss,
    ("binary", "brier"): oracle.brier_score_loss,
    ("multiclass", "brier"): oracle.brier_score_loss,
    ("regression", "rmse"): oracle.root_mean_squared_error,
    ("regression", "mae"): oracle.mean_absolute_error,
    ("regression", "mape"): oracle.mean_absolute_percentage_error,
    ("regression", "r2"): oracle.r2_score,
}


@pytest.mark.parametrize("name", DECIDED)
@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_decisions_score_as_in_scikit_learn(name: str, task: Task) -> None:
    y, p = sample(task, 3000)
    decided = (p >= 0.3).astype(int) if task == "binary" else p.argmax(axis=1)
    macro = task == "multiclass" and name in ("precision", "recall", "f1")
    wanted = (_macro(DECIDED[name]) if macro else DECIDED[name])(y, decided)
    assert scored(SETTINGS[task], y, p).value(name) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize(("task", "name"), SCORED)
def test_scores_are_those_of_scikit_learn(task: Task, name: str) -> None:
    y, p = sample(task, 3000)
    assert scored(SETTINGS[task], y, p).value(name) == pytest.approx(SCORED[task, name](y, p), rel=1e-11)
