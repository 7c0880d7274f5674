"""Hands alerts to sinks, at least once, each change under the alert's stable id."""

from collections.abc import Sequence
from typing import Any

from monitors.sinks import Sink
from streams.records import Alert, Record
from streams.stage import Batch
from streams.state import State


class Notify:
    """Reads the control log and delivers what fires, recovers and is resolved; a pending alert is nobody's business.

    An alert that was only ever pending is not delivered when it ends either. If a sink cannot deliver, the batch is
    tried again, and what the other sinks got comes to them again. State by alert that is firing or recovering: True.
    """

    name = "notify"
    streams: tuple[str, ...] = ("control",)
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    single = True
    aligned_s = 0.0
    checkpoints = False
    holds: Any = bool

    def __init__(self, sinks: Sequence[Sink]) -> None:
        """Deliver to all of these, in their order."""
        self._sinks = tuple(sinks)

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Deliver the alerts of the batch."""
        for record in batch.streams.get("control", ()):
            if not isinstance(record, Alert):
                continue
            known = bool(state.get(record.id))
            if record.state == "firing" or known:
                for sink in self._sinks:
                    sink.send(record)
                state.put(record.id, None if record.state == "resolved" else True)
        return []
