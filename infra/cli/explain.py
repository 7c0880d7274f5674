"""`riverkeeper explain`: the story of one alert, incident or action, from the control log of a run."""

import json
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from dashboards.formats import figure, moment
from dashboards.story.control import control
from dashboards.story.run import read_run
from infra.cli.screen import console
from monitors.explain import Explanation, explain

app = typer.Typer()


@app.command("explain")
def run(
    id: Annotated[str, typer.Argument(help="Of an alert, incident or action, such as inc-3.", show_default=False)],
    folder: Annotated[Path, typer.Option("--run", help="Folder of the run.")] = Path("runs/flights"),
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """Tell why something was alarmed or done: evidence, the policy's rule, what was done and what came of it."""
    zone = read_run(folder).timezone
    told = explain(control(folder), id)
    if as_json:
        print(json.dumps(msgspec.to_builtins(told), indent=2))
        return
    _show(told, zone)


def _show(told: Explanation, zone: str) -> None:
    screen = console()
    if told.incident is not None:
        kept = told.incident
        screen.print(f"[bold]{kept.id}[/] {kept.severity}, {kept.cause}, {kept.state}", soft_wrap=True)
        screen.print(kept.what, soft_wrap=True, markup=False)
    for test in told.evidence:
        where = " ".join(part for part in (test.field, test.segment) if part)
        text = f"  evidence  {test.family} {test.name} {where}: {figure(test.statistic)}, p = {test.p:.2g}"
        screen.print(text, soft_wrap=True, markup=False)
    for action in told.actions:
        why = ", ".join(action.because) or "time"
        screen.print(f"  action    {action.id} {action.kind}, rule {action.rule}, because of {why}", soft_wrap=True)
    for chapter in told.story:
        screen.print(f"  {moment(chapter.time, zone)}  {chapter.what}", soft_wrap=True, markup=False)
    screen.print(told.outcome, soft_wrap=True, markup=False)
