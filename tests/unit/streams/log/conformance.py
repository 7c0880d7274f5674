"""What every adapter of the log must keep: one suite for the log in memory and for any other behind the port.

An adapter's test module has a class that inherits `Conformance` and says with `make` how a log is made.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from streams.errors import StopError
from streams.log.port import Assigned, Log, Seat
from streams.records import DeadLetter, Event, PartialSum, Prediction, Record, order
from streams.stage import Batch, Stage
from streams.state import State
from streams.worker import Worker

MINUTE = 60.0
NEVER = float("-inf")


def event(key: str, id_: str, time: float) -> Event:
    return Event(key, id_, time, time, {})


def table(bucket: float, effective_at: float) -> PartialSum:
    return PartialSum(f"s|{bucket}", f"s|{bucket}", bucket, "s", bucket, effective_at, 0, {})


class Echo:
    """Answers each event with how many its key had; a prediction's id is its key."""

    name = "echo"
    streams: tuple[str, ...] = ("events",)
    tables: tuple[str, ...] = ("features",)
    writes: tuple[str, ...] = ("predictions",)
    single = False
    aligned_s = MINUTE
    checkpoints = False
    holds: Any = int

    def step(self, state: State, batch: Batch) -> list[Record]:
        out: list[Record] = []
        for each in batch.streams.get("events", ()):
            state.put(each.key, state.get(each.key, 0) + 1)
            out.append(Prediction(each.id, each.id, each.time, each.at, {"n": state.get(each.key)}, {}, ""))
        return out


class Gather:
    """Reads all predictions by time and keeps them."""

    name = "gather"
    streams: tuple[str, ...] = ("predictions",)
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    single = True
    aligned_s = MINUTE
    checkpoints = False
    holds: Any = int

    def __init__(self) -> None:
        self.got: list[Prediction] = []

    def step(self, state: State, batch: Batch) -> list[Record]:
        self.got += batch.streams.get("predictions", ())
        state.put("n", len(self.got))
        return []


EVENTS = [event(f"k{i % 7}", f"e{i:03}", 7.0 * i) for i in range(60)]
"""Seven minutes of events of seven keys."""


def fed(log: Log, watermark: float = 7.0 * 60) -> Log:
    log.append([event(each.key, each.id, each.time) for each in EVENTS])
    log.advance("source", "events", watermark)
    return log


def polled(seat: Seat, most: int = 1000) -> Iterator[list[Batch]]:
    """Poll until there is nothing, leaving out what is said about the assignment."""
    while got := seat.poll(most, 0.0):
        yield [item for item in got if isinstance(item, Batch)]


def flat(polls: Iterator[list[Batch]]) -> list[Batch]:
    return [batch for batches in polls for batch in batches]


def run(worker: Worker) -> None:
    while worker.run_once():
        pass


class Conformance:
    """The suite. A log in these tests has the given number of partitions and is empty."""

    def make(self, partitions: int) -> Log:
        raise NotImplementedError

    @pytest.fixture(params=[1, 4])
    def log(self, request: pytest.FixtureRequest) -> Log:
        return self.make(request.param)

    def seat(self, log: Log, stage: Stage) -> Seat:
        return log.seat(stage, 0)

    def test_a_seat_is_told_its_partitions_before_its_first_batch(self, log: Log) -> None:
        seat = self.seat(log, Echo())
        fed(log)
        first = seat.poll(1000, 0.0)
        assert [type(item) for item in first] == [Assigned]
        assert isinstance(first[0], Assigned)
        assert [list(seat.restore(partition)) for partition in first[0].partitions] == [[]] * len(first[0].partitions)

    @pytest.mark.parametrize("most", [1, 5, 1000])
    def test_every_record_comes_once_in_the_order_of_its_partition(self, log: Log, most: int) -> None:
        seat = self.seat(log, Echo())
        fed(log)
        batches = flat(polled(seat, most))
        got = [each for batch in batches for each in batch.streams.get("events", ())]
        assert sorted(each.id for each in got) == [each.id for each in EVENTS]
        for partition in {each.partition for each in got}:
            offsets = [each.offset for each in got if each.partition == partition]
            assert offsets == list(range(len(offsets)))

    @pytest.mark.parametrize("most", [1, 5, 1000])
    def test_no_batch_crosses_a_cut_and_no_poll_mixes_cuts(self, log: Log, most: int) -> None:
        seat = self.seat(log, Echo())
        fed(log)
        for batches in polled(seat, most):
            assert len({batch.cut for batch in batches}) <= 1
            for batch in batches:
                assert len(batch.streams.get("events", ())) <= most
                assert all(batch.cut <= each.time < batch.cut + MINUTE for each in batch.streams.get("events", ()))

    @pytest.mark.parametrize("most", [1, 5, 1000])
    def test_the_watermark_waits_for_what_is_left_and_stops_at_each_boundary(self, log: Log, most: int) -> None:
        seat = self.seat(log, Echo())
        fed(log, 400.0)
        batches = flat(polled(seat, most))
        for partition in {batch.partition for batch in batches}:
            own = [batch for batch in batches if batch.partition == partition]
            assert all(before.watermark <= after.watermark for before, after in pairwise(own))
            for i, batch in enumerate(own):
                later = [each.time for after in own[i + 1 :] for each in after.streams.get("events", ())]
                if min(later, default=400.0) < 400.0:
                    assert batch.watermark <= min(later)
                    assert batch.watermark == NEVER or batch.watermark % MINUTE == 0.0
            assert own[-1].watermark == 400.0
            assert {batch.watermark for batch in own} >= {batch.cut for batch in own if batch.cut > own[0].cut}

    def test_a_watermark_is_the_minimum_over_the_writers_and_never_goes_back(self, log: Log) -> None:
        seat = self.seat(log, Echo())
        log.advance("other", "events", 30.0)
        log.advance("source", "events", 500.0)
        assert max(batch.watermark for batch in flat(polled(seat))) == 30.0
        log.advance("other", "events", 20.0)
        assert flat(polled(seat)) == []
        log.advance("other", "events", 90.0)
        assert max(batch.watermark for batch in flat(polled(seat))) == 90.0

    def test_nothing_is_seen_of_a_step_before_its_commit(self, log: Log) -> None:
        stage = Echo()
        seat = self.seat(log, stage)
        fed(log)
        for batches in polled(seat):
            for batch in batches:
                assert stage.step(State(), batch) or not batch.streams
        assert not any(log.ends("predictions").values())
        again = self.seat(log, Echo())
        assigned = again.poll(1, 0.0)[0]
        assert isinstance(assigned, Assigned)
        assert [list(again.restore(partition)) for partition in assigned.partitions] == [[]] * len(assigned.partitions)
        assert sum(len(batch.streams.get("events", ())) for batch in flat(polled(again))) == len(EVENTS)

    def test_a_commit_holds_output_state_offsets_and_watermark(self, log: Log) -> None:
        seat, reader = self.seat(log, Echo()), self.seat(log, Gather())
        fed(log, 1000.0)
        run(Worker(Echo(), seat, 5))
        assert sum(log.ends("predictions").values()) == len(EVENTS)
        gather = Gather()
        run(Worker(gather, reader, 5))
        assert [each.id for each in gather.got] == [each.id for each in EVENTS]
        again = self.seat(log, Echo())
        assigned = again.poll(1, 0.0)[0]
        assert isinstance(assigned, Assigned)
        state = dict(pair for partition in assigned.partitions for pair in again.restore(partition))
        assert state == {f"k{i}": len(range(i, 60, 7)) for i in range(7)}
        assert flat(polled(again)) == []

    def test_a_seat_that_rewinds_polls_the_same_records_again(self, log: Log) -> None:
        seat = self.seat(log, Echo())
        fed(log)
        first = flat(polled(seat))
        seat.rewind()
        assert [batch.streams for batch in flat(polled(seat))] == [batch.streams for batch in first]

    @pytest.mark.parametrize("steps", [1, 3, 8])
    def test_who_takes_a_seat_over_goes_on_where_it_was_committed(self, log: Log, steps: int) -> None:
        first = Worker(Echo(), self.seat(log, Echo()), 3)
        reader = self.seat(log, Gather())
        fed(log, 1000.0)
        for _ in range(steps):
            first.run_once()
        run(Worker(Echo(), self.seat(log, Echo()), 4))
        gather = Gather()
        run(Worker(gather, reader, 1000))
        assert [(each.id, each.features["n"]) for each in gather.got] == [
            (each.id, i // 7 + 1) for i, each in enumerate(EVENTS)
        ]

    def test_a_seat_that_was_taken_over_commits_nothing_any_more(self, log: Log) -> None:
        stage = Echo()
        seat = self.seat(log, stage)
        fed(log)
        seat.poll(5, 0.0)
        batches = [item for item in seat.poll(5, 0.0) if isinstance(item, Batch)]
        self.seat(log, Echo())
        out = [record for batch in batches for record in stage.step(State(), batch)]
        with pytest.raises(StopError, match="taken over"):
            seat.commit(batches, out, {})
        assert not any(log.ends("predictions").values())

    @pytest.mark.parametrize("most", [1, 4, 1000])
    def test_a_single_reader_merges_partitions_by_time_and_id_up_to_the_watermark(self, log: Log, most: int) -> None:
        writer, reader = Worker(Echo(), self.seat(log, Echo()), 1), self.seat(log, Gather())
        ties = [event(f"k{i}", f"t{9 - i}", 30.0) for i in range(9)]
        log.append([*ties, *(event(each.key, each.id, each.time + 60.0) for each in EVENTS)])
        log.advance("source", "events", 300.0)
        run(writer)
        batches = flat(polled(reader, most))
        got = [each for batch in batches for each in batch.streams.get("predictions", ())]
        wanted = sorted([*ties, *(event("", each.id, each.time + 60.0) for each in EVENTS)], key=order)
        assert [each.id for each in got] == [each.id for each in wanted if each.time < 300.0]
        torn = [batch for batch in batches if 0 < sum(e.time == 30.0 for e in batch.streams.get("predictions", ())) < 9]
        assert torn == []
        for i, batch in enumerate(batches):
            later = [each.time for after in batches[i + 1 :] for each in after.streams.get("predictions", ())]
            assert batch.watermark <= min(later, default=300.0)

    def test_merging_goes_on_exactly_after_a_takeover(self, log: Log) -> None:
        writer = Worker(Echo(), self.seat(log, Echo()), 1)
        seat = self.seat(log, Gather())
        fed(log, 1000.0)
        run(writer)
        got: list[str] = []
        most = 1
        while batches := flat(polls for _, polls in zip(range(2), polled(seat, most), strict=False)):
            got += [each.id for batch in batches for each in batch.streams.get("predictions", ())]
            seat.commit(batches, [], {})
            seat = self.seat(log, Gather())
            most = most % 3 + 1
        assert got == [each.id for each in EVENTS]

    def test_tables_are_handed_over_once_when_the_cut_has_reached_them(self, log: Log) -> None:
        seat = self.seat(log, Echo())
        log.append([table(0.0, 60.0), table(60.0, 120.0), table(240.0, 300.0), table(120.0, 90.0)])
        fed(log)
        given = [(batch.cut, [each.bucket for each in batch.tables["features"]]) for batch in self.with_tables(seat)]
        assert given == [(60.0, [0.0]), (120.0, [120.0, 60.0]), (300.0, [240.0])]
        seat.rewind()
        assert self.with_tables(seat) == []
        again = self.with_tables(self.seat(log, Echo()))
        assert [each.bucket for batch in again for each in batch.tables["features"]] == [0.0, 120.0, 60.0, 240.0]

    def with_tables(self, seat: Seat) -> list[Batch]:
        return [batch for batch in flat(polled(seat)) if batch.tables]

    def test_a_kept_topic_is_read_by_offset_whatever_was_consumed(self, log: Log) -> None:
        log.append([DeadLetter(f"k{i}", f"d{i}", float(i), b"", "events", "", "", "", "") for i in range(5000)])
        ends = log.ends("dead-letters")
        read = {partition: list(log.read("dead-letters", {partition: (3, end)})) for partition, end in ends.items()}
        for partition, end in ends.items():
            assert [each.offset for each in read[partition]] == list(range(3, end))
        assert sum(map(len, read.values())) == 5000 - 3 * len(ends)
