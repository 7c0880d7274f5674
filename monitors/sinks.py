"""Where alerts go: the port, and the two sinks of a backtest."""

from pathlib import Path
from typing import Protocol

import msgspec

from streams.records import Alert


class Sink(Protocol):
    """Takes alerts to people or programs.

    Each change of an alert comes at least once, in order; `alert.id` stays the same, so that a sink can tell what it
    has from what is new. Raises RetryError where it cannot deliver now: the alert comes again.
    """

    def send(self, alert: Alert) -> None:
        """Deliver one change of an alert."""
        ...


class Collected:
    """Keeps the newest change of each alert, by id."""

    def __init__(self) -> None:
        """Start with none."""
        self.alerts: dict[str, Alert] = {}

    def send(self, alert: Alert) -> None:
        """Keep it."""
        self.alerts[alert.id] = alert


class JsonLines:
    """Appends each change to a file, a line each."""

    def __init__(self, path: Path) -> None:
        """`path` is made when the first alert comes."""
        self._path = path

    def send(self, alert: Alert) -> None:
        """Append a line."""
        with self._path.open("ab") as file:
            file.write(msgspec.json.encode(alert) + b"\n")
