"""The reference of the pipeline file, written from the sections' own descriptions."""

import json
import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from infra.sections import Pipeline
from infra.shape import model_in
from streams.units import format_duration, parse_duration

_HEAD = """# The pipeline file

One TOML file describes a pipeline, from the question to the maintenance. `riverkeeper init DATA.csv` drafts one,
`riverkeeper check FILE` names every mistake in it, `riverkeeper schema pipeline` prints its JSON Schema for editors.

Sections in `[single]` brackets stand once, those in `[[double]]` brackets once for each thing. Durations are texts such
as `"10m"`, `"36h"` or `"2d"` (s, m, h, d, w). A key without a default must be given.
"""
_NAMES = {"str": "text", "float": "number", "int": "whole number", "bool": "true or false"}


def write_reference() -> str:
    """Return the page docs/reference/pipeline-file.md; a test holds the file to it."""
    return "\n".join([_HEAD, *_sections(Pipeline, ())])


def _sections(model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    inner = {key: found for key, info in model.model_fields.items() if (found := model_in(info.annotation))}
    if path:
        yield from _table(model)
    for key, found in inner.items():
        info = model.model_fields[key]
        name = ".".join((*path, key))
        several = get_origin(info.annotation) is tuple
        yield f"{'#' * min(len(path) + 2, 4)} `{f'[[{name}]]' if several else f'[{name}]'}`\n"
        yield f"{(found.__doc__ or '').partition(chr(10))[0]}\n"
        yield from _sections(found, (*path, key))


def _table(model: type[BaseModel]) -> Iterator[str]:
    yield "| key | value | default | meaning |\n|---|---|---|---|"
    for key, info in model.model_fields.items():
        yield f"| `{key}` | {_kind(info)} | {_default(info)} | {_cell(info.description or '')} |"
    yield ""


def _kind(info: FieldInfo) -> str:
    if any(getattr(each, "func", None) is parse_duration for each in info.metadata):
        return "duration"
    return _cell(_type(info.annotation))


def _type(annotation: Any) -> str:
    """Return a type in words: choices as they are written, lists by what they hold."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return ", ".join(f"`{json.dumps(each)}`" for each in inner)
    if origin is Annotated:
        duration = any(getattr(each, "func", None) is parse_duration for each in inner[1:])
        return "duration" if duration else _type(inner[0])
    if origin in (Union, types.UnionType):
        return " or ".join(_type(each) for each in inner if each is not type(None))
    if origin is tuple:
        return f"list of {'tables' if model_in(inner[0]) else _type(inner[0])}"
    if origin is dict or model_in(annotation):
        return "table"
    return _NAMES.get(getattr(annotation, "__name__", ""), "any value")


def _default(info: FieldInfo) -> str:
    if info.default is PydanticUndefined:
        return "**needed**"
    if info.default is None or isinstance(info.default, BaseModel) or info.default in ({}, ()):
        return ""
    if _kind(info) == "duration":
        return f'`"{format_duration(info.default)}"`'
    return f"`{json.dumps(info.default)}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
