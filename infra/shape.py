"""The shape of a pipeline file: which keys there are and what each may hold, as findings a person can act on."""

import json
import re
from collections.abc import Iterator
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from infra.mistakes import Finding, choose
from infra.toml_lines import Path

Model = TypeVar("Model", bound=BaseModel)

_WANTED = {
    "string_type": "a text in quotes",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false, without quotes",
    "tuple_type": "a list such as [...]",
    "dict_type": "a table such as { name = value }",
    "model_type": "a table such as { key = value }",
    "finite_number": "a finite number",
}
_NAMED = re.compile(r"`(\w+)`")
_BOUND = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


def build(model: type[Model], document: dict[str, Any]) -> Model:
    """Return a document as its model. Raises ValidationError.

    JSON between the two makes tuples of arrays without any other conversion, and texts of TOML's dates.
    """
    return model.model_validate_json(json.dumps(document, default=lambda date: date.isoformat()), strict=True)


def find_shape_mistakes(model: type[BaseModel], document: dict[str, Any]) -> list[Finding]:
    """Check a document against a model; return what is wrong, in no special order."""
    try:
        build(model, document)
    except ValidationError as error:
        findings = list(_translate(model, document, error.errors(include_url=False, include_context=True)))
        return _without_followers(findings)
    return []


def model_at(model: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """Return the model of the table at a path, or None where it is free of one (such as `params`)."""
    here: type[BaseModel] | None = model
    for part in path:
        if isinstance(part, str):
            info = here.model_fields.get(part) if here else None
            here = model_in(info.annotation) if info else None
    return here


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model inside of an annotation such as ``tuple[FieldSpec, ...]`` or ``ModelSpec | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := model_in(each))), None)


def _translate(model: type[BaseModel], document: dict[str, Any], errors: list[ErrorDetails]) -> Iterator[Finding]:
    by_path: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        by_path.setdefault(_path(error, document), []).append(error)
    for path, here in by_path.items():
        deeper = any(other[: len(path)] == path and other != path for other in by_path)
        other_branch = len(here[0]["loc"]) > len(path)  # of a union: another one came further
        if not (deeper and (other_branch or here[0]["type"] == "too_short")):
            yield _finding(model, path, here)


def _path(error: ErrorDetails, document: dict[str, Any]) -> Path:
    """Return the path of an error without the names of union branches, which are no part of the document."""
    node: Any = document
    path: Path = ()
    last = len(error["loc"]) - 1
    for number, part in enumerate(error["loc"]):
        inside = part in node if isinstance(node, dict) else isinstance(node, list) and isinstance(part, int)
        if inside:
            node = node[part]
            path += (part,)
        elif number == last and error["type"] == "missing":
            path += (part,)
    return path


def _finding(model: type[BaseModel], path: Path, errors: list[ErrorDetails]) -> Finding:
    error, kind = errors[0], errors[0]["type"]
    context = error.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(model, path)
    if kind == "missing":
        return Finding(path, f"{path[-1]} is missing", f"Add {_example(model, path)}")
    if kind == "literal_error":
        known = context["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return Finding(path, "not a choice here", choose(error["input"], known))
    if kind == "value_error" and isinstance(error["input"], dict):
        return _contradiction(model, path, error["input"], str(context["error"]))
    if kind == "value_error":
        return Finding(path, "not understood", f"Write {str(context['error']).removesuffix(' is wanted')}")
    if kind == "string_pattern_mismatch":
        wanted = _meaning(model, path) or f"a text like {context['pattern']}"
        return Finding(path, "not understood", f"Write {wanted}")
    if kind in ("too_short", "string_too_short"):
        return Finding(path, "empty", "Name at least one" if kind == "too_short" else "Write a name")
    if kind in _BOUND:
        words, bound = _BOUND[kind]
        return Finding(path, "out of range", f"Write {words} {context[bound]:g}")
    if isinstance(error["input"], list) and kind == "model_type":
        return Finding(path, "given more than once", f"Write [{path[-1]}], with single brackets", on_key=True)
    if isinstance(error["input"], dict) and kind == "tuple_type":
        name = ".".join(str(part) for part in path)
        return Finding(path, "there may be several of these", f"Write [[{name}]], with double brackets", on_key=True)
    wanted = " or ".join(dict.fromkeys(_WANTED.get(each["type"], each["msg"]) for each in errors))
    return Finding(path, "of the wrong type", f"Write {wanted}")


def _contradiction(model: type[BaseModel], path: Path, table: dict[str, Any], message: str) -> Finding:
    """Place what a section says of itself at a key that it names: one that is there, if any is."""
    words = _NAMED.findall(message) or [word for word in re.findall(r"\w+", message) if word in table]
    named = list(dict.fromkeys(words))
    present = sorted((key for key in named if key in table), key=lambda key: key != "type")  # the rest is likelier
    absent = [key for key in named if key not in table]
    what, _, remedy = message.partition(": ")
    if not remedy and absent:
        remedy = f"Add {_example(model, (*path, absent[0]))}"
    elif not remedy and message.startswith("exactly one"):
        remedy = "Keep one of them"
    elif not remedy:
        remedy = f"Change {' or '.join(present)}" if present else "Mend this section"
    where = (*path, present[-1] if present else absent[0]) if named else path
    return Finding(where, what, _capital(remedy), on_key=bool(present))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _unknown(model: type[BaseModel], path: Path) -> Finding:
    table = model_at(model, path[:-1]) or model
    what = "unknown key" if len(path) > 1 else "unknown section"
    return Finding(path, what, choose(path[-1], table.model_fields), on_key=True)


def _example(model: type[BaseModel], path: Path) -> str:
    """Return a line to add for a missing key, with what it means."""
    key = str(path[-1])
    if len(path) == 1:
        several = get_origin(model.model_fields[key].annotation) is tuple
        return f"[[{key}]], one for each {key}" if several else f"[{key}]"
    meaning = _meaning(model, path)
    return f"{key} = ... ({meaning})" if meaning else f"{key} = ..."


def _meaning(model: type[BaseModel], path: Path) -> str:
    """Return what a key is for, as its section describes it; "" if it does not."""
    table = model_at(model, path[:-1])
    info = table.model_fields.get(str(path[-1])) if table else None
    return (info.description or "") if info else ""


def _without_followers(findings: list[Finding]) -> list[Finding]:
    """Drop "missing" findings that a mistyped key of the same table explains."""
    meant = {(*f.path[:-1], f.remedy.split('"')[1]) for f in findings if f.remedy.startswith("Did you mean")}
    return [f for f in findings if not (f.what.endswith("is missing") and f.path in meant)]
