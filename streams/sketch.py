"""Mergeable counts of a field's values in bins that a reference fixes.

A sketch is an int64 vector of `Bins.width` counts. Sketches of any two sets of records add up to the sketch of both, to
the bit and in any order, so partitions, segments and revisions merge by `+`. Layout::

    [MISSING, INVALID, UNSEEN, bin 0, bin 1, ..., bin k-1]
     None/NaN  ±inf             sketch[FIRST:]

Every value that is neither missing nor invalid is in exactly one bin, so ``missing + invalid + bins.sum()`` is the
number of records. `UNSEEN` counts *beside* the bins: those of the same values that the reference never held. So
distances see a partition of all present values, and "share never seen" stays a measure of its own. A number outside the
bulk of the reference does not count as unseen: a new season brings such numbers, and distances show them. One between
two known values, in a field that repeats its values, is what a change of unit brings.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

Counts: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = Sequence[float | None] | Floats
Texts: TypeAlias = Sequence[str | None]

MISSING, INVALID, UNSEEN, FIRST = 0, 1, 2, 3

MOST = 32
"""Bins of a field, unless told otherwise."""

DISTINCT = 5_000
"""A reference with more distinct values than this does not keep them, and cannot tell which value is new."""

NEW_SHARE = 0.01
"""Nor does one whose last quarter brought a larger share of new values than this, as with continuous fields and ids."""

LARGEST = 1e150
"""Numbers beyond it count as infinite: their squares overflow."""

LEVELS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
"""The levels of `Bins.quantiles`."""

BULK = (0.01, 0.99)
"""The levels between which a number can be unseen: further out, a reference has gaps by chance."""

_FIRST_OF_BULK, _LAST_OF_BULK = (LEVELS.index(level) for level in BULK)


class Bins(msgspec.Struct, frozen=True, dict=True):
    """The bins of one field and what the reference held in them; plain data, JSON by msgspec, part of a release.

    Made by `numeric_bins` or `categorical_bins`. `reference` is the reference's own sketch.

    Numeric: bin i holds (edges[i-1], edges[i]], the first and the last bin are open-ended; `centres` are the means of
    the reference per bin, `quantiles` those at `LEVELS`, `std` its standard deviation (ddof 0; 0 if it held no value).
    `values` are its distinct values, sorted, if `knows`. Unseen is a number that is none of them,
    in the `BULK` of the reference.

    Categorical: one bin for each of `categories`, in order, and a last one for all others; `rare` are the known ones
    among those others.

    `knows` says whether a value that the reference never held can be told; if not, `UNSEEN` stays 0 and means nothing.
    """

    kind: Literal["numeric", "categorical"]
    reference: tuple[int, ...]
    knows: bool
    edges: tuple[float, ...] = ()
    centres: tuple[float, ...] = ()
    values: tuple[float, ...] = ()
    quantiles: tuple[float, ...] = ()
    std: float = 0.0
    categories: tuple[str, ...] = ()
    rare: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The length of this field's sketches."""
        return len(self.reference)

    @cached_property
    def positions(self) -> Floats | None:
        """Where the bins stand on the field's axis, shape (bins,); None for categories, which have no order."""
        return np.array(self.centres) if self.kind == "numeric" else None

    def place(self, values: Numbers | Texts) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Where each value is counted (`MISSING`, `INVALID` or `FIRST` + its bin), and whether it was never seen.

        Both of shape (n,). Numeric fields take numbers, bools, None and NaN; categorical ones text and None.
        """
        if self.kind == "numeric":
            return self._place_numbers(np.asarray(values, dtype=np.float64))
        return self._place_texts(values)

    def count(self, values: Numbers | Texts) -> Counts:
        """The sketch of the values, shape (width,).

        >>> bins = numeric_bins([1.0, 2.0, 2.0, 3.0] * 10)
        >>> bins.count([2.0, 2.5, None, float("inf")])
        array([1, 1, 1, 0, 2, 0])
        """
        counts: Counts = self.count_groups(values, np.zeros(len(values), dtype=np.intp), 1)[0]
        return counts

    def count_groups(self, values: Numbers | Texts, groups: NDArray[np.intp], most: int) -> Counts:
        """The sketches of groups of values, such as segments, in one go: shape (most, width).

        `groups`, shape (n,), says which row each value counts in, from 0 to below `most`.
        """
        codes, new = self.place(values)
        cells = np.bincount(groups * self.width + codes, minlength=most * self.width)
        counts: Counts = cells.astype(np.int64, copy=False).reshape(most, self.width)
        counts[:, UNSEEN] = np.bincount(groups[new], minlength=most)
        return counts

    def unseen_share(self, counts: Counts) -> Floats | None:
        """The share of present values that the reference never held, of sketches of shape (..., width).

        NaN where no value was present; None where it cannot be told (see `knows`).
        """
        if not self.knows:
            return None
        present = counts[..., FIRST:].sum(axis=-1)
        return np.where(present > 0, counts[..., UNSEEN] / np.maximum(present, 1), np.nan)

    def mean(self, counts: Counts) -> Floats:
        """About the mean of sketches of shape (..., width): each value stands at its bin's centre.

        NaN where no value was present. Exact when each bin holds one distinct value. Raises TypeError for categories.
        """
        if self.positions is None:
            raise TypeError("a categorical field has no mean: look at `kind` first")
        present = counts[..., FIRST:].sum(axis=-1)
        return np.where(present > 0, counts[..., FIRST:] @ self.positions / np.maximum(present, 1), np.nan)

    def _place_numbers(self, x: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        codes = np.searchsorted(self._edges, x) + FIRST
        valid = np.abs(x) <= LARGEST
        if not valid.all():
            codes[~valid] = INVALID
            codes[np.isnan(x)] = MISSING
        if not self.knows:
            return codes, np.zeros(len(x), dtype=np.bool_)
        near = np.searchsorted(self._halfway, x)
        if (self._values[near] == x).all():
            return codes, np.zeros(len(x), dtype=np.bool_)
        low, high = self.quantiles[_FIRST_OF_BULK], self.quantiles[_LAST_OF_BULK]
        inside = (x > low) & (x < high)
        return codes, inside & (np.abs(x - self._values[near]) > 1e-9 * np.maximum(1.0, np.abs(x)))

    def _place_texts(self, values: Iterable[object]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        known, stranger = self._known, self.width
        codes = np.array([known.get(value, stranger) for value in values], dtype=np.intp)
        new = codes == stranger
        if new.any():
            codes[new] = stranger - 1
        return codes, new if self.knows else np.zeros(len(codes), dtype=np.bool_)

    @cached_property
    def _edges(self) -> Floats:
        return np.array(self.edges)

    @cached_property
    def _values(self) -> Floats:
        return np.array(self.values)

    @cached_property
    def _halfway(self) -> Floats:
        return halfway(self._values)

    @cached_property
    def _known(self) -> dict[object, int]:
        others = self.width - 1
        own = {category: FIRST + i for i, category in enumerate(self.categories)}
        known: dict[object, int] = {None: MISSING}
        return known | dict.fromkeys(self.rare, others) | own


def numeric_bins(values: Numbers, most: int = MOST) -> Bins:
    """The bins of a numeric field, from its values in the reference, in order of time (None, NaN and ±inf may occur).

    At most `most` distinct values: one bin each, and a value between two of them counts with the nearer. More: about
    equally full bins between quantiles that are themselves values of the reference, fewer where one value holds the
    mass of several; no bin of the reference is empty. New values can be told (`knows`) if the reference itself says
    that they are rare: of its last quarter, at most `NEW_SHARE` of the values within the range of the time before were
    new (of all values, where few are within it), and all distinct ones are at most `DISTINCT`. (An estimate from
    singletons would not do: weather repeats within the hour.)

    Raises ValueError when `most` is below 2.
    """
    _check(most)
    x = np.asarray(values, dtype=np.float64)
    valid = x[np.abs(x) <= LARGEST]
    missing = int(np.isnan(x).sum())
    invalid = len(x) - len(valid) - missing
    if len(valid) == 0:
        return Bins("numeric", (missing, invalid, 0, 0), knows=False, centres=(0.0,))
    distinct = np.unique(valid)
    if len(distinct) <= most:
        edges = halfway(distinct)
    else:
        edges = np.unique(np.quantile(valid, np.arange(1, most) / most, method="inverted_cdf"))
        edges = edges[edges < distinct[-1]]
    knows = len(distinct) <= DISTINCT and _new_share(valid) <= NEW_SHARE
    inside = np.searchsorted(edges, valid)
    sizes = np.bincount(inside, minlength=len(edges) + 1)
    centres = np.bincount(inside, weights=valid, minlength=len(edges) + 1) / sizes
    return Bins(
        "numeric",
        (missing, invalid, 0, *sizes.tolist()),
        knows=knows,
        edges=tuple(edges.tolist()),
        centres=tuple(centres.tolist()),
        values=tuple(distinct.tolist()) if knows else (),
        quantiles=tuple(np.quantile(valid, LEVELS).tolist()),
        std=float(valid.std()),
    )


def categorical_bins(values: Texts, most: int = MOST) -> Bins:
    """The bins of a categorical field, from its values in the reference, in order of time (None is missing).

    The `most` most frequent categories get a bin each, ties in order of their names; the rest shares the last one.
    Whether new ones can be told is decided as for `numeric_bins`. Raises ValueError when `most` is below 2.

    >>> bins = categorical_bins(["EWR", "JFK", "EWR", "LGA"] * 10, most=2)
    >>> bins.categories, bins.rare, bins.reference[FIRST:]
    (('EWR', 'JFK'), ('LGA',), (20, 10, 10))
    """
    _check(most)
    present = [value for value in values if value is not None]
    found = Counter(present)
    ranked = sorted(found, key=lambda category: (-found[category], category))
    own, others = ranked[:most], ranked[most:]
    sizes = [found[category] for category in own]
    rest = len(present) - sum(sizes)
    last = _quarter(len(present))
    before = set(present[:last])
    fresh = sum(category not in before for category in present[last:])
    knows = 0 < len(found) <= DISTINCT and fresh <= NEW_SHARE * (len(present) - last)
    return Bins(
        "categorical",
        (len(values) - len(present), 0, 0, *sizes, rest),
        knows=knows,
        categories=tuple(own),
        rare=tuple(others) if knows else (),
    )


def halfway(values: Floats) -> Floats:
    """The borders between sorted distinct values: with (a, b] intervals, each value is alone in its own."""
    middle = values[:-1] / 2 + values[1:] / 2
    return np.where((values[:-1] <= middle) & (middle < values[1:]), middle, values[:-1])


def _new_share(x: Floats) -> float:
    """The share of new values in the last quarter, of those within the range of the time before if they are not few."""
    last = _quarter(len(x))
    before, after = x[:last], x[last:]
    within = after[(after > before.min(initial=np.inf)) & (after < before.max(initial=-np.inf))]
    asked = within if len(within) >= NEW_SHARE * len(after) else after
    return float(np.isin(asked, before, invert=True).mean())


def _quarter(length: int) -> int:
    """Where the last quarter of a reference begins: at least one value is in it."""
    return min(length * 3 // 4, length - 1)


def _check(most: int) -> None:
    if most < 2:
        raise ValueError(f"a field needs at least 2 bins to compare, got most={most}")
