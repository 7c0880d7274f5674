"""Choosing parameters and window: every candidate is fitted on growing windows and judged on the block after each.

The folds are the rungs of asynchronous successive halving (Li et al., "A system for massively parallel hyperparameter
tuning", 2020, algorithm 2, with eta = 2): after each fold only a candidate goes on whose cost is within the better half
of those seen on that fold. Later folds have more to train on, so most of the time goes to few candidates.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

from models.spec import ArmSpec
from models.training import SEARCHES
from models.training.candidate import WINDOW, Choice, candidate, windows
from models.training.ground import Ground
from models.training.judge import Fit, measured, overfits

_HALVED = 4
"""Nobody is stopped before so many candidates were seen on a fold."""


class Tried(msgspec.Struct, frozen=True):
    """A line of the selection table.

    `scores` has the metric on each fold that was reached; `score` is their mean and `spread` their standard deviation.
    `gap` is how much worse (in the metric, at least 0 if so) it was on later outcomes than on those trained on.
    `fit_s` (s, of the last fold) and `predict_us` (microseconds a row) are measured and decide nothing; `size` is
    bytes. `fate` says whether all folds were reached.
    """

    params: dict[str, Any]
    window: str
    scores: tuple[float, ...]
    score: float
    spread: float
    gap: float
    overfit: bool
    fit_s: float
    predict_us: float
    size: int
    fate: str


class Found(msgspec.Struct, frozen=True):
    """The chosen arm (one window, nothing to search), the table in the order of trial, and the number of fits."""

    arm: ArmSpec
    table: tuple[Tried, ...]
    fits: int


def search(arm: ArmSpec, ground: Ground, seed: int) -> Found:
    """Return the best candidate: of those that reached all folds and do not overfit, the one of the best mean score.

    The arm as it is written is tried first, so a search never finds worse on its folds. Where all overfit, the best of
    them is taken and its line says so. Ties go to the smaller learner, then to the earlier trial. The test block is
    not looked at. Where there is nothing to choose, nothing is fitted and the table is empty.
    """
    spec = arm.search
    space: dict[str, Sequence[Any]] = dict(spec.space) if spec is not None else {}
    if len(windows(arm)) > 1:
        space[WINDOW] = windows(arm)
    if not space:
        return Found(candidate(arm, {}), (), 0)
    trials = _Trials(arm, ground)
    trials.cost({})
    how, most = ("random", len(windows(arm))) if spec is None else (spec.how, spec.trials)
    proposals = SEARCHES[how](space, most, seed)
    choice = next(proposals, None)
    while choice is not None:
        cost = trials.cost(choice)
        try:
            choice = proposals.send(cost)
        except StopIteration:
            choice = None
    return trials.found()


class _Trials:
    """What has been tried so far, and what it cost on the folds that it reached.

    Costs are counted from those of the first trial on the same fold, because folds are not equally hard and not all
    trials reach all of them.
    """

    def __init__(self, arm: ArmSpec, ground: Ground) -> None:
        self.arm, self.ground = arm, ground
        self.arms: list[ArmSpec] = []
        self.fits: list[list[Fit]] = []
        self.costs: list[float] = []
        self.first: list[float] = []

    def cost(self, choice: Choice) -> float:
        """Try a choice, or remember it, and return the mean of its costs; infinite where its window is too short."""
        tried = candidate(self.arm, choice)
        if tried in self.arms:
            return self.costs[self.arms.index(tried)]
        fits = self._climb(tried)
        self.arms.append(tried)
        self.fits.append(fits)
        self.first += [fit.later for fit in fits[len(self.first) :]]
        above = [fit.later - first for fit, first in zip(fits, self.first, strict=False)]
        self.costs.append(float(np.mean(above)) if fits else np.inf)
        return self.costs[-1]

    def _climb(self, tried: ArmSpec) -> list[Fit]:
        """Fit on fold after fold, as long as it is worth it; nothing where a window is too short for a fold."""
        fits: list[Fit] = []
        ground = self.ground
        for rung, block in enumerate(ground.blocks.folds):
            train = ground.trains(str(tried.window), block.start)
            if train is None:
                return []
            fits.append(measured(ground.make, tried, train, ground.block(block), ground.judge, ground.clock)[1])
            if not self._goes_on(rung, fits[-1].later):
                break
        return fits

    def _goes_on(self, rung: int, cost: float) -> bool:
        """Return whether the cost is within the better half of those seen on that rung."""
        others = [fits[rung].later for fits in self.fits if len(fits) > rung]
        return len(others) + 1 < _HALVED or cost <= float(np.median([*others, cost]))

    def found(self) -> Found:
        """Return the best."""
        full = [place for place, fits in enumerate(self.fits) if len(fits) == len(self.ground.blocks.folds)]
        fair = [place for place in full if not overfits(self.fits[place])] or full
        best = min(fair, key=lambda place: (self.costs[place], self.fits[place][-1].size, place), default=0)
        table = tuple(self._line(place) for place in range(len(self.arms)))
        return Found(self.arms[best], table, sum(map(len, self.fits)))

    def _line(self, place: int) -> Tried:
        """Return the line of one candidate."""
        arm, fits = self.arms[place], self.fits[place]
        scores = tuple(self.ground.judge.score(fit.later) for fit in fits)
        folds = len(self.ground.blocks.folds)
        stopped = "too few outcomes in its window" if not fits else f"stopped after fold {len(fits)} of {folds}"
        return Tried(
            params=dict(arm.params),
            window=str(arm.window),
            scores=scores,
            score=float(np.mean(scores)) if fits else np.nan,
            spread=float(np.std(scores)) if fits else np.nan,
            gap=float(np.mean([fit.gap for fit in fits])) if fits else np.nan,
            overfit=overfits(fits),
            fit_s=fits[-1].fit_s if fits else 0.0,
            predict_us=fits[-1].predict_us if fits else 0.0,
            size=fits[-1].size if fits else 0,
            fate="finished" if len(fits) == folds else stopped,
        )
