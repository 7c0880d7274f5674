"""Which part each column could play: target, key, id, times; every guess with its doubt."""

import itertools
import keyword
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd

from infra.init.columns import Column
from streams.errors import SourceError

Task = Literal["binary", "multiclass", "regression"]

ROW_TIME = "row_time"
_TARGETS = ("target", "label", "class", "y", "outcome", "churn", "fraud", "is_fraud", "late", "default", "cnt", "count")
_KEYS = (
    "customer",
    "user",
    "account",
    "device",
    "station",
    "region",
    "symbol",
    "tail",
    "store",
    "patient",
    "key",
    "id",
)
_CALENDAR = ("year", "month", "day", "hour", "minute", "week", "weekday")
_CLASSES = 20
_WHOLE_CLASSES = 10
_MOST_PARTS = 3


class Roles(NamedTuple):
    """The guessed parts. `time` is None where rows have no readable time; `id` may be a template."""

    target: Column
    task: Task
    key: str
    id: str
    time: Column | None
    known_at: Column | None
    doubts: dict[str, str]


def guess_roles(table: pd.DataFrame, columns: list[Column], target: str | None) -> Roles:
    """Guess the part of each column. Raises SourceError if nothing can be predicted."""
    doubts: dict[str, str] = {}
    time, known_at = _guess_times(columns, doubts)
    chosen, task = _guess_target(columns, target, doubts)
    others = [column for column in columns if column.name != chosen.name and column.type != "nothing"]
    name = _guess_id(table, others, time, doubts)
    return Roles(chosen, task, _guess_key(others, name, doubts), name, time, known_at, doubts)


def task_of(column: Column) -> Task | None:
    """Return the task of predicting a column, or None if it is nothing to predict."""
    if column.type in ("time", "nothing") or column.constant:
        return None
    if column.distinct == 2 and (column.type != "str" or _in_expressions(column.name)):
        return "binary" if column.type != "float" and (column.type != "int" or column.high == 1) else "multiclass"
    if column.type == "str":
        return "multiclass" if column.distinct <= _CLASSES else None
    return "multiclass" if column.type == "int" and column.distinct <= _WHOLE_CLASSES else "regression"


def _in_expressions(name: str) -> bool:
    return name.isidentifier() and not keyword.iskeyword(name)


def _guess_target(columns: list[Column], wanted: str | None, doubts: dict[str, str]) -> tuple[Column, Task]:
    # A name with an operator in it would be read as an expression.
    readable = [column for column in columns if not set(column.name) & set("<>=+*/()")]
    possible = [(column, task) for column in readable if (task := task_of(column)) is not None]
    if wanted is not None:
        found = [each for each in possible if each[0].name == wanted]
        if not found:
            names = ", ".join(column.name for column, _ in possible)
            raise SourceError(f"--target {wanted}: no column that can be predicted. There are: {names or 'none'}")
        return found[0]
    possible = [(column, task) for column, task in possible if not column.unique or task == "regression"]
    if not possible:
        raise SourceError("no column can be predicted: all are constant, times or names. Name one with --target")
    hinted = [each for each in possible if each[0].name.lower() in _TARGETS]
    likely = [each for each in possible if each[0].name.lower() not in _CALENDAR]
    chosen = (hinted or likely[::-1] or possible)[0]
    why = "by its name" if hinted else "as the last column that can be predicted"
    doubts["target"] = f"{why}; --target names another"
    return chosen


def _guess_times(columns: list[Column], doubts: dict[str, str]) -> tuple[Column | None, Column | None]:
    """Take the first column of times that is nearly complete; one that is never before it may be the label's."""
    times = [column for column in columns if column.times is not None and column.missing * 20 <= column.rows]
    if not times:
        doubts["time"] = "no column holds readable times (ISO 8601, or epoch seconds): rows are taken a minute apart"
        return None, None
    first = times[0]
    later = [column for column in columns if column.times is not None and column is not first and _after(first, column)]
    if len(times) > 1:
        doubts["time"] = f"the first of {', '.join(column.name for column in times)}"
    return first, later[0] if later else None


def _after(first: Column, second: Column) -> bool:
    gap = np.asarray(second.times) - np.asarray(first.times)
    gap = gap[np.isfinite(gap)]
    return bool(len(gap) and (gap >= 0).mean() > 0.95 and (gap > 0).mean() > 0.5)


def _guess_id(table: pd.DataFrame, columns: list[Column], time: Column | None, doubts: dict[str, str]) -> str:
    """Take a unique column, or the fewest columns that are unique together, or the row's number."""
    unique = [column for column in columns if column.unique and column.type in ("str", "int")]
    if unique:
        return max(unique, key=lambda column: "id" in column.name.lower()).name
    if time is None:
        return "row"
    parts = [column.name for column in columns if column.missing == 0 and column.type in ("str", "int", "time")]
    parts = [name for name in parts if not set(name) & set("{}[]:!.")]
    parts = [time.name, *(name for name in parts if name != time.name)][:12]
    for count in range(1, _MOST_PARTS + 1):
        for names in itertools.combinations(parts, count):
            if time.name in names and not table.duplicated(list(names)).any():
                return "-".join(f"{{{name}}}" for name in names) if count > 1 else names[0]
    doubts["id"] = "nothing is unique, and events with an id that was seen before are refused as duplicates"
    return "-".join(f"{{{name}}}" for name in parts[:_MOST_PARTS])


def _guess_key(columns: list[Column], name: str, doubts: dict[str, str]) -> str:
    """Take what has a name of an entity and comes back, else the id itself, else a text that comes back."""
    again = [column for column in columns if 2 <= column.distinct <= column.rows // 2 and column.type in ("str", "int")]
    hinted = [column for column in again if any(hint in column.name.lower().split("_") for hint in _KEYS)]
    texts = [column for column in again if column.type == "str" and "{" in name]
    if found := hinted or texts:
        doubts["key"] = "the entity that an event is about"
        return max(found, key=lambda column: column.distinct).name
    doubts["key"] = "no column names an entity that comes back, so each event stands for itself"
    return name if "{" not in name else columns[0].name
