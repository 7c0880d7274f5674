"""The table of a rollout: its laws over every kind, and what each way through it leaves behind."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.rollout.table import (
    ASK,
    FINAL,
    TABLE,
    Event,
    Kind,
    Lineup,
    Named,
    Rollout,
    Stage,
    advance,
    begin,
    fold,
)
from streams.errors import StopError
from streams.records import Action, Released

A, B, C = Named("a-1", "river", "da"), Named("a-2", "river", "db"), Named("t-1", "trees", "dc")
OLDER = Named("a-0", "river", "d0")
SHARES = (0.05, 0.5)
KINDS: dict[Kind, tuple[Named, Named | None, Named | None]] = {
    "first": (A, None, None),
    "refresh": (B, A, OLDER),
    "replacement": (C, A, OLDER),
    "return": (OLDER, A, OLDER),
}


def start(kind: Kind, shares: tuple[float, ...] = SHARES) -> Rollout:
    return begin(*KINDS[kind], shares)


def run(rollout: Rollout, *events: Event) -> tuple[Rollout, list[Released | Action]]:
    written: list[Released | Action] = []
    for at, event in enumerate(events, start=1):
        step = advance(rollout, event, float(at), why="because", because=("e-1",))
        written += step.released
        rollout = step.rollout
        if step.asks:
            args = {"release": rollout.challenger.release}
            written.append(Action("act", "act", float(at), ASK, "deadline", (), args, 99.0, "wanted"))
    return rollout, written


def before(kind: Kind) -> list[Released | Action]:
    """The records by which the champion and its predecessor came to serve."""
    _, champion, previous = KINDS[kind]
    if champion is None or previous is None:
        return []
    first = run(begin(previous, None, None, ()), "offline_better")[1]
    path: list[Event] = ["offline_better", "shadow_over", "probation_over"]
    return [*first, *run(begin(champion, previous, None, ()), *path)[1]]


@st.composite
def ways(draw: st.DrawFn) -> tuple[Rollout, list[Event]]:
    """A rollout and legal events for it, up to its end or not."""
    rollout = start(draw(st.sampled_from(sorted(TABLE))), draw(st.sampled_from([(), (0.5,), SHARES])))
    events: list[Event] = []
    now = rollout
    for _ in range(draw(st.integers(0, 12))):
        legal = sorted(event for stage, event in TABLE[now.kind] if stage == now.stage)
        if not legal:
            break
        events.append(draw(st.sampled_from(legal)))
        now = advance(now, events[-1], 1.0, "").rollout
    return rollout, events


@pytest.mark.parametrize("kind", ["refresh", "replacement"])
@pytest.mark.parametrize("shares", [(), SHARES])
def test_every_stage_is_reached_and_final_ones_have_no_exit(kind: Kind, shares: tuple[float, ...]) -> None:
    todo, seen = [start(kind, shares)], set[tuple[Stage, int]]()
    while todo:
        rollout = todo.pop()
        if (rollout.stage, rollout.at) in seen:
            continue
        seen.add((rollout.stage, rollout.at))
        legal = [event for stage, event in TABLE[kind] if stage == rollout.stage]
        assert bool(legal) == (rollout.stage not in FINAL)
        todo += [advance(rollout, event, 1.0, "").rollout for event in legal]
    stages: set[Stage] = {"trained", "shadow", "waiting", "probation", "settled", "rolled back", "rejected"}
    assert {stage for stage, _ in seen} == stages | ({"split"} if shares else set())
    assert {place for stage, place in seen if stage == "split"} == set(range(len(shares)))


@pytest.mark.parametrize("kind", sorted(TABLE))
def test_what_is_not_in_the_table_is_refused_with_what_is_possible(kind: Kind) -> None:
    events = {event for moves in TABLE.values() for _, event in moves}
    rollout = start(kind)
    legal = {event for stage, event in TABLE[kind] if stage == "trained"}
    for event in events - legal:
        with pytest.raises(StopError, match=f"{event} cannot happen.*Possible: {sorted(legal)[0]}"):
            advance(rollout, event, 1.0, "")


@given(ways())
def test_shares_sum_to_one_and_never_sink_before_the_end(way: tuple[Rollout, list[Event]]) -> None:
    rollout, events = way
    for event in events:
        step = advance(rollout, event, 1.0, "")
        if step.released and rollout.champion is not None:
            assert sum(record.share for record in step.released) == pytest.approx(1.0)
        assert step.rollout.stage in ("rejected", "rolled back") or step.rollout.share >= rollout.share
        assert sum(record.role == "champion" for record in step.released) in ((1,) if step.released else (0,))
        rollout = step.rollout


@given(ways())
def test_no_challenger_serves_all_without_having_been_shown_better_or_let_through(
    way: tuple[Rollout, list[Event]],
) -> None:
    rollout, events = way
    if run(rollout, *events)[0].share == 1.0 and rollout.kind == "replacement":
        assert {"success", "approved"} & set(events)
    if run(rollout, *events)[0].share == 1.0 and rollout.kind != "return" and rollout.champion is not None:
        assert events[0] == "offline_better"


@given(ways())
def test_the_records_fold_to_where_it_stands(way: tuple[Rollout, list[Event]]) -> None:
    rollout, events = way
    after, written = run(rollout, *events)
    lineup = fold([*before(rollout.kind), *written], rollout.shares)
    if not written:
        assert lineup == fold(before(rollout.kind), rollout.shares)
        return
    assert lineup.rollout == after
    served = {"champion": lineup.champion, "previous": lineup.previous}
    named = {alias: each.release for alias, each in served.items() if each is not None}
    assert named == {alias: release for alias, release in after.aliases.items() if alias != "challenger"}


@given(ways())
def test_whatever_ends_badly_leaves_the_aliases_as_they_were(way: tuple[Rollout, list[Event]]) -> None:
    rollout, events = way
    after, _ = run(rollout, *events)
    if after.stage in ("rejected", "rolled back"):
        assert after.aliases == rollout.aliases


def test_a_refresh_goes_its_way_by_time_alone() -> None:
    after, written = run(start("refresh"), "offline_better", "shadow_over", "share_over", "share_over")
    assert (after.stage, after.share) == ("probation", 1.0)
    assert after.aliases == {"champion": "a-2", "previous": "a-1"}
    told = [(each.key, each.role, each.stage, each.share) for each in written if isinstance(each, Released)]
    assert told == [
        ("a-2", "challenger", "shadow", 0.0),
        ("a-1", "champion", "settled", 1.0),
        ("a-2", "challenger", "split", 0.05),
        ("a-1", "champion", "settled", 0.95),
        ("a-2", "challenger", "split", 0.5),
        ("a-1", "champion", "settled", 0.5),
        ("a-2", "champion", "probation", 1.0),
        ("a-1", "previous", "settled", 0.0),
    ]
    _, last = run(after, "probation_over")
    assert [(each.key, each.role) for each in last if isinstance(each, Released)] == [
        ("a-2", "champion"),
        ("a-1", "retired"),
    ]


def test_a_replacement_waits_for_proof_and_at_the_deadline_for_a_person() -> None:
    stays, _ = run(start("replacement", ()), "offline_better", "shadow_over", "inconclusive")
    assert stays.stage == "shadow"
    ramped, _ = run(start("replacement"), "offline_better", "shadow_over", "share_over", "share_over", "share_over")
    assert (ramped.stage, ramped.share) == ("split", 0.5)
    waits, written = run(ramped, "deadline")
    assert (waits.stage, waits.share) == ("waiting", 0.5)
    assert [type(each) for each in written] == [Action]
    assert run(waits, "approved")[0].stage == "probation"
    assert run(waits, "refused")[0].aliases == {"champion": "a-1", "previous": "a-0"}


def test_a_later_return_makes_the_release_before_serve_again() -> None:
    after, written = run(start("return"), "approved")
    assert after.aliases == {"champion": "a-0", "previous": "a-1"}
    lineup = fold([*before("return"), *written], SHARES)
    assert (lineup.champion, lineup.previous) == (OLDER, A)


def test_ids_of_what_is_written_differ() -> None:
    _, written = run(start("refresh"), "offline_better", "shadow_over", "share_over", "success", "probation_over")
    assert len({each.id for each in written}) == len(written) == 10


def test_an_event_that_changes_nothing_writes_nothing() -> None:
    shadow, _ = run(start("refresh"), "offline_better")
    step = advance(shadow, "inconclusive", 7.0, "")
    assert step.rollout == shadow
    assert step.released == ()


@pytest.mark.parametrize("shares", [(0.0,), (0.5, 0.5), (0.5, 0.1), (1.0,)])
def test_shares_that_do_not_rise_are_refused(shares: tuple[float, ...]) -> None:
    with pytest.raises(StopError, match="Give rising shares"):
        begin(B, A, None, shares)


def test_a_share_that_left_the_pipeline_file_is_named() -> None:
    _, written = run(start("refresh"), "offline_better", "shadow_over")
    with pytest.raises(StopError, match=r"a-2 serves 0.05 of the keys, got \[0.1\]"):
        fold([*before("refresh"), *written], (0.1,))


def test_other_records_tell_nothing() -> None:
    action = Action("x", "x", 1.0, "retrain", "rule", (), {}, 2.0)
    assert fold([action], SHARES) == Lineup()
    _, other = run(begin(C, A, OLDER, ()), "offline_better")
    _, mine = run(start("refresh"), "offline_better")
    lineup = fold([*before("refresh"), *mine, *other], SHARES)
    assert lineup.rollout is not None
    assert lineup.rollout.challenger == B
