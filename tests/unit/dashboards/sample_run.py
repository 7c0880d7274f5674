"""Small run folders of every kind, made of the same records as real ones; equal arguments give equal bytes."""

import math
import random
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from dashboards.story import Run, write_run
from models.metrics.losses import loss_for
from models.metrics.port import Task, ValueTable
from models.metrics.value import value_of
from models.releases.contents import ReleaseContents
from models.releases.registry import Registry
from models.releases.signing import SigningKey
from models.spec import ArmSpec
from monitors.layout import Layout, packed
from streams.exact import to_fixed
from streams.log.codec import Codec
from streams.records import (
    DeadLetter,
    Outcome,
    Prediction,
    Record,
    Score,
    Summary,
    Target,
)
from streams.sketch import FIRST, Bins, categorical_bins, numeric_bins
from tests.unit.dashboards.sample_control import DAY, control_log

ZONE = "America/New_York"
START = datetime(2013, 1, 1, tzinfo=ZoneInfo(ZONE)).timestamp()
VALUE = ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0)
HOSTILE = "<script>alert(1)</script>"
"""A category that a producer sent."""

CLASSES = ("brickface", "grass", "sky")
WARMUP_DAYS = 20
CHANGE_DAY = 60


def sample_run(
    folder: Path, task: Task = "binary", days: int = 90, a_day: int = 30, control: bool = True, seed: int = 7
) -> Run:
    """Write a run folder: a first release after the warm-up, a wrong unit, a change of concept, a second release."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(seed)
    run = _run(task, days, a_day, control)
    outcomes = [_outcome(run, rng, START + day * DAY + 3600.0 * (5 + 18 * i / a_day), i, control)
                for day in range(days) for i in range(a_day)]  # fmt: skip
    _write(folder / "outcomes-0.jsonl", outcomes)
    _write(folder / "dead-letters-0.jsonl", _letters())
    write_run(folder, run)
    if control:
        layout = _layout(rng)
        _releases(folder, run, layout)
        _write(folder / "summaries-0.jsonl", _summaries(run, layout, outcomes, rng))
        _write(folder / "control-0.jsonl", control_log(START, run.end, HOSTILE))
    else:
        for topic in ("summaries", "control"):
            (folder / f"{topic}-0.jsonl").touch()
    return run


def empty_run(folder: Path) -> Run:
    """Write the folder of a run in which nothing came."""
    folder.mkdir(parents=True, exist_ok=True)
    run = msgspec.structs.replace(_run("binary", 1, 0, False), events=0)
    write_run(folder, run)
    for topic in ("outcomes", "dead-letters", "summaries", "control"):
        (folder / f"{topic}-0.jsonl").touch()
    return run


def _run(task: Task, days: int, a_day: int, control: bool) -> Run:
    metric = {"binary": "log_loss", "multiclass": "accuracy", "regression": "rmse"}[task]
    return Run(
        name="sample",
        pipeline="pipeline.toml",
        digest="5f" * 32,
        goal="Tell which of them will be late <soon> & by how much",
        task=task,
        target="late",
        metric=metric,
        below={"log_loss": 0.6, "rmse": 30.0}.get(metric),
        above=0.5 if metric == "accuracy" else None,
        tolerance=0.02,
        value=VALUE if task == "binary" else None,
        owners=("on-call",),
        budget=0.5,
        segments=("origin",),
        inputs=3,
        timezone=ZONE,
        start=START,
        end=START + days * DAY,
        warmup_end=START + WARMUP_DAYS * DAY,
        held_out_from=START + 70 * DAY if days > 70 and control else None,
        watch_only=not control,
        injections=("gust*1.609 from 2013-02-20",) if control else (),
        recipes={"online": "river.linear_model.LogisticRegression"},
        libraries={"river": "0.26.0", "scikit-learn": "1.7.0"},
        events=days * a_day + 3,
        wall_s=12.5,
        stages_us={"score": 30.0, "join": 12.0, "observe": 9.5},
    )


def _outcome(run: Run, rng: random.Random, time: float, i: int, control: bool) -> Outcome:
    day = int((time - START) // DAY)
    x = rng.gauss(0.0, 1.0)
    truth = x if day < CHANGE_DAY else -0.5 * x
    label, arms = _answers(run.task, rng, x, truth, day, control)
    served = next((name for name in ("0002", "0001", "watched") if name in arms), "mean")
    if day > 75 and "0001" in arms:
        served = "0002"
    elif "0001" in arms:
        served = "0001"
    flags: tuple[str, ...] = ("missing:gust",) if rng.random() < 0.02 else ()
    if day in (50, 51) and i % 5 == 0:
        flags, arms, served = ("quarantined:out_of_range:gust",), {"mean": arms["mean"]}, "mean"
    decision = _decision(run.task, arms[served])
    id_ = f"{day}-{i}"
    release = served if served.isdigit() else ""
    prediction = Prediction(id_, id_, time, time, {}, arms, served, decision, 1 / 9, flags, release)
    delay = 3600.0 * (1.0 + 4.0 * rng.random())
    known = None if rng.random() < 0.03 else label
    if known is None:
        return Outcome(id_, id_, time + DAY, prediction, None, DAY)
    loss = loss_for(run.task, run.metric)
    losses = {name: loss(known, answer) for name, answer in arms.items()}
    worth = value_of(VALUE, run.task, known, decision) if run.value is not None else None
    return Outcome(id_, id_, time + delay, prediction, known, delay, losses=losses, value=worth)


def _answers(
    task: Task, rng: random.Random, x: float, truth: float, day: int, control: bool
) -> tuple[Target, dict[str, Score]]:
    """Return a label, and what each arm answers: the first release knows the old concept, the second one the new."""
    arms: dict[str, Score]
    known = -0.5 * x
    if task == "regression":
        arms = {"mean": 5.0, "last": 5.0 + rng.gauss(0, 5), "recent": 5.0 + rng.gauss(0, 2)}
        beliefs = {"online": 5.0 + 15 * (0.3 * x + 0.7 * truth), "0001": 5.0 + 20 * x, "0002": 5.0 + 20 * known}
        label: Target = 5.0 + 20.0 * truth + rng.gauss(0.0, 10.0)
    elif task == "multiclass":
        arms = {name: _classes(0.0) for name in ("mean", "last", "recent")}
        beliefs = {"online": _classes(0.6 * truth), "0001": _classes(x), "0002": _classes(known)}  # type: ignore[dict-item]
        likely = _classes(truth)
        label = rng.choices(CLASSES, [likely[name] for name in CLASSES])[0]
    else:
        arms = {"mean": 0.25, "last": min(max(rng.gauss(0.25, 0.08), 0.01), 0.9), "recent": 0.22 + 0.06 * rng.random()}
        beliefs = {"online": _logistic(0.7 * truth), "0001": _logistic(x), "0002": _logistic(known)}
        label = float(rng.random() < _logistic(truth))
    if not control:
        return label, {"watched": beliefs["0001"], **arms}
    arms["online"] = beliefs["online"]
    if day >= WARMUP_DAYS:
        arms["0001"] = beliefs["0001"]
    if day >= 70:
        arms["0002"] = beliefs["0002"]
    return label, arms


def _classes(x: float) -> dict[str, float]:
    raw = [math.exp(x), 1.0, math.exp(-x)]
    return {name: each / sum(raw) for name, each in zip(CLASSES, raw, strict=True)}


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(1.1 - 1.5 * x))


def _decision(task: Task, answer: Score) -> Target:
    if isinstance(answer, dict):
        return max(answer, key=lambda name: answer[name])
    return (1.0 if answer >= 1 / 9 else 0.0) if task == "binary" else answer


def _letters() -> list[Record]:
    time = START + 50 * DAY
    remedy = "Send gust as a number from 0 to 120 (check its unit), or widen min and max."
    letters: list[Record] = [
        DeadLetter("N1", f"50-{i}", time + 60.0 * i, b"{}", "events", "out_of_range", "gust", "131.9", remedy)
        for i in range(6)
    ]
    letters.extend(
        DeadLetter("", "", time + i, HOSTILE.encode(), "events", "no_id", "", HOSTILE, "Fill the id.") for i in range(3)
    )
    return letters


def _layout(rng: random.Random) -> Layout:
    gust = numeric_bins([float(rng.randint(0, 20)) for _ in range(2000)])
    air = numeric_bins([rng.gauss(40.0, 12.0) for _ in range(2000)])
    origin = categorical_bins([rng.choice(["EWR", "JFK", HOSTILE]) for _ in range(2000)])
    score = numeric_bins([_logistic(rng.gauss(0.0, 1.0)) for _ in range(2000)])
    return Layout({"air": air, "gust": gust, "origin": origin, "score": score}, ("origin",))


def _summaries(run: Run, layout: Layout, outcomes: list[Outcome], rng: random.Random) -> Iterable[Record]:
    """Yield a "seen" and a "settled" summary for each day (the real ones are hourly: they add up)."""
    by_day: dict[int, list[Outcome]] = {}
    for outcome in outcomes:
        by_day.setdefault(int((outcome.prediction.time - START) // DAY), []).append(outcome)
    for day, found in by_day.items():
        start = START + day * DAY
        counts = {"accepted": len(found), "predictions": len(found)}
        cells, reference, unseen = b"", "", {}
        if day >= WARMUP_DAYS:
            reference = "0001" if day < 75 else "0002"
            cells = _cells(layout, day, 20 * len(found), rng)
            unseen = {"origin": {HOSTILE + "2": 1}, "gust": {"17.7": 4}} if day > 50 else {}
        yield Summary(
            f"{start:.0f}",
            f"seen|{start:.0f}|0|0",
            start + DAY,
            "seen",
            start,
            start + DAY,
            0,
            counts,
            {},
            reference=reference,
            cells=cells,
            unseen=unseen,
        )
        yield _settled(start, found)


def _cells(layout: Layout, day: int, events: int, rng: random.Random) -> bytes:
    unit = 1.609 if 50 <= day < 58 else 1.0
    rows = np.zeros((len(layout.rows), layout.width), dtype=np.int64)
    columns: list[Any] = [
        [rng.gauss(40.0 + 0.3 * day, 12.0) for _ in range(events)],
        [None if rng.random() < 0.02 else rng.randint(0, 20) * unit for _ in range(events)],
        [rng.choice(["EWR", "JFK", HOSTILE, HOSTILE + "2"]) for _ in range(events)],
        [_logistic(rng.gauss(0.0, 1.0)) for _ in range(events)],
    ]
    at = 0
    for bins, values in zip(layout.columns.values(), columns, strict=True):
        rows[0, at : at + bins.width] = _counted(bins, values)
        at += bins.width
    return packed(rows)


def _counted(
    bins: Bins, values: list[float | None] | list[str | None]
) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    counts = bins.count(values)
    if int(counts[FIRST:].sum()) > len(values):
        raise ValueError("more values counted than there are")
    return counts


def _settled(start: float, found: list[Outcome]) -> Summary:
    counts: dict[str, int] = {}
    sums: dict[str, int] = {}
    for i, outcome in enumerate(found):
        loss = outcome.losses.get(outcome.prediction.served)
        if loss is None:
            continue
        where = f"origin={('EWR', 'JFK', HOSTILE)[i % 3] if i % 15 else 'other'}"
        counts[f"n:served|{where}"] = counts.get(f"n:served|{where}", 0) + 1
        sums[f"loss:served|{where}"] = sums.get(f"loss:served|{where}", 0) + to_fixed(loss)
    id_ = f"settled|{start:.0f}|0|0"
    return Summary(f"{start:.0f}", id_, start + 2 * DAY, "settled", start, start + DAY, 0, counts, sums)


def _releases(folder: Path, run: Run, layout: Layout) -> None:
    registry = Registry(str(folder / "registry"), SigningKey("test", b"0123456789abcdef0123456789abcdef"))
    for version, day in (("0001", WARMUP_DAYS), ("0002", 70)):
        contents = ReleaseContents(
            arm=ArmSpec(learner="sklearn.linear_model.LogisticRegression"),
            task=run.task,
            names=("gust", "air", "origin"),
            types=("numeric", "numeric", "category"),
            seed=1,
            learner=version.encode(),
            threshold=1 / 9 if run.task == "binary" else None,
            reference=dict(msgspec.to_builtins(layout)),
            offsets={"outcomes/0": (0, 30 * day)},
            window=(START, START + day * DAY),
            evaluation={"release": {run.metric: 0.51}, "mean": {run.metric: 0.56}},
            parents=("0001",) if version == "0002" else (),
            libraries={"river": "0.26.0"},
        )
        registry.add(contents)


def _write(path: Path, records: Iterable[Record]) -> None:
    codec = Codec()
    path.write_bytes(b"".join(codec.encode(record) + b"\n" for record in records))
