"""Stops a run and takes it up again: the log in memory as one file, from which a run goes on to the same bytes.

The file is a line that says what it is, the SHA-256 of the rest, and the rest as JSON: records and state, each through
its type. Kept topics stay in their spools, which are cut back to what they were.
"""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from streams.errors import StopError
from streams.log.codec import Codec
from streams.log.lanes import Place
from streams.log.memory import MemoryLog
from streams.log.topic import NEVER, Slot, spool_of
from streams.stage import Stage
from streams.topics import TOPICS

NAME = "checkpoint"
"""The file's name in the folder of the run."""

_MAGIC = b"riverkeeper checkpoint 1\n"
_REMEDY = "Remove it and run from the beginning"


class _Shelf(msgspec.Struct):
    topic: str
    partition: int
    start: int
    end: int
    size: int
    records: list[msgspec.Raw]


class _Stage(msgspec.Struct):
    name: str
    offsets: list[tuple[Place, int]]
    ahead: list[tuple[Place, list[int]]]
    marks: list[tuple[Slot, float | None]]
    state: list[tuple[Slot, dict[str, msgspec.Raw]]]


class _Checkpoint(msgspec.Struct):
    of: str
    at: float
    partitions: int
    horizon_s: float
    coded: bool
    spooled: bool
    shelves: list[_Shelf]
    marks: list[tuple[str, str, Slot, float | None]]
    stages: list[_Stage]


def save(log: MemoryLog, folder: Path, at: float, of: str = "") -> None:
    """Write what the log holds at the time `at` (s) to `folder`; a reader sees the old file or the new, never half.

    To be called between two cuts; the log's spools, if it has any, are in `folder` too. `of` names what is run
    (pipeline, data, seed), for `load` to compare. Raises StopError where the spools are elsewhere.
    """
    if log.folder not in (None, folder):
        raise StopError(f"{folder}: the spools of this run are in {log.folder}. Save the checkpoint there")
    codec = Codec()
    shelves = [
        _Shelf(name, i, shelf.start, shelf.end, shelf.flush(), [msgspec.Raw(codec.encode(r)) for r in shelf.records])
        for name, topic in log.topics.items()
        for i, shelf in enumerate(topic.shelves)
    ]
    marks = [
        (name, writer, slot, _finite(mark))
        for name, topic in log.topics.items()
        for (writer, slot), mark in topic.marks.items()
    ]
    stages = [_stage(log, name, codec) for name in log.offsets]
    coded, spooled = log.codec is not None, log.folder is not None
    body = msgspec.json.encode(
        _Checkpoint(of, at, log.partitions, log.horizon_s, coded, spooled, shelves, marks, stages)
    )
    _write(folder, _MAGIC + sha256(body).hexdigest().encode() + b"\n" + body)


def load(folder: Path, stages: Iterable[Stage], of: str = "") -> tuple[MemoryLog, float]:
    """Return the log as it was saved, its spools cut back, and the time (s) that it had reached.

    `stages` are those that will take their seats. Raises StopError when there is no checkpoint, when it is damaged, or
    when it was made of something else than `of`.
    """
    path = folder / NAME
    found = _read(path)
    if found.of != of:
        raise StopError(f"{path}: made of {found.of!r}, not of {of!r}. {_REMEDY}")
    holds = {stage.name: stage.holds for stage in stages}
    if unknown := sorted({stage.name for stage in found.stages} - set(holds)):
        raise StopError(f"{path}: made with the stages {', '.join(unknown)}, which are not here. {_REMEDY}")
    codec = Codec()
    log = MemoryLog(found.partitions, None, found.horizon_s, codec if found.coded else None)
    log.folder = folder if found.spooled else None
    try:
        for shelf in found.shelves:
            records = [codec.decode(shelf.topic, raw) for raw in shelf.records]
            spool = spool_of(TOPICS[shelf.topic], shelf.partition, log.folder)
            log.topics[shelf.topic].shelves[shelf.partition].resume(records, shelf.start, shelf.end, spool, shelf.size)
        for stage in found.stages:
            _resume(log, stage, codec, holds)
    except (KeyError, msgspec.ValidationError) as error:
        raise StopError(f"{path}: made by another version ({error}). {_REMEDY}") from error
    for topic, writer, slot, mark in found.marks:
        log.topics[topic].advance(writer, slot, NEVER if mark is None else mark)
    return log, found.at


def _stage(log: MemoryLog, name: str, codec: Codec) -> _Stage:
    return _Stage(
        name,
        list(log.offsets[name].items()),
        [(place, sorted(offsets)) for place, offsets in log.ahead.get(name, {}).items()],
        [(slot, _finite(mark)) for (stage, slot), mark in log.marks.items() if stage == name],
        [
            (slot, {key: msgspec.Raw(codec.encode_state(value)) for key, value in state.items()})
            for (stage, slot), state in log.state.items()
            if stage == name
        ],
    )


def _resume(log: MemoryLog, stage: _Stage, codec: Codec, holds: Mapping[str, Any]) -> None:
    log.offsets[stage.name] = dict(stage.offsets)
    log.ahead[stage.name] = {place: frozenset(offsets) for place, offsets in stage.ahead}
    log.marks.update({(stage.name, slot): NEVER if mark is None else mark for slot, mark in stage.marks})
    for slot, state in stage.state:
        kept = {key: codec.decode_state(holds[stage.name], raw) for key, raw in state.items()}
        log.state[stage.name, slot] = kept


def _finite(mark: float) -> float | None:
    """Return a watermark for JSON, which knows no infinity."""
    return None if mark == NEVER else mark


def _write(folder: Path, data: bytes) -> None:
    """Put a file in its place at once, all of it on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    passing = folder / f"{NAME}.new"
    with passing.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    passing.replace(folder / NAME)


def _read(path: Path) -> _Checkpoint:
    """Return what the file says, once its digest has been checked."""
    if not path.exists():
        raise StopError(f"{path}: no such file. Run from the beginning")
    data = path.read_bytes()
    if not data.startswith(_MAGIC):
        raise StopError(f"{path}: not a checkpoint of this version. {_REMEDY}")
    digest, _, body = data[len(_MAGIC) :].partition(b"\n")
    if digest != sha256(body).hexdigest().encode():
        raise StopError(f"{path}: damaged, its digest is another. {_REMEDY}")
    return msgspec.json.decode(body, type=_Checkpoint)
