"""River's detectors as the oracle: the same alarms at the same values, but for changes for the better."""

import random
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
import pytest
from river import drift
from scipy import stats

from monitors.detectors import DETECTORS
from monitors.detectors.adwin import ADWIN
from monitors.detectors.ddm import DDM
from monitors.detectors.kswin import KSWIN, largest_gap, p_value
from monitors.detectors.page_hinkley import PageHinkley
from monitors.detectors.port import Detector
from streams.errors import ReleaseError


class River(Protocol):
    """What is used of a detector of River's."""

    @property
    def drift_detected(self) -> bool: ...

    def update(self, x: Any, /) -> None: ...


def changing(seed: int, n: int = 4_000) -> list[float]:
    """Errors whose rate jumps to another level, up or down, every few hundred values."""
    rng = random.Random(seed)
    values: list[float] = []
    while len(values) < n:
        rate = rng.random()
        values += [float(rng.random() < rate) for _ in range(rng.randrange(100, 600))]
    return values[:n]


def shares(seed: int, n: int = 4_000) -> list[float]:
    """The same as shares: real numbers from 0 to 1."""
    rng = random.Random(seed)
    return [0.7 * value + 0.3 * rng.random() for value in changing(seed, n)]


RIVERS_ADWIN: Callable[[], River] = drift.ADWIN
ONE_SIDED: list[tuple[str, Callable[[], River]]] = [
    ("page_hinkley", lambda: drift.PageHinkley(mode="up")),
    ("ddm", drift.binary.DDM),
    ("eddm", drift.binary.EDDM),
    ("hddm_a", drift.binary.HDDMA),
    ("hddm_w", drift.binary.HDDMW),
]


@pytest.mark.parametrize(("name", "rivers"), ONE_SIDED, ids=[name for name, _ in ONE_SIDED])
@pytest.mark.parametrize("seed", range(3))
def test_one_sided_detectors_alarm_exactly_where_rivers_do(name: str, rivers: Callable[[], River], seed: int) -> None:
    ours, theirs = DETECTORS[name](), rivers()
    values = changing(seed) + ([] if name == "eddm" else shares(seed))  # River's EDDM knows no shares

    found = 0
    for i, value in enumerate(values):
        theirs.update(value)
        assert (ours.update(value) >= 1) == theirs.drift_detected, f"value {i}"
        found += theirs.drift_detected
    assert found >= 3


@pytest.mark.parametrize("name", ["adwin", "kswin"])
def test_two_sided_detectors_alarm_where_rivers_do_if_it_is_for_the_worse(name: str) -> None:
    rng = random.Random(5)
    values = [float(rng.random() < rate) for rate in [0.1, 0.9] * 4 for _ in range(200)]
    ours = DETECTORS[name]()
    theirs: River = RIVERS_ADWIN() if name == "adwin" else drift.KSWIN(seed=0)
    fresh = ours.dump()

    for_worse = for_better = 0
    for i, value in enumerate(values):
        theirs.update(value)
        alarm = ours.update(value) >= 1
        assert (ours.dump() == fresh) == theirs.drift_detected, f"value {i}: River begins anew, or we do, not both"
        assert theirs.drift_detected or not alarm
        for_worse += alarm
        for_better += theirs.drift_detected and not alarm
    assert for_worse >= 3
    assert for_better >= 3


@pytest.mark.parametrize(
    ("detector", "at"),
    [(ADWIN(), 1023), (KSWIN(alpha=1e-4, seed=42), 1016), (PageHinkley(), 1006)],
    ids=["adwin", "kswin", "page_hinkley"],
)
def test_examples_in_rivers_docstrings(detector: Detector, at: int) -> None:
    """River 0.26, the examples of drift.ADWIN, drift.KSWIN and drift.PageHinkley."""
    rng = random.Random(12345)
    values = rng.choices([0, 1], k=1000) + rng.choices(range(4, 8), k=1000)

    assert [i for i, value in enumerate(values) if detector.update(float(value)) >= 1] == [at]


def test_the_example_in_the_docstring_of_rivers_ddm() -> None:
    rng = random.Random(42)
    values = rng.choices([0, 1], k=1000) + rng.choices([0, 1], k=1000, weights=[0.3, 0.7])
    detector = DDM()

    assert [i for i, value in enumerate(values) if detector.update(float(value)) >= 1] == [1334]


@pytest.mark.parametrize("size", [7, 30, 100])
def test_kswin_has_the_exact_p_value(size: int) -> None:
    for gap in range(2, size + 1):  # at 1, SciPy's rounding makes it give up the exact value
        ahead = [float(i) for i in range(size)]
        expected = stats.ks_2samp(ahead, [x + gap for x in ahead], method="exact")

        assert expected.statistic == pytest.approx(gap / size)
        assert p_value(gap, size) == pytest.approx(expected.pvalue, rel=1e-6)


def test_kswin_measures_the_largest_gap() -> None:
    assert largest_gap([1.0, 1.0, 2.0], [2.0, 2.0, 2.0]) == 2
    assert largest_gap([2.0, 2.0, 2.0], [1.0, 1.0, 2.0]) == 2
    assert largest_gap([1.0, 2.0, 3.0], [3.0, 1.0, 2.0]) == 0


def test_kswin_refuses_a_window_that_cannot_hold_both_samples() -> None:
    with pytest.raises(ValueError, match="make it at least 60"):
        KSWIN(window=50, recent=30)


def test_adwin_refuses_a_window_of_another_river() -> None:
    foreign = msgspec.structs.replace(ADWIN(), river="0.21.0").dump()

    with pytest.raises(ReleaseError, match=r"river==0\.21\.0"):
        ADWIN.load(foreign)


def test_adwin_that_looks_at_every_value_keeps_one_newest() -> None:
    detector = ADWIN(clock=1)
    for value in changing(1, n=500):
        detector.update(value)

    assert len(detector.newest) <= 1


def test_adwin_rises_towards_its_alarm() -> None:
    detector = ADWIN()
    evidence = [detector.update(value) for value in [0.1, 0.2] * 200 + [0.35] * 20]

    assert max(evidence[200:400]) < evidence[405] < evidence[-1] < 1
