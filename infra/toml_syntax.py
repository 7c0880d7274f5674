"""From the bytes of a file to a TOML document, or to the one mistake that keeps it from being read."""

import re
import tomllib
from typing import Any, NamedTuple

from infra.mistakes import START, Mistake
from infra.toml_lines import Path, Place, Span, find_places

_DEEPEST = 16

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_REMEDIES = (
    ("Expected '=' after a key", "Write key = value; section names stand in [brackets]"),
    ("Cannot overwrite", "A key may stand once in its table: remove one"),
    ("Cannot declare", "A [section] may stand once: put its keys together, or write [[section]] if there are several"),
    ("Cannot mutate immutable", "A table in { } is complete: put the key inside of the braces"),
    ("Cannot redefine", "A table may be defined once: put its keys together"),
    ("Invalid value", 'Put texts in "quotes"; numbers, true and false stand without'),
    ("Unescaped '\\'", "Write \\\\ for a backslash, or put the text in 'single quotes'"),
    ("Unterminated string", "Close the quotes on the same line"),
    ("Illegal character", "Remove it, or close the quotes before it"),
    ("Invalid initial character for a key", "Keys are letters, digits, - and _; put others in quotes"),
    ("Invalid statement", "Write key = value or a [section] on each line"),
    ("Expected newline or end of document", "Start a new line after each value"),
    ("Unclosed array", "Close the list with ]"),
    ("Unclosed inline table", "Close the table with }, on the same line"),
    ("Expected ']'", "Close the section name with ]"),
    ("Duplicate inline table key", "A key may stand once in its table: remove one"),
    ("Invalid date", "Write a date such as 2013-01-31, or put it in quotes"),
)
_TOO_DEEP = "lists or tables are nested too deep"
_LEVELS = "A pipeline file needs three levels"
_ELSE = "Compare the line with https://toml.io/en/v1.0.0"


class Document(NamedTuple):
    """What a TOML file says, and where it says it."""

    values: dict[str, Any]
    places: dict[Path, Place]


def parse_toml(data: bytes) -> Document | Mistake:
    """Return the document, or what is wrong with the bytes or the syntax. A UTF-8 byte order mark is passed over."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _bad_bytes(data, error)
    text = text.replace("\r\n", "\n")
    if not text.strip():
        return Mistake(START, "", "the file is empty", "", "Start with `riverkeeper init DATA.csv`, which drafts one")
    try:
        document = Document(tomllib.loads(text), find_places(text))
    except RecursionError:
        return Mistake(START, "", _TOO_DEEP, "", _LEVELS)
    except ValueError as error:  # TOMLDecodeError, and integers of more digits than Python reads
        return _bad_syntax(text, str(error))
    deepest = max(document.places, key=len, default=())
    if len(deepest) > _DEEPEST:
        return Mistake(document.places[deepest].key, "", _TOO_DEEP, "", _LEVELS)
    return document


def _bad_bytes(data: bytes, error: UnicodeDecodeError) -> Mistake:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Mistake(START, "", "the file is UTF-16", "", "Save it as UTF-8")
    before = data[: error.start]
    column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
    span = Span(before.count(b"\n") + 1, column, 1)
    return Mistake(span, "", "not UTF-8", f"byte 0x{data[error.start]:02x}", "Save the file as UTF-8")


def _bad_syntax(text: str, message: str) -> Mistake:
    lines = text.split("\n")
    found = _POSITION.search(message)
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
    else:  # at the end: show the last line that says something
        line = max((number for number, content in enumerate(lines, start=1) if content.strip()), default=1)
        column = len(lines[line - 1].rstrip()) + 1
    what = _POSITION.sub("", message)
    remedy = next((remedy for start, remedy in _REMEDIES if what.startswith(start)), _ELSE)
    content = lines[line - 1] if line <= len(lines) else ""
    return Mistake(Span(line, column, 1), "", what[:1].lower() + what[1:], content.strip()[:60], remedy)
