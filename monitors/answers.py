"""Findings about the model itself: answers that got worse, a release that is worse than the one before, a stale one."""

import math
from collections.abc import Sequence

import msgspec

from models.rollout.verdict import FIRST
from monitors.budget import DAY_S
from monitors.corroboration import Opinion, agreeing
from monitors.days import LIFE_DAYS, Day, Performance
from monitors.diagnosis import Finding
from monitors.performance import after_release, changed, judge, ranked_segments
from monitors.shift import kind_of
from streams.records import Test

GRACE_DAYS = 3
"""Settled days that are needed to say whether something did harm."""

RECENT_DAYS = 3
"""A worse answer lasts while the newest settled days are above the tolerance."""


SURE = 3.0
"""Standard errors by which harm must stand out, because it is looked for often."""


class Standing(msgspec.Struct, frozen=True):
    """Who serves since when (s), who served before, and how many labelled outcomes the champion was fitted on."""

    champion: str
    previous: str
    since: float
    fitted: int


def worse(performance: Performance, opinion: Opinion, tolerance: float, level: float) -> Finding | None:
    """Return that the served answers lose more than they should, why, where and since when; None if they do not.

    It is weak (lasts, but opens nothing) while the newest days are above the tolerance without an alarm.
    """
    excess = judge(performance, tolerance, level)
    if excess is None:
        return None
    recent = performance.days[-RECENT_DAYS:]
    lasting = _mean(recent) > tolerance
    if not lasting:
        return None
    lived = [day for day in performance.days if day.start >= min(performance.starts)]
    since = changed(lived, tolerance)
    bad = [day for day in performance.days if day.start >= since]
    before = [day for day in performance.days if day.start < since]
    kind = kind_of(before, bad)
    segments = ranked_segments(bad)
    mean = _mean(bad)
    agree = agreeing(opinion, since)
    shown = excess.lower if math.isfinite(excess.lower) else 0.0
    evidence = Test("performance", "excess_loss", "", "", mean, shown, excess.p)
    named = tuple(Test("performance", name, "", "", 1.0, 1.0, 1.0) for name in agree)
    harm = {"loss": mean}
    if (lost := value_lost(before, bad)) is not None:
        harm["value"] = lost
    words = {
        "prior_shift": "answers off by a constant: the rate of positives has shifted",
        "calibration_shift": "answers too sure or not sure enough: calibration has shifted",
        "concept_change": "answers worse in rank: what leads to the label has changed",
    }
    where = f" in {', '.join(segments)}" if segments else ""
    return Finding(kind, since, words[kind] + where, (), segments, (evidence, *named), harm, weak=not excess.alarms)


def worse_after_release(performance: Performance, standing: Standing, level: float) -> Finding | None:
    """Return that the champion loses more than the release before it on the same events; None if that is not shown.

    The previous release goes on answering, so this needs neither a split nor an expectation. Day blocks of the first
    four weeks after the release, from its first whole day on.
    """
    if not standing.champion or not standing.previous:
        return None
    since = math.ceil(standing.since / DAY_S) * DAY_S
    days = [day for day in performance.days if since <= day.start < since + LIFE_DAYS * DAY_S]
    bounds = after_release(days, standing.champion, standing.previous, since, 2.0 * level)
    if bounds.blocks < FIRST or bounds.lower is None or bounds.lower <= 0.0:
        return None
    pairs = [
        (day.arms[standing.champion], day.arms[standing.previous]) for day in days if standing.champion in day.arms
    ]
    n = sum(new[0] for new, _ in pairs)
    mean = math.fsum(new[1] - old[1] for new, old in pairs) / n
    test = Test("performance", "loss_after_release", "", "", mean, bounds.lower, level)
    what = f"{standing.champion} is worse than {standing.previous}, which it replaced"
    return Finding("worse_after_release", standing.since, what, evidence=(test,), harm={"loss": mean})


def stale(standing: Standing, labelled: int, growth: float, now: float) -> Finding | None:
    """Return that the champion was fitted on less than 1 / `growth` of the outcomes that are known at `now` (s).

    That is maintenance, not an alarm: it opens a note. Learning curves fall with the logarithm of the data, so what
    counts is by which factor it has grown.
    """
    if not standing.champion or labelled < growth * max(standing.fitted, 1):
        return None
    factor = labelled / max(standing.fitted, 1)
    what = f"{standing.champion} was fitted on {standing.fitted} outcomes, {labelled} are known now"
    test = Test("stale", "growth", "", "", factor, factor / growth, 1.0)
    return Finding("stale", now, what, evidence=(test,))


def harmed(performance: Performance, since: float, until: float, tolerance: float) -> bool | None:
    """Return whether answers of `since` to `until` (s) did harm; None while too few days are settled to say.

    Harm is a mean excess loss above the tolerance, and above half of it by three standard errors of day blocks, or a
    loss of value of more than three standard errors: this is looked at daily, for every incident.
    """
    days = performance.days
    if not days or days[-1].start + DAY_S < min(until, since + GRACE_DAYS * DAY_S):
        return None
    bad = [day for day in days if day.start + DAY_S > since and day.start < until]
    if not bad:
        return None
    mean = _mean(bad)
    if mean > tolerance and mean > tolerance / 2.0 + SURE * _spread(days) / math.sqrt(len(bad)):
        return True
    return value_lost([day for day in days if day.start + DAY_S <= since], bad) is not None


def value_lost(before: Sequence[Day], since: Sequence[Day]) -> float | None:
    """Return the business value lost in a day since a change, against the days before; None if none is shown.

    Shown is a difference of the values of an event, averaged by day, of more than three standard errors.
    """
    old = [day.value / day.n for day in before if day.value is not None]
    new = [day.value / day.n for day in since if day.value is not None]
    if len(old) < FIRST or len(new) < GRACE_DAYS:
        return None
    gap = math.fsum(old) / len(old) - math.fsum(new) / len(new)
    error = math.sqrt(_variance(old) * (1.0 / len(old) + 1.0 / len(new)))
    return gap * sum(day.n for day in since) / len(since) if gap > SURE * error else None


def _spread(days: Sequence[Day]) -> float:
    """Standard deviation of the daily mean excess; infinite for less than a week."""
    if len(days) < FIRST:
        return math.inf
    return math.sqrt(_variance([day.excess / day.n for day in days]))


def _variance(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _mean(days: Sequence[Day]) -> float:
    events = sum(day.n for day in days)
    return math.fsum(day.excess for day in days) / events if events else 0.0
