"""From the bytes of a record to its JSON object, or the reason why there is none."""

import json
from typing import Any

import msgspec

from streams.contract.reasons import refusal

DEEPEST = 32
"""Levels of nesting that a record may have."""


def parse(raw: bytes) -> dict[str, Any]:
    """Return the JSON object that `raw` holds; sources call this before they look for key, id and time.

    Raises RecordError: not_utf8, not_json, too_large, repeated_key, too_deep, not_an_object.

    >>> parse(b'{"wind": 3.5, "wind": 4}')
    Traceback (most recent call last):
    streams.errors.RecordError: payload: repeated_key, got 'wind' twice. Send each key once.
    """
    size = f"{len(raw)} bytes"
    if raw.count(b"[") + raw.count(b"{") > DEEPEST and (depth := _depth(raw)) > DEEPEST:
        raise refusal("too_deep", "payload", f"{size}, {depth} levels", DEEPEST)
    try:
        parsed = msgspec.json.decode(raw)
    except UnicodeDecodeError as error:
        raise refusal("not_utf8", "payload", f"{size}, wrong at byte {error.start} of a text") from error
    except msgspec.ValidationError as error:
        raise refusal("too_large", "payload", f"{size}: {error}", "numbers that fit into 64 bits") from error
    except msgspec.DecodeError as error:
        if _is_utf8(raw):
            raise refusal("not_json", "payload", f"{size}: {error}") from error
        raise refusal("not_utf8", "payload", size) from error
    if not isinstance(parsed, dict):
        raise refusal("not_an_object", "payload", f"{size}, a {type(parsed).__name__}")
    colons = raw.count(b":")
    if colons != len(parsed) and (colons != _colons(parsed) or b"\\u" in raw):
        _refuse_repeated(raw)
    return parsed


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return not raw.startswith(b"\xef\xbb\xbf")


def _depth(raw: bytes) -> int:
    """Deepest nesting of brackets outside of texts."""
    depth = deepest = 0
    quoted = escaped = False
    for byte in raw:
        if quoted:
            quoted = escaped or byte != 0x22
            escaped = byte == 0x5C and not escaped
        elif byte == 0x22:
            quoted = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _colons(value: Any) -> int:
    """Colons that the JSON of a parsed value has at least: one per key, and those in texts.

    A repeated key adds one to the bytes and none here; only an escaped colon could hide that.
    """
    if type(value) is str:
        return value.count(":")
    if type(value) is dict:
        return sum(1 + key.count(":") + _colons(each) for key, each in value.items())
    return sum(map(_colons, value)) if type(value) is list else 0


def _refuse_repeated(raw: bytes) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise refusal("repeated_key", "payload", f"{key[:40]!r} twice")
            seen.add(key)

    json.loads(raw.decode(), object_pairs_hook=unique, parse_int=float)
