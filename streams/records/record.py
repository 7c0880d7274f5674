"""What every record has: where it lies in its log, whom it is about, and when it could be known."""

from typing import TypeAlias

import msgspec

Value: TypeAlias = float | int | str | bool | None
"""One cleaned field of an event, or one feature."""

Values: TypeAlias = dict[str, Value]
"""Cleaned fields, or features, by name."""

Target: TypeAlias = float | str
"""A label: 0.0 or 1.0 (binary), a class name (multiclass), a number (regression)."""

Score: TypeAlias = float | dict[str, float]
"""An answer: probability of the positive class, class to probability, or the expected number."""


class Position(msgspec.Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Where the log keeps a record; set by the log when the record is appended, -1 before."""

    partition: int = -1
    offset: int = -1


class Record(Position, frozen=True, gc=False, omit_defaults=True):
    """A frozen, typed entry of a log.

    `key` decides the partition, `id` names the record within its topic, and `time` (seconds since the epoch,
    UTC) is the moment at which it could be known: order, watermarks, aggregates and joins go by it.
    """

    key: str
    id: str
    time: float


def order(record: Record) -> tuple[float, str]:
    """Sort key of streams: by time, ties by id, never by partition."""
    return record.time, record.id
