"""What history says about every statistic: its expectation, its spread, and how large the largest one gets."""

import msgspec

from monitors.array import Array
from monitors.drift import Before, Usual
from monitors.null import Null
from monitors.season import Season


class ShareNorm(msgspec.Struct, frozen=True):
    """A share that is counted by name: what is expected, and the spread of its residuals by window and by day."""

    expected: float
    window: float
    day: float


class Spread(msgspec.Struct, frozen=True):
    """Spreads of residuals by window and by day."""

    window: Array
    day: Array


class Calibration(msgspec.Struct, frozen=True):
    """What history says, as far as tests need it.

    `bad` is the expected share of bad values, shape (3, rows, fields) as `monitors.series.bad_values` gives them, and
    `bad_spread` how much wider than binomial their residuals are, and `bad_offset` how far the shares had moved by the end
    of history (`monitors.quality.shares.followed`). `named` are shares by name; `unknown` is what is
    expected of a name that history never had. `season`, `volume_spread` and `level` are of the numbers of records, one
    for each row and one for the labels; `level` is that at the end of history, in parts of the season's expectation.
    `delay` is the median of the daily mean label delay and its scaled deviation (s). `drift` is how far days
    usually are from the reference, `drift_before` from the days before, which at the end of history were `before`.
    `nulls` has the largest residuals by family.
    """

    bad: Array
    bad_spread: Spread
    bad_offset: Array
    named: dict[str, ShareNorm]
    unknown: ShareNorm
    season: Season
    volume_spread: Spread
    level: Array
    delay: tuple[float, float]
    drift: Usual
    drift_before: Usual
    before: Before
    nulls: dict[str, Null]
