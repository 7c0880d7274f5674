"""The text of a draft: a pipeline file that runs, with every guess and doubt as a comment beside it."""

import json
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from infra.init.columns import Column
from infra.init.leaks import find_leaks
from infra.init.roles import ROW_TIME, Roles
from streams.errors import SourceError
from streams.units import format_duration

_PERSONAL = re.compile(
    r"(^|.*[^a-z])(e?mail|email_address|phone|phone_?number|mobile|surname|(first|last|full)_?name|ssn|passport|address)$",
    re.IGNORECASE,
)
_MARGIN = 0.25
_WINDOWS_S = (900.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0)
_EVENTS_A_WINDOW = 50
_ROW_S = 60.0
_LEARNERS = {
    "binary": ("river.linear_model.LogisticRegression", True),
    "multiclass": ("river.linear_model.SoftmaxRegression", True),
    "regression": ("river.tree.HoeffdingTreeRegressor", False),
}

_POLICY = """[policy]
retrain = { when = ["stale", "concept_change"], cooldown = "7d" }
rollback = { when = ["worse_after_release"], cooldown = "0s" }
pause = { when = ["broken_upstream", "duplicates"], cooldown = "0s" }
dry_run = true  # decide and record, but do nothing: remove this once you trust it
"""


def write_draft(table: pd.DataFrame, columns: list[Column], roles: Roles, path: str, kind: str) -> str:
    """Return the text of a pipeline file for a table that is found at `path` relative to it."""
    begin, span_s = _span(table, roles)
    window_s = _window(span_s, len(table))
    used, left_out = _chosen(table, columns, roles)
    parts = [
        _head(path),
        _problem(table, roles, window_s),
        _source(roles, path, kind, begin),
        _labels(roles, window_s),
        *(_field(column) for column in used),
        *([_notes(left_out)] if left_out else []),
        _model(roles, span_s),
        _monitor(used, roles, window_s),
        _POLICY,
    ]
    return "\n".join(parts)


def quoted(text: object) -> str:
    r"""Return a text as TOML.

    >>> print(quoted('say "x"'))
    "say \"x\""
    """
    return json.dumps(str(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _said(text: str) -> str:
    """Return a text that may stand in a comment: on one line, without control characters."""
    return "".join(char if char.isprintable() else "?" for char in text)


def _span(table: pd.DataFrame, roles: Roles) -> tuple[float, float]:
    """Return the first moment of the data and how long it lasts (s)."""
    if roles.time is None:
        return 0.0, _ROW_S * len(table)
    times = np.asarray(roles.time.times)
    times = times[np.isfinite(times)]
    return float(times.min()), max(float(times.max() - times.min()), 60.0)


def _window(span_s: float, rows: int) -> float:
    """Return the shortest window that holds enough events."""
    return next((each for each in _WINDOWS_S if rows * each / span_s >= _EVENTS_A_WINDOW), _WINDOWS_S[-1])


def _head(path: str) -> str:
    return (
        f"# A draft of a pipeline file, made from {_said(path)}. Look at what is marked as a guess first,\n"
        "# then run `riverkeeper check` on this file.\n"
    )


def _problem(table: pd.DataFrame, roles: Roles, window_s: float) -> str:
    target, task = roles.target, roles.task
    metric, base = _base(table[target.name], task)
    doubt = roles.doubts.get("target")
    delay_s = max(_label_delay(roles, window_s), 86400.0)
    name = target.name if target.name.isprintable() and target.name else "target"
    return f"""[problem]
goal = {quoted(f"Predict {name}")}  # one sentence, for those who read reports and alerts
task = "{task}"
target = {quoted(name)}{f"  # guess: {doubt}" if doubt else ""}
success = {{ metric = "{metric}", below = {base * 0.95:.4g} }}  # always answering the same scores {base:.4g}
limits = {{ label_delay = "{format_duration(delay_s)}" }}  # later labels are not waited for
"""


def _base(values: "pd.Series[Any]", task: str) -> tuple[str, float]:
    """Return the metric, and what the best constant answer scores."""
    there = values.dropna()
    if task == "regression":
        return "rmse", max(float(there.astype(float).std(ddof=0)), 1e-9)
    shares = there.value_counts(normalize=True).to_numpy()
    return "log_loss", float(-(shares * np.log(shares)).sum())


def _label_delay(roles: Roles, window_s: float) -> float:
    """Return how long (s) nearly all labels take, in whole hours."""
    if roles.time is None or roles.known_at is None:
        return window_s
    gap = np.asarray(roles.known_at.times) - np.asarray(roles.time.times)
    return math.ceil(float(np.nanquantile(gap, 0.999)) / 3600.0 + 1.0) * 3600.0


def _source(roles: Roles, path: str, kind: str, begin: float) -> str:
    def doubt(part: str) -> str:
        return f"  # guess: {_said(roles.doubts[part])}" if part in roles.doubts else ""

    lines = ["[source]", f"kind = {quoted(kind)}", f"path = {quoted(path)}"]
    lines += [f"key = {quoted(roles.key)}{doubt('key')}", f"id = {quoted(roles.id)}{doubt('id')}"]
    if roles.time is None:
        lines += [f"time = {quoted(ROW_TIME)}{doubt('time')}", f'every = "{format_duration(_ROW_S)}"']
    else:
        first = pd.Timestamp(begin, unit="s").isoformat()
        lines += [f"time = {quoted(roles.time.name)}{doubt('time')}  # from {first}Z on"]
        lines += ['timezone = "UTC"  # guess: the zone of times that name none']
    return "\n".join(lines) + "\n"


def _labels(roles: Roles, window_s: float) -> str:
    target = roles.target
    column, note = target.name, ""
    if roles.task == "binary" and target.type == "str":
        yes = _positive(target.categories)
        column, note = f"{target.name} == {yes!r}", f"  # guess: {_said(yes)} is the positive class"
    lines = ["[labels]", f"column = {quoted(column)}{note}"]
    if roles.known_at is not None:
        lines += [f"known_at = {quoted(roles.known_at.name)}  # guess: it is never before the event's time"]
    else:
        lines += [f'after = "{format_duration(window_s)}"  # guess: how long after its event a label is known']
    return "\n".join(lines) + "\n"


def _positive(categories: tuple[str, ...]) -> str:
    """Return the class that is probably asked about."""
    hinted = [name for name in categories if name.lower() in ("yes", "true", "y", "t", "1", "up", "bad", "fraud")]
    return (hinted or list(categories))[-1]


def _chosen(table: pd.DataFrame, columns: list[Column], roles: Roles) -> tuple[list[Column], dict[str, str]]:
    """Return the columns that become fields, and why the others do not. Raises SourceError if none is left."""
    left_out = find_leaks(table, columns, roles.target, roles.task) | _left_out(columns, roles)
    used = [column for column in columns if column.name not in left_out]
    if not used:
        why = "; ".join(f"{_said(name)}: {reason}" for name, reason in left_out.items())
        raise SourceError(f"no column is left to predict {roles.target.name} from ({why}). Name another with --target")
    return used, left_out


def _notes(left_out: dict[str, str]) -> str:
    return "\n".join(f"# Left out: {_said(name)}, {why}" for name, why in left_out.items()) + "\n"


def _left_out(columns: list[Column], roles: Roles) -> dict[str, str]:
    """Return the columns that are no inputs, each with the reason."""
    found: dict[str, str] = {}
    for column in columns:
        if column.name == roles.target.name:
            found[column.name] = "the label is made of it"
        elif roles.known_at is not None and column.name == roles.known_at.name:
            found[column.name] = "it is known with the label"
        elif column.type == "time":
            found[column.name] = 'a time; add it with type = "time" if it is known at the moment of prediction'
        elif column.constant:
            found[column.name] = "it has one value only" if column.distinct else "it is empty"
        elif column.type == "str" and column.distinct * 2 > column.rows:
            found[column.name] = "nearly every row has its own value"
        elif column.unique and column.type == "int":
            found[column.name] = "it numbers the rows"
        elif set(column.name) & set('"\\') or not column.name.isprintable() or not column.name.strip():
            found[column.name] = "a field cannot have this name; rename the column in source.prepare"
    return found


def _field(column: Column) -> str:
    lines = ["[[field]]", f"name = {quoted(column.name)}", f'type = "{column.type}"']
    if column.type in ("int", "float"):
        low, high = _range(column)
        lines += [
            f"min = {_number(low, column)}",
            f"max = {_number(high, column)}  # seen: {column.low:g} to {column.high:g}",
        ]
    elif column.categories:
        lines += [f"categories = [{', '.join(map(quoted, column.categories))}]"]
    if column.longest > 256:
        lines += [f"max_length = {column.longest * 2}"]
    if column.missing:
        how = "impute:median" if column.type in ("int", "float") else "flag"
        lines += [f'missing = "{how}"  # in {column.missing / column.rows:.2%} of the rows']
    if _PERSONAL.match(column.name):
        lines = [line for line in lines if not line.startswith(("categories", "missing"))]
        lines += ['personal = { treat = "drop", basis = "none stated" }  # guess: a person\'s data, by its name']
    return "\n".join(lines) + "\n"


def _range(column: Column) -> tuple[float, float]:
    """Return the range that was seen with a margin; what was never negative stays so."""
    margin = _MARGIN * (column.high - column.low)
    if column.type == "int" and column.high - column.low <= 1:
        return column.low, column.high
    low, high = _rounded(column.low - margin, math.floor), _rounded(column.high + margin, math.ceil)
    return (max(low, 0.0) if column.low >= 0 else low), high


def _rounded(value: float, to: Callable[[float], int]) -> float:
    """Round to two significant digits, away from the data."""
    if value == 0 or not math.isfinite(value):
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    return float(f"{to(value / unit) * unit:.12g}")


def _number(value: float, column: Column) -> str:
    return str(round(value)) if column.type == "int" or value.is_integer() else repr(value)


def _model(roles: Roles, span_s: float) -> str:
    learner, scale = _LEARNERS[roles.task]
    unit = next(unit for unit in (86400.0, 3600.0, 60.0, 1.0) if span_s / 10 >= unit)
    warmup = format_duration(math.ceil(span_s / 10 / unit) * unit)
    return f"""[model]
warmup = "{warmup}"  # a tenth of the data, before the first release serves

[model.champion]
learner = "{learner}"
scale = {str(scale).lower()}
"""


def _monitor(columns: list[Column], roles: Roles, window_s: float) -> str:
    skip = {roles.target.name, roles.key}
    segments = [c.name for c in columns if c.type == "str" and 2 <= c.distinct <= 8 and c.name not in skip]
    segments = [name for name in segments if not _PERSONAL.match(name)][:2]
    fresh = "5m" if window_s < 3600 else "10m"
    return f"""[monitor]
freshness = "{fresh}"
window = "{format_duration(window_s)}"  # about {_EVENTS_A_WINDOW} events or more each
segments = [{", ".join(map(quoted, segments))}]
false_incidents_per_week = 1
"""
