"""Every formula against SciPy's own on the same bins, and against raw values where the docstring bounds the error.

Figures named "Evidently" are those of Evidently 0.7.23 on the same counts of categories.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy import stats
from scipy.spatial.distance import jensenshannon

from monitors.distances.chi_squared import chi_squared
from monitors.distances.jensen_shannon import jensen_shannon
from monitors.distances.ks import ks
from monitors.distances.psi import FLOOR, psi
from monitors.distances.wasserstein import wasserstein
from streams.sketch import FIRST, Bins, numeric_bins

counts = arrays(np.int64, 7, elements=st.integers(0, 500)).filter(lambda a: bool(a.sum()))
filled = arrays(np.int64, 7, elements=st.integers(1, 500))
Counts = NDArray[np.int64]
few = settings(max_examples=40)
Floats = NDArray[np.float64]


@few
@given(filled, filled)
def test_psi_is_the_sum_of_both_relative_entropies(reference: Counts, window: Counts) -> None:
    r, w = reference / reference.sum(), window / window.sum()

    assert psi(reference, window) == pytest.approx(stats.entropy(r, w) + stats.entropy(w, r), rel=1e-9, abs=1e-12)


def test_psi_takes_an_empty_bin_as_the_floor() -> None:
    expected = (0.5 - FLOOR) * np.log(0.5 / FLOOR) + (1.0 - 0.5) * np.log(1.0 / 0.5)

    assert psi(np.array([50, 50]), np.array([0, 80])) == pytest.approx(expected, rel=1e-12)


def test_psi_of_equal_distributions_is_about_what_its_docstring_says() -> None:
    rng = np.random.default_rng(7)
    reference = rng.multinomial(50_000, np.full(20, 0.05))
    windows = rng.multinomial(2_000, np.full(20, 0.05), size=2_000)

    assert psi(reference, windows).mean() == pytest.approx(19 * (1 / 50_000 + 1 / 2_000), rel=0.05)


@few
@given(counts, counts)
def test_jensen_shannon_is_scipys(reference: Counts, window: Counts) -> None:
    assert jensen_shannon(reference, window) == pytest.approx(jensenshannon(reference, window), rel=1e-6, abs=1e-7)


@few
@given(counts, counts)
def test_wasserstein_is_scipys(reference: Counts, window: Counts) -> None:
    positions = np.array([-5.0, -1.0, 0.0, 0.25, 2.0, 8.0, 9.0])
    expected = stats.wasserstein_distance(positions, positions, reference, window)

    assert wasserstein(reference, window, positions) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@few
@given(filled, filled)
def test_chi_squared_is_scipys(reference: Counts, window: Counts) -> None:
    expected = stats.chi2_contingency(np.stack([reference, window]), correction=False).statistic

    assert chi_squared(reference, window) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@few
@given(counts, counts)
def test_ks_is_scipys_when_each_bin_holds_one_value(reference: Counts, window: Counts) -> None:
    values = np.arange(7.0)
    expected = stats.ks_2samp(np.repeat(values, reference), np.repeat(values, window), method="asymp").statistic

    assert ks(reference, window) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("reference", "window", "evidently_psi", "evidently_js", "scipy_chi2"),
    [
        # weather situation, hours of the UCI bike-sharing data: 2011-01-01 to 28 against 2011-01-29 to 02-28
        ([373, 197, 47, 1], [460, 191, 68, 0], 0.020059398674629365, 0.050370992828131095, 6.420874121327229),
        # race, UCI adult: rows 0 to 9,999 against 10,000 to 19,999
        ([99, 309, 953, 83, 8556], [95, 319, 929, 85, 8572], 0.00011731319288, 0.00382930975195, 0.586523091945164),
        # salary range, NannyML's car loans: reference against analysis rows from 25,000 on
        (
            [19918, 15047, 9977, 5058],
            [11000, 8250, 5500, 250],
            0.21977077767702916,
            0.15105196750934666,
            2106.206305292608,
        ),
    ],
)
def test_figures_of_other_programs(
    reference: list[int], window: list[int], evidently_psi: float, evidently_js: float, scipy_chi2: float
) -> None:
    r, w = np.array(reference), np.array(window)

    assert psi(r, w) == pytest.approx(evidently_psi, rel=1e-9)
    assert jensen_shannon(r, w) == pytest.approx(evidently_js, rel=1e-9)
    assert chi_squared(r, w) == pytest.approx(scipy_chi2, rel=1e-9)


def sample(shift: float) -> tuple[Bins, Floats, Floats, Counts, Counts]:
    rng = np.random.default_rng(11)
    reference, window = rng.gamma(2.0, size=20_000), rng.gamma(2.0, size=5_000) + shift
    bins = numeric_bins(reference)
    return bins, reference, window, bins.count(reference)[FIRST:], bins.count(window)[FIRST:]


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.5, 2.0])
def test_ks_from_bins_is_short_of_the_raw_one_by_a_bin_at_most(shift: float) -> None:
    _, reference, window, r, w = sample(shift)
    raw = stats.ks_2samp(reference, window, method="asymp").statistic

    assert raw - max((r / r.sum()).max(), (w / w.sum()).max()) <= ks(r, w) <= raw + 1e-12


@pytest.mark.parametrize("shift", [0.0, 0.05, 0.5, 2.0])
def test_wasserstein_from_bins_is_within_its_bound_of_the_raw_one(shift: float) -> None:
    bins, reference, window, r, w = sample(shift)
    centres, edges = np.array(bins.centres), np.array(bins.edges)
    bound = sum(np.abs(x - centres[np.searchsorted(edges, x)]).mean() for x in (reference, window))

    off = wasserstein(r, w, bins.positions) - stats.wasserstein_distance(reference, window)

    assert abs(off) <= bound
    assert abs(off) <= 0.12 * bins.std


def test_wasserstein_refuses_categories() -> None:
    with pytest.raises(ValueError, match="positions"):
        wasserstein(np.array([1, 2]), np.array([2, 1]))
