"""A mistake in a pipeline file: where it stands, what was got, and what to write instead."""

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from infra.toml_lines import Path, Place, Span

_LONGEST = 60
START = Span(1, 1, 1)


class Mistake(NamedTuple):
    """One mistake. `key` is dotted, with an item's name in place of its index: ``field.wind_speed.min``."""

    at: Span
    key: str
    what: str
    got: str
    remedy: str


class Finding(NamedTuple):
    """A mistake before its line is known: the path of the value (or of the key, `on_key`) that is wrong."""

    path: Path
    what: str
    remedy: str
    on_key: bool = False


def locate(finding: Finding, values: Mapping[str, Any], places: Mapping[Path, Place]) -> Mistake:
    """Give a finding its line; what is absent stands where its section begins."""
    path = finding.path
    while path and path not in places:
        path = path[:-1]
    place = places.get(path, Place(START, START))
    absent = path != finding.path
    got = "nothing" if absent else shown(_get(values, path))
    if finding.on_key and not absent:
        got = shown(path[-1]) if isinstance(path[-1], str) else ""
    return Mistake(
        place.key if absent or finding.on_key else place.value,
        dotted(finding.path, values),
        finding.what,
        got,
        finding.remedy,
    )


def describe(mistakes: Iterable[Mistake], path: FilePath) -> str:
    """Return one paragraph per mistake, as an error's text.

    >>> mistake = Mistake(Span(3, 1, 3), "source.kye", "unknown key", '"kye"', 'Write "key"')
    >>> print(describe([mistake], FilePath("pipeline.toml")))
    1 mistake in pipeline.toml
    pipeline.toml:3:1: source.kye: unknown key; got "kye". Write "key"
    """
    listed = list(mistakes)
    head = f"{count(len(listed), 'mistake')} in {path}"
    return "\n".join([head, *(f"{path}:{m.at.line}:{m.at.column}: {sentence(m)}" for m in listed)])


def sentence(mistake: Mistake) -> str:
    """Return what is wrong, what was got and the remedy on one line."""
    key = f"{mistake.key}: " if mistake.key else ""
    got = f"; got {mistake.got}" if mistake.got else ""
    return f"{key}{mistake.what}{got}. {mistake.remedy}"


def count(number: int, thing: str) -> str:
    """Return a number of things in words: ``1 mistake``, ``2 mistakes``."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def dotted(path: Path, values: Mapping[str, Any]) -> str:
    """Return a path as people say it.

    >>> dotted(("field", 1, "min"), {"field": [{"name": "origin"}, {"name": "wind_speed"}]})
    'field.wind_speed.min'
    >>> dotted(("field", 1, "min"), {"field": [{}, {}]})
    'field[2].min'
    """
    words = ""
    node: Any = values
    for part in path:
        node = _get(node, (part,))
        if isinstance(part, str):
            words += f".{part}" if words else part
        else:
            name = node.get("name") if isinstance(node, dict) else None
            words += f".{name}" if isinstance(name, str) and name else f"[{part + 1}]"
    return words


def shown(value: object) -> str:
    """Return a value as it could stand in the file, shortened.

    >>> shown(True), shown([1, 2]), shown("x" * 80)[:10]
    ('true', '[1, 2]', '"xxxxxxxxx')
    """
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a table with " + (", ".join(value) or "nothing") if len(value) < 5 else f"a table of {len(value)} keys"
    if isinstance(value, list | tuple) and any(isinstance(item, dict) for item in value):
        return f"a list of {count(len(value), 'table')}"
    text = json.dumps(value, default=str, ensure_ascii=False)
    text = text.replace("Infinity", "inf").replace("NaN", "nan") if isinstance(value, float) else text
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def choose(wrong: object, known: Iterable[str]) -> str:
    """Return a remedy that names what was probably meant, or what there is.

    >>> choose("retrian", ["retrain", "pause"])
    'Did you mean "retrain"?'
    >>> choose("x", ["retrain", "pause"])
    'Write one of: pause, retrain'
    """
    names = sorted(set(known))
    near = difflib.get_close_matches(str(wrong), names, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    return f"Write one of: {', '.join(names)}" if names else "Remove it: there is none"


def _get(node: Any, path: Path) -> Any:
    for part in path:
        if isinstance(node, dict) and isinstance(part, str):
            node = node.get(part)
        elif isinstance(node, list | tuple) and isinstance(part, int) and 0 <= part < len(node):
            node = node[part]
        else:
            return None
    return node
