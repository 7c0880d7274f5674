from hypothesis import given
from hypothesis import strategies as st

from streams.contract.duplicates import Duplicates
from streams.state import State


def replay(duplicates: Duplicates, stream: list[tuple[str, float]], batch: int) -> tuple[list[bool], State]:
    state, known = State(), []
    for i, (id, time) in enumerate(stream):
        held = duplicates.find(state, id, time)
        known.append(held is None)
        if held is not None:
            duplicates.add(state, id, time, held)
        if i % batch == batch - 1:
            state.apply()
    state.apply()
    return known, state


def test_memory_is_bounded_by_count_and_by_time() -> None:
    crowd = [(f"e{i}", float(i) / 1000) for i in range(20_000)]
    _, state = replay(Duplicates(remember_s=1e6, most=800), crowd, 100)
    assert 700 <= len(list(state.items())) - 1 <= 800
    slow = [(f"e{i}", float(i)) for i in range(20_000)]
    _, state = replay(Duplicates(remember_s=800.0, most=10**6), slow, 100)
    assert 800 <= len(list(state.items())) - 1 <= 1000  # nine chains of 100 s, and the one that grows


@given(st.lists(st.tuples(st.sampled_from("abcdefghij"), st.floats(0, 300)), max_size=60), st.integers(1, 7))
def test_an_id_is_known_exactly_as_long_as_promised_whatever_the_batches_and_the_other_ids(
    stream: list[tuple[str, float]], batch: int
) -> None:
    stream = sorted(stream, key=lambda item: item[1] // 30)  # up to 30 s late
    duplicates = Duplicates(remember_s=40.0, most=10_000)
    known, state = replay(duplicates, stream, batch)
    whole, all_at_once = replay(duplicates, stream, 1000)
    assert known == whole
    assert dict(state.items()) == dict(all_at_once.items())
    added: dict[str, float] = {}
    for (id, time), duplicate in zip(stream, known, strict=True):
        assert duplicate == (id in added and time - added[id] <= 40.0)
        if not duplicate:
            added[id] = time


def test_a_late_event_is_remembered_too() -> None:
    duplicates, state = Duplicates(remember_s=80.0, most=1000), State()
    duplicates.add(state, "a", 500.0, ())
    duplicates.add(state, "b", 300.0, ())
    assert duplicates.find(state, "b", 310.0) is None


def test_an_aborted_step_is_forgotten() -> None:
    duplicates, state = Duplicates(remember_s=80.0, most=1000), State()
    duplicates.add(state, "a", 1.0, ())
    state.drop()
    assert duplicates.find(state, "a", 1.0) == ()
