"""Drift per field as a heat map, and the distributions that it leads to."""

from xml.etree.ElementTree import Element

from dashboards.charts.heat_map import Row, heat_map
from dashboards.charts.histograms import pair
from dashboards.formats import NONE, day, figure, moment, percent
from dashboards.markup import add, el
from dashboards.report.parts import both, note, section
from dashboards.story.parts import Drift, Field, Story

STEPS: dict[str, tuple[float, ...]] = {
    "psi": (0.05, 0.1, 0.25, 0.5, 1.0, 2.0),
    "jensen_shannon": (0.05, 0.1, 0.2, 0.3, 0.4, 0.6),
    "chi_squared": (50.0, 100.0, 300.0, 1e3, 3e3, 1e4),
}
"""Where the colours of the heat map change."""

_CALLED = {
    "psi": "population stability index",
    "jensen_shannon": "Jensen-Shannon distance",
    "chi_squared": "chi-squared",
}
SHARED = {"score": "served answer"}
"""Columns that are no fields of the event."""


def drift(story: Story) -> Element:
    """Return the section."""
    moved, title = story.drift, "Drift by field"
    if not moved.fields:
        words = (
            "Nothing was compared with a reference: there is none before the first release, or no window is over yet."
        )
        return section("drift", title, note(words))
    steps = STEPS[moved.measure]
    rows = [Row(shown(field), f"#field-{i}", field.distance) for i, field in enumerate(moved.fields)]
    marked = frozenset((SHARED.get(name, name), column) for name, column in moved.marked)
    each = "day" if moved.step_s <= 86400.0 else "week"
    label = f"Drift of each field by {each}"
    chart = both(
        lambda width: heat_map(rows, moved.columns, moved.step_s, steps, marked, story.run.timezone, width, label)
    )
    intro = (
        f"How far each field was from the reference, by {each}: {_CALLED[moved.measure]}; the stronger the colour, the "
        "farther. Seasons move fields too; alarms go by the residual from the season, and a dot marks those that "
        "became an incident. A field’s name leads to its distributions."
    )
    return section(
        "drift", title, el("p", intro), _scale(steps), chart, _references(story), _distributions(story, each)
    )


def shown(field: Field) -> str:
    """Return what people call a field."""
    return SHARED.get(field.name, field.name)


def _scale(steps: tuple[float, ...]) -> Element:
    made = el("ul", class_="scale", aria_label="Colours")
    names = [f"< {steps[0]:g}", *(f"{low:g}" for low in steps)]
    for i, name in enumerate(names):
        add(made, el("li", el("span", class_=f"swatch heat{i}", aria_hidden="true"), name))
    return made


def _references(story: Story) -> Element | None:
    told = [f"{name} from {moment(time, story.run.timezone)}" for time, name in story.drift.references]
    return el("p", "The reference was that of release ", ", then ".join(told), ".", class_="small") if told else None


def _distributions(story: Story, each: str) -> Element:
    made = el("div", class_="fields")
    for i, field in enumerate(story.drift.fields):
        add(made, _distribution(story, field, i, each))
    return el("div", el("h3", "Distributions"), made)


def _distribution(story: Story, field: Field, i: int, each: str) -> Element:
    moved = story.drift
    place = farthest(moved, field)
    head = el("h4", shown(field), el("small", f" {field.kind}"))
    if place is None:
        return el("figure", head, note("No window has enough values in the newest bins."), id=f"field-{i}")
    total = sum(field.columns[place]) or 1
    window = [events / total for events in field.columns[place]]
    when = day(moved.columns[place], story.run.timezone)
    chart = pair(field.bins, field.shares, window, 340, f"{shown(field)}: reference and {each} of {when}")
    chart.set("data-field", str(i))
    said = caption(field, place, when, each, moved.measure)
    return el("figure", head, _key(), chart, el("figcaption", said, class_="when"), _rest(field), id=f"field-{i}")


def _key() -> Element:
    return el(
        "p", el("span", class_="swatch was"), "reference ", el("span", class_="swatch now"), "window", class_="key"
    )


def caption(field: Field, place: int, when: str, each: str, measure: str) -> str:
    """Return what the chart of one window shows."""
    return f"{each.capitalize()} of {when}: {_CALLED[measure]} {figure(field.distance[place])}"


def farthest(moved: Drift, field: Field) -> int | None:
    """Return the column that is farthest from the reference, among those counted in the newest bins."""
    there = [(x, j) for j, x in enumerate(field.distance) if x is not None and field.columns[j]]
    return max(there)[1] if there else None


def _rest(field: Field) -> Element:
    missing = [x for x in field.missing if x is not None]
    parts = [
        f"Missing: {percent(field.reference_missing)} in the reference, "
        f"at most {percent(max(missing) if missing else None)}."
    ]
    if field.unseen is None:
        parts.append("New values cannot be told: its values rarely repeat.")
    else:
        new = [x for x in field.unseen if x is not None]
        parts.append(f"Never seen before: at most {percent(max(new) if new else None)}.")
    if field.strangers:
        few = sorted(field.strangers.items(), key=lambda pair: (-pair[1], pair[0]))[:5]
        parts.append("New values, such as " + ", ".join(f"{value or NONE} ({n:,} ×)" for value, n in few) + ".")
    return el("p", " ".join(parts), class_="small")
