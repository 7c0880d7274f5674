"""Histories and learners that the tests of training share; quick, and with answers that can be worked out."""

from collections.abc import Mapping, Sequence

import numpy as np

from models.learners.port import Learner
from models.rows import gathered
from models.spec import ArmSpec
from models.training.history import Window
from streams.features.port import Type
from streams.records import Outcome, Prediction, Score, Target, Values

DAY = 86400.0
TYPES: Mapping[str, Type] = {"x": "numeric", "town": "category"}


class Table:
    """Answers the rate of positives among rows of the same rounded `x`, as seen in the last fit.

    `params` are `digits` of rounding (many: it learns by heart) and `shift`, added to every answer.
    """

    incremental = False

    def __init__(self, arm: ArmSpec) -> None:
        self.digits = int(arm.params.get("digits", 1))
        self.shift = float(arm.params.get("shift", 0.0))
        self.seen: dict[float, tuple[float, int]] = {}
        self.rate = 0.5

    def fit(self, rows: Sequence[Values], y: Sequence[Target]) -> None:
        self.seen = {}
        for row, label in zip(rows, y, strict=True):
            total, count = self.seen.get(self._place(row), (0.0, 0))
            self.seen[self._place(row)] = (total + float(label), count + 1)
        self.rate = sum(float(label) for label in y) / len(y)

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        return [self._answer(row) for row in rows]

    def learn(self, x: Values, y: Target) -> None:
        """Do nothing."""

    def dump(self) -> bytes:
        return repr(sorted(self.seen.items())).encode()

    def load(self, data: bytes) -> None:
        """Do nothing."""

    def _place(self, row: Values) -> float:
        x = row["x"]
        return round(float(x), self.digits) if isinstance(x, int | float) else -1.0

    def _answer(self, row: Values) -> float:
        total, count = self.seen.get(self._place(row), (self.rate, 1))
        return min(max((total + self.rate) / (count + 1) + self.shift, 0.001), 0.999)


class Rate(Table):
    """Answers the rate of positives of the last fit, whatever the row is."""

    def _answer(self, row: Values) -> float:
        return min(max(self.rate, 0.001), 0.999)


def make(arm: ArmSpec) -> Learner:
    return Rate(arm) if arm.learner.startswith("baseline") else Table(arm)


def world(n: int = 4000, days: float = 100.0, seed: int = 1, change: float | None = None, delay: float = DAY) -> Window:
    """A history of `n` outcomes whose label is 1 with chance `x`, from a change (s) on with chance 1 - x."""
    rng = np.random.default_rng(seed)
    predicted = np.sort(rng.uniform(0.0, days * DAY, n))
    x = rng.uniform(0.0, 1.0, n)
    chance = np.where(predicted < (np.inf if change is None else change), x, 1.0 - x)
    y = (rng.uniform(size=n) < chance).astype(float)
    known = predicted + rng.uniform(0.0, delay, n)
    order = np.argsort(known)
    rows = gathered([{"x": value, "town": "JFK"} for value in x[order].tolist()], TYPES)
    served = np.full(n, np.log(2.0))
    return Window(rows, y[order], predicted[order], known[order], {"champion": served}, served, np.full(n, -4.0))


def outcome(
    number: int,
    time: float,
    known: float,
    label: Target | None = 1.0,
    before: Target | None = None,
    flags: tuple[str, ...] = (),
    **features: float | str | None,
) -> Outcome:
    prediction = Prediction("key", f"e{number}", time, time, dict(features), {"champion": 0.4}, "champion", flags=flags)
    losses = {"champion": 0.5, "late": 0.7} if number else {"champion": 0.5}
    return Outcome("key", f"e{number}", known, prediction, label, known - time, 0, before, losses, -4.0)
