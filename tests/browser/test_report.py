"""The report in a real browser: nothing overflows, nothing is empty, nothing is asked for, all can be read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dashboards.report import write_report
from tests.browser.browser import Page, browser
from tests.unit.dashboards.sample_run import empty_run, sample_run

KINDS = ("binary", "multiclass", "regression", "watched", "empty")


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("runs")
    sample_run(folder / "binary", days=82)
    sample_run(folder / "multiclass", task="multiclass", days=30)
    sample_run(folder / "regression", task="regression", days=30)
    sample_run(folder / "watched", days=30, control=False)
    empty_run(folder / "empty")
    return {kind: write_report(folder / kind) for kind in KINDS}


@pytest.fixture(scope="module")
def page(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(chromium, tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_and_is_quiet(kind: str, width: int, page: Page, reports: dict[str, Path]) -> None:
    page.open(reports[kind], width)
    assert page.ask("document.documentElement.scrollWidth <= innerWidth")
    assert page.logged == []
    assert page.requested == [reports[kind].as_uri()]


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_every_section_says_something(kind: str, scripts: bool, page: Page, reports: dict[str, Path]) -> None:
    page.open(reports[kind], 390, scripts=scripts)
    heights = page.ask("[...document.querySelectorAll('section')].map((s) => [s.id, s.innerText.trim().length])")
    assert len(heights) == 12
    assert [name for name, length in heights if length < 30] == []
    assert page.ask("[...document.querySelectorAll('svg')].filter((s) => s.getClientRects().length).length") >= (
        0 if kind == "empty" else 3
    )


CONTRAST = """
(() => {
  const light = (c) => { const x = c / 255; return x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4; };
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => 0.2126 * light(r) + 0.7152 * light(g) + 0.0722 * light(b);
  const under = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("main *, header *, nav *")) {
    const words = [...node.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
    if (!words || !node.getClientRects().length || ["title", "STYLE", "SCRIPT"].includes(node.tagName)) continue;
    const style = getComputedStyle(node);
    const svg = node instanceof SVGElement;
    const front = luminance(parts(svg ? style.fill : style.color));
    const back = luminance(under(svg ? node.closest("svg").parentElement : node));
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    if (ratio < 4.5) poor.push([node.tagName, node.className, ratio.toFixed(2), node.textContent].join(" "));
  }
  return poor;
})()
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_as_wcag_asks(scheme: str, page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["binary"], 1280, scheme=scheme)  # type: ignore[arg-type]
    assert page.ask(CONTRAST) == []


def test_the_toggle_turns_the_page_dark_and_back(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["binary"], 1280)
    paper = "getComputedStyle(document.body).backgroundColor"
    before = page.ask(paper)
    page.ask("document.getElementById('theme').click()")
    assert page.ask(paper) != before
    page.ask("document.getElementById('theme').click()")
    assert page.ask(paper) == before


def test_an_alert_link_leads_to_its_entry(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["binary"], 390, fragment="#incident-unit-1")
    assert page.ask("document.querySelector(':target').textContent").count("unit change")


def test_a_cell_of_the_heat_map_leads_to_its_distribution(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["binary"], 1280)
    page.ask(
        'document.querySelector(\'.wide svg.heat rect[data-i="1"][data-j="31"]\')'
        ".dispatchEvent(new MouseEvent('click', {bubbles: true}))"
    )
    assert page.ask("location.hash") == "#field-1"
    assert page.ask("document.querySelector('#field-1 .when').textContent").startswith("Day of 2013-02-21")
    sizes = page.ask("[...document.querySelectorAll('#field-1 rect.now')].map((r) => +r.getAttribute('height'))")
    assert max(sizes) > 100
    assert page.logged == []


def test_the_pointer_shows_the_figures_of_a_day(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["binary"], 1280)
    page.ask("document.querySelector('.wide svg.lines').scrollIntoView({block: 'center', behavior: 'instant'})")
    x, y = page.ask(
        "(() => { const b = document.querySelector('.wide svg.lines').getBoundingClientRect();"
        " return [b.left + b.width / 2, b.top + 80]; })()"
    )
    page.do("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
    tip = page.ask("document.getElementById('tip').hidden ? '' : document.getElementById('tip').textContent")
    assert tip.startswith("2013-02-")
    assert "never updated" in tip


def test_everything_that_can_be_clicked_can_be_reached_by_keys(page: Page, reports: dict[str, Path]) -> None:
    page.open(reports["binary"], 1280)
    page.do("Input.dispatchKeyEvent", type="keyDown", key="Tab", code="Tab", windowsVirtualKeyCode=9)
    assert page.ask("document.activeElement.className") == "skip"
    assert page.ask("[...document.querySelectorAll('a')].every((a) => a.tabIndex === 0)")
