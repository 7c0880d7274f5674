"""The sections of the pipeline file that this room owns: monitor and policy."""

from typing import Literal

from pydantic import Field

from streams.spec import Section
from streams.units import Duration

Cause = Literal[
    "calibration_shift",
    "prior_shift",
    "concept_change",
    "stale",
    "worse_after_release",
    "unit_change",
    "missing_upstream",
    "new_category",
    "broken_upstream",
    "labels_silent",
    "events_silent",
    "duplicates",
    "covariate_shift",
    "health",
]
"""What an incident can be put down to."""

Remedy = Literal["recalibrate", "retrain", "replace", "rollback", "pause", "mask", "convert"]
"""What the policy can do about a cause."""


class MonitorSpec(Section):
    """What is watched, how finely, and how many false incidents are accepted."""

    freshness: Duration = Field(600.0, gt=0, description="how old aggregates and snapshots may be; divides `window`")
    window: Duration = Field(3600.0, gt=0, description="the period of one summary; divides a day")
    segments: tuple[str, ...] = Field((), description="categorical fields whose values are watched apart")
    false_incidents_per_week: float = Field(1.0, gt=0, description="the budget, over everything that is tested")
    distances: tuple[Literal["psi", "jensen_shannon", "wasserstein", "ks", "chi_squared"], ...] = Field(
        ("psi",), description="how data drift is measured"
    )
    detectors: tuple[Literal["adwin", "ddm", "eddm", "hddm", "page_hinkley", "kswin"], ...] = Field(
        ("page_hinkley",), description="how concept drift is detected"
    )


class RuleSpec(Section):
    """One remedy: the causes that call for it, and how often it may be tried."""

    when: tuple[Cause, ...] = Field(min_length=1, description="the causes: ['concept_change', 'stale']")
    cooldown: Duration = Field(86400.0, description="how long after one try the next may come")
    growth: float = Field(
        1.5, gt=1.0, allow_inf_nan=False, description="stale: so many times the outcomes of the last fit are known"
    )


class PolicySpec(Section):
    """Which remedy for which cause, and what needs a person's approval."""

    recalibrate: RuleSpec | None = Field(None, description="fit the calibrator anew on recent outcomes")
    retrain: RuleSpec | None = Field(None, description="fit the champion's recipe on newer data")
    replace: RuleSpec | None = Field(None, description="try a challenger in the champion's place")
    rollback: RuleSpec | None = Field(None, description="go back to the previous release")
    pause: RuleSpec | None = Field(None, description="stop learning until the cause is gone")
    mask: RuleSpec | None = Field(None, description="treat a broken field as missing")
    convert: RuleSpec | None = Field(None, description="undo a change of unit")
    approval: tuple[Remedy, ...] = Field((), description="remedies that wait for a person")
    dry_run: bool = Field(False, description="decide and record, but do nothing")
