"""Whether source, labels, lookups and watched predictions say where, which and when without contradiction."""

import re
import string
from collections.abc import Iterator

from infra.mistakes import Finding
from infra.sections import Pipeline
from streams.errors import SpecError
from streams.expressions import names_in
from streams.spec import LabelSpec
from streams.units import format_duration

_PLACES: dict[str, frozenset[str]] = {
    "csv": frozenset({"path"}),
    "parquet": frozenset({"path"}),
    "jsonl": frozenset({"path"}),
    "package": frozenset({"package", "path", "dataset"}),
    "python": frozenset({"python"}),
}
"""The keys by which each kind of source is found."""

_FUNCTION = re.compile(r"[\w./ -]+\.py:[A-Za-z_]\w*")


def check_source(pipeline: Pipeline) -> Iterator[Finding]:
    """The source is found by the keys of its kind, and by no others."""
    source = pipeline.source
    for key in ("path", "package", "dataset", "python"):
        if getattr(source, key) is not None and key not in _PLACES[source.kind]:
            what = f'contradicts kind = "{source.kind}"'
            yield Finding(("source", key), what, f"Remove it, or write another kind than {source.kind}", on_key=True)
    yield from _check_functions(pipeline)
    if template_names(source.id) is None:
        yield Finding(
            ("source", "id"), "a broken template", "Write a column, or columns in braces: '{carrier}-{flight}'"
        )
    if source.every == 0:
        yield Finding(("source", "every"), "all rows would have one time", 'Write a time such as "1m"')


def check_labels(pipeline: Pipeline) -> Iterator[Finding]:
    """There are labels (or only watching), each known at a moment after its event's."""
    labels = pipeline.labels
    if labels is None:
        if pipeline.watched is None:
            remedy = "Add [labels] with column and known_at, or [watched] to watch predictions made elsewhere"
            yield Finding(("labels",), "a model learns from labels, and there are none", remedy)
        return
    event_time = pipeline.source.known_at or pipeline.source.time
    if labels.path is None and labels.known_at == event_time:
        what = f"labels would be known before their event is over ({event_time} is the event's time)"
        yield Finding(("labels", "known_at"), what, "Name the column of the time at which the truth was seen")
    if labels.after == 0:
        remedy = 'Write how long the truth takes, such as "1h"'
        yield Finding(("labels", "after"), "labels would be known with their event", remedy)
    delay = pipeline.problem.limits.label_delay
    if labels.after is not None and labels.after > delay:
        what = f"every label would come after label_delay ({format_duration(delay)})"
        yield Finding(("labels", "after"), what, "Raise label_delay in problem.limits, or lower after")


def check_label_column(pipeline: Pipeline) -> Iterator[Finding]:
    """The label is a column, or an expression that is understood."""
    if pipeline.labels is not None and isinstance(problem := label_columns(pipeline.labels), SpecError):
        yield Finding(("labels", "column"), *split_expression_error(problem))


def check_lookups(pipeline: Pipeline) -> Iterator[Finding]:
    """Each lookup is joined on something, and no row is too old before it can be known."""
    for index, lookup in enumerate(pipeline.lookup):
        if not lookup.on:
            yield Finding(("lookup", index, "on"), "joined on nothing", "Write the columns that both sides share")
        if lookup.within is not None and lookup.within <= lookup.known_after:
            what = f"no row is ever used: rows are known after {format_duration(lookup.known_after)}"
            yield Finding(("lookup", index, "within"), what, "Write a longer time than known_after")


def check_watched(pipeline: Pipeline) -> Iterator[Finding]:
    """Either a model predicts here, or predictions made elsewhere are watched."""
    if pipeline.watched is None:
        if pipeline.model is None:
            remedy = "Add [model] with warmup and champion, or [watched] for predictions made elsewhere"
            yield Finding(("model",), "nothing predicts", remedy)
        return
    if pipeline.model is not None:
        yield Finding(("watched",), "[watched] and [model] exclude each other", "Keep one of them", on_key=True)
    if pipeline.problem.task == "multiclass":
        what = "one column of scores cannot tell several classes"
        yield Finding(("watched", "column"), what, "Watch one class as a binary task")


def label_columns(labels: LabelSpec) -> tuple[str, ...] | SpecError:
    """Return the columns that a label is made of, or what is wrong with the expression."""
    if labels.column.isidentifier() or not re.search(r"[<>=+*/()]", labels.column):
        return (labels.column,)
    try:
        return names_in(labels.column)
    except SpecError as error:
        return error


def template_names(template: str) -> tuple[str, ...] | None:
    """Return the columns that an id is made of, or None if its braces are broken.

    >>> template_names("{carrier}-{flight}"), template_names("flight_id"), template_names("{carrier")
    (('carrier', 'flight'), ('flight_id',), None)
    """
    if "{" not in template and "}" not in template:
        return (template,)
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
    except ValueError:
        return None
    return tuple(names) if names and all(names) else None


def _check_functions(pipeline: Pipeline) -> Iterator[Finding]:
    found: list[tuple[tuple[str | int, ...], str | None]] = [
        (("source", "python"), pipeline.source.python),
        (("source", "prepare"), pipeline.source.prepare),
    ]
    found += [(("lookup", i, "prepare"), lookup.prepare) for i, lookup in enumerate(pipeline.lookup)]
    for path, reference in found:
        if reference is not None and not is_function(reference):
            yield Finding(path, "names no function", 'Write a file and a function of it: "prepare.py:clean"')


def is_function(reference: str) -> bool:
    """Return whether a text looks like ``file.py:function``."""
    return _FUNCTION.fullmatch(reference) is not None


def split_expression_error(error: SpecError) -> tuple[str, str]:
    """Return what is wrong with an expression, and the remedy."""
    text = str(error)
    where = text.rfind(", column ")
    what, _, remedy = text[where + 2 :].partition(". ")
    return what, remedy[:1].upper() + remedy[1:] if remedy else "Write an expression such as 'arr_time > dep_time'"
