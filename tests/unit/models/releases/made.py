"""A release of a learner that learned something, to be written, altered and loaded."""

import msgspec

from models.calibration.calibrators import Platt
from models.learners import build
from models.releases import ReleaseContents, SigningKey
from models.spec import ArmSpec
from tests.unit.models.learners.cases import NAMES, TYPES, Case, labels, rows

KEY = SigningKey("tests", b"a secret of 32 bytes, long enough")
LOGISTIC = Case("binary", "river.linear_model.LogisticRegression", {"optimizer.lr": 0.05}, scale=True)


def release(case: Case = LOGISTIC, count: int = 100, **changes: object) -> ReleaseContents:
    arm = ArmSpec(learner=case.learner, params=case.params, scale=case.scale)
    classes = ("early", "late", "on time") if case.task == "multiclass" else ()
    learner = build(arm, case.task, NAMES, TYPES, classes, seed=3)
    history = rows(count)
    learner.fit(history, labels(case.task, history))
    made = ReleaseContents(
        arm=arm,
        task=case.task,
        names=NAMES,
        types=TYPES,
        classes=classes,
        seed=3,
        learner=learner.dump(),
        plan={"features": [{"name": "late_rate", "over": "2h"}]},
        calibrator=Platt(slope=1.25, intercept=-0.5),
        threshold=0.111,
        reference={"wind": {"edges": [0.0, 10.0], "counts": [3, 4]}},
        detectors=b"\x00\x01",
        offsets={"outcomes/0": (0, count)},
        window=(1362096000.0, 1364774400.0),
        evaluation={"release": {"log_loss": 0.4546, "roc_auc": None}, "baseline.mean": {"log_loss": 0.55}},
        pipeline="a" * 64,
        goal="Tell which flights will land late",
        owners=("delays-oncall",),
        parents=("0001",),
    )
    return msgspec.structs.replace(made, **changes)
