"""Records of what was found, decided, commanded and done: together, in one partition, the audit log."""

from typing import Any, Literal

import msgspec

from streams.records.record import Record


class Summary(Record, frozen=True, gc=False, omit_defaults=True, tag="summary"):
    """One window of one partition as mergeable counts; those of all partitions and revisions add up to the window's.

    `start` and `end` (s) bound the window of prediction times. Kind "seen" comes when the window is over: what was
    predicted, refused and labelled meanwhile. Kind "settled" comes when every label of the window's predictions is in
    or too late: losses, value, calibration. `reference` names the release whose bins `cells` was counted in:
    int32 of shape (rows, width), packed as `monitors.layout` says. `counts` are numbers of records, `sums`
    fixed-point sums (`streams.exact`), by name; `unseen` has a few of the values that the reference never held, by
    field, with how often they came.
    """

    kind: Literal["seen", "settled"]
    start: float
    end: float
    writer: int
    counts: dict[str, int]
    sums: dict[str, int]
    reference: str = ""
    cells: bytes = b""
    unseen: dict[str, dict[str, int]] = {}
    revision: int = 0
    version: int = 1


class Test(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One tested statistic: where, its value, the residual from its season, and its p-value."""

    family: str
    name: str
    field: str
    segment: str
    statistic: float
    residual: float
    p: float


class Verdict(Record, frozen=True, gc=False, omit_defaults=True, tag="verdict"):
    """What a window's tests said. `tested` counts all of them, `tests` lists those that were remarkable.

    `spent` is the part of the budget of false incidents that the window used, `level` the p-value at which a
    family alarms.
    """

    start: float
    end: float
    tested: int
    tests: tuple[Test, ...]
    level: float
    spent: float
    version: int = 1


class Incident(Record, frozen=True, gc=False, omit_defaults=True, tag="incident"):
    """One cause, with everything that was found of it. `id` stays the same while the state changes.

    `severity` says who hears of it: a page wakes somebody, a ticket waits for the morning, a note is only kept.
    """

    cause: str
    state: Literal["open", "recovering", "resolved"]
    severity: Literal["page", "ticket", "note"]
    since: float
    what: str
    fields: tuple[str, ...]
    segments: tuple[str, ...]
    evidence: tuple[Test, ...]
    harm: dict[str, float]
    remedy: str
    confirmed: bool | None = None
    acknowledged_by: str = ""
    version: int = 1


class Alert(Record, frozen=True, gc=False, omit_defaults=True, tag="alert"):
    """What people are told of an incident (`key`), in one of four states."""

    incident: str
    severity: Literal["page", "ticket", "note"]
    state: Literal["pending", "firing", "recovering", "resolved"]
    summary: str
    since: float
    runbook: str = ""
    version: int = 1


class Action(Record, frozen=True, gc=False, omit_defaults=True, tag="action"):
    """A decided remedy: `rule` is the policy's rule, `because` the ids of the evidence.

    Its result is awaited at `due_at` (s). `args` pins all that the remedy needs, so that it can be run again: arm,
    offsets of the training window, seed.
    """

    kind: str
    rule: str
    because: tuple[str, ...]
    args: dict[str, Any]
    due_at: float
    approval: Literal["not needed", "wanted", "given", "refused", "dry run"] = "not needed"
    undo: str = ""
    version: int = 1


class Result(Record, frozen=True, gc=False, omit_defaults=True, tag="result"):
    """What came of an action, in force from `effective_at` (s) on."""

    action: str
    kind: str
    effective_at: float
    ok: bool
    what: str
    figures: dict[str, float]
    args: dict[str, Any] = {}
    release: str = ""
    version: int = 1


class Command(Record, frozen=True, gc=False, omit_defaults=True, tag="command"):
    """What a person asked for: `what` with `args`, who, and why."""

    what: str
    args: dict[str, Any]
    who: str
    why: str
    version: int = 1


class Released(Record, frozen=True, gc=False, omit_defaults=True, tag="released"):
    """A release (`key`) takes a role: from `effective_at` (s) on it serves `share` of the keys, or learns beside.

    `role` is challenger (shadow or split), champion, previous, or retired. `registry` names its artifact and
    `digest` is that of its manifest.
    """

    effective_at: float
    arm: str
    role: Literal["challenger", "champion", "previous", "retired"]
    stage: Literal["shadow", "split", "probation", "settled", "rolled back", "rejected"]
    share: float
    digest: str
    why: str
    because: tuple[str, ...] = ()
    version: int = 1


Control = Verdict | Incident | Alert | Action | Result | Command | Released
"""The union that the control topic holds."""
