"""Fields, a sample of every kind of feature, streams of events and sums that the tests of features share."""

import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from streams.features import FEATURES
from streams.features.kinds import kind_of
from streams.features.port import Context, Feature, Window
from streams.records import Value, Values
from streams.spec import FeatureSpec, FieldSpec, PersonalSpec

FIELDS = (
    FieldSpec(name="distance", type="float", min=0.0, max=5000.0),
    FieldSpec(name="seats", type="int"),
    FieldSpec(name="full", type="bool"),
    FieldSpec(name="origin", type="str", categories=("EWR", "JFK", "LGA")),
    FieldSpec(name="dest", type="str"),
    FieldSpec(name="tailnum", type="str", use=False),
    FieldSpec(name="sched", type="time"),
    FieldSpec(name="email", type="str", personal=PersonalSpec(treat="hash", basis="contract")),
)
CONTEXT = Context(key="tailnum", timezone="America/New_York", folder=str(Path(__file__).parent))


def spec(**keys: object) -> FeatureSpec:
    return FeatureSpec.model_validate({"name": "f"} | keys)


SAMPLES: dict[str, list[FeatureSpec]] = {
    "arithmetic": [
        spec(expression="distance / seats"),
        spec(expression="distance ** 9 * distance"),
        spec(expression="'far' if distance > 1000 else origin"),
    ],
    "calendar": [
        spec(calendar=("hour", "weekday", "month", "day", "minute", "weekend")),
        spec(calendar=("hour",), cyclic=True, of="sched"),
    ],
    "decayed": [
        spec(aggregate=aggregate, of=of, half_life="6h")
        for aggregate, of in (("count", "events"), ("sum", "distance"), ("mean", "distance"), ("std", "seats"))
    ],
    "encode": [spec(encode="one_hot", of="origin"), spec(encode="frequency", of="dest", over="7d")],
    "entity": [
        spec(aggregate=aggregate, of=of, by="dest", over="2h")
        for aggregate, of in (("count", "events"), ("sum", "distance"), ("mean", "distance"), ("std", "distance"))
    ],
    "interaction": [spec(interact=("distance", "seats", "full")), spec(interact=("origin", "seats"))],
    "label_rate": [
        spec(aggregate=aggregate, of="label", by=by, over="2h")
        for aggregate, by in (("mean", "origin"), ("std", ()), ("sum", ("origin", "dest")), ("mean", None))
    ],
    "previous": [spec(last="dest"), spec(last="distance")],
    "python": [spec(python="functions.py:crosswind"), spec(python="functions.py:route")],
    "rolling": [
        spec(aggregate=aggregate, of="distance", over=over)
        for aggregate in ("count", "sum", "mean", "std", "min", "max")
        for over in ("24h", "20 events")
    ]
    + [spec(aggregate="count", over="24h")],
    "scale": [
        spec(scale="standard", of="distance", over="30d"),
        spec(scale="min_max", of="distance"),
    ],
}
"""At least one section for every processor in the registry."""

HOSTILE: tuple[Value, ...] = (
    float("nan"),
    float("inf"),
    -float("inf"),
    1.7e308,
    -1.7e308,
    5e-324,
    10**400,
    -1,
    0,
    True,
)


class FixedSums:
    """Windows made from the entity's name: some empty, some of equal values, some spread."""

    def window(self, sum_name: str, entity: str, over_s: float) -> Window:
        count = len(entity) % 4
        total = count * (1.0 + len(sum_name) % 3)
        return count, total, total * total / count + (over_s / 7200.0) * (count - 1) if count else 0.0


class Empty:
    def window(self, sum_name: str, entity: str, over_s: float) -> Window:
        return 0, 0.0, 0.0


def made(section: FeatureSpec, context: Context = CONTEXT) -> Feature:
    """Build one feature as a plan does."""
    return FEATURES[kind_of(section, context)](section, {field.name: field for field in FIELDS}, context)


def stream(length: int, seed: int, hostile: bool = False) -> list[tuple[float, Values]]:
    """Events of one key, a minute to hours apart, now and then late, missing, new or (if asked) hostile."""
    rng = random.Random(seed)
    now, events = 1.36e9, []
    for _ in range(length):
        now += rng.choice((0.0, 60.0, 3600.0, 50_000.0))
        values: Values = {
            "distance": rng.choice((None, 0.0, 229.0, 1400.5, 4983.0)),
            "seats": rng.choice((None, 0, 55, 149)),
            "full": rng.choice((None, True, False)),
            "origin": rng.choice((None, "EWR", "JFK", "LGA", "new|one")),
            "dest": rng.choice((None, "ATL", "BOS", f"D{rng.randrange(10**6)}")),
            "tailnum": "N14228",
            "sched": rng.choice((None, now - 600.0)),
            "email": "3f2a",
        }
        if hostile:
            values |= {name: rng.choice(HOSTILE) for name in ("distance", "seats", "sched") if rng.random() < 0.4}
        events.append((now - rng.choice((0.0, 0.0, 0.0, 900.0)), values))
    return events


def run(feature: Feature, events: Sequence[tuple[float, Mapping[str, Value]]]) -> list[tuple[Value, ...]]:
    """Update over a stream, windows looked up as a plan does; return every result."""
    own, results = None, []
    for time, values in events:
        result, own = feature.update(dict(values), time, own, windows_of(feature, values))
        results.append(result)
    return results


def windows_of(
    feature: Feature, values: Mapping[str, Value], sums: FixedSums | Empty | None = None
) -> tuple[Window, ...]:
    from_sums = sums or FixedSums()
    texts = ["|".join("" if values.get(name) is None else str(values[name]) for name in one.by) for one in feature.sums]
    return tuple(from_sums.window(one.name, text, one.over_s) for one, text in zip(feature.sums, texts, strict=True))
