"""Durations as people write them, in seconds inside."""

import re
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
_PATTERN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([smhdw])\s*")


def parse_duration(text: object) -> float:
    """Return the seconds of a text such as ``"36h"``; s, m, h, d and w are understood.

    >>> parse_duration("36h")
    129600.0
    """
    if isinstance(text, float) and text >= 0:
        return text
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError('a duration such as "10m", "36h" or "2d" is wanted')
    return float(match[1]) * _UNITS[match[2]]


def format_duration(seconds: float) -> str:
    """Return seconds as people write them, in the largest unit that divides them.

    >>> format_duration(129600.0)
    '36h'
    """
    for unit, size in (("w", 604800.0), ("d", 86400.0), ("h", 3600.0), ("m", 60.0)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g}{unit}"
    return f"{seconds:g}s"


Duration = Annotated[float, BeforeValidator(parse_duration)]
"""Seconds, written as ``"36h"`` in the pipeline file."""
