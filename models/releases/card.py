"""The model card of a release, in Markdown: what it is, how good, for what, its limits, and how to go back.

Follows the sections of Mitchell et al., "Model Cards for Model Reporting", FAT* 2019, section 4, as far as a release
knows about them.
"""

from datetime import UTC, datetime

from models.releases.contents import ReleaseContents
from streams.units import format_duration

_ANSWERS = {
    "binary": "the probability of the positive class",
    "multiclass": "a probability for each class",
    "regression": "a number",
}


def card(release: ReleaseContents) -> str:
    """Return the card; the same release gives the same text."""
    sections = (
        f"# Release {release.version or '(not in a registry)'} of {release.arm.name}",
        _what(release),
        "## Data\n\n" + _data(release),
        "## Figures\n\n" + _figures(release),
        "## Intended use and limits\n\n" + _limits(release),
        "## Lineage\n\n" + _lineage(release),
        "## How to go back\n\n" + _back(release),
    )
    return "\n\n".join(sections) + "\n"


def _what(release: ReleaseContents) -> str:
    """Return what it is and who answers for it."""
    arm = release.arm
    params = ", ".join(f"{name} = {value}" for name, value in sorted(arm.params.items())) or "defaults"
    lines = [
        release.goal or "No goal was given.",
        "",
        f"- Learner: `{arm.learner}` ({params}), seed {release.seed}",
        f"- Answers {_ANSWERS[release.task]}" + (f": {', '.join(release.classes)}" if release.classes else ""),
        f"- Calibrated: {type(release.calibrator).__name__.lower()}",
    ]
    if release.threshold is not None:
        lines.append(f"- Acts from a score of {release.threshold:.4g}")
    if release.owners:
        lines.append(f"- Owners: {', '.join(release.owners)}")
    return "\n".join(lines)


def _data(release: ReleaseContents) -> str:
    """Return what it was trained on."""
    start, end = release.window
    days = f"{_day(start)} to {_day(end)} ({format_duration(float(round(end - start)))})" if end > start else "none"
    spans = [f"- {part}: offsets {low} to {high - 1}" for part, (low, high) in sorted(release.offsets.items())]
    inputs = ", ".join(f"{name} ({kind})" for name, kind in zip(release.names, release.types, strict=True)) or "none"
    return "\n".join([f"- Window: {days}", *spans, f"- Inputs: {inputs}"])


def _figures(release: ReleaseContents) -> str:
    """Return a table: one row for who was evaluated, one column for each metric."""
    metrics = sorted({metric for figures in release.evaluation.values() for metric in figures})
    if not metrics:
        return "None yet."
    rows = [["", *metrics], ["---"] * (len(metrics) + 1)]
    for who in sorted(release.evaluation, key=lambda who: (who != "release", who)):
        figures = release.evaluation[who]
        cells = ("" if (figure := figures.get(metric)) is None else f"{figure:.4g}" for metric in metrics)
        rows.append([who, *cells])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _limits(release: ReleaseContents) -> str:
    """Return what it is for and where it ends."""
    return (
        "For events of the pipeline that it was trained in, with the inputs above, cleaned by its contract. "
        "Texts that the window did not hold count as unknown. The figures hold for the window's kind of data: "
        "the monitors say when that ends. Not examined here: effects on groups of people."
    )


def _lineage(release: ReleaseContents) -> str:
    """Return where it comes from."""
    parents = ", ".join(release.parents) or "none"
    made = ", ".join(f"{name} {number}" for name, number in sorted(release.libraries.items()))
    return "\n".join([f"- Made from: {parents}", f"- Pipeline: `{release.pipeline or 'unknown'}`", f"- With: {made}"])


def _back(release: ReleaseContents) -> str:
    """Return the command that undoes it."""
    to = f" It was made from {release.parents[0]}." if release.parents else ""
    return f"`riverkeeper releases rollback` makes the previous champion serve again, exactly as it was.{to}"


def _day(time: float) -> str:
    """Return the UTC day of an epoch second."""
    return datetime.fromtimestamp(time, tz=UTC).strftime("%Y-%m-%d")
