"""`riverkeeper init`: a draft of a pipeline file from a table, with every guess and doubt as a comment."""

import os
from pathlib import Path
from typing import Annotated

import typer

from infra.cli import exits
from infra.cli.check import find_mistakes
from infra.cli.screen import console, show_mistakes
from infra.init.columns import describe_columns
from infra.init.draft import write_draft
from infra.init.roles import guess_roles
from streams.errors import SourceError
from streams.sources.files import read_table

app = typer.Typer()
_PARQUET = (".parquet", ".pq")


@app.command()
def init(
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file with a header.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="Where the draft is written.")] = Path("pipeline.toml"),
    target: Annotated[
        str | None, typer.Option("--target", help="The column to be predicted; guessed without it.", show_default=False)
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over what is there.")] = False,
) -> None:
    """Draft a pipeline file from a CSV or Parquet file: types, ranges, categories, key, id, times and target."""
    if out.exists() and not force:
        raise typer.BadParameter(f"{out} is there already. Name another, or add --force", param_hint="--out")
    text = draft(file, out, target)
    write(out, text)
    say = console()
    say.print(f"[green]{out} is drafted[/] from {file}", soft_wrap=True)
    for line in text.splitlines():
        if "  # guess: " in line or line.startswith("# Left out"):
            say.print(f"  {line}", soft_wrap=True, markup=False)
    say.print(f"Next: riverkeeper check {out}, then riverkeeper backtest {out}", soft_wrap=True, markup=False)
    if mistakes := find_mistakes(text.encode(), out.absolute().parent):
        show_mistakes(say, out, text, mistakes)
        raise typer.Exit(exits.MISTAKES)


def draft(file: Path, out: Path, target: str | None) -> str:
    """Return the text of a draft that is to be written to `out`. Raises SourceError for a file that cannot be used."""
    table = read_table(file)
    table.columns = table.columns.map(str)
    columns = describe_columns(table)
    path = Path(os.path.relpath(file.absolute(), out.absolute().parent)).as_posix()
    kind = "parquet" if file.suffix in _PARQUET else "csv"
    return write_draft(table, columns, guess_roles(table, columns, target), path, kind)


def write(path: Path, text: str) -> None:
    """Write a file. Raises SourceError where that cannot be done."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SourceError(f"{path} cannot be written ({error.strerror}). Name another place with --out") from error
