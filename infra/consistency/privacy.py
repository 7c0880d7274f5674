"""Whether personal fields stay out of what is stored in clear, learned from and shown."""

from collections.abc import Iterator

from infra.consistency.source import template_names
from infra.mistakes import Finding
from infra.sections import Pipeline


def check_privacy(pipeline: Pipeline) -> Iterator[Finding]:
    """No personal field is an input in clear, the name of a segment, or the key or id of every record."""
    personal = {field.name: field.personal for field in pipeline.field if field.personal is not None}
    for index, field in enumerate(pipeline.field):
        if field.personal is not None and field.personal.treat == "keep" and field.use:
            what = "a personal field would be an input of the model in clear"
            remedy = 'Write treat = "hash" or "drop", or use = false in this [[field]]'
            yield Finding(("field", index, "personal", "treat"), what, remedy)
    for index, segment in enumerate(pipeline.monitor.segments):
        if segment in personal:
            what = "a personal field would be shown in reports and alerts"
            yield Finding(("monitor", "segments", index), what, "Remove it from segments")
    named = {"key": (pipeline.source.key,), "id": template_names(pipeline.source.id) or ()}
    for key, columns in named.items():
        if clear := [name for name in columns if name in personal and personal[name].treat != "keep"]:
            what = f"{clear[0]} is personal, and every record carries its {key} in clear"
            remedy = f"Take another column for {key}, or replace it in source.prepare"
            yield Finding(("source", key), what, remedy)


def check_personal_reads(pipeline: Pipeline) -> Iterator[Finding]:
    """No feature and no arm reads a personal field: both are stored with each prediction."""
    personal = {field.name for field in pipeline.field if field.personal is not None}
    for index, feature in enumerate(pipeline.feature):
        for key in ("of", "by", "last", "interact"):
            value = getattr(feature, key)
            names = (value,) if isinstance(value, str) else value or ()
            if found := personal.intersection(names):
                what = f"{min(found)} is a personal field, and features are stored with each prediction"
                yield Finding(("feature", index, key), what, "Use another field")
    if pipeline.model is None:
        return
    arms = [(("model", "champion"), pipeline.model.champion)]
    arms += [(("model", "challenger", i), arm) for i, arm in enumerate(pipeline.model.challenger)]  # type: ignore[misc]
    for path, arm in arms:
        for index, name in enumerate(arm.inputs or ()):
            if name in personal:
                what = "a personal field would be an input of the model"
                yield Finding((*path, "inputs", index), what, "Remove it from inputs")
