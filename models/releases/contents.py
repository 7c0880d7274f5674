"""What a release holds."""

from typing import Any

import msgspec

from models.calibration.calibrators import Calibrator, Identity
from models.spec import ArmSpec, Task
from streams.features.port import Type


class ReleaseContents(msgspec.Struct, frozen=True, kw_only=True):
    """All that a release is made of; equal contents give an equal digest.

    `version` is given by the registry. `parents` are the versions it was made from: the release that it replaces, the
    checkpoint that it goes on from. `names`, `types` and `classes` are the learner's inputs and answers, `plan` the
    features that give them (JSON), `learner` the learner's dump.

    `offsets` says which outcomes it was trained on, per "topic/partition" from the first offset to before the second,
    and `window` their times (s). `reference` is what drift is measured against: bins and counts (JSON), `detectors`
    the state of the detectors. `evaluation` has figures by who was evaluated ("release", baselines) and metric, None
    for one that is not defined.
    `pipeline` is the digest of the pipeline file, `libraries` the versions that it was made with.
    """

    arm: ArmSpec
    task: Task
    names: tuple[str, ...]
    types: tuple[Type, ...]
    classes: tuple[str, ...] = ()
    seed: int
    learner: bytes
    plan: dict[str, Any] = {}
    calibrator: Calibrator = Identity()
    threshold: float | None = None
    reference: dict[str, Any] = {}
    detectors: bytes = b""
    offsets: dict[str, tuple[int, int]] = {}
    window: tuple[float, float] = (0.0, 0.0)
    evaluation: dict[str, dict[str, float | None]] = {}
    pipeline: str = ""
    goal: str = ""
    owners: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()
    version: str = ""
    libraries: dict[str, str] = {}
