"""The verdict: healthy or not, and the few sentences that a reader needs first."""

from dashboards.formats import count, figure, fixed, percent, signed
from dashboards.story.parts import Arm, Coverage, Finding, Health, Release, State, Weakness
from dashboards.story.run import Run
from models.metrics import METRICS

WEEK_S = 7 * 86400.0
_HEADLINES: dict[State, str] = {
    "healthy": "Healthy",
    "attention": "Needs attention",
    "unhealthy": "Not healthy",
    "unknown": "Cannot be said yet",
}


_CALLED = {
    "roc_auc": "ROC AUC",
    "rmse": "RMSE",
    "mae": "MAE",
    "mape": "MAPE",
    "r2": "R²",
    "adjusted_r2": "adjusted R²",
    "f1": "F1",
    "brier": "Brier score",
}


def health(
    run: Run,
    arms: tuple[Arm, ...],
    coverage: Coverage,
    incidents: tuple[Finding, ...],
    actions: dict[str, int],
    releases: tuple[Release, ...],
    weaknesses: tuple[Weakness, ...],
) -> Health:
    """Return the verdict over the scored period.

    Not healthy: the success metric missed its mark, or a page is still open. Needs attention: a ticket is open, more
    incidents are unexplained than the budget allows, or something simpler was better. Unknown: no label has come.
    """
    served = next((arm for arm in arms if arm.kind == "served"), None)
    if served is None or served.metrics.get(run.metric) is None:
        state: State = "unknown"
        reasons = ["no answer has a label yet, so how good they are cannot be said"]
    else:
        grave = _missed(run, served) + _open(incidents, "page")
        mild = _open(incidents, "ticket") + _over_budget(run, incidents) + _beaten(run, arms)
        state = "unhealthy" if grave else "attention" if mild else "healthy"
        reasons = grave + mild
    sentences = [
        *_performance(run, arms),
        _incidents(run, incidents),
        _done(actions, releases),
        _covered(coverage),
        f"What would go unseen: {_lower(weaknesses[0].text)}" if weaknesses else "",
    ]
    return Health(state, _HEADLINES[state], tuple(reasons), tuple(each for each in sentences if each))


def met(run: Run, x: float | None) -> bool | None:
    """Say whether a figure of the success metric is good enough; None where nothing was asked or nothing is known."""
    if x is None or (run.below is None and run.above is None):
        return None
    return (run.below is None or x <= run.below) and (run.above is None or x >= run.above)


def better(metric: str, x: float | None, other: float | None) -> float | None:
    """Return by how much the first figure is better (above 0) than the second one."""
    return None if x is None or other is None else METRICS[metric].direction * (x - other)


def allowed(run: Run) -> float:
    """Return how many false incidents the budget allows over the scored period."""
    return run.budget * max(run.end - run.warmup_end, 0.0) / WEEK_S


def called(metric: str) -> str:
    """Return what people call a metric.

    >>> called("log_loss"), called("roc_auc"), called("rmse")
    ('log loss', 'ROC AUC', 'RMSE')
    """
    names = {
        "roc_auc": "ROC AUC",
        "rmse": "RMSE",
        "mae": "MAE",
        "mape": "MAPE",
        "r2": "R²",
        "adjusted_r2": "adjusted R²",
    }
    names |= {
        "f1": "F1",
        "brier": "Brier score",
    }
    return names.get(metric, metric.replace("_", " "))


def _missed(run: Run, served: Arm) -> list[str]:
    x = served.metrics.get(run.metric)
    if met(run, x) is not False:
        return []
    mark = f"at most {figure(run.below)}" if run.below is not None else f"at least {figure(run.above)}"
    return [f"{called(run.metric)} is {fixed(x)}, wanted is {mark}"]


def _open(incidents: tuple[Finding, ...], severity: str) -> list[str]:
    still = [each for each in incidents if each.severity == severity and each.state == "open"]
    causes = sorted({each.cause.replace("_", " ") for each in still})
    return [f"{count(len(still), severity)} still open at the end ({', '.join(causes)})"] if still else []


def _over_budget(run: Run, incidents: tuple[Finding, ...]) -> list[str]:
    unexplained = _unexplained(incidents)
    if unexplained <= allowed(run):
        return []
    return [f"{count(unexplained, 'incident')} unexplained, the budget allows {figure(allowed(run), 2)}"]


def _beaten(run: Run, arms: tuple[Arm, ...]) -> list[str]:
    """Say which simpler arm was better: by more than days vary, and by more than the tolerance of the metric."""
    served = next(arm for arm in arms if arm.kind == "served")
    told = []
    for arm in arms:
        gain = better(run.metric, arm.metrics.get(run.metric), served.metrics.get(run.metric))
        if arm.kind not in ("never updated", "baseline", "challenger") or arm.bounds is None or gain is None:
            continue
        if arm.bounds[1] < 0 and gain > run.tolerance:
            told.append(f"{name_of(arm)} was better, with a {called(run.metric)} of {fixed(arm.metrics[run.metric])}")
    return told


def name_of(arm: Arm) -> str:
    """Return what an arm is called in a sentence."""
    if arm.kind == "served":
        return "what was served"
    return "“never updated”" if arm.kind == "never updated" else f"the {arm.kind} “{arm.name}”"


def _unexplained(incidents: tuple[Finding, ...]) -> int:
    return sum(each.unexplained for each in incidents if each.severity != "note")


def _performance(run: Run, arms: tuple[Arm, ...]) -> list[str]:
    served = next((arm for arm in arms if arm.kind == "served"), None)
    if served is None:
        return []
    x = served.metrics.get(run.metric)
    text = f"The {called(run.metric)} of what was served was {fixed(x)} over {count(served.events, 'labelled event')}"
    first = next((arm for arm in arms if arm.kind == "never updated"), None)
    if first is not None:
        other = first.metrics.get(run.metric)
        gain = better(run.metric, x, other)
        ahead = "" if gain is None else f" ({fixed(abs(gain))} {'worse' if gain >= 0 else 'better'})"
        text += f"; “never updated”, the first release left as it was, would have had {fixed(other)}{ahead}"
    told = [text + "."]
    simple = [arm for arm in arms if arm.kind == "baseline" and arm.metrics.get(run.metric) is not None]
    if simple:
        best = max(simple, key=lambda arm: METRICS[run.metric].direction * (arm.metrics[run.metric] or 0.0))
        told[0] = told[0][:-1] + f". The best baseline, “{best.name}”, had {fixed(best.metrics[run.metric])}."
    worth = served.metrics.get("value")
    if worth is not None:
        told.append(_value(served, first, worth))
    return told


def _value(served: Arm, first: Arm | None, worth: float) -> str:
    beside = []
    if first is not None and (figure_ := first.metrics.get("value")) is not None:
        beside.append(f"{signed(figure_, 3)} if never updated")
    for name, words in (("value_always", "if one always acted"), ("value_never", "if one never acted")):
        if (x := served.metrics.get(name)) is not None:
            beside.append(f"{signed(x, 3)} {words}")
    return f"It was worth {signed(worth, 3)} an event" + (f" ({', '.join(beside)})." if beside else ".")


def _incidents(run: Run, incidents: tuple[Finding, ...]) -> str:
    pages = [each for each in incidents if each.severity != "note"]
    notes = len(incidents) - len(pages)
    beside = (
        f" Beside them {'stands' if notes == 1 else 'stand'} {count(notes, 'note')}, which woke nobody."
        if notes
        else ""
    )
    if not pages:
        return f"There was no incident; the budget would have allowed {figure(allowed(run), 2)} false ones.{beside}"
    confirmed = sum(each.confirmed is True for each in pages)
    unexplained = _unexplained(tuple(pages))
    rest = len(pages) - confirmed - unexplained
    parts = [f"{confirmed} confirmed by later labels", f"{unexplained} unexplained"]
    if rest:
        parts.append(f"{rest} with a cause in the data, where labels have no say")
    were = "was" if len(pages) == 1 else "were"
    return (
        f"There {were} {count(len(pages), 'incident')}: {', '.join(parts)}. The budget of {figure(run.budget)} false "
        f"incidents a week allows {figure(allowed(run), 2)}.{beside}"
    )


def _done(actions: dict[str, int], releases: tuple[Release, ...]) -> str:
    if not actions:
        return (
            "Riverkeeper took no action."
            if not releases
            else f"Riverkeeper took no action beyond {count(len(releases), 'release')}."
        )
    listed = ", ".join(f"{kind} ({n} ×)" if n > 1 else kind for kind, n in sorted(actions.items()))
    return f"Riverkeeper acted: {listed}; {count(len(releases), 'release')} made in all."


def _covered(coverage: Coverage) -> str:
    bad = sum(coverage.quarantined.values())
    total = coverage.answered + coverage.refused
    if not total:
        return "No event was answered."
    text = f"{count(total, 'event')} came"
    text += f"; {count(bad, 'event')} ({percent(bad / total)}) quarantined and answered by the fallback" if bad else ""
    text += f"; {count(coverage.refused, 'event')} refused without an answer" if coverage.refused else ""
    labelled = coverage.labelled / max(coverage.answered, 1)
    text += f"; {percent(labelled)} of the answers have their label"
    text += f", {count(coverage.out, 'label')} may still come" if coverage.out else ""
    return text + "."


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
