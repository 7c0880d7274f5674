"""The scanner against the standard parser: the same paths, on the lines where a reader finds them."""

import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from infra.toml_lines import Path, Span, find_places

DOCUMENT = '''\
# a comment with [brackets] and "quotes"
title = "one \\" two"   # here
'quoted key' = 'C:\\path'
"esc\\u0061pe" = 1979-05-27 07:32:00
list = [
  1, # one
  [2, 3],
  { deep = true },
]
text = """
[not a table]
key = 1""\\"
"""
raw = \'\'\'
it's''\'\'\'
a.b.c = +1_000
inline = { x = 1, "y z" = { w = [1, 2] } }

[table . sub]
key = inf
[[many]]
name = "first"
[[many.inner]]
v = 1
[[many.inner]]
v = 2
[[many]]
name = "second"
[many.inner]
v = 3
'''


def paths_of(value: Any, path: Path = ()) -> set[Path]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return {path} - {()} | {found for key, item in items for found in paths_of(item, (*path, key))}


def test_every_path_has_a_place_and_no_other() -> None:
    assert set(find_places(DOCUMENT)) == paths_of(tomllib.loads(DOCUMENT))


def test_places_are_where_a_reader_finds_them() -> None:
    places = find_places(DOCUMENT)
    assert places["title",].value == Span(2, 9, 12)
    assert places["escape",].key == Span(4, 1, 13)
    assert places["list",].value == Span(5, 8, 1)
    assert places["list", 1, 1].value == Span(7, 7, 1)
    assert places["list", 2, "deep"].key == Span(8, 5, 4)
    assert places["raw",].key.line == 14
    assert places["a", "b", "c"].value == Span(16, 9, 6)
    assert places["inline", "y z", "w", 1].value == Span(17, 37, 1)
    assert places["table", "sub"].key == Span(19, 2, 11)
    assert places["many", 0, "inner", 1, "v"].key.line == 26
    assert places["many", 1, "inner", "v"].key.line == 30


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=8)
BASIC = TEXT.map(lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"')
LITERAL = TEXT.map(lambda text: "'" + text.replace("'", "") + "'")
LONG = TEXT.map(lambda text: '"""\n' + text.replace("\\", "\\\\").replace('"""', "") + '\n#]}"" """')
PLAIN = st.sampled_from(["1", "-0.5", "true", "inf", "1979-05-27", "1979-05-27 07:32:00Z", "0xff", "1e6"])
SPACE = st.sampled_from(["", " ", "\t", "\n", " # it's ]\n"])
VALUES = st.recursive(
    BASIC | LITERAL | LONG | PLAIN,
    lambda inner: (
        st.builds(lambda items, space: "[" + f"{space},{space}".join(items) + space + "]", st.lists(inner), SPACE)
        | st.lists(inner, max_size=3).map(
            lambda v: "{" + ", ".join(f"k{n}.x = {each}" for n, each in enumerate(v)) + "}"
        )
    ),
    max_leaves=8,
)


@given(st.lists(st.tuples(st.sampled_from(["", "[a{}]", "[[m]]", "[[m.n]]"]), VALUES, SPACE), max_size=8))
def test_scanner_and_parser_agree(parts: list[tuple[str, str, str]]) -> None:
    lines = (f"{head.format(n)}\nk{n} = {value}{space}" for n, (head, value, space) in enumerate(parts))
    text = "\n".join(lines)
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    assert set(find_places(text)) == paths_of(document)
