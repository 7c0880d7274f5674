"""Whether fields and rules have one name each, and a contract that a value can keep."""

import math
from collections.abc import Iterator

from infra.consistency.source import label_columns, split_expression_error
from infra.mistakes import Finding
from infra.sections import Pipeline
from infra.toml_lines import Path
from streams.errors import SpecError
from streams.expressions import compile_expression
from streams.spec import FieldSpec

_NUMBERS = ("float", "int")


def check_names(pipeline: Pipeline) -> Iterator[Finding]:
    """Fields and features share one set of names; lookups, rules and arms have their own."""
    columns = [*_names(pipeline, "field"), *_names(pipeline, "feature")]
    arms: list[tuple[Path, str]] = []
    if pipeline.model is not None:
        arms = [(("model", "champion", "name"), pipeline.model.champion.name)]
        arms += [(("model", "challenger", i, "name"), arm.name) for i, arm in enumerate(pipeline.model.challenger)]
    for named in (columns, _names(pipeline, "lookup"), _names(pipeline, "rule"), arms):
        seen: dict[str, Path] = {}
        for path, name in named:
            if not name:
                yield Finding(path, "an empty name", "Write what people shall call it")
            elif name in seen:
                owner = ".".join(str(part) for part in seen[name] if isinstance(part, str) and part != "name")
                yield Finding(path, f'"{name}" is taken by another {owner}', "Give each its own name")
            seen.setdefault(name, path)


def _names(pipeline: Pipeline, section: str) -> list[tuple[Path, str]]:
    return [((section, i, "name"), item.name) for i, item in enumerate(getattr(pipeline, section))]


def check_leaks(pipeline: Pipeline) -> Iterator[Finding]:
    """What a label is made of, or says when it was known, is not yet there when a prediction is made."""
    labels = pipeline.labels
    if labels is None or labels.path is not None:
        return
    made_of = label_columns(labels)
    later = dict.fromkeys(made_of, "the label is made of it") if isinstance(made_of, tuple) else {}
    if labels.known_at is not None:
        later.setdefault(labels.known_at, "it is known with the label")
    for index, field in enumerate(pipeline.field):
        top = field.name if field.path is None else field.path.partition(".")[0]
        why = later.get(field.path or field.name) or later.get(top)
        if why:
            what = f"a leak: {why}, so it is not there when a prediction is made"
            yield Finding(("field", index, "path" if field.path else "name"), what, "Remove the field")
        elif field.name == pipeline.problem.target:
            what = "a leak: it has the name of the target"
            yield Finding(("field", index, "name"), what, "Remove the field, or rename it if it is something else")


def check_fields(pipeline: Pipeline) -> Iterator[Finding]:
    """Keys suit the type, categories are listed once, and a constant keeps the contract that it fills in for."""
    for index, field in enumerate(pipeline.field):
        path = ("field", index)
        for key, suits, what in (
            ("unit", field.type in _NUMBERS, "only numbers have a unit"),
            ("max_length", field.type == "str", "only texts have a length"),
        ):
            if key in field.model_fields_set and not suits:
                yield Finding(
                    (*path, key), f"{what}, and this is {field.type}", "Remove it, or change type", on_key=True
                )
        yield from _check_categories(field, path)
        how, _, constant = field.missing.partition("=")
        if how == "impute:constant" and not _fits(constant, field):
            what = "the constant breaks the field's own contract"
            yield Finding((*path, "missing"), what, "Write a value of its type, range and categories")


def _check_categories(field: FieldSpec, path: Path) -> Iterator[Finding]:
    categories = field.categories or ()
    if len(set(categories)) < len(categories):
        twice = sorted({name for name in categories if categories.count(name) > 1})
        yield Finding((*path, "categories"), f"lists {', '.join(twice)} more than once", "List each value once")
    if long := [name for name in categories if len(name) > field.max_length]:
        what = f'"{long[0][:20]}..." is longer than max_length ({field.max_length})'
        yield Finding((*path, "categories"), what, "Raise max_length")


def _fits(text: str, field: FieldSpec) -> bool:
    if field.categories is not None and text not in field.categories:
        return False
    if field.type == "bool":
        return text in ("true", "false")
    if field.type not in _NUMBERS:
        return field.type == "str" and len(text) <= field.max_length
    try:
        number = float(text)
    except ValueError:
        return False
    low = -math.inf if field.min is None else field.min
    high = math.inf if field.max is None else field.max
    return math.isfinite(number) and low <= number <= high and (field.type == "float" or number.is_integer())


def check_rules(pipeline: Pipeline) -> Iterator[Finding]:
    """Each rule is an expression over declared fields."""
    types = {field.name: field.type for field in pipeline.field}
    for index, rule in enumerate(pipeline.rule):
        try:
            compile_expression(rule.when, types)
        except SpecError as error:
            yield Finding(("rule", index, "when"), *split_expression_error(error))
