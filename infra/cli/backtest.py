"""`riverkeeper backtest`: a pipeline over its history, with progress, a table at the end, and a report."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from dashboards.formats import moment
from dashboards.report import write_report
from dashboards.story import story_json, tell
from dashboards.table import arms_table
from infra.backtest import Pace, Plan, Stopped, backtest
from infra.cli import exits
from infra.cli.screen import console
from infra.pipeline import load

app = typer.Typer()


@app.command("backtest")
def run(
    file: Annotated[Path, typer.Argument(help="The pipeline file.", show_default=False)],
    out: Annotated[
        Path | None, typer.Option(help="Folder of the run; default: runs/<name of the file's folder>.")
    ] = None,
    start: Annotated[str | None, typer.Option("--from", help="Events from here on, such as 2013-03-01.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Events before this.")] = None,
    seed: Annotated[int | None, typer.Option(help="In place of model.seed.")] = None,
    inject: Annotated[
        list[str] | None, typer.Option(help="What if: 'wind_speed*1.609 from 2013-09-03'. May be repeated.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from where a run was stopped.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The figures as JSON, for programs.")] = False,
) -> None:
    """Replay a history: what would have been predicted, learned, alarmed, retrained, swapped and rolled back."""
    file = file / "pipeline.toml" if file.is_dir() else file
    out = out or Path("runs") / file.absolute().parent.name
    plan = Plan(file=file, out=out, start=start, end=end, seed=seed, injections=tuple(inject or ()), resume=resume)
    zone = load(file).source.timezone
    try:
        _run(plan, zone)
    except Stopped as stopped:
        console(stderr=True).print(f"{stopped}", soft_wrap=True)
        raise typer.Exit(exits.INTERRUPTED) from stopped
    story = tell(out)
    report = write_report(out)
    if as_json:
        print(json.dumps(story_json(story), indent=2))
        return
    screen = console()
    screen.print(arms_table(story))
    for sentence in story.health.sentences:
        screen.print(sentence, soft_wrap=True)
    screen.print(f"\nThe report: [bold]{report}[/]", soft_wrap=True)


def _run(plan: Plan, zone: str) -> None:
    """Run with a bar on a terminal, and with a line now and then elsewhere; Ctrl-C stops between two cuts."""
    screen = console(stderr=True)
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"), TimeRemainingColumn(),
    )  # fmt: skip
    began = time.monotonic()
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as bar:
        task = bar.add_task("reading", total=None, rate="")
        said = began

        def show(pace: Pace) -> bool:
            nonlocal said
            now = time.monotonic()
            if now - said < (0.2 if screen.is_terminal else 10.0):
                return True
            said = now
            rate = f"{pace.done / (now - began):,.0f} events/s"
            if screen.is_terminal:
                bar.update(task, description=moment(pace.at, zone), completed=pace.done, total=pace.total, rate=rate)
            else:
                screen.print(
                    f"{moment(pace.at, zone)}  {pace.done:,} of {pace.total or '?'} events, {rate}", soft_wrap=True
                )
            return True

        with _ctrl_c() as wanted:
            backtest(plan, lambda pace: show(pace) and not wanted)


@contextmanager
def _ctrl_c() -> Iterator[list[int]]:
    """Give a list that Ctrl-C adds to, in place of an exception in the middle of a step."""
    wanted: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: wanted.append(number))
    try:
        yield wanted
    finally:
        signal.signal(signal.SIGINT, before)
