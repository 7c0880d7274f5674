"""Which known change of unit explains values that were never there before."""

from collections.abc import Iterable

import msgspec
import numpy as np

from streams.sketch import Bins, Floats

MOSTLY = 0.9
"""The share of unseen values that a change of unit must explain."""

BETTER = 0.2
"""By how much the best change must explain more than what chance explains."""

FEWEST = 4
"""Fewer distinct unseen values prove nothing."""

TOLERANCE = 2e-3
"""How far off a value may be and still be the same, relative to it: sources round, and factors are rounded."""

MEANINGLESS = tuple(float(factor) for factor in np.geomspace(0.53, 1.93, 41))
"""Factors that stand for no unit: what they explain, chance explains."""

_FACTORS: dict[str, float] = {
    "mph to km/h": 1.609344,
    "knots to mph": 1.150779,
    "knots to km/h": 1.852,
    "m/s to mph": 2.236936,
    "m/s to km/h": 3.6,
    "knots to m/s": 0.514444,
    "feet to metres": 0.3048,
    "inches to centimetres": 2.54,
    "inches to millimetres": 25.4,
    "pounds to kilograms": 0.45359237,
    "ounces to grams": 28.349523,
    "US gallons to litres": 3.785412,
    "psi to kPa": 6.894757,
    "inHg to hPa": 33.86389,
    "kcal to kJ": 4.184,
    "dozens to pieces": 12.0,
    "seconds to minutes or minutes to hours": 1.0 / 60.0,
    "seconds to hours": 1.0 / 3600.0,
    "hours to days": 1.0 / 24.0,
    "degrees to radians": 0.017453293,
    "a share to per cent, or cents of a unit": 100.0,
    "a factor of ten": 10.0,
    "a factor of a thousand": 1000.0,
    "a factor of a million": 1e6,
}


class UnitChange(msgspec.Struct, frozen=True):
    """A change of unit: what came is `factor` * what would have come + `shift`; `share` of the unseen values fit it.

    `name` says from which unit to which, `inverse` gives back the old unit.
    """

    field: str
    name: str
    factor: float
    shift: float
    share: float

    def inverse(self, value: float) -> float:
        """Return the value in the unit of before."""
        return (value - self.shift) / self.factor


def _changes() -> dict[str, tuple[float, float]]:
    """Every known change as (factor, shift), both ways."""
    known = {name: (factor, 0.0) for name, factor in _FACTORS.items()}
    back = {f"back from {name}": (1.0 / factor, 0.0) for name, factor in _FACTORS.items()}
    degrees = {
        "Celsius to Fahrenheit": (1.8, 32.0),
        "Fahrenheit to Celsius": (1.0 / 1.8, -32.0 / 1.8),
        "Celsius to kelvin": (1.0, 273.15),
        "kelvin to Celsius": (1.0, -273.15),
    }
    return known | back | degrees


CHANGES = _changes()
"""Known changes of unit by name: (factor, shift)."""


def find_unit_change(field: str, bins: Bins, unseen: Iterable[str]) -> UnitChange | None:
    """Return the known change of unit that maps the unseen values of a field onto values of the reference, or None.

    `unseen` are the values of `Summary.unseen`, as text. A change must explain at least 90 % of them, and clearly more
    than the same values explain when they are scaled by factors that mean nothing: where the reference's
    values lie close together, every factor "explains" them. So it answers None for continuous fields (`bins.knows` is
    false), about which this test cannot say anything, and for a handful of values. The closest fit wins.

    >>> from streams.sketch import numeric_bins
    >>> knots = [1.15078 * knot for knot in (3, 4, 5, 6, 7, 8, 10, 13, 17, 21)] * 9
    >>> found = find_unit_change("wind", numeric_bins(knots), [str(1.609344 * mph) for mph in sorted(set(knots))[:6]])
    >>> found.name, round(found.inverse(16.09344), 6), found.share
    ('mph to km/h', 10.0, 1.0)
    """
    if bins.kind != "numeric" or not bins.knows:
        return None
    came = np.array(sorted(float(value) for value in unseen))
    if len(came) < FEWEST:
        return None
    known = np.array(bins.values)
    by_chance = _by_chance(came, known)
    fits = []
    for name, (factor, shift) in CHANGES.items():
        share, off = _fit((came - shift) / factor, known)
        if share >= max(MOSTLY, by_chance + BETTER):
            fits.append((-share, off, name))
    if not fits:
        return None
    share, _, name = min(fits)
    factor, shift = CHANGES[name]
    return UnitChange(field, name, factor, shift, -share)


def _fit(values: Floats, known: Floats) -> tuple[float, float]:
    """The share of values that the reference holds, and how far off they are on average, relative to them."""
    places = (
        np.clip(np.searchsorted(known, values), 1, len(known) - 1) if len(known) > 1 else np.zeros(len(values), int)
    )
    nearest = np.minimum(np.abs(values - known[places]), np.abs(values - known[places - 1]))
    off = nearest / np.maximum(np.abs(values), 1e-12)
    hit = off <= TOLERANCE
    return float(hit.mean()), float(off[hit].mean()) if hit.any() else np.inf


def _by_chance(values: Floats, known: Floats) -> float:
    """The share of the values, of those that come to lie in the reference's range, that any factor maps onto it."""
    hits = inside = 0.0
    for factor in MEANINGLESS:
        moved = values * factor
        within = moved[(moved >= known[0]) & (moved <= known[-1])]
        inside += len(within)
        hits += _fit(within, known)[0] * len(within) if len(within) else 0.0
    return hits / inside if inside else 0.0
