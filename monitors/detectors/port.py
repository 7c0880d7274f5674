"""What a detector of change is: one value in, evidence out, and a state that is plain data."""

import math
from typing import Annotated, ClassVar, Self

import msgspec

from streams.errors import ReleaseError

Part = Annotated[float, msgspec.Meta(gt=0, lt=1)]
"""A parameter between 0 and 1, both excluded."""

Positive = Annotated[float, msgspec.Meta(gt=0)]
Whole = Annotated[int, msgspec.Meta(ge=1)]

BELOW_ALARM = math.nextafter(1.0, 0.0)
"""The largest evidence that is not an alarm."""


class Detector(msgspec.Struct, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Base of the detectors: the contract, and what they share. Every field is plain data, so all of the state is.

    Detectors read the values of a series in order, one value per window; **higher is worse** (a loss, an error, a share
    of answers worse than expected). `update` returns evidence that the values have become worse: the method's statistic
    over its threshold, so 0 is none and 1.0 or more is the method's own alarm. Evidence is comparable over time, not
    between detectors; what deserves attention is for the budget of false alarms to say. A change for the better is
    never evidence. After an alarm, for worse or better, a detector begins anew.

    NaN, infinity and values outside `lowest` to `highest` (both allowed) are refused: counted in `refused`, no
    evidence, the state untouched.

    Parameters from a file are checked by ``msgspec.convert(parameters, type=...)``. To add a detector: in a file of its
    own, subclass, declare parameters and state, write `step` and `restart`, and register it; the laws in
    ``tests/unit/monitors/detectors`` then hold it to this contract.
    """

    lowest: ClassVar[float] = -1e150
    highest: ClassVar[float] = 1e150
    false_alarms: ClassVar[float]
    """Alarms per value on a stationary stream of independent values, with default parameters: the worst that was
    measured for errors at rates of 0.05 to 0.7 and normal shares, 100,000 values each. Real series are not so kind."""

    refused: int = 0

    def update(self, value: float) -> float:
        """Take the next value; return the evidence, finite and 0 or more, that values have become worse."""
        if not self.lowest <= value <= self.highest:
            self.refused += 1
            return 0.0
        return self.step(value)

    def reset(self) -> None:
        """Forget everything but the parameters."""
        self.refused = 0
        self.restart()

    def dump(self) -> bytes:
        """All of it, parameters and state, as MessagePack."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def load(cls, dumped: bytes) -> Self:
        """The detector that was dumped: it goes on as if nothing had happened. Nothing in the bytes can run code.

        Raises ReleaseError when they are not a dump of this class.
        """
        try:
            return msgspec.msgpack.decode(dumped, type=cls)
        except msgspec.DecodeError as error:
            raise ReleaseError(
                f"{cls.__name__}: these {len(dumped)} bytes are no state of this detector ({error}). Take that of "
                "another release, or begin with a fresh detector."
            ) from error

    def step(self, value: float) -> float:
        """Take a value that `update` accepted; return the evidence."""
        raise NotImplementedError

    def restart(self) -> None:
        """Put the state back to its beginning; parameters and `refused` stay."""
        raise NotImplementedError


def scaled(statistic: float, threshold: float, alarm: bool) -> float:
    """Evidence of a statistic in parts of its threshold: 1.0 or more exactly if the method alarms, else below.

    >>> scaled(15.0, 50.0, alarm=False), scaled(-1.0, 50.0, alarm=False), scaled(0.5, 0.0, alarm=True)
    (0.3, 0.0, 1.0)
    """
    part = max(statistic / threshold, 0.0) if threshold > 0 else 0.0
    return max(part, 1.0) if alarm else min(part, BELOW_ALARM)
