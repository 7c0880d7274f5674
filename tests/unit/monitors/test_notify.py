from pathlib import Path

import msgspec
import pytest

from monitors.sinks import Collected, JsonLines
from monitors.stages.notify import Notify
from streams.errors import RetryError
from streams.log.memory import MemoryLog
from streams.records import Alert
from streams.worker import Worker


def alert(number: int, state: str, time: float) -> Alert:
    return Alert(f"inc-{number}", f"alert-{number}", time, f"inc-{number}", "ticket", state, "", 0.0)  # type: ignore[arg-type]


class Shaky(Collected):
    """Is away at every second delivery."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.got: list[tuple[str, str]] = []

    def send(self, alert: Alert) -> None:
        self.calls += 1
        if self.calls % 2:
            raise RetryError("the webhook is away")
        self.got.append((alert.id, alert.state))


ALERTS = [
    alert(1, "pending", 1.0),
    alert(2, "pending", 1.0),
    alert(1, "firing", 2.0),
    alert(2, "resolved", 3.0),
    alert(1, "recovering", 4.0),
    alert(1, "resolved", 5.0),
]
TOLD = [("alert-1", "firing"), ("alert-1", "recovering"), ("alert-1", "resolved")]


def run(stage: Notify, tries: int = 10) -> None:
    log = MemoryLog()
    worker = Worker(stage, log.seat(stage), most=1)
    log.append(ALERTS)
    log.advance("test", "control", 10.0)
    for _ in range(tries):
        try:
            while worker.run_once():
                pass
        except RetryError:
            continue


def test_what_fires_is_delivered_and_what_was_only_pending_is_not(tmp_path: Path) -> None:
    kept, file = Collected(), tmp_path / "alerts.jsonl"

    run(Notify([kept, JsonLines(file)]))

    lines = [msgspec.json.decode(line, type=Alert) for line in file.read_bytes().splitlines()]
    assert [(each.id, each.state) for each in lines] == TOLD
    assert {id_: each.state for id_, each in kept.alerts.items()} == {"alert-1": "resolved"}


def test_a_sink_that_is_away_gets_every_alert_in_the_end_under_the_same_id() -> None:
    shaky = Shaky()

    run(Notify([shaky]))

    assert list(dict.fromkeys(shaky.got)) == TOLD


def test_a_sink_that_stays_away_raises() -> None:
    class Away(Collected):
        def send(self, alert: Alert) -> None:
            raise RetryError("away")

    stage = Notify([Away()])
    log = MemoryLog()
    worker = Worker(stage, log.seat(stage))
    log.append(ALERTS)
    log.advance("test", "control", 10.0)
    worker.run_once()
    with pytest.raises(RetryError, match="away"):
        worker.run_once()
