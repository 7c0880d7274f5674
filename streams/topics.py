"""The topics of a pipeline: which record goes where, how it is spread, and how long it is kept."""

from typing import Literal

import msgspec

from streams.records import (
    Action,
    Alert,
    Command,
    DeadLetter,
    Event,
    Incident,
    Label,
    Outcome,
    PartialSum,
    Prediction,
    Record,
    Released,
    Result,
    Snapshot,
    Summary,
    Verdict,
)


class Topic(msgspec.Struct, frozen=True):
    """One topic: `spread` over the pipeline's partitions or one only; `cleanup` says what may be forgotten.

    consumed: gone once every reader has committed past it; compact: the newest record of each key stays; expire: so
    does that, while it is younger than the longest window; keep: stays, and can be read again by offset.
    """

    name: str
    spread: bool
    cleanup: Literal["consumed", "compact", "expire", "keep"]


TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        Topic("events", spread=True, cleanup="consumed"),
        Topic("labels", spread=True, cleanup="consumed"),
        Topic("predictions", spread=True, cleanup="consumed"),
        Topic("outcomes", spread=True, cleanup="keep"),
        Topic("features", spread=False, cleanup="expire"),
        Topic("snapshots", spread=False, cleanup="compact"),
        Topic("summaries", spread=True, cleanup="keep"),
        Topic("dead-letters", spread=True, cleanup="keep"),
        Topic("control", spread=False, cleanup="keep"),
    )
}
"""Every topic by name."""

TOPIC_OF: dict[type[Record], str] = {
    Event: "events",
    Label: "labels",
    Prediction: "predictions",
    Outcome: "outcomes",
    PartialSum: "features",
    Snapshot: "snapshots",
    Summary: "summaries",
    DeadLetter: "dead-letters",
    Verdict: "control",
    Incident: "control",
    Alert: "control",
    Action: "control",
    Result: "control",
    Command: "control",
    Released: "control",
}
"""The topic of each record type."""

TYPE_OF: dict[str, object] = {
    name: next(kind for kind, topic in TOPIC_OF.items() if topic == name) for name in TOPICS if name != "control"
} | {"control": Verdict | Incident | Alert | Action | Result | Command | Released}
"""What a topic holds, for decoding."""
