from pathlib import Path
from typing import Literal, get_args

import pytest

from monitors.alerts import DO, DONE, MOST_WORDS, TABLE, Event, State, event_of, follow, runbook, words
from monitors.diagnosis import Severity
from monitors.incidents import Case
from monitors.policy import UNDO
from monitors.spec import Cause, Remedy
from streams.records import Action, Alert, Incident
from tests.unit.monitors.made import sign

PAGES = Path(__file__).parents[3] / "docs" / "runbooks"
Standing = Literal["open", "recovering", "resolved"]
TUESDAY = 1378231200.0  # 3 September 2013, 14:00 in New York


def incident(
    state: Standing = "open", severity: Severity = "ticket", p: float = 1e-9, cause: str = "unit_change"
) -> Incident:
    what = "wind_speed looks like a change of unit, mph to km/h (x1.61), all 3 origins"
    evidence = (sign("unseen", "wind_speed", p=p),)
    return Incident(
        "inc-142",
        "inc-142",
        0.0,
        cause,
        state,
        severity,
        TUESDAY,
        what,
        ("wind_speed",),
        (),
        evidence,
        {"value": 17.0},
        "mask",
    )


def case(state: Standing = "open", severity: Severity = "ticket", p: float = 1e-9, windows: int = 1) -> Case:
    return Case(incident(state, severity, p), 0.0, 1.0, None, None, windows)


def pause(approval: str = "not needed", because: str = "inc-142") -> Action:
    args = {"field": "wind_speed", "since": 0.0}
    undo = "riverkeeper resume flights"
    return Action("flights", "act-1", 0.0, "pause", "", (because,), args, 0.0, approval, undo)  # type: ignore[arg-type]


def test_an_alert_says_all_that_is_needed_in_sixty_words() -> None:
    text = words(incident(), [pause()], "flights", "America/New_York")

    assert text == (
        "TICKET flights: wind_speed looks like a change of unit, mph to km/h (x1.61), all 3 origins "
        "since Tue 3 Sep 14:00 New York. By chance: 1 in 1,000,000,000 looks. About -17 a day. "
        "Done: learning paused. Do: riverkeeper mask flights wind_speed (undo: unmask). Runbook, inc-142."
    )
    assert len(text.split()) <= MOST_WORDS


@pytest.mark.parametrize("cause", get_args(Cause))
@pytest.mark.parametrize("length", [3, 200])
def test_no_alert_has_more_than_sixty_words(cause: str, length: int) -> None:
    long = Incident(
        "inc-1", "inc-1", 0.0, cause, "open", "page", TUESDAY, "word " * length + "end", (), (), (sign(),), {}, ""
    )

    text = words(long, [pause(because="inc-1"), pause("wanted", "inc-1")], "p", "UTC")

    assert len(text.split()) <= MOST_WORDS
    assert text.endswith("Runbook, inc-1.")
    assert "approve act-1" in text


def test_what_was_done_already_is_not_asked_for() -> None:
    mask = Action(
        "flights", "act-2", 0.0, "mask", "", ("inc-142",), {"field": "wind_speed"}, 0.0, undo="riverkeeper unmask x"
    )

    text = words(incident(), [pause(), mask], "flights", "UTC")

    assert (
        "Done: learning paused, wind_speed masked. Do: tell the owner of the source (undo: riverkeeper unmask x)."
        in text
    )
    assert "Done: nothing (dry run: nothing)." in words(incident(), [pause("dry run")], "flights", "UTC")


def walk(cases: list[Case]) -> list[tuple[str, str]]:
    kept: tuple[Alert, ...] = ()
    out = list[tuple[str, str]]()
    for i, each in enumerate(cases):
        kept, told = follow(kept, [each], [], "flights", "UTC", float(i))
        out += [(alert.id, alert.state) for alert in told]
    return out


def test_an_alert_is_told_when_its_state_changes_and_keeps_its_id() -> None:
    states: list[Standing] = ["open", "open", "recovering", "open", "recovering", "resolved", "resolved", "open"]

    assert walk([case(state) for state in states]) == [
        ("alert-142", state) for state in ("firing", "recovering", "firing", "recovering", "resolved", "firing")
    ]


def test_one_window_of_weak_evidence_is_pending_until_a_second_one() -> None:
    assert walk([case(p=4e-4), case(p=4e-4), case(p=4e-4, windows=2)]) == [
        ("alert-142", "pending"),
        ("alert-142", "firing"),
    ]
    assert walk([case(p=4e-4, severity="page")]) == [("alert-142", "firing")]
    assert walk([case(p=4e-4), case("recovering", p=4e-4)]) == [("alert-142", "pending"), ("alert-142", "recovering")]


def test_notes_do_not_alert_until_they_do_harm() -> None:
    assert walk([case(severity="note"), case(severity="note"), case(severity="ticket")]) == [("alert-142", "firing")]
    kept, _ = follow((), [case()], [], "flights", "UTC", 0.0)
    kept, told = follow(kept, [case(severity="page")], [], "flights", "UTC", 1.0)
    assert [(each.state, each.severity) for each in told] == [("firing", "page")]


def test_the_table_leads_from_every_state_to_its_end() -> None:
    assert {state for state, _ in TABLE if state} | set(TABLE.values()) == set(get_args(State))
    assert {event for _, event in TABLE} == set(get_args(Event))
    for state in get_args(State):
        assert state == "resolved" or TABLE[state, "over"] == "resolved"
    assert event_of(case("resolved")) == "over"


def test_every_cause_has_one_command_and_every_remedy_its_words() -> None:
    assert set(DO) == set(get_args(Cause))
    assert set(DONE) == {*get_args(Remedy), *UNDO.values()}


def test_every_cause_has_its_page_and_every_page_its_cause() -> None:
    pages = {page.name: page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")}

    assert set(pages) == {Path(runbook(cause)).name for cause in get_args(Cause)}
    for cause in get_args(Cause):
        text = pages[Path(runbook(cause)).name]
        assert f"`{cause}`" in text.splitlines()[0]
        headings = [line[3:] for line in text.splitlines() if line.startswith("## ")]
        assert headings == ["What it means", "How to confirm", "What Riverkeeper does", "What to do", "How to undo"]
        verb = DO[cause].split()[1]
        assert f"riverkeeper {verb}" in text, f"the page of {cause} does not name the alert's command"
