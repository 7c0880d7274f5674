"""What holds for every registered detector."""

import math
import random
from collections.abc import Sequence

import msgspec
import pytest

from monitors.detectors import DETECTORS
from monitors.detectors.kswin import KSWIN
from monitors.detectors.port import Detector
from streams.errors import ReleaseError

every = pytest.mark.parametrize("kind", DETECTORS.values(), ids=DETECTORS)
Kind = type[Detector]


def errors(share: float, n: int, seed: int) -> list[float]:
    """Independent errors, 0.0 or 1.0, at a constant rate: the one series that suits every detector."""
    rng = random.Random(seed)
    return [float(rng.random() < share) for _ in range(n)]


def alarms(detector: Detector, values: Sequence[float]) -> list[int]:
    return [i for i, value in enumerate(values) if detector.update(value) >= 1]


@every
def test_same_seed_and_values_give_the_same_evidence(kind: Kind) -> None:
    values = errors(0.2, 600, seed=1) + errors(0.6, 300, seed=2)
    one, other = kind(), kind()

    assert [one.update(x) for x in values] == [other.update(x) for x in values]


@every
def test_dump_and_load_in_mid_stream_change_nothing(kind: Kind) -> None:
    values = errors(0.2, 400, seed=3) + errors(0.7, 200, seed=4)
    straight, stopped = kind(), kind()

    for i, value in enumerate(values):
        if i % 37 == 0:
            stopped = kind.load(stopped.dump())
        assert stopped.update(value) == straight.update(value)
    assert stopped.dump() == straight.dump()


@every
def test_parameters_and_refusals_survive_a_dump(kind: Kind) -> None:
    loaded = kind.load(kind(refused=3).dump())

    assert type(loaded) is kind
    assert loaded == kind(refused=3)


@every
def test_a_foreign_or_damaged_dump_is_refused_with_a_remedy(kind: Kind) -> None:
    other = next(each for each in DETECTORS.values() if each is not kind)

    for bad in (b"", kind().dump()[:-1], other().dump()):
        with pytest.raises(ReleaseError, match="fresh detector"):
            kind.load(bad)


@every
def test_memory_is_bounded_on_a_long_stream(kind: Kind) -> None:
    detector = kind()
    sizes = []
    for start in range(4):
        for value in errors(0.3, 1_000, seed=start):
            detector.update(value)
        sizes.append(len(detector.dump()))

    assert max(sizes) < 10_000
    assert sizes[-1] < 1.5 * sizes[0] + 200


@every
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, 1e200])
def test_what_is_no_usable_number_is_refused_and_counted(kind: Kind, bad: float) -> None:
    clean, disturbed = kind(), kind()
    for value in errors(0.2, 300, seed=5):
        expected = clean.update(value)
        assert disturbed.update(bad) == 0.0
        assert disturbed.update(value) == expected

    assert (clean.refused, disturbed.refused) == (0, 300)
    disturbed.refused = 0
    assert disturbed.dump() == clean.dump()


@every
def test_the_declared_range_is_kept(kind: Kind) -> None:
    detector = kind()

    for value in (kind.lowest, kind.highest, 0.0, 1.0):
        detector.update(value)
    assert detector.refused == 0
    detector.update(math.nextafter(kind.highest, math.inf))
    detector.update(math.nextafter(kind.lowest, -math.inf))
    assert detector.refused == 2


@every
def test_reset_equals_fresh(kind: Kind) -> None:
    detector = kind()
    for value in [*errors(0.3, 500, seed=6), math.nan]:
        detector.update(value)

    detector.reset()

    assert detector.dump() == kind().dump()


@every
def test_evidence_is_finite_and_not_negative(kind: Kind) -> None:
    detector = kind()
    rng = random.Random(7)
    extremes = [kind.lowest, kind.highest]
    values = [*errors(0.5, 200, 8), *[0.0] * 200, *[1.0] * 200, *[rng.random() for _ in range(200)], *extremes * 100]

    for value in values:
        evidence = detector.update(value)
        assert 0.0 <= evidence < math.inf
        assert type(evidence) is float


@every
def test_a_constant_series_is_no_evidence(kind: Kind) -> None:
    for level in (0.0, 0.3, 1.0):
        assert alarms(kind(), [level] * 500) == []


@every
def test_an_alarm_begins_anew(kind: Kind) -> None:
    detector = kind()
    for value in errors(0.1, 1000, seed=9) + errors(0.9, 300, seed=10):
        if detector.update(value) >= 1:
            break

    assert detector.dump() == kind().dump()


@every
def test_a_clear_worsening_is_found_soon(kind: Kind) -> None:
    for seed in range(5):
        detector = kind()
        alarms(detector, errors(0.2, 500, seed=20 + seed))

        assert alarms(detector, errors(0.8, 150, seed=30 + seed)), f"nothing in 150 values, seed {seed}"


@every
def test_worsening_is_more_evidence_than_no_change(kind: Kind) -> None:
    worse, same = kind(), kind()
    for value in errors(0.2, 500, seed=40):
        worse.update(value)
        same.update(value)

    assert max(map(worse.update, errors(0.6, 200, 41))) > max(map(same.update, errors(0.2, 200, 41)))


@every
def test_improvement_is_no_alarm(kind: Kind) -> None:
    false = 0
    for seed in range(5):
        detector = kind()
        alarms(detector, errors(0.7, 500, seed=50 + seed))
        false += len(alarms(detector, errors(0.1, 400, seed=60 + seed)))

    assert false <= 3 * kind.false_alarms * 5 * 400


@every
@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_a_stationary_stream_alarms_no_more_than_declared(kind: Kind, rate: float) -> None:
    n = 5_000 if kind is KSWIN else 50_000
    expected = kind.false_alarms * n

    found = len(alarms(kind(), errors(rate, n, seed=70)))

    assert found <= expected + 3 * math.sqrt(expected), "more than three standard deviations of a Poisson count above"


@every
def test_parameters_are_checked_where_they_are_read(kind: Kind) -> None:
    assert msgspec.convert({}, type=kind) == kind()
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.convert({"no_such_parameter": 1}, type=kind)


def test_every_detector_is_registered() -> None:
    assert set(DETECTORS.values()) == set(Detector.__subclasses__())
