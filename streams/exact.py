"""Order-free sums: reals as integers of a fixed unit, so that adding them in any order gives the same bits.

Floating-point addition is not associative: partial sums that arrive in another order differ in their last digits, and a
decision may then differ with them. Here a real is rounded once, to a multiple of 2**-20, and everything after that is
integer arithmetic. Python's integers do not overflow; a sum fits 64 bits (the codecs' limit) while its absolute value
stays below 2**43, about 8.8e12.
"""

import math

UNIT = 2.0**-20
"""What one step of the integers is worth: about 9.5e-7. The rounding of one value is at most half of it."""

LARGEST = 2.0**42
"""The largest absolute value that is taken, about 4.4e12: above it a value alone would use up a 64-bit sum."""


def to_fixed(x: float) -> int:
    """The nearest multiple of `UNIT` to x, in units; ties go to the even one.

    Raises ValueError when x is NaN, infinite or beyond `LARGEST`: such a value would poison or dwarf a sum.

    >>> to_fixed(0.5), to_fixed(-3)
    (524288, -3145728)
    >>> sum(map(to_fixed, [0.1, 0.2, 0.3])) == sum(map(to_fixed, [0.3, 0.2, 0.1]))
    True
    """
    if not -LARGEST <= x <= LARGEST:
        raise ValueError(
            f"an exact sum takes finite numbers up to ±{LARGEST:.0f}, got {x!r}: leave it out and count it"
        )
    return round(x / UNIT)


def from_fixed(units: int) -> float:
    """The real that `units` of `UNIT` are worth, rounded to the nearest float (exact below 2**53 units).

    >>> from_fixed(to_fixed(2.25))
    2.25
    """
    return math.ldexp(units, -20)
