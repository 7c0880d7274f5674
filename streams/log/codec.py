"""Records and state values as JSON, exactly as they stand on Kafka."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.records import Record
from streams.topics import TOPIC_OF, TYPE_OF


class Codec:
    """Encodes and decodes; decoders are made once for each topic."""

    def __init__(self) -> None:
        """Make the encoder and one decoder for each topic."""
        self._encode = msgspec.json.Encoder().encode
        self._decoders: dict[str, msgspec.json.Decoder[Any]] = {
            name: msgspec.json.Decoder(kind) for name, kind in TYPE_OF.items()
        }

    def encode(self, record: Record) -> bytes:
        """Return the record as one line of JSON."""
        return self._encode(record)

    def decode(self, topic: str, raw: bytes) -> Record:
        """Return the record of a topic; raises msgspec.ValidationError when it is none."""
        record: Record = self._decoders[topic].decode(raw)
        return record

    def through(self, record: Record) -> Record:
        """Encode and decode: what a reader on the other side of a wire would get."""
        return self.decode(TOPIC_OF[type(record)], self._encode(record))

    def state_through(self, holds: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
        """Encode and decode changed state values, of the type that the stage holds (Any: plain values)."""
        return {
            key: None if value is None else self.decode_state(holds, self._encode(value))
            for key, value in changes.items()
        }

    def encode_state(self, value: Any) -> bytes:
        """Return a state value as JSON."""
        return self._encode(value)

    def decode_state(self, holds: Any, raw: bytes | msgspec.Raw) -> Any:
        """Return a state value of a stage that holds this type."""
        return _frozen(msgspec.json.decode(raw, type=holds))


def _frozen(value: Any) -> Any:
    """Return a decoded state value with tuples for arrays: state values are immutable."""
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
