"""The log in memory keeps what every log keeps, and its memory does not grow with the stream."""

from pathlib import Path

import pytest

from streams.errors import StopError
from streams.log.codec import Codec
from streams.log.memory import MemoryLog
from streams.log.port import Log
from streams.records import DeadLetter, Prediction, Snapshot
from streams.worker import Worker
from tests.unit.streams.log.conformance import Conformance, Echo, Gather, event, run, table


class TestMemory(Conformance):
    def make(self, partitions: int) -> Log:
        return MemoryLog(partitions)


class TestMemoryWithCodec(Conformance):
    def make(self, partitions: int) -> Log:
        return MemoryLog(partitions, codec=Codec())


class TestMemoryWithSpools(Conformance):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> None:
        self.path = tmp_path

    def make(self, partitions: int) -> Log:
        return MemoryLog(partitions, self.path)


def prediction(id_: str, time: float) -> Prediction:
    return Prediction(id_, id_, time, time, {}, {}, "")


def held(log: MemoryLog, topic: str) -> int:
    return sum(len(shelf.records) for shelf in log.topics[topic].shelves)


@pytest.mark.parametrize("partitions", [1, 4])
def test_what_all_have_read_is_forgotten(partitions: int) -> None:
    log = MemoryLog(partitions)
    workers = [Worker(Echo(), log.seat(Echo())), Worker(Gather(), log.seat(Gather()))]
    most = 0
    for start in range(0, 60_000, 600):
        log.append([event(f"k{t % 7}", f"e{t}", float(t)) for t in range(start, start + 600)])
        log.advance("source", "events", start + 600.0)
        for worker in workers:
            run(worker)
        most = max(most, held(log, "events") + held(log, "predictions"))
    assert most <= partitions * 2 * 5000
    assert log.ends("predictions") == {i: shelf.end for i, shelf in enumerate(log.topics["predictions"].shelves)}


def test_a_slow_reader_keeps_what_it_has_not_read() -> None:
    log = MemoryLog(1)
    log.seat(Gather())
    log.append([prediction(f"p{i}", float(i)) for i in range(20_000)])
    assert held(log, "predictions") == 20_000


def test_kept_topics_leave_memory_for_their_spool_and_are_read_from_it(tmp_path: Path) -> None:
    log = MemoryLog(1, tmp_path)
    log.append([DeadLetter("k", f"d{i}", float(i), b"\xff", "events", "c", "f", "g", "r") for i in range(20_000)])
    assert held(log, "dead-letters") <= 5000
    assert [each.id for each in log.read("dead-letters", {0: (1500, 1503)})] == ["d1500", "d1501", "d1502"]
    assert sum(1 for _ in log.read("dead-letters", {0: (0, 20_000)})) == 20_000
    assert [each.id for each in log.read("dead-letters", {0: (19_999, 30_000)})] == ["d19999"]


def test_tables_keep_the_newest_of_each_key_and_sums_only_while_a_window_needs_them() -> None:
    log = MemoryLog(1, horizon_s=600.0)
    log.append([Snapshot(f"arm{i % 3}", f"s{i}", float(i), float(i), i, "", b"x") for i in range(10_000)])
    assert held(log, "snapshots") < 200
    newest = {each.key: each.id for each in log.read("snapshots", {0: (0, 10_000)})}
    assert newest == {"arm0": "s9999", "arm1": "s9997", "arm2": "s9998"}
    log.append([table(float(i), float(i)) for i in range(20_000)])
    assert held(log, "features") < 5000
    kept = {each.time for each in log.read("features", {0: (0, 20_000)})}
    assert kept >= {float(i) for i in range(19_400, 20_000)}


def test_a_writer_that_goes_back_behind_its_watermark_is_named() -> None:
    log = MemoryLog(2)
    seat = log.seat(Gather())
    log.advance("x", "predictions", 100.0)
    assert [type(item).__name__ for _ in range(2) for item in seat.poll(9)] == ["Assigned", "Batch"]
    log.append([prediction("late", 50.0)])
    log.advance("x", "predictions", 200.0)
    with pytest.raises(StopError, match=r"late of predictions at 50\.000 came behind the watermark 100\.000"):
        seat.poll(9)


def test_what_was_forgotten_cannot_be_read_in_silence() -> None:
    log = MemoryLog(1)
    log.append([prediction(f"p{i}", float(i)) for i in range(10_000)])
    with pytest.raises(StopError, match="forgotten"):
        list(log.read("predictions", {0: (0, 10)}))


def test_tables_need_a_cut() -> None:
    stage = Echo()
    stage.aligned_s = 0.0
    with pytest.raises(StopError, match="aligned_s"):
        MemoryLog().seat(stage)


def test_a_record_knows_where_it_lies() -> None:
    log = MemoryLog(4)
    log.append([event(f"k{i}", f"e{i}", 0.0) for i in range(50)])
    for partition, shelf in enumerate(log.topics["events"].shelves):
        assert [(each.partition, each.offset) for each in shelf.records] == [
            (partition, n) for n in range(len(shelf.records))
        ]
    assert len({each.partition for shelf in log.topics["events"].shelves for each in shelf.records}) == 4
