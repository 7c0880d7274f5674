"""Performance over time, with what was found and done on the same axis, and the table of arms."""

from xml.etree.ElementTree import Element

from dashboards.charts.lines import Band, Line, Spot, lines
from dashboards.formats import NONE, day, fixed, lasting, signed
from dashboards.markup import Child, add, el
from dashboards.report.parts import anchor, both, fold, metric_head, note, section, table
from dashboards.story.health import called
from dashboards.story.parts import Arm, Figures, Story
from dashboards.table import label
from models.metrics import METRICS

_LANES = (("page", "pages"), ("ticket", "tickets"), ("note", "notes"), ("action", "actions"), ("release", "releases"))


def performance(story: Story) -> Element:
    """Return the chart of losses by day."""
    title = "Performance over time"
    if not any(story.series.labelled):
        return section("performance", title, note("No label has come yet: there is no performance to show."))
    drawn = drawn_lines(story)
    name = story.series.name
    dots = Line("each day", "served", story.series.daily["served"])
    lanes = {lane: words for lane, words in _LANES if any(mark.lane == lane for mark in story.marks)}
    spots = [
        Spot(
            lanes[mark.lane],
            mark.lane,
            mark.time,
            mark.until,
            _said(mark.what, mark.time, story),
            f"#{anchor(mark.id)}",
        )
        for mark in story.marks
        if story.series.days[0] <= mark.time <= story.series.days[-1] + 86400.0
    ]
    words = f"{name} by day of prediction, as means over seven days, with incidents and actions below"
    times, zone = story.series.days, story.run.timezone
    chart = both(
        lambda width: lines(
            times, drawn, dots, list(lanes.values()), spots, bands(story), zone, width, words, story.series.unit
        )
    )
    intro = (
        f"{name[:1].upper() + name[1:]} of each arm, by the day for which it answered: means over the last seven days, "
        "each event counting once; dots are single days of what was served. Lower is better."
    )
    return section("performance", title, el("p", intro), _legend(drawn, lanes), chart)


def _said(what: str, time: float, story: Story) -> str:
    return f"{day(time, story.run.timezone)}: {what}"


def drawn_lines(story: Story) -> list[Line]:
    """Return a line for what was served, "never updated", each challenger and each baseline, with its style."""
    drawn = []
    number = {"challenger": 0, "baseline": 0}
    for arm in story.arms:
        if arm.kind == "release" or arm.name not in story.series.weekly:
            continue
        style = {"served": "served", "never updated": "never"}.get(arm.kind, "")
        if arm.kind in number:
            style = f"{arm.kind[0]}{number[arm.kind] % 3}"
            number[arm.kind] += 1
        drawn.append(Line(label(arm), style, story.series.weekly[arm.name]))
    return drawn


def bands(story: Story) -> list[Band]:
    """Return the stretches of time that mean something: the warm-up, and what was held out."""
    run, end = story.run, story.series.days[-1] + 86400.0
    made = []
    if run.warmup_end > story.series.days[0]:
        made.append(Band(story.series.days[0], min(run.warmup_end, end), "warm-up", "warmup"))
    if run.held_out_from is not None and run.held_out_from < end:
        made.append(Band(max(run.held_out_from, story.series.days[0]), end, "held out", "held"))
    return made


def _legend(drawn: list[Line], lanes: dict[str, str]) -> Element:
    made = el("ul", class_="legend", aria_label="Legend")
    for each in drawn:
        stroke = el(
            "svg", el("path", d="M0 6h28", class_=f"line {each.style}"), width=28, height=12, aria_hidden="true"
        )
        add(made, el("li", stroke, each.name))
    shapes = {"page": "◆", "ticket": "▲", "note": "●", "action": "■", "release": "⚑"}
    for lane, words in lanes.items():
        add(made, el("li", el("span", shapes[lane], class_=f"shape {lane}", aria_hidden="true"), words))
    return made


def arms(story: Story) -> Element:
    """Return the table of arms, by month and by period below it."""
    title = "Arms and baselines"
    if not story.arms:
        return section("arms", title, note("No arm has an answer with a label after the warm-up yet."))
    first, *others = (metric_head(metric) for metric in story.metrics)
    head: list[Child] = ["Arm", first, "Behind served", *others, "Events", "Fits", "Labels used"]
    rows = [_row(story, arm) for arm in story.arms] + _rules(story)
    intro = (
        "Every arm answered the same stream before its label was known. “Behind served” is its mean difference of loss "
        "to what was served on the same events (above 0: worse); the bounds hold with 95 %, however often one looks."
    )
    return section(
        "arms", title, el("p", intro), table(head, rows, title), *_periods(story), _months(story), _meanings(story)
    )


def _row(story: Story, arm: Arm) -> list[Child]:
    name = el(
        "span",
        label(arm),
        el("small", arm.recipe.rpartition(".")[2], title=arm.recipe) if arm.recipe else None,
        class_=arm.kind.replace(" ", "-"),
    )
    first, *others = (number(metric, arm.metrics) for metric in story.metrics)
    return [
        name,
        first,
        _behind(arm),
        *others,
        f"{arm.events:,}",
        str(arm.fits) if arm.fits else NONE,
        f"{arm.labels_used:,}" if arm.labels_used else NONE,
    ]


def number(metric: str, figures: Figures) -> str:
    """Return a metric's figure with the digits that it deserves."""
    unit = METRICS[metric].unit
    if unit.startswith("money"):
        return signed(figures.get(metric), 3)
    return fixed(figures.get(metric), 3 if unit == "of target" else 4)


def _behind(arm: Arm) -> Child:
    if arm.behind is None:
        return NONE
    bounds = f"{signed(arm.bounds[0])} to {signed(arm.bounds[1])}" if arm.bounds else "too few days for bounds"
    return el("span", signed(arm.behind), el("small", bounds))


def _rules(story: Story) -> list[list[Child]]:
    """Return the rows of always acting and never acting: they need no model, and have a value only."""
    served = story.arm("served")
    made: list[list[Child]] = []
    for metric, words in (("value_always", "always act"), ("value_never", "never act")):
        x = None if served is None else served.metrics.get(metric)
        if served is not None and x is not None:
            first, *others = (signed(x, 3) if each == "value" else NONE for each in story.metrics)
            made.append([el("span", words), first, NONE, *others, f"{served.events:,}", NONE, NONE])
    return made


def _periods(story: Story) -> list[Element]:
    """Return the split of what defaults were chosen on, and what was held out; nothing where there is no such split."""
    if story.run.held_out_from is None or not any(arm.periods for arm in story.arms):
        return []
    wanted = tuple(dict.fromkeys((story.run.metric, *(m for m in ("roc_auc", "value") if m in story.metrics))))
    names = [name for name in ("tuned on", "held out") if any(name in arm.periods for arm in story.arms)]
    head = ["Arm", *(f"{called(metric)}, {name}" for name in names for metric in wanted)]
    rows: list[list[Child]] = [
        [label(arm), *(number(metric, arm.periods.get(name, {})) for name in names for metric in wanted)]
        for arm in story.arms
        if arm.kind != "release"
    ]
    from_ = day(story.run.held_out_from, story.run.timezone)
    words = f"Riverkeeper’s defaults were chosen on what lies before {from_}; what came after was held out."
    return [el("h3", "Tuned on, held out"), el("p", words), table(head, rows, "Tuned on and held out")]


def _months(story: Story) -> Element:
    arms = [arm for arm in story.arms if arm.kind != "release"]
    months = sorted({month for arm in arms for month in arm.months})
    rows: list[list[Child]] = [
        [month, *(number(story.run.metric, arm.months.get(month, {})) for arm in arms)] for month in months
    ]
    name = f"{called(story.run.metric)} by month"
    return fold(name[:1].upper() + name[1:], table(["Month", *(label(arm) for arm in arms)], rows, name))


def _meanings(story: Story) -> Element:
    made = el("dl", class_="meanings")
    for metric in story.metrics:
        one = METRICS[metric]
        add(made, el("dt", called(metric)), el("dd", f"{one.meaning} Unit: {one.unit}."))
    used = story.arm("served")
    cpu = f" CPU time of what was served: {lasting(used.cpu_s)}." if used is not None and used.cpu_s else ""
    return fold("What the figures mean", made, el("p", cpu) if cpu else None)
