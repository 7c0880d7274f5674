"""Where each key of a TOML document stands: the standard parser gives values without lines.

The scanner reads documents that `tomllib` has already accepted, so it only has to find ends, never to judge.
"""

import re
from typing import NamedTuple

Path = tuple[str | int, ...]
"""The way to a value: keys of tables and indexes (from 0) of arrays, such as ``("field", 2, "min")``."""

_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))")
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r"}
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})'  # up to two quotes may stand before the closing three
    r"|'''.*?'''(?:'{0,2})"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
    r"|\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*"  # a date and a time with a space between
    r"|[^\s,\]}#]+",
    re.DOTALL,
)


class Span(NamedTuple):
    """A stretch of one line: line and column count from 1, width in characters."""

    line: int
    column: int
    width: int


class Place(NamedTuple):
    """Where a key and its value stand; of a value over several lines, the part on its first line."""

    key: Span
    value: Span


def find_places(text: str) -> dict[Path, Place]:
    r"""Return the place of every table, key and array item of a valid TOML document.

    >>> find_places('[source]\nkey = "tailnum"')[("source", "key")]
    Place(key=Span(line=2, column=1, width=3), value=Span(line=2, column=7, width=9))
    """
    scanner = _Scanner(text.replace("\r\n", "\n"))
    scanner.document()
    return scanner.places


class _Scanner:
    """A cursor over the text, and what it has passed."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.line_start = 0
        self.places: dict[Path, Place] = {}
        self.last: dict[Path, int] = {}  # array of tables -> index of its last table

    def document(self) -> None:
        table: Path = ()
        while self._skip(_BLANK):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)

    def _header(self) -> Path:
        """Read ``[a.b]`` or ``[[a.b]]`` and return the path of the table that it opens."""
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys, span = self._keys()
        self.at += 2 if many else 1
        path: Path = ()
        for number, key in enumerate(keys, start=1):
            path += (key,)
            if many and number == len(keys):
                self.places.setdefault(path, Place(span, span))
                self.last[path] = self.last.get(path, -1) + 1
            if path in self.last:
                path += (self.last[path],)
            self.places.setdefault(path, Place(span, span))
        return path

    def _pair(self, table: Path) -> None:
        """Read ``a.b = value``; tables that the dots open stand where their key stands."""
        keys, span = self._keys()
        self.at += 1  # the equals sign
        self._skip(_SPACE)
        for depth in range(1, len(keys)):
            self.places.setdefault(table + keys[:depth], Place(span, span))
        self._value(table + keys, span)

    def _keys(self) -> tuple[tuple[str, ...], Span]:
        """Read a dotted key; its span reaches from the first part to the last."""
        self._skip(_SPACE)
        start, end, keys = self.at, self.at, []
        while found := _KEY.match(self.text, self.at):
            keys.append(_plain(found[0]))
            end = self.at = found.end()
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                break
            self.at += 1
            self._skip(_SPACE)
        return tuple(keys), Span(self.line, start - self.line_start + 1, end - start)

    def _value(self, path: Path, key: Span | None = None) -> None:
        start, line, column = self.at, self.line, self.at - self.line_start + 1
        opening = self.text[self.at]
        if opening == "[":
            self._array(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            self._skip(_SCALAR)
        first_line = self.text[start : self.at].partition("\n")[0]
        value = Span(line, column, len(first_line))
        self.places[path] = Place(key or value, value)

    def _array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._skip(_BLANK) and self.text[self.at] != "]":
            self._value((*path, index))
            index += 1
            self._skip(_BLANK)
            self.at += self.text[self.at] == ","
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._skip(_BLANK) and self.text[self.at] != "}":
            self._pair(path)
            self._skip(_BLANK)
            self.at += self.text[self.at] == ","
        self.at += 1

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        """Pass what matches, counting lines; return whether anything is left after it."""
        found = pattern.match(self.text, self.at)
        if found is None:
            raise ValueError(f"line {self.line}: not TOML")
        if newlines := found[0].count("\n"):
            self.line += newlines
            self.line_start = self.text.rindex("\n", self.at, found.end()) + 1
        self.at = found.end()
        return self.at < len(self.text)


def _plain(key: str) -> str:
    """Return a key without its quotes and escapes."""
    if key[0] == "'":
        return key[1:-1]
    if key[0] != '"':
        return key
    return _ESCAPE.sub(
        lambda found: chr(int(found[1] or found[2], 16)) if found[1] or found[2] else _ESCAPED.get(found[3], found[3]),
        key[1:-1],
    )
