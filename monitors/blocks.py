"""The statistics of a window and of a day: values, residuals from what was expected, and how remarkable they are."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from monitors.array import Array
from monitors.calibration import Calibration
from monitors.quality.shares import deviance, moved, poisson_deviance
from monitors.reference import Reference
from monitors.series import HEALTH, KINDS, bad_values, named_shares, volumes
from monitors.tail import ANCHOR, STEEPEST, Tail
from monitors.volume import far
from streams.sketch import Counts, Floats

Scale: TypeAlias = Literal["window", "day"]

NEVER = Tail(Array.of(np.array([ANCHOR])), Array.of(np.array([STEEPEST])))
"""The tail of what history never had."""

Name: TypeAlias = tuple[str, str, str]
"""The name of a test, its field, and its segment."""

Named: TypeAlias = Callable[..., Name]
"""From the indices of a statistic to what it is called."""


class Block(NamedTuple):
    """Statistics of one kind: their values, their residuals, how remarkable these are, and how to name them."""

    family: str
    statistic: Floats
    residual: Floats
    size: Floats
    named: Named


def of_window(
    reference: Reference, cells: Counts, counts: Mapping[str, int], offset: Floats, due: Floats, quiet: Floats
) -> list[Block]:
    """Return the statistics of one window, from its counts.

    `offset` is how far the expected shares of bad values have moved (`monitors.quality.shares.followed`), `due` the
    numbers of records and labels that were expected, `quiet` those due since the last one (`monitors.volume.silence`).
    """
    return [
        *_quality(reference, cells, counts, offset, "window"),
        *_health(reference, cells, counts, due, "window"),
        _silence(reference, quiet),
    ]


def of_day(
    reference: Reference, cells: Counts, counts: Mapping[str, int], offset: Floats, due: Floats, before: Floats
) -> list[Block]:
    """Return the statistics of one day, from its counts; `before` are the weighted cells of the days before."""
    return [
        *_quality(reference, cells, counts, offset, "day"),
        *_health(reference, cells, counts, due, "day"),
        *_drift(reference, cells, before),
    ]


def of_delay(reference: Reference, mean_s: float) -> Block:
    """Return the statistic of a day's mean label delay (s)."""
    calibration = reference.calibration
    centre, wide = calibration.delay
    late = np.array([(mean_s - centre) / wide])
    name = ("label_delay", "", "")
    return Block("health_daily", np.array([mean_s]), late, calibration.delay_tail.sizes(late), lambda _: name)


def _quality(
    reference: Reference, cells: Counts, counts: Mapping[str, int], offset: Floats, scale: Scale
) -> list[Block]:
    """Shares of bad values by field and segment, and shares that are counted by name."""
    calibration = reference.calibration
    family = "quality" if scale == "window" else "quality_daily"
    hits, n = bad_values(reference, cells)
    tail: Tail = getattr(calibration.bad_scales, scale)
    residual = deviance(hits, n, moved(calibration.bad.values, offset))
    fields, rows = reference.fields, reference.rows

    def named(kind: int, row: int, field: int) -> Name:
        return KINDS[kind], fields[field], rows[row]

    bad = Block(family, hits / np.maximum(n, 1.0), residual, tail.sizes(residual), named)
    return [bad, *_shares(calibration, counts, scale, family, healthy=False)]


def _health(reference: Reference, cells: Counts, counts: Mapping[str, int], due: Floats, scale: Scale) -> list[Block]:
    """Numbers of records and labels against what was due, and shares of unusable labels."""
    calibration = reference.calibration
    family = "health" if scale == "window" else "health_daily"
    counted = volumes(reference, cells, counts.get("labels", 0))
    residual = poisson_deviance(counted, due)
    tail: Tail = getattr(calibration.volume_scales, scale)
    volume = Block(family, counted, residual, tail.sizes(far(residual)), _series(reference, ""))
    return [volume, *_shares(calibration, counts, scale, family, healthy=True)]


def _silence(reference: Reference, quiet: Floats) -> Block:
    """Silences: what was due since the last record, as the deviance of none at all."""
    residual = np.sqrt(2.0 * quiet)
    sizes = reference.calibration.silence_tail.sizes(residual)
    return Block("silence", quiet, residual, sizes, _series(reference, "_silent"))


def _series(reference: Reference, what: str) -> Named:
    names = [(f"events{what}", "", row) for row in reference.rows] + [(f"labels{what}", "", "")]
    return lambda place: names[place]


def _shares(
    calibration: Calibration, counts: Mapping[str, int], scale: Scale, family: str, healthy: bool
) -> list[Block]:
    blocks = []
    for name, (hits, n) in named_shares(counts).items():
        if name.startswith(HEALTH) is healthy:
            expected = np.array([calibration.named.get(name, calibration.unknown)])
            residual = deviance(np.array([hits]), np.array([n]), expected)
            scales = calibration.named_scales.get(name)
            tail: Tail = NEVER if scales is None else getattr(scales, scale)
            blocks.append(Block(family, np.array([hits / max(n, 1)]), residual, tail.sizes(residual), _share(name)))
    return blocks


def _share(name: str) -> Named:
    """Test, field and segment: ("refused:too_late", "time", "") of "refused:too_late:time"."""
    kind, _, rest = name.partition(":")
    what, _, field = rest.partition(":")
    found = (what if kind == "flag" else f"{kind}:{what}", field, "")
    return lambda _: found


def _drift(reference: Reference, cells: Counts, before: Floats) -> list[Block]:
    """Distances to the reference and to the days before ("psi_before"), of fields, and of the served answer."""
    lattice, names = reference.lattice, reference.distances
    bins = lattice.bins(cells)
    apart = lattice.distances(names, reference.own_bins, bins)
    since = lattice.distances(names, lattice.bins(before), bins)
    calibration = reference.calibration
    statistic = np.concatenate([apart, since])
    residual = np.concatenate([calibration.drift.residuals(apart), calibration.drift_before.residuals(since)])
    sizes = calibration.drift_tail.sizes(residual)
    called = (*names, *(f"{name}_before" for name in names))
    fields, rows = tuple(reference.columns), reference.rows

    def named(distance: int, row: int, field: int) -> Name:
        return called[distance], fields[field], rows[row]

    def answer(distance: int, row: int, _: int) -> Name:
        return called[distance], fields[-1], rows[row]

    return [
        Block("drift", statistic[..., :-1], residual[..., :-1], sizes[..., :-1], named),
        Block("prediction", statistic[..., -1:], residual[..., -1:], sizes[..., -1:], answer),
    ]
