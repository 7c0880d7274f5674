"""Reads a pipeline file and names every mistake in it at once."""

import hashlib
import json
import math
from collections.abc import Iterator
from pathlib import Path as FilePath
from typing import Any

from infra.consistency import CHECKS
from infra.mistakes import Finding, Mistake, describe, locate
from infra.sections import Pipeline
from infra.shape import build, find_shape_mistakes
from infra.toml_lines import Path, Place
from infra.toml_syntax import parse_toml
from streams.errors import SpecError

__all__ = ["Pipeline", "examine", "load", "pipeline_hash", "read_bytes"]

_STAND_INS: dict[str, Any] = {
    "problem": {"goal": "-", "task": "binary", "target": "-", "success": {"metric": "log_loss"}},
    "source": {"kind": "csv", "path": "-", "key": "-", "id": "-", "time": "-"},
    "field": [{"name": "stand_in", "type": "str"}],
}
"""What stands in for a required section of the wrong shape, so that the checks that do not read it still run."""


def load(path: FilePath | str) -> Pipeline:
    """Read a pipeline file. Raises SpecError that lists every mistake, each with line, key, what was got and remedy."""
    path = FilePath(path)
    pipeline, mistakes = examine(read_bytes(path))
    if pipeline is None:
        raise SpecError(describe(mistakes, path))
    return pipeline


def read_bytes(path: FilePath) -> bytes:
    """Return the content of a pipeline file. Raises SpecError where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        near = ", ".join(sorted(each.name for each in path.parent.glob("*.toml"))[:5])
        remedy = f"There is: {near}" if near else "Start with `riverkeeper init DATA.csv`, which drafts one"
        raise SpecError(f"{path}: no such file. {remedy}") from error
    except IsADirectoryError as error:
        raise SpecError(f"{path}: a folder, not a file. Name the pipeline file in it") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SpecError(f"{path}: cannot be read ({reason}). Check its name and permissions") from error


def examine(data: bytes) -> tuple[Pipeline | None, list[Mistake]]:
    """Return the pipeline that a file's bytes describe, or None and the mistakes in it, in the order of their lines."""
    document = parse_toml(data)
    if isinstance(document, Mistake):
        return None, [document]
    findings, pipeline = _find(document.values, document.places)
    if findings:
        return None, sorted({locate(finding, document.values, document.places) for finding in findings})
    return pipeline, []


def _find(values: dict[str, Any], places: dict[Path, Place]) -> tuple[list[Finding], Pipeline]:
    """Check the shape, then all that sections say about each other, as far as their shape allows.

    Step 1. Collect mistakes of shape. Step 2. Remove what is mistaken, so that its default stands in; where a section
    still has the wrong shape, a stand-in takes its place. Step 3. Run the checks that read no stand-in, and drop
    what only follows from a mistake of shape beside it.
    """
    shape = find_shape_mistakes(Pipeline, values)
    mended = _without(values, [finding.path for finding in shape])
    still = find_shape_mistakes(Pipeline, mended) if shape else []
    broken = {str(finding.path[0]) for finding in still}
    broken |= {str(finding.path[0]) for finding in shape if len(finding.path) == 1}
    sound = {key: value for key, value in mended.items() if key not in broken}
    missing = {key: value for key, value in _STAND_INS.items() if key not in sound}
    pipeline = build(Pipeline, sound | missing)
    beside = [finding.path[:-1] for finding in shape if finding.path[:-1]]
    checked = [finding for check, reads in CHECKS.items() if not reads & broken for finding in check(pipeline)]
    checked = [finding for finding in checked if not any(finding.path[: len(table)] == table for table in beside)]
    return [*shape, *checked, *_find_infinite((), pipeline.model_dump(), places)], pipeline


def _find_infinite(path: Path, value: object, places: dict[Path, Place]) -> Iterator[Finding]:
    """Find numbers that the file writes as inf or nan, or too large for a float."""
    if isinstance(value, dict | list | tuple):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _find_infinite((*path, key), item, places)
    elif isinstance(value, float) and not math.isfinite(value) and path in places:
        yield Finding(path, "not a finite number", "Write a number, or leave the key out for no limit")


def _without(value: Any, paths: list[Path]) -> Any:
    """Return a copy of a value without what stands at the paths."""
    here = {path[0] for path in paths if len(path) == 1}
    deeper = {path[0]: [other[1:] for other in paths if len(other) > 1 and other[0] == path[0]] for path in paths}
    if isinstance(value, dict):
        return {key: _without(item, deeper.get(key, [])) for key, item in value.items() if key not in here}
    if isinstance(value, list):
        return [_without(item, deeper.get(index, [])) for index, item in enumerate(value) if index not in here]
    return value


def pipeline_hash(pipeline: Pipeline) -> str:
    """Return the SHA-256 of all that a pipeline file says or leaves to a default; comments do not count.

    Nor does the order of keys. Files that it names (features, data) are not part of it.
    """
    content = json.dumps(pipeline.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()
