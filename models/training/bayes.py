"""Bayesian search: a tree-structured Parzen estimator, led by what the trials so far have cost.

Bergstra et al., "Algorithms for hyper-parameter optimization" (2011), section 4, as Optuna has it: one thread, seeded,
silent. Choices that are rising numbers are searched in their order, all others as unordered.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import optuna

from models.training.candidate import Proposals

_FIRST = 5
"""So many trials are drawn at random before the estimator leads."""


def bayes(space: Mapping[str, Sequence[Any]], trials: int, seed: int) -> Proposals:
    """Yield settings, each after the cost of the one before was sent; settings may come again."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=_FIRST)
    study = optuna.create_study(sampler=sampler)
    for _ in range(trials):
        trial = study.ask()
        places = {name: _place(trial, name, values) for name, values in space.items()}
        cost = yield {name: space[name][place] for name, place in places.items()}
        study.tell(trial, cost)


def _place(trial: optuna.Trial, name: str, values: Sequence[Any]) -> int:
    """Return which of the values the trial takes."""
    if all(type(value) in (int, float) for value in values) and all(a < b for a, b in pairwise(values)):
        return trial.suggest_int(name, 0, len(values) - 1)
    return int(trial.suggest_categorical(name, range(len(values))))
