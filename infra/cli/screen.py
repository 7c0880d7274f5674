"""What people see: plain text where it goes to a file or colours are unwanted, styled text on a terminal."""

import os
from pathlib import Path

from rich.console import Console
from rich.text import Text

from infra.mistakes import Mistake, count, sentence

_TAB = "    "


def console(stderr: bool = False) -> Console:
    """Return a console for stdout (results) or stderr (everything else); NO_COLOR takes away all styling."""
    return Console(
        stderr=stderr, color_system=None if os.environ.get("NO_COLOR") else "auto", highlight=False, emoji=False
    )


def show_mistakes(out: Console, path: Path, text: str, mistakes: list[Mistake]) -> None:
    """Print each mistake with its line of the file and a mark below what is meant, then how many there are."""
    lines = text.split("\n")
    for mistake in mistakes:
        out.print(frame(path, lines, mistake, out.width), soft_wrap=True)
    out.print(Text(f"{count(len(mistakes), 'mistake')} in {path}", "bold"), soft_wrap=True)


def frame(path: Path, lines: list[str], mistake: Mistake, width: int) -> Text:
    """Return one mistake as a compiler shows it; of a line too long for the width, the part around the mark."""
    at = mistake.at
    number = str(at.line)
    gutter = " " * len(number)
    source = lines[at.line - 1].rstrip("\r") if at.line <= len(lines) else ""
    before = _printable(source[: at.column - 1])
    marked = _printable(source[at.column - 1 : at.column - 1 + at.width])
    after = _printable(source[at.column - 1 + at.width :])
    room = max(width - len(gutter) - 4, 20)
    if len(before) + len(marked) > room:
        marked = marked[: room // 2]
        before = "..." + before[len(before) - (room - len(marked) - 3) :] if len(before) > room // 2 else before
        after = ""
    head = f"{mistake.key}: {mistake.what}" if mistake.key else mistake.what
    parts: list[tuple[str, str]] = [
        ("error: ", "bold red"),
        (head, "bold"),
        (f", got {mistake.got}" if mistake.got and not _visible(mistake, marked) else "", "bold"),
        (f"\n{gutter}--> ", "cyan"),
        (f"{path}:{at.line}:{at.column}\n", ""),
        (f"{gutter} |\n{number} | ", "cyan"),
        ((before + marked + after)[:room] + "\n", ""),
        (f"{gutter} | ", "cyan"),
        (" " * len(before) + "^" * max(len(marked), 1) + "\n", "bold red"),
        (f"{gutter} = ", "cyan"),
        (mistake.remedy + "\n", "green"),
    ]
    return Text.assemble(*parts)


def _visible(mistake: Mistake, marked: str) -> bool:
    """Return whether what was got can be read in the marked part of the line anyway."""
    return mistake.got.strip('"') == marked.strip("\"'") or mistake.got in (marked, "nothing") or not mistake.key


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text.replace("\t", _TAB))


def as_rows(mistakes: list[Mistake]) -> list[dict[str, object]]:
    """Return mistakes as plain data, for programs."""
    return [
        {
            "line": mistake.at.line,
            "column": mistake.at.column,
            "key": mistake.key,
            "what": mistake.what,
            "got": mistake.got,
            "remedy": mistake.remedy,
            "text": sentence(mistake),
        }
        for mistake in mistakes
    ]
