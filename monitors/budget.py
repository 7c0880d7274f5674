"""The budget of false incidents: how small a p-value must be before a family of tests may alarm.

The user says how many false incidents a week are acceptable over everything that is tested. Each family gets an equal
share, and spreads it over its tests of a week: a family that is tested once a window alarms at
``share / windows per week``. What is tested in one window, many fields in many segments, is one test: its p-value is
taken against the maximum over all of them on history.

What is certified: on data that behaves as the history did, the expected number of incidents is at most the budget, if a
run of alarmed windows at one place is one incident. A level of k / (n + 1) lets through what exceeds the k-th largest
maximum of n windows. Neighbouring windows are alike, so these k belong to at most k runs, and a run to come exceeds
the largest of r earlier ones with probability 1 / (r + 1): that is k incidents in as long as the history was, at most,
and fewer the longer the runs. Expectations add up over families, whatever their dependence. Not certified: single
alarmed windows (a run has many), levels below 1 / (n + 1) (see `lowest_budget`), and data that changes for good, where
alarms are not false.
"""

from typing import Literal

WEEK_S = 7 * 86400.0
DAY_S = 86400.0

FAMILIES: dict[str, Literal["window", "day"]] = {
    "quality": "window",
    "health": "window",
    "silence": "window",
    "quality_daily": "day",
    "health_daily": "day",
    "drift": "day",
    "prediction": "day",
    "performance": "day",
}
"""The families of tests, and how often each is tested: at the end of each window, or of each day (UTC)."""


def levels(false_incidents_per_week: float, window_s: float) -> dict[str, float]:
    """Return the p-value at or below which each family alarms.

    >>> {family: round(level, 6) for family, level in levels(0.7, 3600.0).items() if family in ("quality", "drift")}
    {'quality': 0.000521, 'drift': 0.0125}
    """
    share = false_incidents_per_week / len(FAMILIES)
    return {family: share / weekly_tests(family, window_s) for family in FAMILIES}


def weekly_tests(family: str, window_s: float) -> float:
    """Return how often a family is tested in a week."""
    return WEEK_S / (window_s if FAMILIES[family] == "window" else DAY_S)


def spent(tested: frozenset[str] | set[str], window_s: float, false_incidents_per_week: float) -> float:
    """Return the part of a false incident that testing these families once has cost."""
    level = levels(false_incidents_per_week, window_s)
    return sum(level[family] for family in tested)


def lowest_budget(history_days: float, window_s: float) -> float:
    """Return the lowest budget (false incidents a week) that a history of this length can certify by ranks alone.

    A window that exceeds all n of history has p = 1 / (n + 1), not less. With a lower budget, alarms rest on the
    extrapolated tail of `monitors.null`, which is an assumption and not a certificate.

    >>> round(lowest_budget(59.0, 3600.0), 2)
    0.95
    """
    needed = 0.0
    for family in FAMILIES:
        tests = weekly_tests(family, window_s)
        observed = history_days / 7.0 * tests
        needed = max(needed, tests / (observed + 1.0))
    return needed * len(FAMILIES)
