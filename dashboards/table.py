"""The table of arms for a terminal."""

from rich.table import Table
from rich.text import Text

from dashboards.formats import NONE, fixed, lasting, signed
from dashboards.story.health import called
from dashboards.story.parts import Arm, Story

COLUMNS = ("log_loss", "brier", "roc_auc", "rmse", "mae", "r2", "adjusted_r2", "accuracy", "f1", "value")
"""Metrics of which a terminal shows at most five, the success metric first; the report and `--json` have all."""

MOST = 5


def arms_table(story: Story) -> Table:
    """Return the arms and baselines with their figures over the scored period."""
    metrics = shown(story)
    table = Table(title=None, box=None, pad_edge=False, header_style="bold")
    table.add_column("arm", no_wrap=True)
    table.add_column("events", justify="right")
    for metric in metrics:
        table.add_column(called(metric), justify="right")
    for name in ("behind served", "fits", "labels used", "CPU"):
        table.add_column(name, justify="right")
    for arm in story.arms:
        table.add_row(*_row(arm, metrics), style="bold" if arm.kind == "served" else "")
    for name, words in (("value_always", "always act"), ("value_never", "never act")):
        x = story.arms[0].metrics.get(name) if story.arms else None
        if x is not None:
            cells = [fixed(x, 3) if metric == "value" else "" for metric in metrics]
            table.add_row(Text(words), "", *cells, "", "", "", "")
    return table


def shown(story: Story) -> tuple[str, ...]:
    """Return the metrics that a terminal has room for."""
    wanted = (story.run.metric, *(name for name in COLUMNS if name in story.metrics))
    few = tuple(dict.fromkeys(wanted))
    return few if len(few) <= MOST else (*few[: MOST - 1], few[-1])


def label(arm: Arm) -> str:
    """Return what an arm is called in a table: its name, and what it is where that does not say it."""
    if arm.kind == "served":
        return "served"
    return "never updated" if arm.kind == "never updated" else f"{arm.name} ({arm.kind})"


def _row(arm: Arm, metrics: tuple[str, ...]) -> list[Text]:
    cells = [label(arm), f"{arm.events:,}"]
    cells += [fixed(arm.metrics.get(metric), 3 if metric == "value" else 4) for metric in metrics]
    cells.append(NONE if arm.behind is None else signed(arm.behind))
    cells += [str(arm.fits) if arm.fits else "", f"{arm.labels_used:,}" if arm.labels_used else ""]
    cells.append(lasting(arm.cpu_s) if arm.cpu_s is not None else "")
    return [Text(cell) for cell in cells]
