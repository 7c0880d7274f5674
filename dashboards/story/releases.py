"""The releases of a run: read from its registry, without loading a learner and without the signing key."""

from pathlib import Path
from typing import Any

import msgspec

from dashboards.story.control import Decided
from dashboards.story.parts import Release
from models.releases.artifact import manifest
from monitors.layout import Layout
from streams.errors import StopError

REGISTRY = "registry"


def releases(folder: Path, decided: Decided, end: float) -> tuple[Release, ...]:
    """Return every release of the run folder's registry, oldest first."""
    found = sorted((folder / REGISTRY / "releases").glob("*/manifest.json"), key=lambda path: path.parent.name)
    return tuple(_release(path.parent, decided, end) for path in found)


def references(folder: Path) -> dict[str, Layout]:
    """Return the bins that windows were counted in, by release; releases without a reference are left out."""
    told = {}
    for path in sorted((folder / REGISTRY / "releases").glob("*/reference.json")):
        data = path.read_bytes()
        if data.strip() in (b"", b"{}"):
            continue
        try:
            told[path.parent.name] = msgspec.json.decode(data, type=Layout)
        except msgspec.DecodeError as exc:
            raise StopError(f"{path}: cannot be read ({exc}). Run the backtest again with this version.") from exc
    return told


def _release(folder: Path, decided: Decided, end: float) -> Release:
    contents: dict[str, Any] = manifest(str(folder), None).contents
    version = folder.name
    standing = [each for each in decided.released if each.key == version]
    spans = contents.get("offsets", {}).values()
    window = contents.get("window", (0.0, 0.0))
    return Release(
        version=version,
        arm=contents["arm"]["name"],
        learner=contents["arm"]["learner"],
        parents=tuple(contents.get("parents", ())),
        window=(float(window[0]), float(window[1])),
        labels_used=sum(high - low for low, high in spans),
        evaluation=contents.get("evaluation", {}),
        threshold=contents.get("threshold"),
        digest=standing[-1].digest if standing else "",
        stages=tuple((each.effective_at, each.stage, each.why) for each in standing),
        served=decided.spells(version, end),
    )
