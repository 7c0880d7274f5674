"""No look at the future: whatever happens from a moment on, nothing that was said before it changes."""

from typing import Any

import msgspec
import pytest

from streams.records import Event, Label, order
from tests.laws.small import HOUR, START, Seen, make_history, run


def another_future(history: list[Event | Label], moment: float) -> list[Event | Label]:
    """Change every record from a moment on: other values, some gone, some new."""
    out: list[Event | Label] = []
    for i, record in enumerate(history):
        if record.time < moment:
            out.append(record)
        elif i % 5 == 0:
            continue
        elif isinstance(record, Label):
            value = 1.0 - float(record.value)
            out += [
                msgspec.structs.replace(record, value=value),
                msgspec.structs.replace(record, value=0.0, revision=9),
            ]
        else:
            out.append(msgspec.structs.replace(record, payload={"heat": 99.0, "line": "zz"}))
            out.append(Event("mx", f"new{i}", record.time, record.at, {"heat": 1.0, "line": "a"}))
    return sorted(out, key=order)


def said_before(seen: Seen, moment: float) -> dict[str, Any]:
    """All that was predicted, known, learned and refused before a moment."""
    return {
        "predictions": {id_: each for id_, each in seen.predictions.items() if each["time"] < moment},
        "outcomes": {name: each for name, each in seen.outcomes.items() if each["time"] < moment},
        "snapshots": {id_: each for id_, each in seen.snapshots.items() if float(id_.partition("@")[2]) <= moment},
        "letters": [each for each in seen.letters if each["time"] < moment],
    }


@pytest.mark.parametrize("hours", [3.0, 7.3, 11.0, 16.9])
@pytest.mark.parametrize("partitions", [1, 4])
def test_nothing_before_a_moment_changes_with_what_comes_after_it(hours: float, partitions: int) -> None:
    moment = START + hours * HOUR
    history = make_history()
    real = said_before(run(history, partitions), moment)
    changed = run(another_future(make_history(), moment), partitions)
    assert said_before(changed, moment) == real
    assert len(real["predictions"]) > 10 * hours
    assert len(real["snapshots"]) > 2 * hours


def test_the_future_that_is_changed_is_another_one() -> None:
    moment = START + 7.3 * HOUR
    real, changed = run(make_history()), run(another_future(make_history(), moment))
    later = [id_ for id_, each in real.predictions.items() if each["time"] >= moment and id_ in changed.predictions]
    assert sum(real.predictions[id_]["arms"] != changed.predictions[id_]["arms"] for id_ in later) > 50


@pytest.mark.parametrize("partitions", [1, 4])
def test_a_prediction_uses_nothing_that_was_known_only_after_its_cut(partitions: int) -> None:
    """Labels are the only thing changed, from a cut on: predictions up to the end of that cut stay as they are."""
    cut = (START + 9 * HOUR) // 600.0 * 600.0
    history = make_history()
    flipped = [
        msgspec.structs.replace(each, value=1.0 - float(each.value))
        if isinstance(each, Label) and each.time >= cut
        else each
        for each in make_history()
    ]
    real, changed = run(history, partitions), run(flipped, partitions)
    for id_, prediction in real.predictions.items():
        if prediction["time"] < cut + 600.0:
            assert changed.predictions[id_] == prediction
    after = [id_ for id_, each in real.predictions.items() if cut + 3600.0 <= each["time"] < cut + 2 * HOUR]
    assert any(changed.predictions[id_]["features"] != real.predictions[id_]["features"] for id_ in after)
