"""The verdict in a few plain sentences, the key figures beside "never updated", and what would go unseen."""

from xml.etree.ElementTree import Element

from dashboards.formats import count, figure, fixed, percent, signed
from dashboards.markup import add, el
from dashboards.report.parts import listed, section
from dashboards.story.health import allowed, better, called
from dashboards.story.parts import Arm, Story

_SIGNS = {"healthy": "✓", "attention": "!", "unhealthy": "✕", "unknown": "?"}


def verdict(story: Story) -> Element:
    """Return the first section."""
    health = story.health
    badge = el(
        "p",
        el("span", _SIGNS[health.state], class_="sign", aria_hidden="true"),
        el("strong", health.headline),
        class_=f"badge {health.state}",
    )
    told = list(health.sentences)
    why = el("p", "Because " + "; ".join(health.reasons) + ".", class_="why") if health.reasons else None
    return section(
        "verdict", "Verdict", badge, why, _tiles(story), el("div", *(el("p", each) for each in told), class_="told")
    )


def _tiles(story: Story) -> Element:
    tiles = el("dl", class_="tiles")
    served, first = story.arm("served"), story.arm("never updated")
    if served is not None:
        add(tiles, *_figures(story, served, first))
    pages = [each for each in story.incidents if each.severity != "note"]
    unexplained = sum(each.unexplained for each in pages)
    said = f"{unexplained} unexplained, the budget allows {figure(allowed(story.run), 2)}"
    add(tiles, _tile("Incidents", str(len(pages)), said))
    bad = sum(story.coverage.quarantined.values())
    total = story.coverage.answered + story.coverage.refused
    if total:
        share = (story.coverage.answered - bad) / total
        add(tiles, _tile("Sound events", percent(share), f"of {count(total, 'event')}; the others were quarantined"))
    if story.releases:
        add(tiles, _tile("Fits", str(len(story.releases)), "releases made in this run"))
    return tiles


def _figures(story: Story, served: Arm, first: Arm | None) -> list[Element]:
    """Return a tile for the success metric, one for value, and one for ROC AUC, each beside "never updated"."""
    made = []
    places = {"value": 3}
    for metric in dict.fromkeys((story.run.metric, "value", "roc_auc")):
        x = served.metrics.get(metric)
        if x is None or metric not in (*story.metrics, "value"):
            continue
        digits = places.get(metric, 4)
        form = signed if metric == "value" else fixed
        said = _mark(story) if metric == story.run.metric else "an event" if metric == "value" else ""
        if first is not None:
            gain = better(metric, x, first.metrics.get(metric))
            ahead = "" if gain is None else f" ({fixed(abs(gain), digits)} {'worse' if gain >= 0 else 'better'})"
            said = f"{said + '; ' if said else ''}never updated {form(first.metrics.get(metric), digits)}{ahead}"
        made.append(_tile(called(metric).capitalize() if metric == "value" else called(metric), form(x, digits), said))
    return made


def _mark(story: Story) -> str:
    run = story.run
    if run.below is not None:
        return f"wanted: at most {figure(run.below)}"
    return f"wanted: at least {figure(run.above)}" if run.above is not None else ""


def _tile(name: str, x: str, said: str) -> Element:
    return el("div", el("dt", name), el("dd", x, class_="big"), el("dd", said) if said else None)


def unseen(story: Story) -> Element:
    """Return what would go unseen, with the figures behind it."""
    items = []
    for weak in story.weaknesses:
        names = el("p", "These are: ", ", ".join(weak.names), ".", class_="names") if weak.names else None
        items.append(el("div", el("h3", weak.title), el("p", weak.text), names))
    intro = "No watch sees everything. Computed from this run’s own days, fields and segments:"
    return section("unseen", "What would go unseen", el("p", intro), listed(items, "weak"))
