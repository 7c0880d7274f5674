"""Fences beyond which a value counts as an outlier: Tukey, "Exploratory Data Analysis" (1977), chapter 2."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from streams.records import Value
from streams.spec import FieldSpec

Fences: TypeAlias = dict[str, tuple[float, float]]
"""Lower and upper fence by field, in the field's unit."""


def fit_fences(fields: Sequence[FieldSpec], columns: Mapping[str, Sequence[Value]]) -> Fences:
    """Return the fences of each field with `outliers`: that many interquartile ranges below Q1 and above Q3.

    `columns` has the cleaned values of history by field; fields without any value are left out.

    >>> fit_fences([FieldSpec(name="wind", type="float", outliers=1.5)], {"wind": [1.0, 2.0, 3.0, 4.0, 5.0]})
    {'wind': (-1.0, 7.0)}
    """
    fences: Fences = {}
    for field in fields:
        if field.outliers is None:
            continue
        present = [float(value) for value in columns.get(field.name, ()) if value is not None]
        if present:
            first, third = (float(quartile) for quartile in np.quantile(present, [0.25, 0.75]))
            reach = field.outliers * (third - first)
            fences[field.name] = (first - reach, third + reach)
    return fences
