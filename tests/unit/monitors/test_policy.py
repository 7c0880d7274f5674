from typing import get_args

import msgspec
import pytest

from monitors.policy import (
    BREAKS,
    COST,
    UNDO,
    Past,
    Rule,
    Rules,
    answered,
    came,
    decide,
    hidden,
    remember,
    rules_of,
    undo,
)
from monitors.spec import PolicySpec, Remedy, RuleSpec
from streams.records import Action, Incident
from tests.unit.monitors.made import rules, sign

DAY = 86400.0


def incident(cause: str, *fields: str, id_: str = "inc-1", state: str = "open") -> Incident:
    return Incident(id_, id_, 0.0, cause, state, "ticket", 7.0, "", fields, (), (sign(),), {}, "")  # type: ignore[arg-type]


def decided(one: Incident, rules: Rules, past: Past, now: float, **args: float) -> tuple[Action, Past]:
    action = decide(one, args, rules, past, now)
    assert action is not None
    return action, remember(past, [action])


def test_every_remedy_has_a_cost() -> None:
    assert sorted(COST) == sorted(get_args(Remedy))


def test_data_is_held_from_the_learner_first_then_mended() -> None:
    unit = incident("unit_change", "wind")
    policy = rules(convert=Rule(("unit_change",), 0.0))

    first, past = decided(unit, policy, Past(), 100.0, factor=1.6)
    second, past = decided(unit, policy, past, 3700.0, factor=1.6)
    third, past = decided(unit, policy, past, 7300.0, factor=1.6)

    assert [first.id, second.id, third.id] == ["act-1", "act-2", "act-3"]
    assert (first.kind, first.args) == ("pause", {"field": "wind", "since": 7.0})
    assert (second.kind, second.args) == ("convert", {"field": "wind", "since": 7.0, "factor": 1 / 1.6})
    assert (third.kind, third.undo) == ("mask", "riverkeeper unmask flights wind")
    assert first.due_at == 3700.0
    assert decide(unit, {"factor": 1.6}, policy, past, 10900.0) is None


def test_a_conversion_needs_its_factor() -> None:
    policy = Rules(pipeline="p", remedies={"convert": Rule(("unit_change",), 0.0)})

    assert decide(incident("unit_change", "wind"), {}, policy, Past(), 0.0) is None


def test_the_cheapest_remedy_of_the_model_is_tried_first_and_the_dearer_one_if_it_did_not_help() -> None:
    change, policy = incident("concept_change"), rules()

    first, past = decided(change, policy, Past(), 0.0)
    assert first.kind == "recalibrate"
    assert decide(change, {}, policy, past, 5 * DAY) is None, "its result is not there yet"

    past = came(past, first.id, True, 3600.0)
    second, past = decided(change, policy, past, 5 * DAY)
    assert (second.kind, second.args) == ("retrain", {"cause": "concept_change", "change": 7.0})


def test_cooldown_and_the_trainings_of_a_week_are_kept_to() -> None:
    stale, policy = incident("stale"), rules()
    action, past = decided(stale, policy, Past(), 0.0)
    past = came(past, action.id, True, 3600.0)

    assert decide(stale, {}, policy, past, 2 * DAY) is None, "cooldown"
    assert decide(stale, {}, policy, past, 6.9 * DAY) is None, "one training a week"
    assert decide(stale, {}, policy, past, 7.1 * DAY) is not None
    half = msgspec.structs.replace(policy, retrain_per_week=0.5)
    assert decide(stale, {}, half, past, 13.9 * DAY) is None
    assert decide(stale, {}, half, past, 14.1 * DAY) is not None
    assert decide(stale, {}, msgspec.structs.replace(policy, retrain_per_week=0.0), Past(), 0.0) is None


def test_after_failures_in_a_row_the_breaker_opens() -> None:
    policy, past, now = rules(rollback=Rule(("worse_after_release",), 0.0)), Past(), 0.0
    for i in range(BREAKS):
        action, past = decided(incident("worse_after_release", id_=f"inc-{i}"), policy, past, now)
        past, now = came(past, action.id, False, now), now + DAY

    assert decide(incident("worse_after_release", id_="inc-9"), {}, policy, past, now) is None
    assert decide(incident("worse_after_release", id_="inc-9"), {}, policy, past, now + 28 * DAY) is not None


def test_approval_waits_for_a_person_and_a_dry_run_does_nothing() -> None:
    careful = msgspec.structs.replace(rules(), approval=("retrain",))
    action, past = decided(incident("stale"), careful, Past(), 0.0)
    assert action.approval == "wanted"
    assert answered(past, action.id, True, 9.0).tries[0].state == "waiting"
    refused = answered(past, action.id, False, 9.0)
    assert refused.tries[0].action.approval == "refused"
    assert answered(refused, action.id, True, 10.0) == refused

    dry = msgspec.structs.replace(rules(), dry_run=True)
    action, past = decided(incident("stale"), dry, Past(), 0.0)
    assert action.approval == "dry run"
    assert decide(incident("stale"), {}, dry, past, 1.0) is None


@pytest.mark.parametrize("state", ["recovering", "resolved"])
def test_nothing_is_decided_for_what_is_passing(state: str) -> None:
    assert decide(incident("stale", state=state), {}, rules(), Past(), 0.0) is None


def test_remedies_of_data_are_taken_back_once_their_incident_is_resolved() -> None:
    unit, policy, past = incident("unit_change", "wind"), rules(), Past()
    for now in (0.0, 3600.0):
        action, past = decided(unit, policy, past, now)
        past = came(past, action.id, True, now + 3600.0)

    assert undo([unit], policy, past, 9 * DAY) == ()
    other = incident("missing_upstream", "temp", id_="inc-2")
    assert [each.kind for each in undo([other], policy, past, 9 * DAY)] == ["unmask"], (
        "learning still has a reason to rest"
    )
    (back,) = undo([], policy, past, 9 * DAY)
    assert (back.kind, back.because, back.undo) == ("unmask", ("inc-1", "act-2"), "riverkeeper mask flights wind")
    past = remember(past, [back])
    assert undo([], policy, past, 9.2 * DAY) == (), "the field has to prove sound first"
    (resume,) = undo([], policy, past, 9.5 * DAY)
    assert (resume.kind, resume.because) == ("resume", ("inc-1", "act-1"))
    assert {back.kind, resume.kind} <= set(UNDO.values())
    assert undo([], policy, remember(past, [resume]), 10 * DAY) == ()


def test_a_mask_is_lifted_for_a_look_after_twice_as_long_each_time() -> None:
    policy, past = rules(pause=Rule(("duplicates",), 0.0)), Past()
    unit, quiet = incident("unit_change", "wind"), incident("unit_change", "wind", state="recovering")
    for at, wait in ((0.0, DAY), (10 * DAY, 2 * DAY)):
        action, past = decided(unit, policy, past, at)
        assert action.kind == "mask"
        past = came(past, action.id, True, at)
        assert hidden(past, at + wait) == {"inc-1"}
        assert undo([quiet], policy, past, at + wait - 1.0) == ()
        assert undo([unit], policy, past, at + wait) == ()
        back = undo([quiet], policy, past, at + wait)
        assert [each.kind for each in back] == ["unmask"]
        past = remember(past, back)
        assert hidden(past, at + wait + 5 * 3600.0) == {"inc-1"}
        assert hidden(past, at + wait + 6 * 3600.0) == frozenset()


def test_a_conversion_hides_its_incident_for_good_and_a_dry_run_nothing() -> None:
    convert = Rules(pipeline="p", remedies={"convert": Rule(("unit_change",), 0.0)})
    _, past = decided(incident("unit_change", "wind"), convert, Past(), 0.0, factor=2.0)
    assert hidden(past, 1e9) == {"inc-1"}

    dry = msgspec.structs.replace(convert, dry_run=True)
    _, past = decided(incident("unit_change", "wind"), dry, Past(), 0.0, factor=2.0)
    assert hidden(past, 1.0) == frozenset()


def test_learning_is_paused_once_for_all_that_call_for_it() -> None:
    policy = Rules(pipeline="p", remedies={"pause": Rule(("missing_upstream",), 0.0)})
    _, past = decided(incident("missing_upstream", "temp"), policy, Past(), 0.0)

    assert decide(incident("missing_upstream", "wind", id_="inc-2"), {}, policy, past, 1.0) is None


def test_rules_come_from_the_pipeline_file() -> None:
    spec = PolicySpec(retrain=RuleSpec(when=("stale",), cooldown=60.0), approval=("retrain",))

    made = rules_of(spec, "flights", 2.0, 600.0)

    assert made.remedies == {"retrain": Rule(("stale",), 60.0)}
    assert (made.growth, made.lead_s, made.approval) == (1.5, 3600.0, ("retrain",))
    assert rules_of(PolicySpec(), "p", 1.0, 7200.0).lead_s == 21600.0
