"""Too many or too few records, and none at all."""

import numpy as np

from monitors.season import FLOOR
from streams.sketch import Floats


def far(residuals: Floats) -> Floats:
    """Return how far numbers of records (last: of labels) are out: records both ways, of labels only too few."""
    return np.concatenate([np.abs(residuals[..., :-1]), -residuals[..., -1:]], axis=-1)


def silence(quiet: Floats, came: Floats, due: Floats) -> Floats:
    """Return how many records were due since the last one, after a window with `came` and `due` records.

    In a storm few come, but some; where a source has stopped, this grows without end. Nothing is missed where the
    season expects nothing: its least expectation does not count.
    """
    return np.where(came > 0, 0.0, quiet + np.maximum(due - FLOOR, 0.0))
