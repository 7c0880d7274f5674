"""Makes a reference from history: its bins and counts, and what each statistic did in windows of the past."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from monitors.array import Array
from monitors.calibration import Calibration, ShareNorm, Spread
from monitors.counting import count
from monitors.drift import Before, Usual, usual
from monitors.layout import Layout
from monitors.null import Null
from monitors.past import read
from monitors.quality.shares import deviance, followed, moved, poisson_deviance, smoothed, spread
from monitors.reference import Reference
from monitors.replay import Windows, lay_out, replay, whole_days
from monitors.scope import Scope
from monitors.season import Season, adapted, fit
from monitors.series import HEALTH, named_shares
from streams.records import DeadLetter, Outcome, Score
from streams.sketch import Floats

MOST_DAYS = 120.0
"""Days of history that are used, the most recent ones."""

AWAY_DAYS = 7
"""A day of history is compared with the days that are more than this away from it: neighbours are too alike."""

FEWEST = 10
"""A family with fewer windows (or days) of history is not tested: it has no p-value worth the name."""

NARROWEST_DELAY = 0.02
"""The least spread of the daily mean label delay, in parts of its median."""


def build_reference(
    release: str,
    history: Iterable[Outcome],
    scope: Scope,
    scores: Mapping[str, Score] | None = None,
    letters: Iterable[DeadLetter] = (),
    most_days: float = MOST_DAYS,
) -> Reference:
    """Return the reference of a release from a history of outcomes in order of time.

    `scores` are the release's own answers to the history's events, by event id: best from folds that did not see them;
    without them the score's reference is that of the answers that were served. `letters` are the dead letters of the
    same time, without which refused events are known only as far as they got an answer.

    Whatever a window of history is tested against has not seen that window: its season leaves it out, the
    reference leaves out the days around it, and values that only its days held count as unseen. So the maxima
    of history are those of windows to come, as long as those behave alike.

    Raises ValueError where history has not one whole day behind the label delay.
    """
    past = read(history, scope, scores or {}, letters, most_days)
    layout = lay_out(past, scope)
    begin, end = whole_days(past, scope)
    windows = replay(past, layout, scope, begin, end)
    cells, _ = count(layout, [entry.row for entry in past.entries if entry.row is not None])
    calibration = calibrate(windows, layout, scope)
    return Reference(
        layout.columns,
        layout.segments,
        release,
        past.entries[0].time,
        past.entries[-1].time,
        scope.window_s,
        scope.distances,
        Array.of(cells),
        calibration,
    )


def calibrate(windows: Windows, layout: Layout, scope: Scope) -> Calibration:
    """Return expectations, spreads and largest residuals of history's windows."""
    bad, bad_spread, bad_offset, quality = _bad(windows)
    named, unknown, shares = _named(windows)
    season, level, volume_spread, volume = _volume(windows, scope)
    delay, late = _delay(windows)
    drift, drift_before, before, apart = _drift(windows, layout, scope)
    found: dict[str, list[Floats]] = {
        "quality": [quality[0], *(shares[name][0] for name in shares if not name.startswith(HEALTH))],
        "quality_daily": [quality[1], *(shares[name][1] for name in shares if not name.startswith(HEALTH))],
        "health": [volume[0], *(shares[name][0] for name in shares if name.startswith(HEALTH))],
        "health_daily": [volume[1], late, *(shares[name][1] for name in shares if name.startswith(HEALTH))],
        "drift": [apart[..., :-1]],
        "prediction": [apart[..., -1:]],
    }
    return Calibration(
        bad,
        bad_spread,
        bad_offset,
        named,
        unknown,
        season,
        volume_spread,
        level,
        delay,
        drift,
        drift_before,
        before,
        {family: _null(parts) for family, parts in found.items()},
    )


def _null(parts: Sequence[Floats]) -> Null:
    """The largest residual of each window, of those in which anything was tested."""
    flat = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
    largest = np.where(np.isnan(flat), -np.inf, flat).max(axis=1)
    tested = np.sort(largest[np.isfinite(largest)])
    return Null(tuple(tested.tolist()) if len(tested) >= FEWEST else ())


def _bad(windows: Windows) -> tuple[Array, Spread, Array, tuple[Floats, Floats]]:
    """Expected shares of bad values, their spread and last offset, and the residuals of windows and days.

    Shares follow the days as they do live: a day is tested against what was expected after the day before.
    """
    share = smoothed(windows.hits.sum(axis=0), windows.n.sum(axis=0))
    hits, n = windows.by_day(windows.hits), windows.by_day(windows.n)
    offset = np.zeros(share.shape)
    offsets = []
    for day in range(len(n)):
        offsets.append(offset)
        offset = followed(offset, deviance(hits[day], n[day], moved(share, offset)))
    expected = moved(share, np.stack(offsets))
    by_window = deviance(windows.hits, windows.n, np.repeat(expected, windows.per_day, axis=0))
    by_day = deviance(hits, n, expected)
    wide = Spread(Array.of(spread(by_window)), Array.of(spread(by_day)))
    return Array.of(share), wide, Array.of(offset), (by_window / wide.window.values, by_day / wide.day.values)


def _named(windows: Windows) -> tuple[dict[str, ShareNorm], ShareNorm, dict[str, tuple[Floats, Floats]]]:
    """What is expected of shares by name, and of a name that never came; and the residuals of windows and days."""
    shares = [named_shares(counts) for counts in windows.counts]
    names = sorted({name for found in shares for name in found})
    events = sum(counts["predictions"] for counts in windows.counts)
    norms, residuals = {}, {}
    for name in names:
        pairs = np.array([found.get(name, (0, 0)) for found in shares], dtype=np.float64)
        expected = smoothed(pairs[:, 0].sum(), pairs[:, 1].sum())
        by_window = deviance(pairs[:, 0], pairs[:, 1], expected)
        days = windows.by_day(pairs)
        by_day = deviance(days[:, 0], days[:, 1], expected)
        norms[name] = ShareNorm(float(expected), float(spread(by_window)), float(spread(by_day)))
        residuals[name] = (by_window / norms[name].window, by_day / norms[name].day)
    return norms, ShareNorm(0.5 / (events + 1.0), 1.0, 1.0), residuals


def _volume(windows: Windows, scope: Scope) -> tuple[Season, Array, Spread, tuple[Floats, Floats]]:
    """The season of the numbers of records, their level in the end, their spread, and the residuals' size.

    The level follows the days as it does live: a day is tested against the level after the day before.
    """
    season, expected = fit(windows.volume, windows.starts, scope.window_s, scope.timezone)
    counted, due = windows.by_day(windows.volume), windows.by_day(expected)
    level = np.ones(windows.volume.shape[1])
    levels = []
    for day in range(len(due)):
        levels.append(level)
        level = adapted(level, counted[day], due[day])
    held = np.stack(levels)
    by_window = poisson_deviance(windows.volume, expected * np.repeat(held, windows.per_day, axis=0))
    by_day = poisson_deviance(counted, due * held)
    wide = Spread(Array.of(spread(by_window)), Array.of(spread(by_day)))
    sizes = (sized(by_window / wide.window.values), sized(by_day / wide.day.values))
    return season, Array.of(level), wide, sizes


def sized(residuals: Floats) -> Floats:
    """Return how remarkable residuals of volume are: of records in both directions, of labels (last) only too few."""
    return np.concatenate([np.abs(residuals[..., :-1]), -residuals[..., -1:]], axis=-1)


def _delay(windows: Windows) -> tuple[tuple[float, float], Floats]:
    """Median and scaled deviation of the daily mean label delay (s), and the residuals of days, shape (days, 1)."""
    labels = windows.by_day(windows.volume)[:, -1]
    means = windows.by_day(windows.delays) / np.maximum(labels, 1.0)
    means = np.where(labels > 0, means, np.nan)
    if np.isnan(means).all():
        return (0.0, 1.0), np.full((len(means), 1), np.nan)
    centre = float(np.nanmedian(means))
    wide = max(1.4826 * float(np.nanmedian(np.abs(means - centre))), NARROWEST_DELAY * centre, 1.0)
    return (centre, wide), ((means - centre) / wide)[:, None]


def _drift(windows: Windows, layout: Layout, scope: Scope) -> tuple[Usual, Usual, Before, Floats]:
    """How far days are from days that are not near them, and from the days before; the sum of these in the end.

    The residuals have the shape (days, 2 distances, rows, columns).
    """
    lattice, days = layout.lattice, windows.days
    reach = min(AWAY_DAYS, len(days) // 6)
    total = np.concatenate([np.zeros_like(days[:1]), np.cumsum(days, axis=0)])
    apart, since = [], []
    before = Before(Array.of(np.zeros(days.shape[1:])))
    for i, day in enumerate(days):
        near = total[min(i + reach + 1, len(days))] - total[max(i - reach, 0)]
        bins = lattice.bins(day)
        apart.append(lattice.distances(scope.distances, lattice.bins(total[-1] - near), bins))
        since.append(lattice.distances(scope.distances, lattice.bins(before.cells.values), bins))
        before = before.after(day)
    far, changed = np.stack(apart), np.stack(since)
    changed[: min(AWAY_DAYS, len(days) // 3)] = np.nan
    drift, drift_before = usual(far), usual(changed)
    return drift, drift_before, before, np.concatenate([drift.residuals(far), drift_before.residuals(changed)], axis=1)
