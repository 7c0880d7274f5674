"""What data drift costs: binning, and all five distances, in µs an event and field, against the limit of 2.

Hours of 54 events with ten fields (six continuous, two of few distinct values, two categories), counted into all
events together and two kinds of segments (3 and 16), then every distance of every field and segment once an hour.
The floor beside it is NumPy alone: list to array, `searchsorted` and `bincount`, without segments or new values.

    python -m benchmarks.observe_cost
"""

import random
import time
from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from monitors.distances import DISTANCES, ORDERED
from streams.sketch import FIRST, Bins, Counts, categorical_bins, numeric_bins

HOURS, EVENTS, SEGMENTS, LIMIT_US = 200, 54, (3, 16), 2.0
NUMERIC = 8
Column: TypeAlias = Sequence[float] | Sequence[str]


def numbers(rng: random.Random, n: int) -> list[list[float]]:
    """Eight columns of n numbers: six continuous, one of 35 and one of 24 distinct values."""
    columns = [[rng.gauss(i, 2.0) for _ in range(n)] for i in range(6)]
    return [*columns, [rng.randrange(35) * 1.15078 for _ in range(n)], [float(rng.randrange(24)) for _ in range(n)]]


def texts(rng: random.Random, n: int) -> list[list[str]]:
    """Two columns of n categories: 16 and 3."""
    return [[rng.choice(categories) for _ in range(n)] for categories in ("abcdefghijklmnop", "xyz")]


def count(bins: list[Bins], hour: list[Column], groups: list[NDArray[np.intp]]) -> list[Counts]:
    """The sketches of each field: all events, then each segment."""
    found = []
    for field, column in zip(bins, hour, strict=True):
        parts = [field.count_groups(column, rows, most) for rows, most in zip(groups, SEGMENTS, strict=True)]
        found.append(np.concatenate([parts[0].sum(axis=0, keepdims=True), *parts]))
    return found


def stack(bins: list[Bins]) -> tuple[Counts, NDArray[np.float64]]:
    """References and positions of all fields, padded to the widest: (fields, 1, bins) each; categories stand at 0."""
    widest = max(field.width for field in bins)
    references = np.zeros((len(bins), 1, widest - FIRST), dtype=np.int64)
    positions = np.zeros(references.shape)
    for i, field in enumerate(bins):
        references[i, 0, : field.width - FIRST] = field.reference[FIRST:]
        if field.positions is not None:
            positions[i, 0] = np.pad(field.positions, (0, widest - field.width), mode="edge")
    return references, positions


def compare(references: Counts, positions: NDArray[np.float64], sketches: list[Counts]) -> None:
    """Every distance of every field and segment; those of order on the numeric fields, which come first."""
    windows = np.zeros((len(sketches), len(sketches[0]), references.shape[-1]), dtype=np.int64)
    for i, sketch in enumerate(sketches):
        windows[i, :, : sketch.shape[1] - FIRST] = sketch[:, FIRST:]
    for name, distance in DISTANCES.items():
        upto = NUMERIC if name in ORDERED else len(windows)
        distance(references[:upto], windows[:upto], positions[:upto])


def floor(hour: list[Column], edges: NDArray[np.float64]) -> None:
    """What NumPy alone needs to bin the numeric columns."""
    for column in hour[:NUMERIC]:
        np.bincount(np.searchsorted(edges, np.array(column, dtype=np.float64)), minlength=len(edges) + 1)


def per_event_and_field_us(work: Callable[[int], object], fields: int) -> float:
    """The best of three runs over all hours."""
    runs = []
    for _ in range(3):
        begun = time.perf_counter()
        for hour in range(HOURS):
            work(hour)
        runs.append(time.perf_counter() - begun)
    return min(runs) / (HOURS * EVENTS * fields) * 1e6


def main() -> None:
    """Measure and print."""
    rng = random.Random(1)
    bins = [numeric_bins(column) for column in numbers(random.Random(2), 20_000)]
    bins += [categorical_bins(column) for column in texts(random.Random(3), 20_000)]
    hours: list[list[Column]] = [[*numbers(rng, EVENTS), *texts(rng, EVENTS)] for _ in range(HOURS)]
    groups = [np.array([rng.randrange(most) for _ in range(EVENTS)]) for most in SEGMENTS]
    sketches = [count(bins, hour, groups) for hour in hours]
    edges = np.array(bins[0].edges)
    references, positions = stack(bins)
    rows = {
        "NumPy alone, numeric fields, no segments": per_event_and_field_us(lambda h: floor(hours[h], edges), NUMERIC),
        "counting, two kinds of segments": per_event_and_field_us(lambda h: count(bins, hours[h], groups), 10),
        "five distances, all segments": per_event_and_field_us(
            lambda h: compare(references, positions, sketches[h]), 10
        ),
    }
    for what, cost in rows.items():
        print(f"{what:45s} {cost:6.3f} µs an event and field")
    total = sum(list(rows.values())[1:])
    print(f"{'together':45s} {total:6.3f}, limit {LIMIT_US}: {'kept' if total <= LIMIT_US else 'MISSED'}")


if __name__ == "__main__":
    main()
