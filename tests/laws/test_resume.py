"""A run that is stopped after any cut and resumed from its checkpoint writes the same bytes as one that was not."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams import lockstep
from streams.errors import StopError
from streams.log import checkpoint
from streams.log.codec import Codec
from streams.log.memory import MemoryLog
from streams.worker import Worker
from tests.laws.small import HOUR, make_history, makers, pipeline

SPEC = pipeline()
TAIL_S = 8 * HOUR


def workers(log: MemoryLog) -> list[Worker]:
    return [Worker(stage, log.seat(stage)) for stage in [make() for make in makers(SPEC, log)]]


def advance(log: MemoryLog, at: float = float("-inf"), after: Callable[[float], bool] = lambda _: True) -> float:
    return lockstep.run(log, workers(log), make_history(2, 200, 10.0), 600.0, at, after)


def settle(log: MemoryLog, at: float) -> None:
    lockstep.finish(log, workers(log), at + TAIL_S, at)
    log.flush()


def written(folder: Path, log: MemoryLog) -> tuple[dict[str, bytes], Any]:
    """Bytes of the spools, state of the stages, and the tables: newest record of each key."""
    spools = {path.name: path.read_bytes() for path in sorted(folder.glob("*.jsonl"))}
    state = {name: dict(values) for name, values in log.state.items()}
    tables = {
        name: {each.key: each for each in log.read(name, {0: (0, log.ends(name)[0])})}
        for name in ("features", "snapshots")
    }
    return spools, (state, tables, log.offsets, log.marks)


def whole(folder: Path, partitions: int, codec: Codec | None) -> tuple[dict[str, bytes], Any]:
    log = MemoryLog(partitions, folder, 4 * HOUR, codec)
    settle(log, advance(log))
    return written(folder, log)


def all_cuts() -> list[float]:
    cuts: list[float] = []

    def after(at: float) -> bool:
        cuts.append(at)
        return True

    advance(MemoryLog(), after=after)
    return cuts


@pytest.mark.parametrize(("partitions", "codec"), [(1, None), (4, None), (4, Codec())], ids=["1", "4", "4 json"])
def test_stopped_anywhere_and_resumed_it_writes_the_same(tmp_path: Path, partitions: int, codec: Codec | None) -> None:
    wanted = whole(tmp_path / "whole", partitions, codec)
    for stop in random.Random(3).sample(all_cuts(), 6):
        folder = tmp_path / f"at {stop}"
        first = MemoryLog(partitions, folder, 4 * HOUR, codec)

        def after(at: float, log: MemoryLog = first, stop: float = stop, folder: Path = folder) -> bool:
            if at == stop:
                checkpoint.save(log, folder, at, "small")
            return at < stop + 2 * HOUR  # the process goes on and dies later: what it wrote since is cut back

        advance(first, after=after)
        first.flush()
        log, at = checkpoint.load(folder, [make() for make in makers(SPEC, first)], "small")
        assert at == stop
        settle(log, advance(log, at))
        spools, rest = written(folder, log)
        assert {name: len(data) for name, data in spools.items()} == {name: len(d) for name, d in wanted[0].items()}
        assert spools == wanted[0]
        assert rest == wanted[1]


def test_a_resumed_log_saves_the_same_checkpoint(tmp_path: Path) -> None:
    log = MemoryLog(4, tmp_path, 4 * HOUR)
    at = advance(log, after=lambda at: at < 1_400_000_400.0 + 5 * HOUR)
    checkpoint.save(log, tmp_path, at, "x")
    saved = (tmp_path / checkpoint.NAME).read_bytes()
    again, at = checkpoint.load(tmp_path, [make() for make in makers(SPEC, log)], "x")
    checkpoint.save(again, tmp_path, at, "x")
    assert (tmp_path / checkpoint.NAME).read_bytes() == saved
    assert len(saved) < 2_000_000


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    log = MemoryLog(1, tmp_path)
    checkpoint.save(log, tmp_path, advance(log), "flights")
    return tmp_path


def refuse(folder: Path, match: str, of: str = "flights", some: int | None = None) -> None:
    with pytest.raises(StopError, match=match):
        checkpoint.load(folder, [make() for make in makers(SPEC, MemoryLog())][:some], of)


def test_no_checkpoint(tmp_path: Path) -> None:
    refuse(tmp_path, "no such file. Run from the beginning")


@pytest.mark.parametrize("place", [0.001, 0.3, 0.9999])
def test_a_damaged_checkpoint_is_refused(saved: Path, place: float) -> None:
    data = bytearray((saved / checkpoint.NAME).read_bytes())
    data[int(len(data) * place)] ^= 1
    (saved / checkpoint.NAME).write_bytes(data)
    refuse(saved, "damaged|not a checkpoint")


def test_half_a_checkpoint_is_refused(saved: Path) -> None:
    data = (saved / checkpoint.NAME).read_bytes()
    (saved / checkpoint.NAME).write_bytes(data[: len(data) // 2])
    refuse(saved, "damaged")
    (saved / checkpoint.NAME).write_bytes(b"")
    refuse(saved, "not a checkpoint")


def test_a_checkpoint_of_something_else_is_refused(saved: Path) -> None:
    refuse(saved, "made of 'flights', not of 'trains'", "trains")
    refuse(saved, "stages learn, which are not here", some=-1)


def test_a_spool_that_is_gone_or_short_is_named(saved: Path) -> None:
    spool = saved / "outcomes-0.jsonl"
    spool.write_bytes(spool.read_bytes()[:-1])
    refuse(saved, "outcomes-0.jsonl: shorter than at the checkpoint")
    spool.unlink()
    refuse(saved, "outcomes-0.jsonl: shorter than at the checkpoint")


def test_a_failed_save_leaves_the_checkpoint_before(saved: Path) -> None:
    before = (saved / checkpoint.NAME).read_bytes()
    (saved / f"{checkpoint.NAME}.new").mkdir()
    with pytest.raises(IsADirectoryError):
        checkpoint.save(MemoryLog(1), saved, 0.0)
    assert (saved / checkpoint.NAME).read_bytes() == before


def test_spools_elsewhere_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StopError, match="Save the checkpoint there"):
        checkpoint.save(MemoryLog(1, tmp_path / "a"), tmp_path / "b", 0.0)
