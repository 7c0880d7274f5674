"""Seeded rows and the learners that the laws run over: every registered one, and several of each library."""

import random
from typing import Any, NamedTuple

from models.learners import Learner, build
from models.spec import ArmSpec, Task
from streams.features.port import Type
from streams.records.record import Target, Values

NAMES = ("wind", "rain", "hour", "origin", "carrier")
TYPES: tuple[Type, ...] = ("numeric", "numeric", "numeric", "category", "category")
CLASSES = ("early", "late", "on time")


class Case(NamedTuple):
    task: Task
    learner: str
    params: dict[str, Any] = {}
    scale: bool = False

    def __str__(self) -> str:
        return f"{self.task}-{self.learner}"

    def build(self, seed: int = 3, inputs: tuple[str, ...] | None = None) -> Learner:
        arm = ArmSpec(learner=self.learner, params=self.params, scale=self.scale, inputs=inputs)
        return build(arm, self.task, NAMES, TYPES, CLASSES if self.task == "multiclass" else (), seed)


def rows(count: int, seed: int = 1) -> list[Values]:
    chance = random.Random(seed)
    found: list[Values] = []
    for _ in range(count):
        row: Values = {
            "wind": chance.gauss(10.0, 4.0),
            "rain": max(0.0, chance.gauss(0.0, 1.0)),
            "hour": chance.randrange(24),
            "origin": chance.choice(["EWR", "JFK", "LGA"]),
            "carrier": chance.choice(["AA", "B6", "DL", "UA", "WN"]),
        }
        if chance.random() < 0.1:
            row[chance.choice(NAMES)] = None
        found.append(row)
    return found


def labels(task: Task, of: list[Values], seed: int = 2) -> list[Target]:
    chance = random.Random(seed)
    found: list[Target] = []
    for row in of:
        delay = float(row.get("wind") or 0) - 10.0 + 6.0 * (row.get("origin") == "EWR") + chance.gauss(0.0, 2.0)
        if task == "regression":
            found.append(delay)
        elif task == "binary":
            found.append(float(delay > 2.0))
        else:
            found.append("late" if delay > 3.0 else "early" if delay < -2.0 else "on time")
    return found


INCREMENTAL = [
    Case("binary", "river.linear_model.LogisticRegression", {"optimizer.lr": 0.05}, scale=True),
    Case("binary", "river.tree.HoeffdingTreeClassifier", {"grace_period": 50}),
    Case("binary", "river.naive_bayes.GaussianNB"),
    Case("binary", "river.forest.ARFClassifier", {"n_models": 3, "grace_period": 30}),
    Case("binary", "river.neighbors.KNNClassifier", {"engine.window_size": 50, "engine": "river.neighbors.LazySearch"}),
    Case("multiclass", "river.linear_model.SoftmaxRegression", scale=True),
    Case("multiclass", "river.multiclass.OneVsRestClassifier", {"classifier": "river.linear_model.LogisticRegression"}),
    Case("multiclass", "river.tree.HoeffdingTreeClassifier", {"grace_period": 50}),
    Case("regression", "river.linear_model.LinearRegression", {"intercept_lr": 0.1}, scale=True),
    Case("regression", "river.tree.HoeffdingTreeRegressor", {"grace_period": 50}),
    Case("regression", "river.forest.ARFRegressor", {"n_models": 3}),
    *(
        Case(task, name)
        for name in ("baseline.mean", "baseline.last", "baseline.recent")
        for task in ("binary", "multiclass", "regression")
    ),
]
REFIT = [
    Case("binary", "sklearn.ensemble.HistGradientBoostingClassifier", {"max_iter": 5}),
    Case("multiclass", "sklearn.ensemble.HistGradientBoostingClassifier", {"max_iter": 3}),
    Case("regression", "sklearn.ensemble.HistGradientBoostingRegressor", {"max_iter": 5}),
    Case("binary", "sklearn.linear_model.LogisticRegression"),
    Case("multiclass", "sklearn.linear_model.LogisticRegression"),
    Case("binary", "sklearn.ensemble.RandomForestClassifier", {"n_estimators": 5, "n_jobs": 2}),
    Case("regression", "sklearn.linear_model.Ridge"),
]
ALL = [
    *INCREMENTAL,
    *REFIT,
    Case("binary", "watched", {"column": "rain"}),
    Case("regression", "watched", {"column": "wind"}),
]
