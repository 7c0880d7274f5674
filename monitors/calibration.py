"""What history says about every statistic: its expectation, its tail, and how large the largest one gets."""

import msgspec

from monitors.array import Array
from monitors.drift import Before, Usual
from monitors.null import Null
from monitors.season import Season
from monitors.tail import Tail


class Scales(msgspec.Struct, frozen=True):
    """The tails of residuals of windows, and of days."""

    window: Tail
    day: Tail


class Calibration(msgspec.Struct, frozen=True):
    """What history says, as far as tests need it.

    `bad` is the expected share of bad values, shape (3, rows, fields) as `monitors.series.bad_values` gives them, and
    `bad_offset` how far it had moved by the end of history (`monitors.quality.shares.followed`). `named` are the
    expected shares by name; `unknown` is what is expected of a name that history never had. `season` and `level` are of
    the numbers of records, one for each row and one for the labels; `level` is that at the end of history, in parts
    of the season's expectation. `delay` is the median of the daily mean label delay and its scaled deviation (s).
    `drift` is how far days usually are from the reference, `drift_before` from the days before, which at the end of
    history were `before`.

    The tails belong to these: `bad_scales`, `named_scales` (by name), `volume_scales`, `silence_tail`,
    `delay_tail`, `drift_tail`. `nulls` has the largest sizes by family.
    """

    bad: Array
    bad_offset: Array
    bad_scales: Scales
    named: dict[str, float]
    named_scales: dict[str, Scales]
    unknown: float
    season: Season
    level: Array
    volume_scales: Scales
    silence_tail: Tail
    delay: tuple[float, float]
    delay_tail: Tail
    drift: Usual
    drift_before: Usual
    before: Before
    drift_tail: Tail
    nulls: dict[str, Null]
