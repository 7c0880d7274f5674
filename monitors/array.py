"""A table of numbers inside plain data: its shape and its bytes, so that it goes through JSON to the last bit."""

from functools import cached_property
from typing import Any, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.sketch import Floats


class Array(msgspec.Struct, frozen=True, dict=True):
    """Numbers of a shape, as little-endian floats.

    >>> Array.of(np.eye(2)).values
    array([[1., 0.],
           [0., 1.]])
    """

    shape: tuple[int, ...]
    data: bytes

    @classmethod
    def of(cls, values: NDArray[Any]) -> Self:
        """Return the plain form of an array."""
        return cls(values.shape, np.ascontiguousarray(values, dtype="<f8").tobytes())

    @cached_property
    def values(self) -> Floats:
        """The array, read-only."""
        return np.frombuffer(self.data, dtype="<f8").astype(np.float64, copy=False).reshape(self.shape)
