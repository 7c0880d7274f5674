"""The sections of the pipeline file that this room owns: problem, model, rollout."""

from typing import Any, Literal

from pydantic import Field

from streams.spec import Section
from streams.units import Duration


class SuccessSpec(Section):
    """The metric by which the pipeline is judged, and the value that is good enough."""

    metric: str
    below: float | None = None
    above: float | None = None


class ValueSpec(Section):
    """Value per event in the user's money: binary by hit, miss, false alarm, correct rejection."""

    hit: float = 0.0
    miss: float = 0.0
    false_alarm: float = 0.0
    correct_rejection: float = 0.0
    per_error: float = Field(0.0, description="regression: per unit of absolute error; multiclass: per wrong answer")


class LimitsSpec(Section):
    """What the pipeline must keep to."""

    latency_ms: float = 100.0
    label_delay: Duration = Field(86400.0, description="a label that comes later than this is too late")
    revisions: Duration = Field(0.0, description="how long after the first label revisions are taken")
    retrain_per_week: float = 2.0


class ProblemSpec(Section):
    """The question, the task, and what success is."""

    goal: str
    task: Literal["binary", "multiclass", "regression"]
    target: str
    success: SuccessSpec
    value: ValueSpec | None = None
    owners: tuple[str, ...] = ()
    limits: LimitsSpec = LimitsSpec()
    feedback: Literal["none", "decision_hides_label", "decision_changes_label"] = "none"
    tolerance: float = Field(0.02, description="of the success metric: less is not worth an alarm")


class SearchSpec(Section):
    """Search over a learner's parameters."""

    how: Literal["random", "bayes"] = "bayes"
    trials: int = Field(20, ge=1, le=500)
    space: dict[str, tuple[Any, ...]]


class ArmSpec(Section):
    """A learner, by dotted name, with all that is needed to build it."""

    name: str = "champion"
    learner: str
    params: dict[str, Any] = {}
    scale: bool = Field(False, description="standardise numeric inputs first")
    inputs: tuple[str, ...] | None = Field(None, description="fields and features; default: all")
    window: str | tuple[str, ...] = Field("all", description="'all', 'since_change' or '60d'; several are candidates")
    calibrate: Literal["none", "platt", "isotonic"] = "none"
    search: SearchSpec | None = None


class ModelSpec(Section):
    """The champion's recipe, its challengers, and when the first release is made."""

    warmup: Duration = Field(description="history before the first release is trained and served")
    champion: ArmSpec
    challenger: tuple[ArmSpec, ...] = ()
    snapshots: Duration = Field(3600.0, description="event time between snapshots of incremental learners")
    seed: int = 1


class VerdictSpec(Section):
    """The live test of a challenger."""

    alpha: float = Field(0.05, gt=0, lt=0.5)
    deadline: Duration = Field(2419200.0, description="an inconclusive test ends after this and asks")


class RolloutSpec(Section):
    """How a challenger comes to serve."""

    shadow: Duration = 172800.0
    split: tuple[float, ...] = ()
    verdict: VerdictSpec = VerdictSpec()
    probation: Duration = 259200.0
