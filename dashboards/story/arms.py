"""The table of arms: what was served, "never updated", each release, challengers and baselines."""

import math

import numpy as np

from dashboards.story.control import Decided
from dashboards.story.outcomes import SERVED, Floats, Told
from dashboards.story.parts import Answers, Arm, Bin, Coverage, Figures, Kind, Release, Series
from models.metrics.calibration_error import Reliability
from models.metrics.confusion import Confusion
from models.metrics.losses import LOSSES
from models.metrics.scores import Scores
from models.rollout.verdict import DayBlocks
from models.serving import NEVER_UPDATED

ALPHA = 0.05
_WEEK = 7
_RANK: dict[Kind, int] = {"served": 0, "never updated": 1, "release": 2, "challenger": 3, "baseline": 4}
_RESIDUAL_BINS = 30


def arms(told: Told, decided: Decided, releases: tuple[Release, ...]) -> tuple[Arm, ...]:
    """Return one row for each arm that answered an event with a label after the warm-up.

    Where predictions are made elsewhere, the arm that carries them is what was served, and not listed twice.
    """
    watched = set(told.served_by) if told.run.watch_only else set()
    rows = [_arm(name, told, decided, releases) for name in told.scores if name not in watched]
    return tuple(sorted(rows, key=lambda arm: (_RANK[arm.kind], arm.name)))


def _arm(name: str, told: Told, decided: Decided, releases: tuple[Release, ...]) -> Arm:
    by_name = {release.version: release for release in releases}
    kind = kind_of(name, told, decided)
    recipe = by_name[name].learner if name in by_name else told.run.recipes.get(name, "")
    whole = told.merged(name, lambda key: True)
    months = sorted({month for month, _ in told.scores[name]})
    parts = {month: _figures(told.merged(name, lambda key, month=month: key[0] == month)) for month in months}  # type: ignore[misc]
    periods: dict[str, Figures] = {}
    if told.run.held_out_from is not None:
        for label, held in (("tuned on", False), ("held out", True)):
            part = told.merged(name, lambda key, held=held: key[1] == held)  # type: ignore[misc]
            if part.events:
                periods[label] = _figures(part)
    behind, bounds = (None, None) if name == SERVED else _paired(told, name)
    made = [release for release in releases if kind == "served" or release.version == name]
    return Arm(
        name=name,
        kind=kind,
        recipe=recipe,
        events=whole.events,
        metrics=_figures(whole),
        months=parts,
        periods=periods,
        behind=behind,
        bounds=bounds,
        fits=len(made),
        labels_used=sum(release.labels_used for release in made),
        cpu_s=told.run.cpu_s.get(name),
    )


def kind_of(name: str, told: Told, decided: Decided) -> Kind:
    """Return what an arm is: a release by the control log, a baseline by name, else a challenger that learns online."""
    if name == SERVED:
        return "served"
    if name == (NEVER_UPDATED if NEVER_UPDATED in told.scores else decided.serving.first):
        return "never updated"
    if name in decided.serving.standing:
        return "release"
    return "baseline" if name in told.run.baselines else "challenger"


def _figures(scores: Scores) -> Figures:
    return {name: x if math.isfinite(x) else None for name, x in scores.values().items()}


def _paired(told: Told, name: str) -> tuple[float | None, tuple[float, float] | None]:
    """Return the mean difference of loss to what was served on the same events, and its bounds from day blocks."""
    blocks = DayBlocks()
    for events, difference in zip(told.paired[name].tolist(), told.behind[name].tolist(), strict=True):
        blocks = blocks.add(int(events), difference)
    if not blocks.blocks:
        return None, None
    verdict = blocks.verdict(ALPHA)
    if verdict.lower is None or verdict.upper is None:
        return blocks.mean, None
    return blocks.mean, (verdict.lower, verdict.upper)


def series(told: Told) -> Series:
    """Return losses by day, and as means over seven days, each event counting once."""
    name, unit, root = loss_name(told)
    daily, weekly = {}, {}
    for arm in sorted(told.loss, key=lambda arm: (arm != SERVED, arm)):
        total, number = told.loss[arm], told.number[arm]
        daily[arm] = _means(total, number, root)
        window = np.ones(_WEEK)
        length = len(total)
        weekly[arm] = tuple(
            mean if own else None
            for mean, own in zip(
                _means(np.convolve(total, window)[:length], np.convolve(number, window)[:length], root),
                number.tolist(),
                strict=True,
            )
        )
    labelled = tuple(int(n) for n in told.number[SERVED])
    return Series(name, unit, tuple(told.days.starts.tolist()), daily, weekly, labelled)


def loss_name(told: Told) -> tuple[str, str, bool]:
    """Return what the loss by which arms are compared is called, its unit, and whether it is shown as a root."""
    task, metric = told.run.task, told.run.metric
    if (task, metric) in LOSSES:
        return (
            ("RMSE", told.run.target, True) if task == "regression" else ("Brier score", "probability squared", False)
        )
    return ("mean absolute error", told.run.target, False) if task == "regression" else ("log loss", "nats", False)


def _means(total: Floats, number: Floats, root: bool) -> tuple[float | None, ...]:
    means = [t / n if n > 0 else None for t, n in zip(total.tolist(), number.tolist(), strict=True)]
    return tuple(math.sqrt(max(mean, 0.0)) if root and mean is not None else mean for mean in means)


def answers(told: Told) -> Answers:
    """Return how what was served came true."""
    if SERVED not in told.scores:
        return Answers()
    whole = told.merged(SERVED, lambda key: True)
    if told.run.task == "regression":
        return _residuals(told)
    reliability = whole.tally("calibration_error")
    confusion = whole.tally("accuracy")
    if not isinstance(reliability, Reliability) or not isinstance(confusion, Confusion):
        return Answers()
    bins = tuple(Bin(row.low, row.high, row.mean_score, row.observed_rate, row.events) for row in reliability.table())
    names = ("no", "yes") if told.run.task == "binary" else told.classes
    counts = tuple(tuple(row) for row in confusion.counts.tolist())
    threshold = told.usual if told.run.task == "binary" else None
    return Answers(reliability=bins, classes=names, confusion=counts, threshold=threshold)


def _residuals(told: Told) -> Answers:
    errors = np.concatenate(told.residuals)
    low, high = np.quantile(errors, [0.005, 0.995])
    if low == high:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, _RESIDUAL_BINS - 1)
    counts = np.bincount(np.searchsorted(edges, errors), minlength=len(edges) + 1)
    return Answers(edges=tuple(edges.tolist()), residuals=tuple(counts.tolist()))


def coverage(told: Told, refused: int) -> Coverage:
    """Return how many events were answered, and how many labels are in; `refused` got a dead letter and no answer."""
    answered = told.labelled + told.unlabelled
    quarantined: dict[str, int] = {}
    for flag, events in told.flags.items():
        if flag.startswith("quarantined:"):
            code = flag.split(":")[1]
            quarantined[code] = quarantined.get(code, 0) + events
    delays = np.concatenate(told.delays) if told.delays else np.empty(0)
    out = max(told.run.events - answered - refused, 0) if told.run.events else None
    return Coverage(
        answered=answered,
        quarantined=dict(sorted(quarantined.items())),
        refused=refused,
        labelled=told.labelled,
        unlabelled=told.unlabelled,
        out=out,
        delay_median_s=float(np.median(delays)) if len(delays) else None,
        delay_high_s=float(np.quantile(delays, 0.95)) if len(delays) else None,
    )
