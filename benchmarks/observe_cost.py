"""What observing and drift cost: in µs an event and field for counting and all five distances, in µs for the stage.

Hours of 54 events with ten fields (six continuous, two of few distinct values, two categories), from records to
columns, counted into all events together and two kinds of segments (3 and 16), then every distance of every field and
segment once an hour; a pipeline that compares days needs a 24th of the last part. The floor beside it is NumPy alone:
list to array, `searchsorted` and `bincount`, without segments or new values. The stage is all of `Observe`: predictions
and outcomes of two arms in, summaries out.

    python -m benchmarks.observe_cost
"""

import random
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from models.metrics.losses import log_loss
from monitors.calibrate import build_reference
from monitors.counting import Row, count
from monitors.distances import DISTANCES
from monitors.layout import Layout
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.stages.observe import Observe
from streams.records import Outcome, Prediction, Released, Target, Values
from streams.sketch import Counts, categorical_bins, numeric_bins
from streams.stage import Batch
from streams.state import State

HOURS, EVENTS, DAYS, HOUR = 200, 54, 20, 3600.0
LIMIT_US, STAGE_LIMIT_US = 2.0, 12.0
NUMERIC = tuple(f"number{i}" for i in range(8))
TEXTS = ("origin", "carrier")
RESULTS = Path(__file__).parent / "results" / "observe.md"
SCOPE = Scope(
    fields={**dict.fromkeys(NUMERIC, "numeric"), **dict.fromkeys(TEXTS, "categorical")},
    segments=TEXTS,
    label_delay_s=6 * HOUR,
)


def values(rng: random.Random) -> Values:
    """Six continuous numbers, one of 35 and one of 24 distinct values, categories of 3 and of 16."""
    found: Values = {f"number{i}": rng.gauss(i, 2.0) for i in range(6)}
    found |= {"number6": rng.randrange(35) * 1.15078, "number7": float(rng.randrange(24))}
    return found | {"origin": rng.choice("xyz"), "carrier": rng.choice("abcdefghijklmnop")}


def outcomes(hours: int) -> list[Outcome]:
    """Outcomes of two arms, an hour to five after the prediction."""
    rng = random.Random(1)
    found = []
    for i in range(hours * EVENTS):
        at, score = i / EVENTS * HOUR, rng.random()
        prediction = Prediction(
            str(i), str(i), at, at, values(rng), {"champion": score, "mean": 0.5}, "champion", 1.0, 0.5, release="r"
        )
        label, late_s = float(rng.random() < score), rng.uniform(1.0, 5.0) * HOUR
        losses, value = judge(prediction, label)
        found.append(Outcome(str(i), str(i), at + late_s, prediction, label, late_s, 0, None, losses, value))
    return sorted(found, key=lambda each: (each.time, each.id))


def judge(prediction: Prediction, label: Target) -> tuple[dict[str, float], float | None]:
    """Losses and value of an outcome."""
    return {arm: log_loss(label, float(p)) for arm, p in prediction.arms.items() if isinstance(p, float)}, None


def lay_out(found: list[Outcome]) -> Layout:
    """The bins of all fields."""
    rows = [each.prediction.features for each in found[:20_000]]
    columns = {name: numeric_bins([row[name] for row in rows]) for name in NUMERIC}  # type: ignore[misc]
    columns |= {name: categorical_bins([row[name] for row in rows]) for name in TEXTS}  # type: ignore[misc]
    return Layout(columns, TEXTS)


def floor(hours: list[list[list[float]]], edges: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    """What NumPy alone needs to bin the numeric columns."""
    for hour in hours:
        for column in hour:
            np.bincount(np.searchsorted(edges, np.array(column, dtype=np.float64)), minlength=len(edges) + 1)


def observe(batches: list[Batch], reference: Reference) -> None:
    """All of the stage."""
    stage, state = Observe(SCOPE, {"r": reference}.get, judge), State()
    for batch in batches:
        stage.step(state, batch)
        state.apply()


def batches(found: list[Outcome]) -> list[Batch]:
    """Hours of predictions and outcomes; the release is champion from the beginning."""
    hours = [
        Batch(0, {"predictions": [], "outcomes": []}, {}, i * HOUR, (i + 1) * HOUR, None)
        for i in range(int(found[-1].time // HOUR) + 1)
    ]
    for each in found:
        hours[int(each.time // HOUR)].streams["outcomes"].append(each)
    for prediction in sorted((each.prediction for each in found), key=lambda each: (each.time, each.id)):
        hours[int(prediction.time // HOUR)].streams["predictions"].append(prediction)
    hours[0].tables["control"] = [Released("r", "r", 0.0, 0.0, "champion", "champion", "settled", 1.0, "", "")]
    return hours


def best_us(work: Callable[[], object], units: int) -> float:
    """The best of three runs, for each unit."""
    runs = []
    for _ in range(3):
        begun = time.perf_counter()
        work()
        runs.append(time.perf_counter() - begun)
    return min(runs) / units * 1e6


def parts_us(found: list[Outcome]) -> tuple[float, dict[str, float]]:
    """What an event and field costs with NumPy alone, and in each part of observing."""
    layout = lay_out(found)
    names = (*NUMERIC, *TEXTS)
    records = [[each.prediction.features for each in found[i * EVENTS : (i + 1) * EVENTS]] for i in range(HOURS)]
    rows: list[list[Row]] = [[tuple(row[name] for name in names) for row in hour] for hour in records]
    cells: list[Counts] = [count(layout, hour)[0] for hour in rows]
    lattice = layout.lattice
    reference = lattice.bins(sum(cells[1:], cells[0]))
    columns = [[[float(row[name] or 0.0) for row in hour] for name in NUMERIC] for hour in records]
    edges = np.array(layout.columns["number0"].edges)
    each = HOURS * EVENTS * len(names)
    alone = best_us(lambda: floor(columns, edges), HOURS * EVENTS * len(NUMERIC))
    return alone, {
        "records to columns": best_us(lambda: [[[r[n] for r in hour] for n in names] for hour in records], each),
        "counting, two kinds of segments": best_us(lambda: [count(layout, hour) for hour in rows], each),
        "five distances, all segments, each hour": best_us(
            lambda: [lattice.distances(tuple(DISTANCES), reference, lattice.bins(hour)) for hour in cells], each
        ),
    }


def main() -> None:
    """Measure, print, and write the table."""
    found = outcomes(DAYS * 24)
    alone, parts = parts_us(found)
    hours, built = batches(found), build_reference("r", found, SCOPE)
    stage = best_us(lambda: observe(hours, built), len(found))
    total = sum(parts.values())
    lines = [
        "# What observing costs",
        "",
        f"Hours of {EVENTS} events, ten fields, segments of 3 and 16 values; `python -m benchmarks.observe_cost`.",
        "",
        "| part | µs an event and field | times NumPy alone |",
        "|---|---|---|",
        f"| NumPy alone, numeric fields, no segments | {alone:.2f} | 1.0 |",
        *(f"| {part} | {cost:.2f} | {cost / alone:.1f} |" for part, cost in parts.items()),
        f"| **together** (limit {LIMIT_US}: {_kept(total, LIMIT_US)}) | **{total:.2f}** | {total / alone:.1f} |",
        "",
        f"The whole stage, predictions and outcomes of two arms: {stage:.1f} µs an event (limit {STAGE_LIMIT_US:.0f}: "
        f"{_kept(stage, STAGE_LIMIT_US)}).",
    ]
    print("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n")


def _kept(cost: float, limit: float) -> str:
    return "kept" if cost <= limit else "MISSED"


if __name__ == "__main__":
    main()
