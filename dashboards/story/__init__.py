"""The figures of a run: everything that the terminal's table and the report show, told once, as plain data."""

from dashboards.story.parts import Story
from dashboards.story.run import Run, read_run, write_run
from dashboards.story.tell import story_json, tell

__all__ = ["Run", "Story", "read_run", "story_json", "tell", "write_run"]
