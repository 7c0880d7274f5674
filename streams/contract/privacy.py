"""Personal fields are kept, hashed with a key, or dropped, before anything is stored; dead letters too."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec

from streams.contract.decode import path_of
from streams.errors import SpecError
from streams.records import Values
from streams.spec import FieldSpec

SHORTEST_SECRET = 16
LONGEST_SECRET = 64
"""Bytes of the secret: BLAKE2b takes no longer keys (RFC 7693, section 2.1), and shorter ones can be guessed."""


def keyed_hash(value: object, secret: bytes) -> str:
    """Return 16 hexadecimal digits that stand for a value, the same for equal texts; without the secret no way back.

    Keyed BLAKE2b (RFC 7693) with a digest of 8 bytes.

    >>> keyed_hash("a.b@c.org", b"sixteen bytes or more")
    'b2ee2e2a6f22ab7a'
    """
    return hashlib.blake2b(str(value).encode("utf-8", "surrogatepass"), key=secret, digest_size=8).hexdigest()


class Privacy:
    """Treats the personal fields of values and of dead letters.

    Raises SpecError if a field is to be hashed and the secret is shorter than 16 or longer than 64 bytes.
    """

    __slots__ = ("_dropped", "_hashed", "_personal", "_secret")

    def __init__(self, fields: Sequence[FieldSpec], secret: bytes) -> None:
        self._personal = [field for field in fields if field.personal]
        self._hashed = [field.name for field in self._personal if field.personal and field.personal.treat == "hash"]
        self._dropped = [field.name for field in self._personal if field.personal and field.personal.treat == "drop"]
        self._secret = secret
        if self._hashed and not SHORTEST_SECRET <= len(secret) <= LONGEST_SECRET:
            raise SpecError(
                f"fields {', '.join(self._hashed)} are to be hashed, with a secret of {len(secret)} bytes. "
                f"Set one of {SHORTEST_SECRET} to {LONGEST_SECRET} bytes"
            )

    def treat(self, values: Values) -> None:
        """Hash and drop personal fields in place; a missing value stays missing."""
        for name in self._hashed:
            if values[name] is not None:
                values[name] = keyed_hash(values[name], self._secret)
        for name in self._dropped:
            del values[name]

    def redact(self, payload: dict[str, Any] | bytes) -> bytes:
        """Return what a dead letter may hold of a refused record.

        Without personal fields: the original bytes, or the object as JSON. With them: the object as JSON, personal
        fields treated; of what cannot be read as an object only the digest and length, since nobody can tell
        where personal data stands in it. Only declared fields can be recognised.
        """
        if isinstance(payload, bytes) and not self._personal:
            return payload
        try:
            parsed = msgspec.json.decode(payload) if isinstance(payload, bytes) else payload
            if isinstance(parsed, dict):
                for field in self._personal:
                    parsed = self._treated(parsed, path_of(field), field)
                return msgspec.json.encode(parsed)
        except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError):
            pass
        return _digest(payload)

    def _treated(self, node: dict[str, Any], path: tuple[str, ...], field: FieldSpec) -> dict[str, Any]:
        """A copy of the object with one field treated; what stands in the way of its path is removed."""
        key, *rest = path
        if node.get(key) is None:
            return node
        value, others = node[key], {each: node[each] for each in node if each != key}
        if rest:
            return {**others, key: self._treated(value, tuple(rest), field)} if isinstance(value, dict) else others
        if field.personal and field.personal.treat == "keep":
            return node
        if field.name in self._hashed and isinstance(value, str | int | float):
            return {**others, key: keyed_hash(value, self._secret)}
        return others


def _digest(payload: dict[str, Any] | bytes) -> bytes:
    if isinstance(payload, bytes):
        return msgspec.json.encode({"sha256": hashlib.sha256(payload).hexdigest(), "bytes": len(payload)})
    return msgspec.json.encode({"keys": len(payload)})
