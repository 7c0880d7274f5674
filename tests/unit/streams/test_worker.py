"""The worker's loop, against a seat that plays a script and notes what it is asked."""

from collections.abc import Iterator
from typing import Any

import pytest

from streams.errors import RetryError
from streams.log.port import Assigned, Changes, Revoked
from streams.records import Event, Prediction, Record
from streams.stage import Batch
from streams.state import State
from streams.worker import Worker


class Script:
    """A seat that gives what it was told to, holds state, and fails the commits whose numbers are given."""

    def __init__(self, *polls: list[Batch | Assigned | Revoked], fails: tuple[int, ...] = ()) -> None:
        self.polls = list(polls)
        self.fails = fails
        self.tries = 0
        self.commits: list[tuple[list[Any], list[str], dict[Any, dict[str, Any]]]] = []
        self.state: dict[int | None, dict[str, Any]] = {}
        self.rewinds = 0

    def poll(self, most: int, wait_s: float) -> list[Batch | Assigned | Revoked]:
        return self.polls.pop(0) if self.polls else []

    def restore(self, partition: int | None) -> Iterator[tuple[str, Any]]:
        return iter(self.state.get(partition, {}).items())

    def commit(self, done: list[Batch], out: list[Record], changes: Changes) -> None:
        self.tries += 1
        if self.tries in self.fails:
            raise RetryError("the log is away")
        self.commits.append(
            ([batch.lease for batch in done], [each.id for each in out], {slot: dict(c) for slot, c in changes.items()})
        )
        for slot, change in changes.items():
            self.state.setdefault(slot, {}).update(change)

    def rewind(self) -> None:
        self.rewinds += 1


class Count:
    """Counts records in the state; output in the order in which records came."""

    name = "count"
    streams: tuple[str, ...] = ("events",)
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ("predictions",)
    single = False
    aligned_s = 10.0
    checkpoints = False
    holds: Any = int

    def __init__(self, checkpoints: bool = False) -> None:
        self.checkpoints = checkpoints
        self.states: list[State] = []

    def step(self, state: State, batch: Batch) -> list[Record]:
        self.states.append(state)
        events = batch.streams.get("events", [])
        state.put("n", state.get("n", 0) + len(events))
        return [Prediction(each.id, each.id, each.time, 0.0, {}, {}, "") for each in events]


def batch(partition: int | None, *times: float, watermark: float = 0.0, lease: object = None) -> Batch:
    events = [Event("k", f"e{time:g}", time, time, {}) for time in times]
    return Batch(partition, {"events": events} if events else {}, {}, 0.0, watermark, lease)


def test_one_poll_is_one_commit_of_all_partitions_with_output_in_order_of_time() -> None:
    seat = Script([Assigned((0, 1))], [batch(0, 5.0, 7.0, lease="a"), batch(1, 4.0, 6.0, lease="b")])
    worker = Worker(Count(), seat)
    assert [worker.run_once() for _ in range(3)] == [True, True, False]
    assert seat.commits == [(["a", "b"], ["e4", "e5", "e6", "e7"], {0: {"n": 2}, 1: {"n": 2}})]


def test_state_is_restored_when_a_partition_comes_and_gone_when_it_goes() -> None:
    seat = Script([Assigned((3,))], [batch(3, 1.0)], [Revoked((3,), lost=False)], [Assigned((3,))], [batch(3, 2.0)])
    seat.state = {3: {"n": 40}}
    worker = Worker(Count(), seat)
    while worker.run_once():
        pass
    assert [changes for _, _, changes in seat.commits] == [{3: {"n": 41}}, {3: {"n": 42}}]


@pytest.mark.parametrize("checkpoints", [False, True])
def test_a_failed_commit_leaves_nothing_behind_and_is_tried_again(checkpoints: bool) -> None:
    again: list[Batch | Assigned | Revoked] = [batch(0, 1.0, 2.0, watermark=10.0)]
    seat = Script([Assigned((0,))], again, again, fails=(1,))
    stage = Count(checkpoints)
    worker = Worker(stage, seat)
    worker.run_once()
    with pytest.raises(RetryError):
        worker.run_once()
    assert (seat.rewinds, seat.commits) == (1, [])
    worker.run_once()
    assert [changes for _, _, changes in seat.commits] == [{0: {"n": 2}}]
    # A stage that holds what it learned beside the state is told by another state to start anew.
    assert (stage.states[0] is stage.states[1]) is not checkpoints


def test_a_failed_step_drops_what_other_partitions_did_in_the_same_poll() -> None:
    class Fragile(Count):
        def step(self, state: State, batch: Batch) -> list[Record]:
            out = super().step(state, batch)
            if batch.partition == 1 and len(self.states) == 2:
                raise RetryError("away")
            return out

    both: list[Batch | Assigned | Revoked] = [batch(0, 1.0), batch(1, 2.0)]
    seat = Script([Assigned((0, 1))], both, both)
    worker = Worker(Fragile(), seat)
    worker.run_once()
    with pytest.raises(RetryError):
        worker.run_once()
    worker.run_once()
    assert [changes for _, _, changes in seat.commits] == [{0: {"n": 1}, 1: {"n": 1}}]


def test_a_stage_with_checkpoints_commits_only_at_boundaries() -> None:
    seat = Script(
        [Assigned((None,))],
        [batch(None, 1.0, watermark=0.0, lease=1)],
        [batch(None, 5.0, watermark=9.0, lease=2)],
        [batch(None, watermark=10.0, lease=3)],
        [batch(None, watermark=14.0, lease=4)],
    )
    worker = Worker(Count(checkpoints=True), seat)
    counts = [(worker.run_once(), len(seat.commits))[1] for _ in range(5)]
    assert counts == [0, 0, 0, 1, 2]
    assert seat.commits[0] == ([1, 2, 3], ["e1", "e5"], {None: {"n": 2}})


@pytest.mark.parametrize("lost", [False, True])
def test_what_is_between_checkpoints_is_given_up_when_the_partition_goes(lost: bool) -> None:
    seat = Script([Assigned((None,))], [batch(None, 1.0, watermark=5.0)], [Revoked((None,), lost)])
    worker = Worker(Count(checkpoints=True), seat)
    while worker.run_once():
        pass
    assert seat.commits == []


def test_a_revocation_commits_what_was_done_and_a_loss_aborts_it() -> None:
    for lost, commits in ((False, 1), (True, 0)):
        seat = Script([Assigned((0, 1))], [batch(0, 1.0), batch(1, 2.0), Revoked((1,), lost)], [batch(0, 3.0)])
        worker = Worker(Count(), seat)
        worker.run_once()
        worker.run_once()
        assert len(seat.commits) == commits
        assert seat.rewinds == 1 - commits
        worker.run_once()
        assert seat.commits[-1][2] == {0: {"n": 1 + commits}}
