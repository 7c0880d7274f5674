"""Adds up what outcomes say about the answers of a window: losses of every arm, calibration, decisions, value."""

from collections.abc import Iterable, Mapping, MutableMapping

import msgspec

from monitors.judging import BINS, Judged
from monitors.scope import Scope
from streams.exact import LARGEST, UNIT, to_fixed

_SCALE = 1.0 / UNIT
_LABELLED, _UNLABELLED, _POSITIVES, _DELAY, _SQUARES, _VALUE, _TOTALS = range(7)
_EVENTS, _RIGHT, _SCORE = 0, BINS, 2 * BINS


class Settling(msgspec.Struct, frozen=True, gc=False, tag="settling"):
    """Sums over the outcomes of one window so far: counts, and fixed-point sums (`streams.exact`).

    `totals` has labelled, unlabelled, positives, label delay (s), squares of the served loss, served value. `n`, `loss`
    and `expected` are by arm, and by "served" and "served|origin=JFK" for the answer that was served. `bins` has the
    events, those that came true, and the sum of scores of each reliability bin. `large` counts losses that no sum can
    take, by arm.
    """

    totals: tuple[int, ...] = (0,) * _TOTALS
    n: dict[str, int] = {}
    loss: dict[str, int] = {}
    expected: dict[str, int] = {}
    bins: tuple[int, ...] = (0,) * (3 * BINS)
    confusion: dict[str, int] = {}
    large: dict[str, int] = {}


def add(known: Settling, outcomes: Iterable[Judged]) -> Settling:
    """Return the sums with more outcomes. The order of outcomes changes no bit."""
    totals, bins = list(known.totals), list(known.bins)
    n, loss, expected = dict(known.n), dict(known.loss), dict(known.expected)
    confusion, large = dict(known.confusion), dict(known.large)
    for one in outcomes:
        sign = one.sign
        if one.label is None:
            totals[_UNLABELLED] += sign
            continue
        totals[_LABELLED] += sign
        totals[_POSITIVES] += sign * one.right
        totals[_DELAY] += sign * round(one.delay_s * _SCALE)
        if one.value is not None:
            totals[_VALUE] += sign * to_fixed(one.value)
        for arm, lost in one.losses.items():
            if -LARGEST <= lost <= LARGEST:
                n[arm] = n.get(arm, 0) + sign
                fixed = sign * round(lost * _SCALE)
                loss[arm] = loss.get(arm, 0) + fixed
                if arm == one.served:
                    totals[_SQUARES] += sign * round(min(lost * lost, LARGEST) * _SCALE)
                    _add_served(one, fixed, n, loss, expected)
            else:
                large[arm] = large.get(arm, 0) + sign
        if 0.0 <= one.score <= 1.0:
            place = min(int(one.score * BINS), BINS - 1)
            bins[_EVENTS + place] += sign
            bins[_RIGHT + place] += sign * one.right
            bins[_SCORE + place] += sign * round(one.score * _SCALE)
        if one.decision is not None:
            pair = f"{one.label}|{one.decision}"
            confusion[pair] = confusion.get(pair, 0) + sign
    return Settling(tuple(totals), n, loss, expected, tuple(bins), confusion, large)


def named(settling: Settling, scope: Scope) -> tuple[dict[str, int], dict[str, int]]:
    """Return counts and fixed-point sums by name, without those that are 0 (but for the first two).

    Counts: "labelled", "unlabelled", "n:ARM", "n:served", "n:served|origin=JFK", "too_large:ARM"; unless numbers are
    predicted also "reliability:BIN", "right:BIN" and "confusion:LABEL|DECISION"; binary also "positives". Sums:
    "label_delay_s", "value:served", "loss:ARM", "loss:served", "expected:served", these two also by segment as
    "loss:served|origin=JFK", "loss2:served" (squares), "score:BIN"; binary with a value table also "value:always" and
    "value:never", which two deciders without a model would have earned.
    """
    totals, bins = settling.totals, settling.bins
    counts = _prefixed("n", settling.n) | _prefixed("too_large", settling.large)
    sums = {"label_delay_s": totals[_DELAY], "loss2:served": totals[_SQUARES], "value:served": totals[_VALUE]}
    sums |= _prefixed("loss", settling.loss) | _prefixed("expected", settling.expected)
    if scope.task != "regression":
        counts |= {f"reliability:{i}": bins[_EVENTS + i] for i in range(BINS)}
        counts |= {f"right:{i}": bins[_RIGHT + i] for i in range(BINS)}
        counts |= _prefixed("confusion", settling.confusion)
        sums |= {f"score:{i}": bins[_SCORE + i] for i in range(BINS)}
    if scope.task == "binary":
        positives, negatives = totals[_POSITIVES], totals[_LABELLED] - totals[_POSITIVES]
        counts["positives"] = positives
        if table := scope.value:
            sums["value:always"] = to_fixed(table.hit) * positives + to_fixed(table.false_alarm) * negatives
            sums["value:never"] = to_fixed(table.miss) * positives + to_fixed(table.correct_rejection) * negatives
    known = {"labelled": totals[_LABELLED], "unlabelled": totals[_UNLABELLED]}
    return known | _filled(counts), _filled(sums)


def _add_served(
    one: Judged,
    lost: int,
    n: MutableMapping[str, int],
    loss: MutableMapping[str, int],
    expected: MutableMapping[str, int],
) -> None:
    """Add the loss of the served answer, in fixed point, in all and by segment."""
    sign = one.sign
    for name in ("served", *one.segments):
        n[name] = n.get(name, 0) + sign
        loss[name] = loss.get(name, 0) + lost
    if one.expected is not None:
        hoped = sign * round(one.expected * _SCALE)
        for name in ("served", *one.segments):
            expected[name] = expected.get(name, 0) + hoped


def _prefixed(prefix: str, numbers: Mapping[str, int]) -> dict[str, int]:
    return {f"{prefix}:{name}": number for name, number in numbers.items()}


def _filled(numbers: dict[str, int]) -> dict[str, int]:
    """Without zeros, in order of names."""
    return {name: numbers[name] for name in sorted(numbers) if numbers[name]}
