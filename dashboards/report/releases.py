"""Releases and where they come from."""

from xml.etree.ElementTree import Element

from dashboards.charts.lineage import lineage
from dashboards.formats import NONE, day, fixed, moment
from dashboards.markup import Child, el
from dashboards.report.parts import both, note, section, table
from dashboards.story.health import called
from dashboards.story.parts import Release, Story


def releases(story: Story) -> Element:
    """Return the section."""
    title = "Releases and lineage"
    made = story.releases
    if not made:
        words = (
            "This pipeline only watches: predictions are made elsewhere." if story.run.watch_only else "None was made."
        )
        return section("releases", title, note(words))
    run = story.run
    start = min(run.start, *(release.window[0] for release in made if release.window[1] > 0), run.start)
    chart = both(lambda width: lineage(made, start, run.end, run.timezone, width, title))
    intro = (
        "Thick: the time in which a release served. Thin: the days that it was trained on. Rings: its changes of "
        "stage, filled where it was rejected or rolled back. Lines lead from what it was made of."
    )
    head = ["Release", "Made from", "Trained on", "Labels", f"{called(run.metric)}, at training", "Course"]
    rows = [_row(story, release) for release in made]
    return section("releases", title, el("p", intro), chart, table(head, rows, title, "wordy"))


def _row(story: Story, release: Release) -> list[Child]:
    zone = story.run.timezone
    name = el(
        "span",
        release.version,
        el("small", f"{release.arm}, {release.learner.rpartition('.')[2]}", title=release.learner),
        id=f"release-{release.version}",
    )
    window = f"{day(release.window[0], zone)} to {day(release.window[1], zone)}" if release.window[1] else NONE
    course = el("ul", *(el("li", _stage(time, stage, why, zone)) for time, stage, why in release.stages))
    parents = el("span", *_parents(release))
    return [
        name,
        parents,
        window,
        f"{release.labels_used:,}",
        _figure(story, release),
        course if release.stages else NONE,
    ]


def _parents(release: Release) -> list[Child]:
    if not release.parents:
        return ["history alone"]
    made: list[Child] = []
    for i, parent in enumerate(release.parents):
        made += [", " if i else None, el("a", parent, href=f"#release-{parent}")]
    return made


def _figure(story: Story, release: Release) -> str:
    """Return the release's own figure of the success metric, as it was evaluated when it was made."""
    own = release.evaluation.get("release", {})
    return fixed(own.get(story.run.metric))


def _stage(time: float, stage: str, why: str, zone: str) -> str:
    return f"{stage} from {moment(time, zone)}" + (f": {why}" if why else "")
