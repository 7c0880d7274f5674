"""Adaptive windowing (ADWIN)."""

import math
from importlib.metadata import version
from typing import ClassVar, Self

from river._river_rust.drift import AdaptiveWindowing

from monitors.detectors.port import Detector, Part, Whole, scaled
from streams.errors import ReleaseError

RIVER = version("river")


class ADWIN(Detector, kw_only=True):
    """Keeps the longest window of values that shows no change of mean; alarms when an older part had to be dropped.

    River's implementation of ADWIN2 (Bifet and Gavaldà 2007, SIAM Data Mining, section 4) holds the window and
    alarms; every `clock` values it looks at all cuts. The change is for the worse if the part that it kept has the
    higher mean. Evidence of an alarm: the difference of the means of dropped and kept part over the paper's bound for
    this cut (see `bound`), at least 1. Else: the same for the cut before the newest `clock` values, below 1.
    Values: best of a range of about 1, on which the second term of the bound rests. After an alarm, for worse or
    better: begins anew.
    """

    false_alarms: ClassVar[float] = 1e-5

    delta: Part = 0.002
    clock: Whole = 32
    newest: list[float] = []
    window: bytes = b""
    """River's window, in River's own encoding; empty at the beginning."""
    river: str = RIVER

    @classmethod
    def load(cls, dumped: bytes) -> Self:
        loaded = super().load(dumped)
        if loaded.river != RIVER:
            raise ReleaseError(
                f"ADWIN: the window was kept by River {loaded.river}, and this is River {RIVER}, which may read it "
                f"wrongly. Install river=={loaded.river}, or begin with a fresh detector."
            )
        return loaded

    def step(self, value: float) -> float:
        held = AdaptiveWindowing(delta=self.delta, clock=self.clock)
        if self.window:
            held.__setstate__(self.window)
        total, width = held.get_total() + value, held.get_width() + 1
        alarm = held.update(value)
        if alarm:
            self.restart()
            kept_total, kept = held.get_total(), held.get_width()
        else:
            self.newest = [*self.newest, value][-self.clock :]
            self.window = held.__getstate__()
            kept_total, kept = math.fsum(self.newest), float(len(self.newest))
        if not 0 < kept < width:
            return 0.0
        rise = kept_total / kept - (total - kept_total) / (width - kept)
        allowed = bound(width - kept, kept, held.variance_in_window, self.delta)
        return scaled(rise, allowed, alarm) if rise > 0 else 0.0

    def restart(self) -> None:
        self.newest, self.window = [], b""


def bound(old: float, new: float, variance: float, delta: float) -> float:
    """How far the means of two parts of a window may lie apart without a change: the paper's epsilon_cut.

    sqrt(2/m variance ln(2/d)) + 2/(3m) ln(2/d), with 1/m = 1/old + 1/new and d = delta / ln(old + new).
    """
    per_value = 1 / old + 1 / new
    confidence = math.log(2 * math.log(old + new) / delta)
    return math.sqrt(2 * per_value * variance * confidence) + 2 / 3 * per_value * confidence
