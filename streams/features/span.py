"""How far back a feature looks: over a duration such as '2h', or a count such as '20 events'."""

import re

from streams.features.port import mistake
from streams.spec import FeatureSpec
from streams.units import parse_duration

_COUNT = re.compile(r"\s*(\d+)\s*events?\s*")


def span_of(spec: FeatureSpec) -> float | int:
    """Return seconds (a float) or a number of events (an int), above zero. Raises SpecError with the remedy."""
    remedy = 'Write a duration such as over = "2h", or over = "20 events"'
    if spec.over is None:
        raise mistake(spec, "nothing says how far back it looks", remedy)
    counted = _COUNT.fullmatch(spec.over)
    try:
        found: float | int = int(counted[1]) if counted else parse_duration(spec.over)
    except ValueError as error:
        raise mistake(spec, f"over = {spec.over!r} is not understood", remedy) from error
    if not found:
        raise mistake(spec, f"over = {spec.over!r} looks at nothing", remedy)
    return found


def duration_of(spec: FeatureSpec) -> float:
    """Return the seconds of `over`, for features that add up partial sums. Raises SpecError with the remedy."""
    found = span_of(spec)
    if isinstance(found, int):
        remedy = 'Partial sums are kept by time: write a duration such as over = "2h"'
        raise mistake(spec, f"over = {spec.over!r} counts events", remedy)
    return found
