"""From rows to the matrix of a refit learner: its columns and codes are fixed by the window that it was fitted on."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.learners.finite import check_finite
from models.rows import Rows
from streams.errors import RecordError
from streams.features.port import Type
from streams.records.record import Values

MOST_TEXTS = 254
"""Texts of one column that get a code, the most frequent first: what boosted trees have bins for."""


class Columns(msgspec.Struct):
    """The layout of a matrix: texts first (as codes from 0), then numbers; NaN where something is missing or unknown.

    `dense` layouts, for estimators that know neither texts nor NaN, have instead one column of 0 and 1 per text, and
    numbers that are standardised, the mean for a missing one.
    """

    texts: dict[str, dict[Any, int]]
    numbers: list[str]
    dense: bool
    means: list[float] = []
    scales: list[float] = []

    def matrix(self, rows: Sequence[Values]) -> NDArray[np.float64]:
        """Return the matrix of the rows; RecordError for NaN and infinity in them."""
        plain = rows.matrix(self.texts, self.numbers) if isinstance(rows, Rows) else self._plain(rows)
        numbers = plain[:, len(self.texts) :]
        bad = np.isinf(numbers) if isinstance(rows, Rows) else ~np.isfinite(numbers)
        for place in np.flatnonzero(bad.any(axis=1)):
            check_finite(rows[int(place)], self.numbers)
        return self._dense(plain) if self.dense else plain

    def _plain(self, rows: Sequence[Values]) -> NDArray[np.float64]:
        """Return codes and numbers of rows that are dicts."""
        nan = float("nan")
        table: list[list[Any]] = []
        for row in rows:
            get = row.get
            line: list[Any] = [codes.get(get(name), nan) for name, codes in self.texts.items()]
            line += [get(name) for name in self.numbers]
            table.append(line)
        try:
            return np.array(table, dtype=float).reshape(len(rows), -1)
        except (TypeError, ValueError, OverflowError) as exc:
            for row in rows:
                check_finite(row, self.numbers)
            raise RecordError("not_a_number", "features", str(exc), "Numeric inputs must be numbers.") from exc

    def _dense(self, plain: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return indicators of texts beside standardised numbers."""
        texts = len(self.texts)
        parts = [(plain[:, place, None] == np.arange(len(codes))) for place, codes in enumerate(self.texts.values())]
        numbers = plain[:, texts:]
        scaled = (np.where(np.isnan(numbers), self.means, numbers) - self.means) / self.scales
        return np.concatenate([*parts, scaled], axis=1).astype(float)


def fixed(rows: Sequence[Values], names: Sequence[str], types: Sequence[Type], dense: bool) -> Columns:
    """Return the layout that a window of rows fixes; an input that never came in it has no column."""
    kinds = dict(zip(names, types, strict=True))
    texts: dict[str, dict[Any, int]] = {}
    for name in (name for name, kind in kinds.items() if kind == "category"):
        counts = rows.counts(name) if isinstance(rows, Rows) else Counter(row.get(name) for row in rows)
        del counts[None]
        most = sorted(counts, key=lambda text: (-counts[text], str(text)))[:MOST_TEXTS]
        texts[name] = {text: code for code, text in enumerate(sorted(most, key=str))}
    texts = {name: codes for name, codes in texts.items() if codes}
    numbers = [name for name, kind in kinds.items() if kind == "numeric"]
    came = [name for name in numbers if any(row.get(name) is not None for row in rows)]
    columns = Columns(texts=texts, numbers=came, dense=False)
    if dense:
        plain = columns.matrix(rows)[:, len(texts) :]
        means = np.nanmean(plain, axis=0)
        spread = np.where(np.isnan(plain), means, plain).std(axis=0)
        columns.means, columns.scales = means.tolist(), np.where(spread > 0.0, spread, 1.0).tolist()
        columns.dense = True
    return columns
