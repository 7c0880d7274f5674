"""Whether every arm can be built as declared, and a challenger comes to serve in order."""

import re
from collections.abc import Iterator

from infra.consistency.features import output_names
from infra.mistakes import Finding, choose
from infra.sections import Pipeline
from infra.toml_lines import Path
from models.spec import ArmSpec, ModelSpec
from streams.units import parse_duration

_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


def arms_of(model: ModelSpec) -> list[tuple[Path, ArmSpec]]:
    """Return all arms with the path of each, the champion first."""
    return [
        (("model", "champion"), model.champion),
        *((("model", "challenger", index), arm) for index, arm in enumerate(model.challenger)),
    ]


def check_arms(pipeline: Pipeline) -> Iterator[Finding]:
    """Each arm has a dotted learner, inputs that there are, windows and a calibration that suit."""
    if pipeline.model is None:
        return
    fields = {field.name: field for field in pipeline.field}
    outputs = [name for feature in pipeline.feature for name in (feature.name, *output_names(feature, fields))]
    usable = [*outputs, *(name for name, field in fields.items() if field.use and field.personal is None)]
    for path, arm in arms_of(pipeline.model):
        if _DOTTED.fullmatch(arm.learner) is None:
            remedy = 'Write where it is imported from: "river.linear_model.LogisticRegression"'
            yield Finding((*path, "learner"), "no dotted name of a class", remedy)
        for index, name in enumerate(arm.inputs or ()):
            if name in fields and not fields[name].use:
                what = f"{name} has use = false"
                yield Finding((*path, "inputs", index), what, "Remove it here, or use = false there")
            elif name not in fields and name not in outputs:
                yield Finding((*path, "inputs", index), "no field or feature", choose(name, usable))
        if arm.inputs == ():
            yield Finding((*path, "inputs"), "a model without inputs", "Name some, or remove it to use all")
        windows = (arm.window,) if isinstance(arm.window, str) else arm.window
        for index, window in enumerate(windows):
            if not _is_window(window):
                where: Path = (*path, "window") if isinstance(arm.window, str) else (*path, "window", index)
                yield Finding(where, "no window", 'Write "all", "since_change", or a time such as "60d"')
        if not windows:
            yield Finding((*path, "window"), "no window", "Name one, or remove it to use all history")
        if arm.calibrate != "none" and pipeline.problem.task == "regression":
            yield Finding((*path, "calibrate"), "numbers need no calibration", "Remove it")
        for name in arm.params.keys() & (arm.search.space if arm.search else {}).keys():
            what = "is both set and searched"
            yield Finding((*path, "params", name), what, "Remove it from params, or from search.space", on_key=True)


def check_rollout(pipeline: Pipeline) -> Iterator[Finding]:
    """Shares of the split rise between 0 and 1, and a challenger meets traffic somewhere."""
    before = 0.0
    for index, share in enumerate(pipeline.rollout.split):
        if not before < share < 1:
            what = "not more than the share before it" if 0 < share < 1 else "a share lies between 0 and 1"
            yield Finding(("rollout", "split", index), what, "Write shares such as [0.05, 0.5]")
        before = max(before, share)
    if pipeline.rollout.shadow == 0 and not pipeline.rollout.split and pipeline.model is not None:
        what = "without shadow and split no challenger is ever tested"
        yield Finding(("rollout", "shadow"), what, 'Write shadow = "2d", or split = [0.05, 0.5]')


def _is_window(text: str) -> bool:
    if text in ("all", "since_change"):
        return True
    try:
        return parse_duration(text) > 0
    except ValueError:
        return False
