"""What a remedy is: one function from an action to what was done, with everything that it may need beside it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import msgspec

from models.metrics.port import Setting
from models.releases.registry import Registry
from models.rollout.table import Lineup
from models.serving import Hold
from models.spec import ModelSpec
from models.training.judge import Clock, Make
from streams.features.plan import Plan
from streams.log.port import Log
from streams.records import Action, DeadLetter, Outcome, Released, Score


class Recipe(msgspec.Struct, frozen=True):
    """What every release of a pipeline has in common, and where releases are made.

    `refer` makes a drift reference from its name, outcomes in order of time, the release's answers to them by event
    id, and the dead letters of the same time; `clock` (s) only measures.
    """

    log: Log
    registry: Registry
    make: Make
    setting: Setting
    metric: str
    model: ModelSpec
    plan: Plan
    shares: tuple[float, ...]
    label_delay_s: float
    pipeline: str
    goal: str
    owners: tuple[str, ...]
    refer: Callable[[str, Iterable[Outcome], Mapping[str, Score], Iterable[DeadLetter]], dict[str, Any]]
    clock: Clock


class Situation(msgspec.Struct, frozen=True):
    """What was so when an action was taken up: who serves, and what must not be learned from."""

    lineup: Lineup
    holds: tuple[Hold, ...]


class Done(msgspec.Struct, frozen=True):
    """What came of an action: in words, in figures, and the roles that releases take because of it."""

    ok: bool
    what: str
    figures: dict[str, float] = {}
    released: tuple[Released, ...] = ()
    release: str = ""


Remedy: TypeAlias = Callable[[Recipe, Situation, Action], Done]
"""Runs an action once more to the same end, if it has to. Raises LearnerError or ReleaseError where it cannot."""
