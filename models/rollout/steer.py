"""Moves a rollout on as time passes and labels settle: shadow, shares, verdict, probation.

What needs no judgement but the clock and the day-block test is done here; what a person or a remedy decides (approve,
refuse, roll back) comes through actions. Windows are taken in the order of prediction, once all their labels are in.
"""

from collections.abc import Mapping

import msgspec

from models.rollout.table import ASK, FINAL, TABLE, Event, Lineup, Rollout, advance, follow
from models.rollout.verdict import DayBlocks
from models.spec import RolloutSpec
from streams.clock import cut
from streams.exact import from_fixed
from streams.records import Action, Record, Released
from streams.state import State
from streams.units import format_duration

_DAY_S = 86400.0


class Progress(msgspec.Struct, frozen=True, tag="progress"):
    """The live test of one release: finished day blocks, and the day under way with its events and difference."""

    release: str = ""
    day: float = 0.0
    events: int = 0
    difference: int = 0
    blocks: DayBlocks = DayBlocks()


class Steer:
    """Folds the control log and gives the records that move the rollout on. State under "steer": a `Progress`."""

    def __init__(self, spec: RolloutSpec, tolerance: float, lead_s: float) -> None:
        """Roles change `lead_s` (s) after they were decided; `tolerance` is in the unit of the loss."""
        self._spec = spec
        self._tolerance = tolerance
        self._lead_s = lead_s
        self._lineup = Lineup()

    def apply(self, record: Record) -> None:
        """Follow who serves."""
        if isinstance(record, Released | Action):
            self._lineup = follow(self._lineup, record, self._spec.split)

    def settled(
        self, state: State, start: float, counts: Mapping[str, int], sums: Mapping[str, int], now: float
    ) -> list[Record]:
        """Take in a window (begun at `start`) whose labels have settled at `now`; return what that leads to."""
        rollout = self._lineup.rollout
        if rollout is None or rollout.stage in FINAL or rollout.champion is None:
            return []
        progress: Progress = state.get("steer") or Progress()
        if progress.release != rollout.challenger.release:
            progress = Progress(release=rollout.challenger.release)
        day = cut(start, _DAY_S)
        out: list[Record] = []
        if day > progress.day:
            blocks = progress.blocks.add(progress.events, from_fixed(progress.difference))
            progress = Progress(progress.release, day, 0, 0, blocks)
            event, why = self._event(rollout, blocks, now)
            out = self._move(rollout, event, now, why) if event else []
        state.put("steer", _counted(progress, rollout, start, counts, sums))
        return out

    def _event(self, rollout: Rollout, blocks: DayBlocks, now: float) -> tuple[Event | None, str]:
        """Return what the day's end means for the rollout, the gravest first."""
        kind = "refresh" if rollout.kind in ("refresh", "return") else "replacement"
        verdict = blocks.verdict(self._spec.verdict.alpha)
        judged = verdict.judge(kind, self._tolerance)  # type: ignore[arg-type]
        age_s = now - rollout.since
        said = f"mean difference of loss {blocks.mean:+.4f} over {blocks.blocks} days"
        legal = {event for stage, event in TABLE[rollout.kind] if stage == rollout.stage}
        found: Event | None = None
        if rollout.stage == "probation":
            found = "failure" if judged == "failure" else "probation_over" if age_s >= self._spec.probation else None
        elif judged != "inconclusive":
            found = judged
        elif age_s >= self._spec.shadow and rollout.stage == "shadow" and not self._only_by_success(rollout):
            found, said = "shadow_over", f"{format_duration(self._spec.shadow)} in shadow without harm; {said}"
        elif age_s >= self._spec.shadow and rollout.stage == "split" and rollout.kind == "refresh":
            found, said = "share_over", f"{format_duration(self._spec.shadow)} at its share without harm; {said}"
        elif age_s >= self._spec.verdict.deadline and rollout.stage in ("shadow", "split"):
            found, said = "deadline", f"no verdict within {format_duration(self._spec.verdict.deadline)}; {said}"
        return (found, said) if found in legal else (None, said)

    def _only_by_success(self, rollout: Rollout) -> bool:
        return rollout.kind == "replacement" and not rollout.shares

    def _move(self, rollout: Rollout, event: Event, now: float, why: str) -> list[Record]:
        step = advance(rollout, event, now + self._lead_s, why)
        if step.asks:
            release = rollout.challenger.release
            id_ = f"ask-{release}-{now:.0f}"
            args = {"release": release, "why": why}
            return [Action(id_, id_, now, ASK, "rollout.verdict", (), args, now + self._lead_s, "wanted", "refuse it")]
        return [msgspec.structs.replace(record, time=now) for record in step.released]


def _counted(
    progress: Progress, rollout: Rollout, start: float, counts: Mapping[str, int], sums: Mapping[str, int]
) -> Progress:
    """Add a window to the day under way, if champion and challenger answered all of its events."""
    if rollout.champion is None:
        return progress
    mine, theirs = rollout.challenger.release, rollout.champion.release
    events = counts.get(f"n:{mine}", 0)
    if (start < rollout.since and rollout.stage == "shadow") or not events or events != counts.get(f"n:{theirs}", 0):
        return progress
    difference = sums[f"loss:{mine}"] - sums[f"loss:{theirs}"]
    return msgspec.structs.replace(
        progress, events=progress.events + events, difference=progress.difference + difference
    )
