"""What a backtest costs beside a bare loop: the same events, features and learner, in one process, as a ratio.

    python benchmarks/bench_backtest.py [PIPELINE] [MONTHS] [PARTITIONS]

The peer is what a good engineer would write by hand for this one pipeline: dictionaries, running counts over deques,
River's scaler and logistic regression, labels learned when they are known. It checks nothing, stores nothing, watches
nothing and cannot be resumed. CPU time of this process, reading the history left out in both.
"""

import math
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from river import linear_model, optim, preprocessing

from infra.pipeline import load
from infra.sections import Pipeline
from infra.wiring import Wiring
from models.releases.registry import Registry
from models.releases.signing import SigningKey
from streams import lockstep
from streams.log.memory import MemoryLog
from streams.records import Event, Label, Outcome
from streams.sources import history
from streams.spec import FeatureSpec
from streams.stage import Stage
from streams.units import parse_duration
from streams.worker import Worker

ROOT = Path(__file__).parents[1]
LEFT_OUT = ("act",)
"""Stages that train: a fit is not what is measured here."""


class Windows:
    """Count and sum of what an entity had in a window, kept as they come."""

    def __init__(self, feature: FeatureSpec) -> None:
        self.name, self.rate = feature.name, feature.of == "label"
        self.by = feature.by if isinstance(feature.by, str) else next(iter(feature.by or ()), None)
        self.over_s = parse_duration(str(feature.over))
        self.kept: dict[str, tuple[deque[tuple[float, float]], list[float]]] = {}

    def add(self, payload: dict[str, Any], time_s: float, value: float) -> None:
        entity = payload[self.by] if self.by else ""
        found = self.kept.get(entity)
        if found is None:
            found = self.kept[entity] = deque(), [0.0, 0.0]
        kept, total = found
        kept.append((time_s, value))
        total[0] += 1
        total[1] += value

    def put(self, payload: dict[str, Any], time_s: float, x: dict[str, float]) -> None:
        found = self.kept.get(payload[self.by] if self.by else "")
        n = 0.0
        if found is not None:
            kept, total = found
            while kept and kept[0][0] < time_s - self.over_s:
                total[0] -= 1
                total[1] -= kept.popleft()[1]
            n = total[0]
            if n and self.rate:
                x[self.name] = total[1] / n
        x[self.name + "_n" if self.rate else self.name] = n


def bare(records: Sequence[Event | Label], spec: Pipeline) -> float:
    """Predict and learn; return the mean log loss."""
    numbers = [each.name for each in spec.field if each.use and each.type != "str"]
    texts = [each.name for each in spec.field if each.use and each.type == "str"]
    windows = [Windows(each) for each in spec.feature if each.aggregate]
    rates, counts = [each for each in windows if each.rate], [each for each in windows if not each.rate]
    scaler, model = preprocessing.StandardScaler(), linear_model.LogisticRegression(optim.SGD(0.002))
    zone = ZoneInfo(spec.source.timezone)
    waiting: dict[str, tuple[dict[str, float], dict[str, Any], float]] = {}
    loss, n = 0.0, 0
    for record in records:
        if isinstance(record, Event):
            payload: Any = record.payload
            x = {name: payload[name] for name in numbers if payload[name] is not None}
            clock = datetime.fromtimestamp(record.time, zone)
            x["hour"], x["weekday"], x["month"] = clock.hour, clock.weekday(), clock.month
            for each in windows:
                each.put(payload, record.time, x)
            for each in counts:
                each.add(payload, record.time, 1.0)
            p = model.predict_proba_one(inputs(scaler, x, payload, texts)).get(True, 0.5)
            waiting[record.id] = x, payload, p
        elif record.id in waiting:
            x, payload, p = waiting.pop(record.id)
            late = float(record.value)
            loss -= math.log(max(p if late else 1 - p, 1e-15))
            n += 1
            scaler.learn_one(x)
            model.learn_one(inputs(scaler, x, payload, texts), bool(late))
            for each in rates:
                each.add(payload, record.time, late)
    return loss / n


def inputs(
    scaler: preprocessing.StandardScaler, x: dict[str, float], payload: dict[str, Any], texts: list[str]
) -> dict[str, float]:
    scaled: dict[str, float] = scaler.transform_one(x)
    for name in texts:
        scaled[name + payload[name]] = 1.0
    return scaled


class Timed:
    """A worker with a stopwatch."""

    def __init__(self, worker: Worker) -> None:
        self.stage: Stage = worker.stage
        self.cpu_s = 0.0
        self._run_once = worker.run_once

    def run_once(self) -> bool:
        began = time.process_time()
        came = self._run_once()
        self.cpu_s += time.process_time() - began
        return came


def workers(spec: Pipeline, home: Path, log: MemoryLog) -> list[Timed]:
    """Every stage of the pipeline but those left out, at its seat."""
    wiring = Wiring(spec, home, Registry("memory://bench", SigningKey("bench", bytes(16))))
    stages = [stage for make in wiring.stages(log) if (stage := make()).name not in LEFT_OUT]
    return [Timed(Worker(stage, log.seat(stage))) for stage in stages]


def ours(records: Sequence[Event | Label], spec: Pipeline, log: MemoryLog, timed: Sequence[Timed]) -> None:
    """Run all stages in lockstep, kept topics spooled."""
    lockstep.run(log, timed, records, spec.monitor.freshness)
    log.flush()


def loss_of(log: MemoryLog, arm: str) -> float:
    """Return the mean loss of an arm over all labelled outcomes."""
    span = {i: (0, end) for i, end in log.ends("outcomes").items()}
    losses = [each.losses[arm] for each in log.read("outcomes", span) if isinstance(each, Outcome) and each.losses]
    return sum(losses) / len(losses)


def cpu_of(run: Callable[[], object]) -> float:
    began = time.process_time()
    run()
    return time.process_time() - began


def main(file: Path, months: int, partitions: int) -> str:
    """Measure, and return the table."""
    spec, home = load(file), file.parent
    end = datetime(2013 + months // 12, months % 12 + 1, 1, tzinfo=ZoneInfo(spec.source.timezone)).timestamp()
    found = history(spec.source, spec.labels, spec.lookup, spec.watched, home, spec.problem.task, (), None, end)
    records = list(found)
    events = sum(isinstance(record, Event) for record in records)
    peers: list[float] = []
    peer = cpu_of(lambda: peers.append(bare(records, spec)))
    with tempfile.TemporaryDirectory() as folder:
        log = MemoryLog(partitions, Path(folder), horizon_s=90_000.0)
        timed = workers(spec, home, log)
        whole = cpu_of(lambda: ours(records, spec, log, timed))
        loss = loss_of(log, "online")
    peer = min(peer, cpu_of(lambda: bare(records, spec)))
    rest = whole - sum(each.cpu_s for each in timed)
    rows = [(each.stage.name, each.cpu_s) for each in timed] + [("source, append", rest), ("**all**", whole)]
    lines = [f"| {name} | {cpu / events * 1e6:.1f} | {cpu / peer:.2f} |" for name, cpu in [("bare loop", peer), *rows]]
    lines += ["", f"Log loss of the bare loop {peers[0]:.4f}, of the same arm in the backtest {loss:.4f}."]
    title = f"{events:,} events, {partitions} partition{'s' * (partitions > 1)}, freshness {spec.monitor.freshness:g} s"
    return "\n".join([f"### {title}", "", "| | CPU, µs an event | times the bare loop |", "|---|---|---|", *lines, ""])


if __name__ == "__main__":
    arguments = sys.argv[1:]
    chosen = Path(arguments[0]) if arguments else ROOT / "examples" / "flights" / "pipeline.toml"
    table = main(chosen, int(arguments[1]) if arguments[1:] else 3, int(arguments[2]) if arguments[2:] else 1)
    print(table)
    target = ROOT / "benchmarks" / "results" / "backtest.md"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(f"## A backtest beside a bare River loop\n\n{table}")
