"""Lockstep: what is fed when, and where time stops on its way."""

import pytest

from streams import lockstep
from streams.errors import SourceError
from streams.log.memory import MemoryLog
from streams.records import Event, Label
from streams.worker import Worker
from tests.unit.streams.log.conformance import Echo, Gather, event

NEVER = float("-inf")


class Spy:
    """Notes the watermark of the events at each of its turns."""

    def __init__(self, log: MemoryLog, single: bool = False, aligned_s: float = 60.0) -> None:
        self.log = log
        self.stage = Echo()
        self.stage.single, self.stage.aligned_s = single, aligned_s
        self.seen: list[tuple[float, int]] = []

    def run_once(self) -> bool:
        now = self.log.topics["events"].watermark(), self.log.ends("events")[0]
        if self.seen[-1:] == [now]:
            return False
        self.seen.append(now)
        return True


def test_records_come_cut_by_cut_and_time_stops_before_each_stretch() -> None:
    log = MemoryLog()
    spy = Spy(log)
    history: list[Event | Label] = [event("k", "a", 5.0), event("k", "b", 59.0), event("k", "c", 200.0)]
    assert lockstep.run(log, [spy], history, 60.0) == 240.0
    assert spy.seen == [(60.0, 2), (180.0, 2), (240.0, 3)]


def test_without_records_time_stops_at_the_boundaries_of_single_readers() -> None:
    log = MemoryLog()
    spies = [Spy(log), Spy(log, single=True, aligned_s=600.0), Spy(log, single=True, aligned_s=100.0)]
    history: list[Event | Label] = [event("k", "a", 5.0), event("k", "c", 310.0)]
    lockstep.run(log, spies, history, 60.0)
    assert [time for time, _ in spies[0].seen] == [60.0, 100.0, 200.0, 300.0, 360.0]
    lockstep.finish(log, spies, 650.0, 360.0)
    assert [time for time, _ in spies[0].seen][5:] == [400.0, 500.0, 600.0, 650.0]


def test_it_ends_where_it_is_told_and_goes_on_from_there() -> None:
    history: list[Event | Label] = [event("k", f"e{i}", 30.0 * i) for i in range(40)]
    whole, stopped = MemoryLog(), MemoryLog()
    gathers = [Gather(), Gather()]
    for log, gather, stops in ((whole, gathers[0], [NEVER]), (stopped, gathers[1], [360.0, NEVER])):
        workers = [Worker(stage, log.seat(stage)) for stage in (Echo(), gather)]
        at = NEVER
        for stop in stops:
            at = lockstep.run(log, workers, history, 60.0, at, lambda at, stop=stop: at != stop)  # type: ignore[misc]
        assert at == 1200.0
    assert [each.id for each in gathers[1].got] == [each.id for each in gathers[0].got]
    assert len(gathers[0].got) == 40


def test_a_history_out_of_order_is_refused() -> None:
    history: list[Event | Label] = [event("k", "a", 100.0), event("k", "b", 5.0)]
    with pytest.raises(SourceError, match=r"b at 5\.000 comes after 60\.000"):
        lockstep.run(MemoryLog(), [], history, 60.0)


def test_an_empty_history_moves_nothing() -> None:
    log = MemoryLog()
    assert lockstep.run(log, [], [], 60.0) == NEVER
    assert log.topics["events"].watermark() == NEVER
