"""How a release comes to serve, and how it goes: one table of transitions, and the fold that finds where one stands.

::

                     shadow_over: on / ramp      share_over: on / ramp
    offline_better   success: on                 success: on
    ┌─────────┐    ┌────────┐   on, ramp   ┌──────────────────┐
    │ trained ├───>│ shadow ├─────────────>│ split 0 ... last │  on: the next share, behind the last one probation
    └────┬────┘    └─┬──┬───┘              └──┬────┬────────┬─┘  ramp: the next share, behind the last one it stays
         │           │  │ on, no shares      │    │ on     │
         │           │  └──────────────┐  ┌──┼────┘        │ deadline (from shadow too)
         │           │                 v  v  │             v
         │           │             ┌───────────┐      ┌─────────┐
         │           │             │ probation │<─────┤ waiting │  approved, success
         │           │             └──┬─────┬──┘      └────┬────┘
         │           │  probation_over│     │worse_after_release, guard_garbage, failure, refused
         v           v                v     v              v
      rejected    rejected        settled  rolled back   rejected
      offline_not_better; failure, guard_garbage, refused

A **refresh** (same recipe, newer data) goes on when its time in shadow or at a share is over without a failure: it was
better offline, and is not shown to be worse live. A **replacement** (another recipe) goes on only by a success; its
time in shadow being over brings it to a share of the traffic, never to all of it. A **first** release has nobody to
be compared with and settles at once; so does the **return** to the release before a settled champion. What is
inconclusive changes nothing; at the deadline a person is asked. Settled, rolled back and rejected are final.

While it waits for a person, a challenger keeps its share and its test goes on. Shares of a rollout never sink before
it ends, and those of champion and challenger always sum to 1. A rollback restores the aliases that were before.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from streams.errors import StopError
from streams.records import Action, Released

Kind: TypeAlias = Literal["first", "refresh", "replacement", "return"]
Stage: TypeAlias = Literal["trained", "shadow", "split", "waiting", "probation", "settled", "rolled back", "rejected"]
Event: TypeAlias = Literal[
    "offline_better",
    "offline_not_better",
    "shadow_over",
    "share_over",
    "success",
    "failure",
    "inconclusive",
    "worse_after_release",
    "guard_garbage",
    "deadline",
    "approved",
    "refused",
    "probation_over",
]
_Role: TypeAlias = Literal["challenger", "champion", "previous", "retired"]
_Written: TypeAlias = Literal["shadow", "split", "probation", "settled", "rolled back", "rejected"]
Move: TypeAlias = Stage | Literal["on", "ramp"]

FINAL: frozenset[Stage] = frozenset({"settled", "rolled back", "rejected"})
"""Stages that nothing leads out of."""

ASK = "promote"
"""Kind of the action, with approval wanted, by which a person is asked at the deadline; `args` has the release."""

_SHARED: dict[tuple[Stage, Event], Move] = {
    ("trained", "offline_better"): "shadow",
    ("trained", "offline_not_better"): "rejected",
    ("trained", "refused"): "rejected",
    ("shadow", "success"): "on",
    ("shadow", "inconclusive"): "shadow",
    ("shadow", "failure"): "rejected",
    ("shadow", "guard_garbage"): "rejected",
    ("shadow", "refused"): "rejected",
    ("shadow", "deadline"): "waiting",
    ("split", "success"): "on",
    ("split", "inconclusive"): "split",
    ("split", "failure"): "rejected",
    ("split", "guard_garbage"): "rejected",
    ("split", "refused"): "rejected",
    ("split", "deadline"): "waiting",
    ("waiting", "approved"): "probation",
    ("waiting", "success"): "probation",
    ("waiting", "inconclusive"): "waiting",
    ("waiting", "failure"): "rejected",
    ("waiting", "guard_garbage"): "rejected",
    ("waiting", "refused"): "rejected",
    ("probation", "success"): "probation",
    ("probation", "inconclusive"): "probation",
    ("probation", "worse_after_release"): "rolled back",
    ("probation", "guard_garbage"): "rolled back",
    ("probation", "failure"): "rolled back",
    ("probation", "refused"): "rolled back",
    ("probation", "probation_over"): "settled",
}

TABLE: dict[Kind, dict[tuple[Stage, Event], Move]] = {
    "first": {("trained", "offline_better"): "settled", ("trained", "offline_not_better"): "settled"},
    "return": {("trained", "worse_after_release"): "settled", ("trained", "approved"): "settled"},
    "refresh": {**_SHARED, ("shadow", "shadow_over"): "on", ("split", "share_over"): "on"},
    "replacement": {**_SHARED, ("shadow", "shadow_over"): "ramp", ("split", "share_over"): "ramp"},
}
"""Where each event leads, by kind of rollout; what is not listed is refused."""


class Named(msgspec.Struct, frozen=True):
    """A release, the arm (recipe) that it is of, and the digest of its manifest."""

    release: str
    arm: str
    digest: str


class Rollout(msgspec.Struct, frozen=True):
    """Where a release stands: `since` when (s) it came there, at which of the rising `shares` it is (-1: none yet).

    `champion` is what served before it, and `previous` what served before that.
    """

    kind: Kind
    challenger: Named
    champion: Named | None
    previous: Named | None
    shares: tuple[float, ...]
    stage: Stage = "trained"
    at: int = -1
    since: float = 0.0

    @property
    def share(self) -> float:
        """The share of the keys that the challenger serves."""
        if self.stage in ("probation", "settled"):
            return 1.0
        return self.shares[self.at] if self.stage in ("split", "waiting") and self.at >= 0 else 0.0

    @property
    def aliases(self) -> dict[str, str]:
        """The releases by alias: champion, challenger, previous; what has no release is left out."""
        serves = self.stage in ("probation", "settled")
        tests = self.stage in ("shadow", "split", "waiting")
        named = {
            "champion": self.challenger if serves else self.champion,
            "challenger": self.challenger if tests else None,
            "previous": self.champion if serves else self.previous,
        }
        return {alias: each.release for alias, each in named.items() if each is not None}


class Step(msgspec.Struct, frozen=True):
    """What an event does: where the rollout stands then, the roles to write, and whether a person is to be asked.

    Aliases are to be those of the rollout. Nothing is written where nothing changed.
    """

    rollout: Rollout
    released: tuple[Released, ...] = ()
    asks: bool = False


def begin(challenger: Named, champion: Named | None, previous: Named | None, shares: tuple[float, ...]) -> Rollout:
    """Return the rollout of a release that was just trained (of the champion's arm: a refresh), or of `previous` again.

    `shares` must rise within (0, 1), or StopError is raised.
    """
    if any(not low < high for low, high in zip((0.0, *shares), (*shares, 1.0), strict=True)):
        raise StopError(f"rollout.split: got {list(shares)}. Give rising shares between 0 and 1, such as [0.05, 0.5].")
    kind: Kind = "replacement"
    if champion is None:
        kind = "first"
    elif previous is not None and challenger.release == previous.release:
        kind = "return"
    elif champion.arm == challenger.arm:
        kind = "refresh"
    return Rollout(kind, challenger, champion, previous, shares)


def advance(rollout: Rollout, event: Event, at: float, why: str, because: tuple[str, ...] = ()) -> Step:
    """Return what an event at the time `at` (s) leads to; `why` and `because` (ids of evidence) go to the records.

    Raises StopError for an event that cannot happen where the rollout stands.
    """
    move = TABLE[rollout.kind].get((rollout.stage, event))
    if move is None:
        legal = sorted(name for stage, name in TABLE[rollout.kind] if stage == rollout.stage)
        raise StopError(
            f"rollout of {rollout.challenger.release}: {event} cannot happen to a {rollout.kind} that is "
            f"{rollout.stage}. Possible: {', '.join(legal) or 'nothing, it is over'}."
        )
    stage, share = _target(rollout, move)
    if (stage, share) == (rollout.stage, rollout.at):
        return Step(rollout)
    after = msgspec.structs.replace(rollout, stage=stage, at=share, since=at)
    if stage == "waiting":
        return Step(after, asks=True)
    return Step(after, _roles(after, at, why, because))


def _target(rollout: Rollout, move: Move) -> tuple[Stage, int]:
    """Return the stage that a move leads to, and the place among the shares."""
    if move in ("on", "ramp"):
        if rollout.at + 1 < len(rollout.shares):
            return "split", rollout.at + 1
        return ("probation" if move == "on" else rollout.stage), rollout.at
    return move, rollout.at  # type: ignore[return-value]


def _roles(rollout: Rollout, at: float, why: str, because: tuple[str, ...]) -> tuple[Released, ...]:
    """Return the record of the challenger, and that of the champion beside it; their shares sum to 1."""
    stage, share, old = rollout.stage, rollout.share, rollout.champion
    if stage == "trained" or stage == "waiting":
        return ()
    mine: _Role = "champion" if share == 1.0 else "retired" if stage in FINAL else "challenger"
    theirs: _Role = "champion" if share < 1.0 else "retired" if stage == "settled" else "previous"

    def record(named: Named, role: _Role, stage: _Written, share: float) -> Released:
        return Released(
            key=named.release,
            id=f"{rollout.challenger.release}/{rollout.stage}/{rollout.at}/{named.release}",
            time=at,
            effective_at=at,
            arm=named.arm,
            role=role,
            stage=stage,
            share=share,
            digest=named.digest,
            why=why,
            because=because,
        )

    beside = () if old is None else (record(old, theirs, "settled", 1.0 - share),)
    return record(rollout.challenger, mine, stage, share), *beside


class Lineup(msgspec.Struct, frozen=True):
    """Who serves, who served before, and the latest rollout with its end, if there was one."""

    champion: Named | None = None
    previous: Named | None = None
    rollout: Rollout | None = None


def fold(records: Iterable[Released | Action], shares: tuple[float, ...]) -> Lineup:
    """Return the line-up after all records, in their order.

    `shares` are those of the pipeline file. A rollout that was only trained has left no record yet.
    """
    lineup = Lineup()
    for record in records:
        lineup = follow(lineup, record, shares)
    return lineup


def follow(lineup: Lineup, record: Released | Action, shares: tuple[float, ...]) -> Lineup:
    """Return the line-up after one more record; records that tell nothing new leave it as it is."""
    rollout = lineup.rollout
    if isinstance(record, Action):
        asked = record.kind == ASK and record.approval == "wanted" and rollout is not None
        if not asked or rollout is None or rollout.challenger.release != record.args.get("release"):
            return lineup
        return Lineup(
            lineup.champion, lineup.previous, msgspec.structs.replace(rollout, stage="waiting", since=record.time)
        )
    known = rollout if rollout is not None and rollout.challenger.release == record.key else None
    if known is None and rollout is not None and (rollout.stage not in FINAL or _beside(lineup, record)):
        return lineup
    named = Named(record.key, record.arm, record.digest)
    begun = known or begin(named, lineup.champion, lineup.previous, shares)
    after = msgspec.structs.replace(begun, stage=record.stage, at=_place(begun, record), since=record.effective_at)
    if after.share == 1.0:
        return Lineup(after.challenger, after.champion, after)
    return Lineup(after.champion, after.previous, after)


def _beside(lineup: Lineup, record: Released) -> bool:
    """Return whether a record is only the other half of one that was followed: the champion's, or its predecessor's."""
    if lineup.champion is not None and lineup.champion.release == record.key:
        return True
    return lineup.previous is not None and lineup.previous.release == record.key and record.role != "champion"


def _place(rollout: Rollout, record: Released) -> int:
    """Return the place among the shares that a record tells of."""
    if record.stage != "split":
        return rollout.at
    if record.share not in rollout.shares:
        raise StopError(
            f"rollout.split: release {record.key} serves {record.share:g} of the keys, got {list(rollout.shares)}. "
            "Keep that share in the list until its rollout is over."
        )
    return rollout.shares.index(record.share)
