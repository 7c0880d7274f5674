"""What serves: a learner with its calibrator, and the threshold at which its answer becomes a decision."""

from collections.abc import Callable, Sequence

import msgspec

from models.calibration.calibrators import Calibrator, Identity
from models.learners.port import Learner
from models.releases.contents import ReleaseContents
from models.spec import ArmSpec, Task
from streams.records import Score, Target, Values


class Model(msgspec.Struct):
    """A learner as it serves: asked, calibrated, decided. `name` is its release, or its arm before it has one."""

    name: str
    task: Task
    learner: Learner
    calibrator: Calibrator = Identity()
    threshold: float = 0.5

    def predict(self, rows: Sequence[Values]) -> list[Score]:
        """Answer each row with a calibrated score."""
        scores = self.learner.predict(rows)
        if isinstance(self.calibrator, Identity):
            return scores
        return [self.calibrator.apply(score) if isinstance(score, float) else score for score in scores]

    def decide(self, score: Score) -> Target:
        """Return what to do: 1.0 (act) or 0.0, the likeliest class, or the expected number."""
        if isinstance(score, dict):
            return max(score, key=score.__getitem__)
        if self.task == "binary":
            return 1.0 if score >= self.threshold else 0.0
        return score


def restored(contents: ReleaseContents, make: Callable[[ArmSpec], Learner]) -> Model:
    """Return a release as it serves. Raises ReleaseError for a learner that cannot be loaded."""
    learner = make(contents.arm)
    learner.load(contents.learner)
    return Model(contents.version, contents.task, learner, contents.calibrator, contents.threshold or 0.5)
