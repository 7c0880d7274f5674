from hypothesis import given
from hypothesis import strategies as st

from monitors.diagnosis import Finding
from monitors.incidents import DAILY_QUIET_S, KEPT, MOST, REOPENS_S, WINDOW_QUIET_S, Docket, acknowledge, end, follow
from streams.records import Incident
from tests.unit.monitors.made import HOUR, sign


def never(since: float, until: float) -> bool | None:
    return None


def finding(cause: str = "missing_upstream", *fields: str, weak: bool = False, since: float = 0.0) -> Finding:
    family = "drift" if cause == "covariate_shift" else "performance" if cause.endswith("shift") else "quality"
    first = fields[0] if fields else ""
    return Finding(cause, since, f"{first} {cause}", fields, (), (sign("t", first, family=family),), weak=weak)  # type: ignore[arg-type]


def run(
    findings: dict[int, list[Finding]], hours: int, hidden: frozenset[str] = frozenset()
) -> tuple[Docket, list[Incident]]:
    docket, written = Docket(), list[Incident]()
    for hour in range(hours):
        docket, told = follow(docket, findings.get(hour, []), hour * HOUR, hidden, never)
        written += told
    return docket, written


def test_one_cause_is_one_incident_from_open_to_resolved() -> None:
    found = finding("missing_upstream", "temp")
    _, written = run({hour: [found] for hour in range(3, 9)}, 60)

    assert [(each.id, each.state, each.time / HOUR) for each in written] == [
        ("inc-1", "open", 3),
        ("inc-1", "recovering", 8 + WINDOW_QUIET_S / HOUR),
        ("inc-1", "resolved", 8 + 2 * WINDOW_QUIET_S / HOUR),
    ]


def test_weak_evidence_opens_nothing_and_keeps_alive_what_is_open() -> None:
    strong, weak = finding("missing_upstream", "temp"), finding("missing_upstream", "temp", weak=True)
    assert run({3: [weak]}, 10)[1] == []

    _, written = run({3: [strong]} | {hour: [weak] for hour in range(4, 40)}, 45)
    assert [each.state for each in written] == ["open"]


def test_evidence_that_comes_back_soon_reopens_the_same_incident() -> None:
    found, week = finding("missing_upstream", "temp"), int(REOPENS_S / HOUR)
    _, written = run({3: [found], 100: [found], 100 + 2 * week: [found]}, 110 + 2 * week)

    states = [(each.id, each.state) for each in written]
    assert states[:4] == [("inc-1", "open"), ("inc-1", "recovering"), ("inc-1", "resolved"), ("inc-1", "open")]
    assert states[-1] == ("inc-2", "open")


def test_other_fields_are_another_incident_and_common_ones_the_same() -> None:
    docket, _ = run(
        {
            1: [finding("missing_upstream", "temp"), finding("unit_change", "wind")],
            2: [finding("missing_upstream", "humid")],
            3: [finding("missing_upstream", "humid", "temp")],
        },
        4,
    )

    assert [(case.incident.cause, case.incident.fields) for case in docket.cases] == [
        ("missing_upstream", ("temp",)),
        ("unit_change", ("wind",)),
        ("missing_upstream", ("humid", "temp")),
    ]


def test_a_broken_field_explains_drift_of_the_answers_and_worse_answers() -> None:
    docket, _ = run(
        {
            1: [finding("unit_change", "wind")],
            5: [finding("covariate_shift", "wind", "score"), finding("prior_shift", since=0.0)],
        },
        6,
    )

    (case,) = docket.cases
    assert case.incident.confirmed is True
    assert {each.family for each in case.incident.evidence} == {"quality", "drift", "performance"}


def test_broken_values_become_a_change_of_unit_once_that_is_seen() -> None:
    _, written = run({1: [finding("broken_upstream", "wind")], 2: [finding("unit_change", "wind")]}, 3)

    assert [(each.id, each.cause, each.remedy) for each in written] == [
        ("inc-1", "broken_upstream", "pause"),
        ("inc-1", "unit_change", "convert"),
    ]


def test_broken_values_that_come_back_are_the_change_of_unit_again() -> None:
    back = 2 * int(WINDOW_QUIET_S / HOUR) + 5
    broken = finding("broken_upstream", "wind")
    docket, written = run({1: [finding("unit_change", "wind")], back: [broken], back + 1: [broken]}, back + 9)

    assert [(each.cause, each.state) for each in written] == [
        ("unit_change", state) for state in ("open", "recovering", "resolved", "open")
    ]
    assert docket.cases[0].seen_at == (back + 1) * HOUR


def test_labels_say_later_whether_there_was_harm() -> None:
    def seen(since: float, until: float) -> bool | None:
        return True

    docket, _ = follow(Docket(), [finding("covariate_shift", "temp")], 0.0, (), never)
    assert docket.cases[0].incident.severity == "note"
    docket, told = follow(docket, [finding("covariate_shift", "temp")], DAILY_QUIET_S / 2, (), seen)

    assert [(each.severity, each.confirmed) for each in told] == [("ticket", True)]


def test_an_incident_whose_evidence_is_hidden_does_not_end() -> None:
    _, written = run({1: [finding("unit_change", "wind")]}, 100, frozenset({"inc-1"}))

    assert [each.state for each in written] == ["open", "recovering"]


def test_acknowledging_and_ending_are_told_once() -> None:
    docket, _ = run({1: [finding("unit_change", "wind")]}, 2)
    docket, told = acknowledge(docket, "inc-1", "ann", 2 * HOUR)
    assert [each.acknowledged_by for each in told] == ["ann"]
    assert acknowledge(docket, "inc-1", "ann", 3 * HOUR)[1] == ()

    docket, told = end(docket, "inc-1", 4 * HOUR)
    assert [(each.state, each.acknowledged_by) for each in told] == [("resolved", "ann")]
    assert end(docket, "inc-1", 5 * HOUR)[1] == ()


CAUSES = ("missing_upstream", "unit_change", "covariate_shift", "prior_shift")
EVERY = st.builds(finding, st.sampled_from(CAUSES), st.sampled_from("abcdef"), weak=st.booleans())


@given(st.dictionaries(st.integers(0, 400), st.lists(EVERY, max_size=3), max_size=60))
def test_whatever_comes_memory_is_bounded_and_records_are_consistent(findings: dict[int, list[Finding]]) -> None:
    docket, written = run(findings, 420)

    assert len(docket.cases) <= MOST
    assert all(len(case.incident.evidence) <= KEPT for case in docket.cases)
    opened = [each for each in written if each.state == "open"]
    assert {each.id for each in opened} == {f"inc-{i + 1}" for i in range(docket.opened)}
    newest = {each.id: each for each in written}
    for case in docket.cases:
        assert newest[case.incident.id].state == case.incident.state
