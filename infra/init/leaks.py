"""Columns that tell the target too well: they are often written after the fact."""

from typing import Any

import numpy as np
import pandas as pd

from infra.init.columns import Column
from infra.init.roles import Task

_TOO_WELL = 0.95
_ENOUGH = 30
"""Rows for each category, below which purity says nothing."""


def find_leaks(table: pd.DataFrame, columns: list[Column], target: Column, task: Task) -> dict[str, str]:
    """Return the columns from which the target can nearly be read, each with how well.

    For numbers that is the rank correlation (Spearman's) with a target of numbers, or how well one threshold or each
    category tells the classes (their share that is right, in excess of always naming the most frequent).
    """
    found = {}
    for column in columns:
        if column.name == target.name or column.type in ("time", "nothing") or column.constant:
            continue
        told = _told(table[column.name], table[target.name], column, task)
        if told > _TOO_WELL:
            found[column.name] = f"it nearly gives the target away ({told:.3f} of 1)"
    return found


def _told(values: "pd.Series[Any]", target: "pd.Series[Any]", column: Column, task: Task) -> float:
    both = values.notna() & target.notna()
    values, target = values[both], target[both]
    if len(values) < 2:
        return 0.0
    numeric = column.type in ("int", "float")
    if task == "regression":
        if not numeric:
            return 0.0
        ranks, goals = values.astype(float).rank(), target.astype(float).rank()
        return abs(float(ranks.corr(goals))) if ranks.std() and goals.std() else 0.0
    cells = values
    if numeric and column.distinct > _ENOUGH:
        cells = pd.Series(np.asarray(values.astype(float).rank(pct=True).mul(20).round()), index=values.index)
    counts = pd.crosstab(cells, target.astype(str)).to_numpy()
    if counts.shape[0] * _ENOUGH > len(values):
        return 0.0
    most = counts.sum(axis=0).max()
    return float((counts.max(axis=1).sum() - most) / max(len(values) - most, 1))
