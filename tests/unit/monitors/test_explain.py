from typing import Literal

import pytest

from monitors.explain import explain
from streams.errors import StopError
from streams.records import Action, Alert, Command, Control, Incident, Released, Result
from tests.unit.monitors.made import sign


def incident(state: Literal["open", "resolved"], time: float, confirmed: bool | None = None) -> Incident:
    evidence = (sign(),)
    return Incident(
        "inc-1", "inc-1", time, "concept_change", state, "ticket", 0.0, "", (), (), evidence, {}, "retrain", confirmed
    )


LOG: list[Control] = [
    Action("p", "act-1", 0.0, "release", "model.warmup", (), {}, 0.0),
    incident("open", 1.0),
    Action("p", "act-2", 1.0, "retrain", "policy.retrain", ("inc-1",), {}, 2.0, "wanted"),
    Alert("inc-1", "alert-1", 1.0, "inc-1", "ticket", "firing", "TICKET p: worse", 0.0),
    Command("act-2", "c1", 2.0, "approve", {"action": "act-2"}, "ann", "looks right"),
    Result("act-2", "act-2/result", 3.0, "act-2", "retrain", 3.0, True, "release v2", {}),
    Released("v2", "v2/on", 3.0, 3.0, "a", "champion", "settled", 1.0, "", "better", ("act-2",)),
    incident("resolved", 9.0, True),
    Incident("inc-2", "inc-2", 10.0, "stale", "open", "note", 0.0, "", (), (), (), {}, ""),
]


@pytest.mark.parametrize("id_", ["inc-1", "alert-1", "act-2"])
def test_an_incident_its_alert_and_its_action_have_one_story(id_: str) -> None:
    told = explain(LOG, id_)

    assert told.incident is not None
    assert (told.incident.state, told.confirmed) == ("resolved", True)
    assert [chapter.record for chapter in told.story] == [
        "inc-1",
        "act-2",
        "alert-1",
        "c1",
        "act-2/result",
        "v2/on",
        "inc-1",
    ]
    assert [each.rule for each in told.actions] == ["policy.retrain"]
    assert told.outcome == "resolved; retrain took effect; labels confirm harm."


def test_an_action_without_an_incident_has_a_story_of_its_own() -> None:
    told = explain(LOG, "act-1")

    assert told.incident is None
    assert [chapter.record for chapter in told.story] == ["act-1"]
    assert told.outcome == "nothing was done."


def test_an_unknown_id_is_refused_with_the_newest_ones() -> None:
    with pytest.raises(StopError, match=r"inc-9: no alert.*inc-2"):
        explain(LOG, "inc-9")
