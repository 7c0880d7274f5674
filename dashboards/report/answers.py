"""Calibration, and how answers came true: confusion matrix or residuals; segments."""

from xml.etree.ElementTree import Element

from dashboards.charts.histograms import residuals
from dashboards.charts.reliability import reliability
from dashboards.formats import figure, fixed, percent
from dashboards.markup import Child, add, el
from dashboards.report.parts import note, section, table
from dashboards.story.parts import Story


def calibration(story: Story) -> Element:
    """Return the reliability diagram."""
    title = "Calibration"
    if story.run.task == "regression":
        return section(
            "calibration", title, note("The answers are numbers, not probabilities: see the residuals below.")
        )
    bins = story.answers.reliability
    if not bins:
        return section("calibration", title, note("No answer has a label yet."))
    served = story.arm("served")
    error = None if served is None else served.metrics.get("calibration_error")
    binary = story.run.task == "binary"
    what = "score" if binary else "probability of the likeliest class"
    intro = (
        f"Of the answers with a {what} of 0.3, about 30 % should "
        + ("come true" if binary else "be right")
        + f": on the dashed line. Expected calibration error: {fixed(error)}. Bars below: how many answers there were."
    )
    head = ["Score", "Mean score", "Came true" if binary else "Right", "Events"]
    rows: list[list[Child]] = [
        [f"{each.low:.2f} to {each.high:.2f}", fixed(each.score, 3), percent(each.rate), f"{each.events:,}"]
        for each in bins
    ]
    chart = el("div", reliability(bins, what, 360, f"Reliability: observed rate against {what}"), class_="small-chart")
    return section("calibration", title, el("p", intro), el("div", chart, table(head, rows, title), class_="beside"))


def outcomes(story: Story) -> Element:
    """Return the confusion matrix, or the histogram of residuals."""
    found = story.answers
    if story.run.task == "regression":
        if not found.residuals:
            return section("outcomes", "Residuals", note("No answer has a label yet."))
        words = "Answer minus label, of what was served; the outermost bars hold everything beyond."
        chart = residuals(found.edges, found.residuals, story.run.target, 360, "Histogram of residuals")
        return section(
            "outcomes", "Residuals", el("p", words), el("div", chart, class_="small-chart"), _segments(story)
        )
    title = "Decisions and labels"
    if not found.confusion:
        return section("outcomes", title, note("No answer has a label yet."))
    intro = "What was decided, against what came true"
    if found.threshold is not None:
        intro += f"; Riverkeeper acts from a score of {figure(found.threshold)}"
    return section("outcomes", title, el("p", intro + "."), _matrix(story), _segments(story))


def _matrix(story: Story) -> Element:
    found = story.answers
    binary = story.run.task == "binary"
    names = [f"{story.run.target}: {name}" for name in found.classes] if binary else list(found.classes)
    decided = [f"decided {name}" for name in ("not to act", "to act")] if binary else [f"answered {n}" for n in names]
    rows: list[list[Child]] = []
    for i, (name, counts) in enumerate(zip(names, found.confusion, strict=True)):
        total = sum(counts) or 1
        row: list[Child] = [name]
        for j, events in enumerate(counts):
            shade = f"heat{min(int(6.99 * events / total), 6)}"
            cell = el("td", el("span", f"{events:,}"), el("small", percent(events / total)), class_=shade)
            row.append(add(cell) if i != j else _right(cell))
        rows.append(row)
    return table(["Label", *decided], rows, "Confusion matrix", "matrix")


def _right(cell: Element) -> Element:
    """Mark a cell of the diagonal."""
    cell.set("class", f"{cell.get('class')} diagonal")
    return cell


def _segments(story: Story) -> Element | None:
    if not story.segments:
        return None
    name = story.series.name
    rows: list[list[Child]] = [[each.name, f"{each.events:,}", fixed(each.loss)] for each in story.segments]
    words = f"{name[:1].upper() + name[1:]} of what was served, by segment"
    mean = "mean squared error" if name == "RMSE" else name
    return el(
        "div", el("h3", "Segments"), el("p", words + "."), table(["Segment", "Events", mean], rows, words, "short")
    )
