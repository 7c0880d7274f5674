"""Records that carry data: event, prediction, label, outcome, dead letter."""

from typing import Any

from streams.records.record import Record, Score, Target, Values


class Event(Record, frozen=True, gc=False, omit_defaults=True, tag="event"):
    """Something happened, as the producer sent it; nothing in `payload` has been checked.

    `key` is the entity, `id` names the event, `time` is when it could be known and `at` what time it is about.
    `payload` is the parsed object, or the original bytes where they could not be parsed.
    """

    at: float
    payload: dict[str, Any] | bytes
    version: int = 1


class Prediction(Record, frozen=True, gc=False, omit_defaults=True, tag="prediction"):
    """What every arm answered to an event, what was decided, and all that is needed to compute it again.

    `key` is the event's entity. `features` are the cleaned fields (without personal ones) and what was computed from
    them: what the learners saw. `cut` is the moment (s) up to which features, snapshots and control were used.
    """

    at: float
    features: Values
    arms: dict[str, Score]
    served: str
    decision: Target | None = None
    threshold: float | None = None
    flags: tuple[str, ...] = ()
    release: str = ""
    snapshots: dict[str, str] = {}
    cut: float = 0.0
    version: int = 1


class Label(Record, frozen=True, gc=False, omit_defaults=True, tag="label"):
    """The truth about the event `id` (also the key), known at `time`; a higher revision replaces a lower one."""

    value: Target
    revision: int = 0
    version: int = 1


class Outcome(Record, frozen=True, gc=False, omit_defaults=True, tag="outcome"):
    """A prediction and its label, or the fact that none came within the label delay (`label` is None).

    `time` is when the pair was complete: the later of prediction and label (or the end of the label delay).
    `before` is the label of the revision that this one replaces, None for the first. `losses` has the loss of
    each arm in the unit of the success metric, `value` the business value of the served decision.
    """

    prediction: Prediction
    label: Target | None
    delay_s: float
    revision: int = 0
    before: Target | None = None
    losses: dict[str, float] = {}
    value: float | None = None
    version: int = 1


class DeadLetter(Record, frozen=True, gc=False, omit_defaults=True, tag="dead-letter"):
    """A record that was refused: the original bytes, where they came from, why, and what to do."""

    raw: bytes
    topic: str
    code: str
    field: str
    got: str
    remedy: str
    source_partition: int = -1
    source_offset: int = -1
    replayed_from: str = ""
    version: int = 1
