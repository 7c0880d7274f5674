"""Whether the question agrees with itself: task, metric, direction, value, feedback."""

from collections.abc import Iterator

from infra.mistakes import Finding, choose
from infra.sections import Pipeline
from models.spec import LOWER_IS_BETTER, METRICS

_BINARY_VALUES = ("hit", "miss", "false_alarm", "correct_rejection")


def check_success(pipeline: Pipeline) -> Iterator[Finding]:
    """The metric suits the task, and is bounded once, from the side on which it is good."""
    problem, success = pipeline.problem, pipeline.problem.success
    path = ("problem", "success")
    known = METRICS[problem.task]
    if success.metric not in known:
        yield Finding((*path, "metric"), f"no metric of a {problem.task} task", choose(success.metric, known))
        return
    good, wrong = ("below", "above") if success.metric in LOWER_IS_BETTER else ("above", "below")
    more = "less" if good == "below" else "more"
    if getattr(success, wrong) is not None:
        remedy = f"Of {success.metric}, {more} is better: write {good} = ..."
        yield Finding((*path, wrong), "the wrong direction", remedy, on_key=True)
    elif getattr(success, good) is None:
        yield Finding((*path, good), "no value is good enough", f"Add {good} = ... to success")
    if success.metric == "value" and problem.value is None:
        yield Finding((*path, "metric"), "no value is declared", "Add value = { hit = ..., miss = ... } to [problem]")


def check_value(pipeline: Pipeline) -> Iterator[Finding]:
    """The value table has the cases of the task."""
    value, task = pipeline.problem.value, pipeline.problem.task
    if value is None:
        return
    wrong = ("per_error",) if task == "binary" else _BINARY_VALUES
    right = ", ".join(_BINARY_VALUES) if task == "binary" else "per_error"
    for key in wrong:
        if key in value.model_fields_set:
            yield Finding(("problem", "value", key), f"no case of a {task} task", f"Write {right}", on_key=True)
    if not value.model_fields_set:
        yield Finding(("problem", "value"), "an empty table", f"Write {right}, or leave it out")


def check_feedback(pipeline: Pipeline) -> Iterator[Finding]:
    """Where decisions hide or change labels, what a shadow would have earned cannot be seen."""
    feedback = pipeline.problem.feedback
    if feedback == "none" or pipeline.model is None or pipeline.rollout.shadow == 0:
        return
    what = f'with feedback = "{feedback}" a shadow gives no verdict'
    explicit = "shadow" in pipeline.rollout.model_fields_set
    path = ("rollout", "shadow") if explicit else ("problem", "feedback")
    yield Finding(path, what, 'Write shadow = "0s" and a split in [rollout]')
