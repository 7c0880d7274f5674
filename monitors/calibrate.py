"""Makes a reference from history: its bins and counts, and what each statistic did in windows of the past."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from monitors import tail
from monitors.array import Array
from monitors.calibration import Calibration, Scales
from monitors.counting import count
from monitors.drift import Before, Usual, usual
from monitors.layout import Layout
from monitors.null import Null
from monitors.past import read
from monitors.quality.shares import deviance, followed, moved, poisson_deviance, smoothed
from monitors.reference import Reference
from monitors.replay import Windows, lay_out, replay, whole_days
from monitors.scope import Scope
from monitors.season import Season, adapted, fit
from monitors.series import HEALTH, asked, named_shares
from monitors.tail import Tail
from monitors.volume import far, silence
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
    begin, end = whole_days(past, scope)
    layout = lay_out(past, scope)
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
    """Return expectations, tails and largest sizes of history's windows."""
    bad, offset, bad_scales, quality = _bad(windows)
    named, unknown, named_scales, shares = _named(windows)
    season, level, volume_scales, volume, silence_tail, quiet = _volume(windows, scope)
    delay, delay_tail, late = _delay(windows)
    drift, drift_before, before, drift_tail, apart = _drift(windows, layout, scope)
    about = [sizes for name, sizes in shares.items() if not name.startswith(HEALTH)]
    running = [sizes for name, sizes in shares.items() if name.startswith(HEALTH)]
    found: dict[str, list[Floats]] = {
        "quality": [quality[0], *(sizes[0] for sizes in about)],
        "quality_daily": [quality[1], *(sizes[1] for sizes in about)],
        "health": [volume[0], *(sizes[0] for sizes in running)],
        "health_daily": [volume[1], late, *(sizes[1] for sizes in running)],
        "silence": [quiet],
        "drift": [apart[..., :-1]],
        "prediction": [apart[..., -1:]],
    }
    nulls = {family: _null(parts) for family, parts in found.items()}
    return Calibration(
        bad,
        offset,
        bad_scales,
        named,
        named_scales,
        unknown,
        season,
        level,
        volume_scales,
        silence_tail,
        delay,
        delay_tail,
        drift,
        drift_before,
        before,
        drift_tail,
        nulls,
    )


Sizes: TypeAlias = tuple[Floats, Floats]
"""How remarkable history was, by window and by day."""


def _null(parts: Sequence[Floats]) -> Null:
    """The largest size of each window, of those in which anything was tested."""
    flat = np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)
    largest = np.where(np.isnan(flat), -np.inf, flat).max(axis=1)
    tested = np.sort(largest[np.isfinite(largest)])
    return Null(tuple(tested.tolist()) if len(tested) >= FEWEST else ())


def _scaled(windows: Windows, by_window: Floats, by_day: Floats) -> tuple[Scales, Sizes]:
    window, window_sizes = tail.fit(by_window, windows.per_day)
    day, day_sizes = tail.fit(by_day)
    return Scales(window, day), (window_sizes, day_sizes)


def _bad(windows: Windows) -> tuple[Array, Array, Scales, Sizes]:
    """Expected shares of bad values, their last offset, their tails, and history's sizes.

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
    scales, sizes = _scaled(windows, by_window, deviance(hits, n, expected))
    return Array.of(share), Array.of(offset), scales, sizes


def _named(windows: Windows) -> tuple[dict[str, float], float, dict[str, Scales], dict[str, Sizes]]:
    """What is expected of shares by name, of a name that never came, their tails, and history's sizes."""
    names = sorted({name for counts in windows.counts for name in named_shares(counts)})
    events = sum(counts["predictions"] for counts in windows.counts)
    expected, scales, sizes = {}, {}, {}
    for name in names:
        pairs = np.array([(counts.get(name, 0), asked(name, counts)) for counts in windows.counts], dtype=np.float64)
        share = smoothed(pairs[:, 0].sum(), pairs[:, 1].sum())
        days = windows.by_day(pairs)
        by_window, by_day = deviance(pairs[:, 0], pairs[:, 1], share), deviance(days[:, 0], days[:, 1], share)
        expected[name] = float(share)
        scales[name], sizes[name] = _scaled(windows, by_window[:, None], by_day[:, None])
    return expected, 0.5 / (events + 1.0), scales, sizes


def _volume(windows: Windows, scope: Scope) -> tuple[Season, Array, Scales, Sizes, Tail, Floats]:
    """The season of the numbers of records, their level in the end, tails and sizes; tail and sizes of silences.

    The level follows the days as it does live: a day is tested against the level after the day before. Silences are
    few and long, so each is measured against all of history, itself included: one that is clearly longer than any
    before is found, however rare such silences are.
    """
    season, expected = fit(windows.volume, windows.starts, scope.window_s, scope.timezone)
    counted, due = windows.by_day(windows.volume), windows.by_day(expected)
    level = np.ones(windows.volume.shape[1])
    levels = []
    for day in range(len(due)):
        levels.append(level)
        level = adapted(level, counted[day], due[day])
    held = np.stack(levels)
    expected = expected * np.repeat(held, windows.per_day, axis=0)
    silent = np.zeros(windows.volume.shape)
    quiet = np.zeros(windows.volume.shape[1])
    for i, (came, hoped) in enumerate(zip(windows.volume, expected, strict=True)):
        silent[i] = quiet = silence(quiet, came, hoped)
    by_window, by_day = far(poisson_deviance(windows.volume, expected)), far(poisson_deviance(counted, due * held))
    scales, sizes = _scaled(windows, by_window, by_day)
    lasted = np.sqrt(2.0 * silent)
    silence_tail, _ = tail.fit(lasted, windows.per_day)
    return season, Array.of(level), scales, sizes, silence_tail, silence_tail.sizes(lasted)


def _delay(windows: Windows) -> tuple[tuple[float, float], Tail, Floats]:
    """Median and scaled deviation of the daily mean label delay (s), its tail, and the days' sizes, shape (days, 1)."""
    labels = windows.by_day(windows.volume)[:, -1]
    means = windows.by_day(windows.delays) / np.maximum(labels, 1.0)
    means = np.where(labels > 0, means, np.nan)
    centre, wide = 0.0, 1.0
    if not np.isnan(means).all():
        centre = float(np.nanmedian(means))
        wide = max(1.4826 * float(np.nanmedian(np.abs(means - centre))), NARROWEST_DELAY * centre, 1.0)
    found, sizes = tail.fit(((means - centre) / wide)[:, None])
    return (centre, wide), found, sizes


def _drift(windows: Windows, layout: Layout, scope: Scope) -> tuple[Usual, Usual, Before, Tail, Floats]:
    """How far days are from days not near them, and from the days before; the sum of these in the end; tail and sizes.

    The sizes have the shape (days, 2 distances, rows, columns).
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
    away, changed = np.stack(apart), np.stack(since)
    changed[: min(AWAY_DAYS, len(days) // 3)] = np.nan
    drift, drift_before = usual(away), usual(changed)
    residuals = np.concatenate([drift.residuals(away), drift_before.residuals(changed)], axis=1)
    found, sizes = tail.fit(residuals)
    return drift, drift_before, before, found, sizes
