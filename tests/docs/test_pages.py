"""Every code block of README.md and docs/ is run, page by page, in the order in which a reader meets them.

A page runs in an empty folder that holds the project's examples/. What its blocks are, their info string says:

- ```` ```python ````   run; the blocks of a page share their names
- ```` ```pycon ````    run as a doctest, in the same names
- ```` ```console ````  each line `$ riverkeeper ...` is run and must succeed; lines below it are its output,
                        with `...` for any text
- ```` ```toml ````, ```` ```json ````  must parse
- `file=NAME` behind any of these: the block is written to that file and not run, so that later blocks can use it
- `norun="why"` behind any of these: left as it is
"""

import doctest
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.docs.command import ROOT, riverkeeper

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
FENCE = re.compile(r"^(?P<fence>`{3,})(?P<language>\w+)(?P<info>[^\n`]*)\n(?P<code>.*?)^(?P=fence)[ ]*$", re.M | re.S)
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """One fenced block: its language, the options behind it, its text and where it begins."""

    language: str
    options: dict[str, str]
    code: str
    page: str
    line: int

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(text: str, page: str) -> Iterator[Block]:
    for found in FENCE.finditer(text):
        options = dict(part.split("=", 1) for part in shlex.split(found["info"]))
        yield Block(found["language"], options, found["code"], page, text.count("\n", 0, found.start()) + 2)


def run_python(block: Block, names: dict[str, Any]) -> None:
    exec(compile("\n" * (block.line - 1) + block.code, block.page, "exec"), names)  # noqa: S102 - the page's own code


def run_pycon(block: Block, names: dict[str, Any]) -> None:
    test = doctest.DocTestParser().get_doctest(block.code, names, str(block), block.page, block.line - 1)
    report: list[str] = []
    result = doctest.DocTestRunner(optionflags=FLAGS).run(test, out=report.append, clear_globs=False)
    names.update(test.globs)
    assert not result.failed, "".join(report)


def run_console(block: Block, names: dict[str, Any]) -> None:
    for part in re.split(r"^\$ ", block.code, flags=re.M)[1:]:
        line, _, expected = part.partition("\n")
        program, *arguments = shlex.split(line, comments=True)
        if program == "riverkeeper":
            done = riverkeeper(*arguments, folder=Path.cwd())
            assert done.returncode == 0, f"{block}: {line}\n{done.stdout}{done.stderr}"
            told = not expected.strip() or doctest.OutputChecker().check_output(expected, done.stdout, FLAGS)
            assert told, f"{block}: {line}\n{done.stdout}"


def parse_toml(block: Block, names: dict[str, Any]) -> None:
    tomllib.loads(block.code)


def parse_json(block: Block, names: dict[str, Any]) -> None:
    json.loads(block.code)


RUN: dict[str, Callable[[Block, dict[str, Any]], None]] = {
    "python": run_python,
    "pycon": run_pycon,
    "console": run_console,
    "toml": parse_toml,
    "json": parse_json,
}
SHOWN_ONLY = {"text", "mermaid"}


def run_page(text: str, page: str, names: dict[str, Any]) -> None:
    for block in blocks(text, page):
        assert block.language in RUN or block.language in SHOWN_ONLY, f"{block}: no rule for a {block.language} block"
        assert block.options.keys() <= {"file", "norun"}, f"{block}: unknown option in {sorted(block.options)}"
        if "file" in block.options:
            Path(block.options["file"]).write_text(block.code, encoding="utf-8")
        elif block.language in RUN and not block.options.get("norun"):
            RUN[block.language](block, names)


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The names that a page's blocks share, those of a module; the page runs beside the project's examples/."""
    if (ROOT / "examples").exists():
        (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    return vars(module)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_blocks_of_a_page_run(page: Path, names: dict[str, Any]) -> None:
    run_page(page.read_text(encoding="utf-8"), str(page.relative_to(ROOT)), names)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("```python\nx = 1\n```\n```python\nassert x == 2\n```\n", AssertionError),
        ("```pycon\n>>> 1 + 1\n3\n```\n", AssertionError),
        ("```toml\nx = \n```\n", tomllib.TOMLDecodeError),
        ("```json\n{,}\n```\n", json.JSONDecodeError),
        ("```console\n$ riverkeeper no-such-command\n```\n", AssertionError),
        ("```pyhton\n1\n```\n", AssertionError),
        ("```python skip\n1\n```\n", ValueError),
        ("```python wait=1\n1\n```\n", AssertionError),
    ],
)
def test_a_wrong_block_is_found(text: str, error: type[Exception], names: dict[str, Any]) -> None:
    with pytest.raises(error):
        run_page(text, "page.md", names)


def test_blocks_share_names_and_files(names: dict[str, Any]) -> None:
    text = (
        "````python\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n````\n"
        "```pycon\n>>> y = P(2).x + 1\n>>> y\n3\n```\n"
        "```python file=here.py\nraise SystemExit\n```\n"
        '```python norun="ends the process"\nraise SystemExit\n```\n'
        "```python\nimport pathlib\nz = y * len(pathlib.Path('here.py').read_text())\n```\n"
    )
    run_page(text, "page.md", names)
    assert names["z"] == 3 * len("raise SystemExit\n")
