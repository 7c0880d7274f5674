"""Whether the windows fit into each other, the segments exist, and the remedies have something to act on."""

from collections.abc import Iterator

from infra.mistakes import Finding, choose
from infra.sections import Pipeline
from streams.units import format_duration

_DAY_S = 86400.0
_SEGMENT_TYPES = ("str", "bool")
_MODEL_REMEDIES = ("recalibrate", "retrain", "replace", "rollback", "pause")
REMEDIES = (*_MODEL_REMEDIES, "mask", "convert")


def check_windows(pipeline: Pipeline) -> Iterator[Finding]:
    """Freshness divides the window, and the window divides a day, so that no window lies across midnight."""
    monitor = pipeline.monitor
    if _DAY_S % monitor.window:
        what = f"{format_duration(monitor.window)} does not divide a day"
        yield Finding(("monitor", "window"), what, 'Write one of "15m", "30m", "1h", "6h", "1d"')
    elif monitor.window % monitor.freshness:
        what = f"freshness ({format_duration(monitor.freshness)}) does not divide window"
        where = "freshness" if "freshness" in monitor.model_fields_set else "window"
        what = f"{format_duration(monitor.freshness)} does not divide the window of {format_duration(monitor.window)}"
        yield Finding(("monitor", where), f"freshness: {what}", f'Write freshness = "{_divisor(monitor.window)}"')


def _divisor(window_s: float) -> str:
    """Return a freshness that suits a window: ten minutes, or the window itself where it is shorter or odd."""
    return format_duration(600.0 if window_s % 600 == 0 else window_s)


def check_segments(pipeline: Pipeline) -> Iterator[Finding]:
    """Segments are categorical fields, each named once."""
    types = {field.name: field.type for field in pipeline.field}
    suitable = [field.name for field in pipeline.field if field.type in _SEGMENT_TYPES and field.personal is None]
    for index, segment in enumerate(pipeline.monitor.segments):
        path = ("monitor", "segments", index)
        if segment not in types:
            yield Finding(path, "no field", choose(segment, suitable))
        elif types[segment] not in _SEGMENT_TYPES:
            remedy = 'Use a field of type "str" or "bool", or declare this one as "str" with categories'
            yield Finding(path, f"{segment} is a {types[segment]}, not categorical", remedy)
        elif segment in pipeline.monitor.segments[:index]:
            yield Finding(path, "named twice", "Remove it")


def check_policy(pipeline: Pipeline) -> Iterator[Finding]:
    """Each remedy has something to act on, and what waits for approval is a rule of the policy."""
    policy = pipeline.policy
    challengers = pipeline.model.challenger if pipeline.model is not None else ()
    for remedy in REMEDIES:
        if getattr(policy, remedy) is None:
            continue
        if remedy in _MODEL_REMEDIES and pipeline.watched is not None and pipeline.model is None:
            what = "the model is not ours: it is only watched"
            yield Finding(("policy", remedy), what, "Remove it; mask and convert remain", on_key=True)
        elif remedy == "recalibrate" and pipeline.problem.task == "regression":
            yield Finding(("policy", remedy), "numbers need no calibration", "Remove it, or use retrain", on_key=True)
        elif remedy == "replace" and not challengers:
            yield Finding(("policy", remedy), "no challenger is declared", "Add a [[model.challenger]]", on_key=True)
    for index, remedy in enumerate(policy.approval):
        if getattr(policy, remedy) is None:
            rules = [each for each in REMEDIES if getattr(policy, each) is not None]
            yield Finding(("policy", "approval", index), "no rule of the policy", choose(remedy, rules))
