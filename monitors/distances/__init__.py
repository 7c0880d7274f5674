"""Distances between a reference and a window, by the name that a pipeline file gives them."""

from monitors.distances.chi_squared import chi_squared
from monitors.distances.jensen_shannon import jensen_shannon
from monitors.distances.ks import ks
from monitors.distances.port import Distance
from monitors.distances.psi import psi
from monitors.distances.wasserstein import wasserstein

DISTANCES: dict[str, Distance] = {
    "psi": psi,
    "jensen_shannon": jensen_shannon,
    "wasserstein": wasserstein,
    "ks": ks,
    "chi_squared": chi_squared,
}

ORDERED = frozenset({"wasserstein", "ks"})
"""Those that only make sense where the bins have an order: numeric fields, not categories."""
