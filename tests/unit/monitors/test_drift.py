"""Days against days: all columns at once, and residuals of equal standing."""

import numpy as np
import pytest

from monitors.array import Array
from monitors.distances import DISTANCES, ORDERED
from monitors.drift import LEAST, Before, Lattice, usual
from streams.sketch import FIRST, Bins, categorical_bins, numeric_bins

RNG = np.random.default_rng(1)
COLUMNS: tuple[Bins, ...] = (
    numeric_bins(RNG.normal(5.0, 2.0, size=2000)),
    categorical_bins(["a", "b", "c"] * 100),
    numeric_bins([1.0, 2.0, 4.0] * 100),
)


def cells(seed: int, n: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    rng = np.random.default_rng(seed)
    parts = [
        COLUMNS[0].count(rng.normal(5.5, 2.0, size=n)),
        COLUMNS[1].count(rng.choice(["a", "b", "c"], p=[0.5, 0.3, 0.2], size=n).tolist()),
        COLUMNS[2].count(rng.choice([1.0, 2.0, 4.0], size=n)),
    ]
    return np.concatenate(parts)[None, :]


def test_all_columns_at_once_give_what_each_gives_alone() -> None:
    lattice = Lattice(COLUMNS)
    reference, window = cells(1, 900), cells(2, 300)
    found = lattice.distances(tuple(DISTANCES), lattice.bins(reference), lattice.bins(window))

    assert found.shape == (len(DISTANCES), 1, 3)
    at = 0
    for i, bins in enumerate(COLUMNS):
        one, two = reference[0, at + FIRST : at + bins.width], window[0, at + FIRST : at + bins.width]
        at += bins.width
        for j, (name, distance) in enumerate(DISTANCES.items()):
            if bins.positions is None and name in ORDERED:
                assert np.isnan(found[j, 0, i])
            else:
                scaled = None if bins.positions is None else bins.positions / bins.std
                assert found[j, 0, i] == pytest.approx(float(distance(one, two, scaled)))


def test_too_few_values_are_not_compared() -> None:
    lattice = Lattice(COLUMNS)
    reference = lattice.bins(cells(1, 900))

    assert np.isnan(lattice.distances(("psi",), reference, lattice.bins(cells(2, LEAST - 1)))).all()
    assert not np.isnan(lattice.distances(("psi",), reference, lattice.bins(cells(2, LEAST)))).any()


def test_residuals_of_fields_of_different_noise_have_equal_standing() -> None:
    rng = np.random.default_rng(3)
    history = np.exp(rng.normal([-1.5, 0.0], [0.4, 0.8], size=(200, 2)))[:, None, None, :]
    norm = usual(history)
    residuals = norm.residuals(history)

    assert np.abs(np.median(residuals, axis=0)).max() < 0.1
    assert np.all((residuals.std(axis=0) > 0.7) & (residuals.std(axis=0) < 1.3))
    far = norm.residuals(np.exp(np.array([-1.5 + 1.2, 2.4]))[None, None, None, :])
    assert far[0, 0, 0, 0] == pytest.approx(far[0, 0, 0, 1], rel=0.35)


def test_series_of_too_few_days_have_no_residual() -> None:
    history = np.full((12, 1, 1, 2), 0.5)
    history[5:, 0, 0, 1] = np.nan

    assert np.isnan(usual(history).residuals(np.full((1, 1, 2), 0.7))[0, 0]).tolist() == [False, True]


def test_the_days_before_fade() -> None:
    before = Before(Array.of(np.zeros((1, 2))))
    for day in ([[14, 0]], [[0, 14]]):
        before = before.after(np.array(day))

    np.testing.assert_allclose(before.cells.values, [[13.0, 14.0]])
