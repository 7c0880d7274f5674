"""The sections of the pipeline file that this room owns: problem, model, rollout."""

from typing import Annotated, Any, Literal

from pydantic import Field

from streams.spec import Section
from streams.units import Duration

Task = Literal["binary", "multiclass", "regression"]
"""What is predicted: one of two classes, one of several, a number."""

Metric = Literal[
    "accuracy",
    "balanced_accuracy",
    "brier",
    "calibration_error",
    "f1",
    "log_loss",
    "mae",
    "mape",
    "precision",
    "r2",
    "recall",
    "rmse",
    "roc_auc",
    "value",
]
"""A metric by which a pipeline can be judged."""

METRICS: dict[Task, tuple[Metric, ...]] = {
    "binary": (
        "log_loss",
        "brier",
        "roc_auc",
        "accuracy",
        "balanced_accuracy",
        "precision",
        "recall",
        "f1",
        "calibration_error",
        "value",
    ),
    "multiclass": ("log_loss", "accuracy", "balanced_accuracy", "f1"),
    "regression": ("rmse", "mae", "mape", "r2"),
}
"""The metrics that each task can be judged by."""

LOWER_IS_BETTER: frozenset[Metric] = frozenset({"log_loss", "brier", "calibration_error", "rmse", "mae", "mape"})
"""The metrics that are losses; of all others, more is better."""


class SuccessSpec(Section):
    """The metric by which the pipeline is judged, and the value that is good enough."""

    metric: Metric = Field(description="the metric to be judged by, such as 'log_loss'")
    below: float | None = Field(None, description="good enough is less than this; for losses and errors")
    above: float | None = Field(None, description="good enough is more than this; for scores and value")


class ValueSpec(Section):
    """Value per event in the user's money: binary by hit, miss, false alarm, correct rejection."""

    hit: float = Field(0.0, description="acted, rightly")
    miss: float = Field(0.0, description="did not act, wrongly")
    false_alarm: float = Field(0.0, description="acted, wrongly")
    correct_rejection: float = Field(0.0, description="did not act, rightly")
    per_error: float = Field(0.0, description="regression: per unit of absolute error; multiclass: per wrong answer")


class LimitsSpec(Section):
    """What the pipeline must keep to."""

    latency_ms: float = Field(100.0, gt=0, description="longest time from event to prediction, in milliseconds")
    label_delay: Duration = Field(86400.0, gt=0, description="a label that comes later than this is too late")
    revisions: Duration = Field(0.0, description="how long after the first label revisions are taken")
    retrain_per_week: float = Field(2.0, ge=0, description="how many trainings a week are affordable")


class ProblemSpec(Section):
    """The question, the task, and what success is."""

    goal: str = Field(description="the question in one sentence, for those who read a report or an alert")
    task: Task = Field(description="what is predicted: one of two classes, one of several, or a number")
    target: str = Field(description="what the predicted thing is called in reports, such as 'late'")
    classes: tuple[str, ...] = Field((), description="multiclass: the names of the classes")
    success: SuccessSpec = Field(description="what is good enough: { metric = 'log_loss', below = 0.47 }")
    value: ValueSpec | None = Field(None, description="what each kind of answer is worth, in the user's money")
    owners: tuple[str, ...] = Field((), description="who hears of incidents")
    limits: LimitsSpec = Field(LimitsSpec(), description="latency, label delay, trainings a week")
    feedback: Literal["none", "decision_hides_label", "decision_changes_label"] = Field(
        "none", description="whether acting on a prediction hides or changes its label"
    )
    held_out_from: str | None = Field(
        None,
        pattern=r"^\d{4}-\d{2}-\d{2}$",
        description="day from which figures are reported apart: nobody tuned on them",
    )
    tolerance: float = Field(0.02, ge=0, description="of the success metric: less is not worth an alarm")


class SearchSpec(Section):
    """Search over a learner's parameters."""

    how: Literal["random", "bayes"] = Field("bayes", description="at random, or led by the trials so far")
    trials: int = Field(20, ge=1, le=500, description="how many settings are tried")
    space: dict[str, Annotated[tuple[Any, ...], Field(min_length=1)]] = Field(
        description="the choices of each parameter: { max_leaf_nodes = [15, 31, 63] }", min_length=1
    )


class ArmSpec(Section):
    """A learner, by dotted name, with all that is needed to build it."""

    name: str = Field("champion", min_length=1, description="what the arm is called in reports")
    learner: str = Field(description="dotted name, such as 'river.linear_model.LogisticRegression'")
    params: dict[str, Any] = Field({}, description="the learner's own; a dot leads inside: { 'optimizer.lr' = 0.01 }")
    scale: bool = Field(False, description="standardise numeric inputs first")
    inputs: tuple[str, ...] | None = Field(None, description="fields and features; default: all")
    window: str | tuple[str, ...] = Field("all", description="'all', 'since_change' or '60d'; several are candidates")
    calibrate: Literal["none", "platt", "isotonic"] = Field("none", description="how scores become probabilities")
    search: SearchSpec | None = Field(None, description="parameters to be searched at each training")


class ModelSpec(Section):
    """The champion's recipe, its challengers, and when the first release is made."""

    warmup: Duration = Field(gt=0, description="history before the first release is trained and served")
    champion: ArmSpec = Field(description="the arm that serves first: { learner = '...' }")
    challenger: tuple[ArmSpec, ...] = Field((), description="arms that are tried against the champion")
    snapshots: Duration = Field(3600.0, gt=0, description="event time between snapshots of incremental learners")
    seed: int = Field(1, ge=0, lt=2**32, description="of every random choice")


class VerdictSpec(Section):
    """The live test of a challenger."""

    alpha: float = Field(0.05, gt=0, lt=0.5, description="how often a worse challenger may win")
    deadline: Duration = Field(2419200.0, gt=0, description="an inconclusive test ends after this and asks")


class RolloutSpec(Section):
    """How a challenger comes to serve."""

    shadow: Duration = Field(172800.0, description="how long a challenger only answers beside the champion")
    split: tuple[float, ...] = Field((), description="shares of the keys that it then serves, rising: [0.05, 0.5]")
    verdict: VerdictSpec = Field(VerdictSpec(), description="the test that promotes or rejects it")
    probation: Duration = Field(259200.0, description="how long a promoted challenger can be sent back at once")
