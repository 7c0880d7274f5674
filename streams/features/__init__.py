"""Feature processors: what an event's fields, its key's past and the labels so far say, as inputs of learners."""

from streams.features import (
    arithmetic,
    calendar,
    decayed,
    encode,
    entity,
    interaction,
    label_rate,
    previous,
    python,
    rolling,
    scale,
)
from streams.features.port import Builder

FEATURES: dict[str, Builder] = {
    "arithmetic": arithmetic.build,
    "calendar": calendar.build,
    "decayed": decayed.build,
    "encode": encode.build,
    "entity": entity.build,
    "interaction": interaction.build,
    "label_rate": label_rate.build,
    "previous": previous.build,
    "python": python.build,
    "rolling": rolling.build,
    "scale": scale.build,
}
"""Every feature processor by its name."""
