"""The records that stages exchange, frozen and typed."""

from streams.records.control import (
    Action,
    Alert,
    Command,
    Control,
    Incident,
    Released,
    Result,
    Summary,
    Test,
    Verdict,
)
from streams.records.data import DeadLetter, Event, Label, Outcome, Prediction
from streams.records.record import Record, Score, Target, Value, Values, order
from streams.records.tables import PartialSum, Snapshot, Tick

RECORDS: dict[str, type[Record]] = {
    "event": Event,
    "prediction": Prediction,
    "label": Label,
    "outcome": Outcome,
    "dead-letter": DeadLetter,
    "partial-sum": PartialSum,
    "snapshot": Snapshot,
    "tick": Tick,
    "summary": Summary,
    "verdict": Verdict,
    "incident": Incident,
    "alert": Alert,
    "action": Action,
    "result": Result,
    "command": Command,
    "released": Released,
}
"""Every record type by its tag."""

__all__ = [
    "RECORDS",
    "Action",
    "Alert",
    "Command",
    "Control",
    "DeadLetter",
    "Event",
    "Incident",
    "Label",
    "Outcome",
    "PartialSum",
    "Prediction",
    "Record",
    "Released",
    "Result",
    "Score",
    "Snapshot",
    "Summary",
    "Target",
    "Test",
    "Tick",
    "Value",
    "Values",
    "Verdict",
    "order",
]
