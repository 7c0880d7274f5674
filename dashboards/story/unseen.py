"""The weak spot: which change would go unseen, or be seen late, by the run's own days, fields and segments."""

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from dashboards.formats import count, figure, lasting, percent
from dashboards.story.arms import loss_name
from dashboards.story.outcomes import Told
from dashboards.story.parts import Coverage, Drift, Segment, Weakness
from monitors.budget import levels

POWER = 0.8
"""A change counts as found if four runs in five would find it."""

SPANS = (1, 7, 28)
"""Lengths (days) for which the smallest change that is found is told."""

BLOCKS = 8
"""Fewer blocks of days than this say too little about their spread."""

FEW_A_DAY = 10.0
"""A segment with fewer labelled events a day than this cannot be told apart within a day."""


def weaknesses(told: Told, coverage: Coverage, drift: Drift, segments: tuple[Segment, ...]) -> tuple[Weakness, ...]:
    """Return what would go unseen, the gravest first."""
    found = [_floor(told), _late(coverage), _continuous(drift), _thin(told, segments)]
    return tuple(each for each in found if each is not None)


def detection_floor(told: Told) -> dict[int, float]:
    """Return the smallest rise of the daily loss that would be found, if it lasted so many days.

    Each day's excess is its mean loss less the loss that the answers expected of themselves. Of means over n days that
    do not overlap, the standard deviation s is taken as it was in the scored period, autocorrelation and seasons
    included. A one-sided test at the daily level a of the performance family then finds a rise of (z(1-a) + z(power)) s
    with the stated power, if such means are about normal: the standard power calculation (Cohen, "Statistical Power
    Analysis for the Behavioral Sciences", 1988, chapter 2). It says what data allow, not what a given detector does.
    """
    scored = (told.judged > 0) & (told.days.starts >= told.run.warmup_end - 86400.0)
    excess, events = told.excess[scored], told.judged[scored]
    level = levels(told.run.budget, told.run.window_s)["performance"]
    reach = NormalDist().inv_cdf(1.0 - min(level, 0.5)) + NormalDist().inv_cdf(POWER)
    floors = {}
    for span in SPANS:
        means = _blocks(excess, events, span)
        if len(means) >= BLOCKS:
            floors[span] = reach * float(np.std(means, ddof=1))
    return floors


def _blocks(excess: NDArray[np.float64], events: NDArray[np.float64], span: int) -> NDArray[np.float64]:
    """Return the mean excess per event of each block of days."""
    whole = len(excess) // span * span
    sums = excess[:whole].reshape(-1, span).sum(axis=1)
    numbers = events[:whole].reshape(-1, span).sum(axis=1)
    means: NDArray[np.float64] = sums / np.maximum(numbers, 1.0)
    return means


def _floor(told: Told) -> Weakness | None:
    floors = detection_floor(told)
    if not floors:
        return Weakness(
            "Small losses of performance",
            f"There are too few days with labels (fewer than {BLOCKS}) to say how small a rise would be found.",
        )
    name, _, root = loss_name(told)
    if root:
        floors = {span: _as_root(told, floor) for span, floor in floors.items()}
    comparable = told.run.metric in ("log_loss", "brier", "rmse", "mae")
    listed = [f"{figure(floor, 2)} if it lasts {count(span, 'day')}" for span, floor in floors.items()]
    text = (
        f"Going by how days differed in this run, the smallest rise of the {name} that a daily test within the budget "
        f"finds four times in five is {', '.join(listed)}; less would go unseen."
    )
    return Weakness(
        "Small losses of performance", text + _beside_tolerance(told.run.tolerance if comparable else 0.0, floors)
    )


def _as_root(told: Told, floor: float) -> float:
    """Return by how much the root of the mean squared error rises when the mean rises by `floor`."""
    mean = float(told.loss["served"].sum() / max(float(told.number["served"].sum()), 1.0))
    return math.sqrt(mean + floor) - math.sqrt(mean)


def _beside_tolerance(tolerance: float, floors: dict[int, float]) -> str:
    """Say whether a loss of the declared tolerance would be found."""
    if not tolerance:
        return ""
    enough = [span for span, floor in floors.items() if floor <= tolerance]
    if enough:
        return f" One of the declared tolerance, {figure(tolerance)}, is found if it lasts {count(enough[0], 'day')}."
    return f" One of the declared tolerance, {figure(tolerance)}, is below all of these."


def _late(coverage: Coverage) -> Weakness | None:
    if coverage.delay_high_s is None:
        return Weakness(
            "Performance as such", "No label has come yet: only the data can be watched, not how good the answers are."
        )
    total = coverage.labelled + coverage.unlabelled
    never = f" {percent(coverage.unlabelled / total)} of the labels never came." if coverage.unlabelled else ""
    return Weakness(
        "The first hours of any change of performance",
        f"Half of the labels come within {lasting(coverage.delay_median_s)}, 95 % within "
        f"{lasting(coverage.delay_high_s)}: until then only the data and the answers can show a change.{never}",
    )


def _continuous(drift: Drift) -> Weakness | None:
    names = tuple(field.name for field in drift.fields if field.unseen is None and field.name != "score")
    if not names:
        return None
    return Weakness(
        "A wrong unit or code in fields whose values rarely repeat",
        f"In {count(len(names), 'field')} a value that was never seen before is nothing unusual, so a wrong unit or "
        "code shows there only as drift, days later, or through the loss.",
        names,
    )


def _thin(told: Told, segments: tuple[Segment, ...]) -> Weakness | None:
    days = max(float((told.days.starts >= told.run.warmup_end - 86400.0).sum()), 1.0)
    thin = sorted((each.events / days, each.name) for each in segments if each.events / days < FEW_A_DAY)
    if not thin:
        return None
    deviation = _event_deviation(told)
    rate, name = thin[-1]
    needed = (
        ""
        if deviation is None
        else f" Even in {name}, a week has only {figure(7 * rate, 2)} of them"
        + (f", whose mean loss has a standard error of {figure(deviation / math.sqrt(max(7 * rate, 1.0)), 2)}.")
    )
    return Weakness(
        "Changes within small segments",
        f"{count(len(thin), 'segment')} had fewer than {FEW_A_DAY:g} labelled events a day.{needed}",
        tuple(name for _, name in thin),
    )


def _event_deviation(told: Told) -> float | None:
    """Return about the standard deviation of one event's loss, from how days vary around their mean."""
    there = told.number["served"] > 1
    if there.sum() < BLOCKS:
        return None
    means = told.loss["served"][there] / told.number["served"][there]
    middle = np.median(means)
    return float(np.median(np.abs(means - middle)) * 1.4826 * math.sqrt(float(np.median(told.number["served"][there]))))
