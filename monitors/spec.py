"""The sections of the pipeline file that this room owns: monitor and policy."""

from typing import Literal

from pydantic import Field

from streams.spec import Section
from streams.units import Duration


class MonitorSpec(Section):
    """What is watched, how finely, and how many false incidents are accepted."""

    freshness: Duration = 600.0
    window: Duration = 3600.0
    segments: tuple[str, ...] = ()
    false_incidents_per_week: float = Field(1.0, gt=0)
    distances: tuple[str, ...] = ("psi",)
    detectors: tuple[str, ...] = ("page_hinkley",)


class RuleSpec(Section):
    """One remedy: the causes that call for it, and how often it may be tried."""

    when: tuple[str, ...]
    cooldown: Duration = 86400.0


class PolicySpec(Section):
    """Which remedy for which cause, and what needs a person's approval."""

    recalibrate: RuleSpec | None = None
    retrain: RuleSpec | None = None
    replace: RuleSpec | None = None
    rollback: RuleSpec | None = None
    pause: RuleSpec | None = None
    mask: RuleSpec | None = None
    convert: RuleSpec | None = None
    approval: tuple[Literal["recalibrate", "retrain", "replace", "rollback", "pause", "mask", "convert"], ...] = ()
    dry_run: bool = False
