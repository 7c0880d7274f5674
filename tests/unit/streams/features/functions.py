"""What a user's features.py may look like, good and bad."""

import math
from collections.abc import Mapping
from typing import Any


def crosswind(values: Mapping[str, Any]) -> float | None:
    speed, direction = values["distance"], values["seats"]
    if speed is None or direction is None or not (abs(speed) < 1e9 and abs(direction) < 1e9):
        return None
    return float(speed * math.sin(math.radians(direction)))


def route(values: Mapping[str, Any]) -> str | None:
    return None if values["origin"] is None else f"{values['origin']}-{values['dest']}"


def divides(values: Mapping[str, Any]) -> float:
    part = values["distance"]
    return float(part / 0)


def writes(values: Any) -> float:
    values["distance"] = 1.0
    return 1.0


def returns_list(values: Mapping[str, Any]) -> float:
    return [values["distance"]]  # type: ignore[return-value]


def not_a_number(values: Mapping[str, Any]) -> float:
    return math.nan


def all_names(values: Mapping[str, Any]) -> str:
    return ",".join(values)


NO_FUNCTION = 3
