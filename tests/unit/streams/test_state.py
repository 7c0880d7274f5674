"""State against a plain dictionary: writes are seen at once, and are in the base only after they were applied."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.state import State

steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abc"), st.none() | st.integers(0, 3)),
        st.tuples(st.sampled_from(["apply", "drop"])),
    ),
    max_size=30,
)


@given(steps)
def test_it_behaves_as_a_dictionary_with_a_draft(plan: list[tuple[Any, ...]]) -> None:
    state = State()
    base: dict[str, int] = {}
    draft: dict[str, int | None] = {}
    for step in plan:
        if step[0] == "put":
            state.put(step[1], step[2])
            draft[step[1]] = step[2]
        elif step[0] == "apply":
            state.apply()
            base = {key: value for key, value in (base | draft).items() if value is not None}
            draft = {}
        else:
            state.drop()
            draft = {}
        seen = base | draft
        assert {key: state.get(key) for key in "abc"} == {key: seen.get(key) for key in "abc"}
        assert dict(state.changes()) == draft
        assert dict(state.items()) == base


def test_a_removed_value_reads_as_the_default() -> None:
    state = State()
    state.put("a", 1)
    state.apply()
    state.put("a", None)
    assert state.get("a", 7) == 7
    assert state.get("b", 7) == 7
    state.drop()
    assert state.get("a", 7) == 1


def test_a_false_value_is_a_value() -> None:
    state = State()
    state.put("a", 0)
    state.put("b", ())
    assert state.get("a", 5) == 0
    state.apply()
    assert (state.get("a", 5), state.get("b", 5)) == (0, ())
