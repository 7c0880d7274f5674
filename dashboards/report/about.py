"""What was run, and how to run it again."""

import shlex
from xml.etree.ElementTree import Element

from dashboards.formats import NONE, figure, lasting, moment
from dashboards.markup import Child, add, el
from dashboards.report.parts import fold, section, table
from dashboards.story.parts import Story


def about(story: Story) -> Element:
    """Return the last section."""
    run, zone = story.run, story.run.timezone
    again = ["riverkeeper", "backtest", run.pipeline, "--seed", str(run.seed)]
    for each in run.injections:
        again += ["--inject", each]
    facts: list[tuple[str, Child]] = [
        ("Pipeline", el("code", run.pipeline)),
        ("Its digest", el("code", run.digest)),
        ("Period", f"{moment(run.start, zone)} to {moment(run.end, zone)}"),
        ("Figures count from", moment(run.warmup_end, zone)),
        ("Time zone", zone),
        ("Seed", str(run.seed)),
        ("Injected", "; ".join(run.injections) or "nothing"),
        ("Budget", f"{figure(run.budget)} false incidents a week"),
        ("Tests", f"{story.tests:,}, which cost {figure(story.spent)} false incidents of the budget"),
        ("Owners", ", ".join(run.owners) or NONE),
        ("Again", el("code", shlex.join(again))),
    ]
    made = el("dl", class_="facts")
    for name, fact in facts:
        add(made, el("dt", name), el("dd", fact))
    return section("about", "About this run", made, _costs(story), _libraries(story))


def _costs(story: Story) -> Element | None:
    run = story.run
    if run.wall_s is None and not run.stages_us:
        return None
    rows: list[list[Child]] = [[stage, figure(us)] for stage, us in run.stages_us.items()]
    words = f"The run took {lasting(run.wall_s)} for {run.events:,} events. No decision depends on these figures."
    return fold(
        "What it cost", el("p", words), table(["Stage", "µs an event"], rows, "Costs", "short") if rows else None
    )


def _libraries(story: Story) -> Element | None:
    if not story.run.libraries:
        return None
    rows: list[list[Child]] = [[name, version] for name, version in sorted(story.run.libraries.items())]
    return fold("Library versions", table(["Library", "Version"], rows, "Libraries", "short"))
