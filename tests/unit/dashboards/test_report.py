"""The report as a file: complete, escaped, linked, self-contained, and the same each time."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dashboards.charts.axes import ticks
from dashboards.report import anchor, report
from dashboards.story import Story, tell
from models.metrics.port import Task
from tests.unit.dashboards.sample_run import HOSTILE, empty_run, sample_run


class Reader(HTMLParser):
    """Collects what a browser would find."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            elif name == "href":
                self.links.append(value or "")
            elif name in ("src", "srcset", "action") or name.startswith("on"):
                self.sources.append(f"{name}={value}")


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    folder = tmp_path_factory.mktemp("run")
    sample_run(folder)
    return tell(folder)


@pytest.fixture(scope="module")
def text(story: Story) -> str:
    return report(story)


def test_what_producers_sent_is_text_and_nothing_else(text: str) -> None:
    assert HOSTILE not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert Reader(text).tags.count("script") == 2


def test_it_asks_for_nothing_outside_itself(text: str) -> None:
    found = Reader(text)
    assert found.sources == []
    assert [link for link in found.links if not link.startswith("#")] == []
    assert "@import" not in text
    assert "url(" not in text


def test_only_its_own_script_may_run(text: str) -> None:
    script = re.findall(r"<script>(.*?)</script>", text, re.S)[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text


def test_every_link_has_its_target_and_every_entry_its_anchor(story: Story, text: str) -> None:
    found = Reader(text)
    assert len(found.ids) == len(set(found.ids))
    assert {link[1:] for link in found.links} <= set(found.ids)
    assert {anchor(entry.id) for entry in story.log} <= set(found.ids)
    assert all("riverkeeper explain" in text for _ in story.log)


def test_the_same_story_gives_the_same_bytes(story: Story, text: str) -> None:
    assert report(story) == text


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_every_task_has_every_section(task: Task, tmp_path: Path) -> None:
    sample_run(tmp_path, task=task, days=30)
    found = Reader(report(tell(tmp_path)))
    sections = {
        "verdict", "performance", "arms", "incidents", "drift", "calibration", "outcomes", "quality", "releases",
        "unseen", "log", "about",
    }  # fmt: skip
    assert sections <= set(found.ids)


def test_watched_predictions_are_reported_as_what_was_served(tmp_path: Path) -> None:
    sample_run(tmp_path, days=30, control=False)
    story = tell(tmp_path)
    assert [arm.kind for arm in story.arms] == ["served", "baseline", "baseline", "baseline"]
    assert "only watches" in report(story)


def test_nothing_came_is_said_so(tmp_path: Path) -> None:
    empty_run(tmp_path)
    text = report(tell(tmp_path))
    assert "Cannot be said yet" in text
    assert text.count('class="empty"') >= 7


def test_ticks_lie_inside_and_are_round() -> None:
    for low, high in ((0.0, 0.37), (0.412, 0.9), (-3.0, 812.0), (1e-6, 3e-6)):
        found = ticks(low, high, 5)
        assert 2 <= len(found) <= 7
        assert all(low - 1e-12 <= x <= high + 1e-12 for x in found)
