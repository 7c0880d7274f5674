"""A small world for the tests of measuring: events by the season of the week, two segments, labels some hours later."""

import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from models.metrics.losses import log_loss
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.stages.observe import Observe
from streams.records import DeadLetter, Outcome, Prediction, Record, Released, Score, Summary, Target, Values
from streams.stage import Batch
from streams.state import State

HOUR, DAY = 3600.0, 86400.0
START = 16_000 * DAY
KNOT = 1.150779
SCOPE = Scope(
    fields={"wind": "numeric", "load": "numeric", "site": "categorical", "kind": "categorical"},
    segments=("site",),
    label_delay_s=12 * HOUR,
    timezone="America/New_York",
    false_incidents_per_week=0.5,
)
Change = Callable[[float, Values], Values]


def outcomes(days: int, seed: int, change: Change = lambda _, values: values, start: float = START) -> list[Outcome]:
    """Outcomes in order of time: about 20 events an hour by day, 5 by night; labels after 1 to 5 hours, 3 % never."""
    rng = random.Random(seed)
    found = []
    for hour in range(days * 24):
        begins = start + hour * HOUR
        wind = {site: rng.randrange(3, 22) for site in "ab"}
        for i in range(max(round(rng.gauss(5 + 15 * (8 <= hour % 24 < 20), 3)), 0)):
            time = begins + rng.random() * HOUR
            site = rng.choice("aab")
            values: Values = {
                "wind": None if rng.random() < 0.002 else wind[site] * KNOT,
                "load": rng.gauss(10.0, 2.0),
                "site": site,
                "kind": rng.choice(["x", "y", "z"]),
            }
            found.append(outcome(f"{hour}-{i}", time, change(time, values), rng))
    return sorted(found, key=lambda each: (each.time, each.id))


def outcome(id_: str, time: float, values: Values, rng: random.Random) -> Outcome:
    load = values.get("load")
    score = 1.0 / (1.0 + math.exp(10.0 - load)) if isinstance(load, float) else 0.5
    score = min(max(score, 0.01), 0.99)
    arms: dict[str, Score] = {"champion": score, "mean": 0.5}
    prediction = Prediction(id_, id_, time, time, values, arms, "champion", float(score > 0.3), 0.3, release="r")
    late_s = rng.uniform(1, 5) * HOUR
    if rng.random() < 0.03:
        return Outcome(id_, id_, time + SCOPE.label_delay_s, prediction, None, SCOPE.label_delay_s)
    label = float(rng.random() < score)
    losses, value = judge(prediction, label)
    return Outcome(id_, id_, time + late_s, prediction, label, late_s, 0, None, losses, value)


def judge(prediction: Prediction, label: Target) -> tuple[dict[str, float], float | None]:
    return {arm: log_loss(label, float(p)) for arm, p in prediction.arms.items() if isinstance(p, float)}, float(label)


def champion(release: str, at: float) -> Released:
    return Released(release, release, at, at, "champion", "champion", "settled", 1.0, "", "")


def observe(
    found: Iterable[Outcome],
    references: dict[str, Reference],
    letters: Sequence[DeadLetter] = (),
    control: Sequence[Released] = (),
    scope: Scope = SCOPE,
    partition: int = 0,
    every_s: float = HOUR,
    until: float | None = None,
    state: State | None = None,
) -> list[Summary]:
    """All summaries of a partition, fed in stretches of `every_s` up to `until`."""
    stage, kept = Observe(scope, references.get, judge), State() if state is None else state
    records: list[tuple[str, Record]] = [("outcomes", each) for each in found]
    records += [("predictions", each.prediction) for each in found if each.before is None]
    records += [("dead-letters", each) for each in letters]
    stretches: defaultdict[float, list[tuple[str, Record]]] = defaultdict(list)
    for topic, record in records:
        stretches[record.time // every_s * every_s].append((topic, record))
    first, last = min(stretches), max(stretches) + every_s if until is None else until
    out: list[Summary] = []
    begins, told = first, 0
    while begins < last:
        streams: dict[str, list[Record]] = defaultdict(list)
        for topic, record in sorted(stretches.get(begins, []), key=lambda entry: (entry[1].time, entry[1].id)):
            streams[topic].append(record)
        cut = begins // HOUR * HOUR
        new = [each for each in control[told:] if each.effective_at <= cut]
        told += len(new)
        batch = Batch(partition, dict(streams), {"control": new} if new else {}, cut, begins + every_s, None)
        for record in stage.step(kept, batch):
            assert isinstance(record, Summary)
            out.append(record)
        kept.apply()
        begins += every_s
    return out
