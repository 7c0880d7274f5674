"""`riverkeeper check`: every mistake in a pipeline file, each with its line and what to write instead."""

import json
from pathlib import Path
from typing import Annotated

import typer

from infra.cli import exits
from infra.cli.lazy import imported
from infra.cli.screen import as_rows, console, show_mistakes
from infra.mistakes import Mistake, locate
from infra.pipeline import examine, read_bytes
from infra.toml_syntax import parse_toml

app = typer.Typer()


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The pipeline file.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="The result as JSON, for programs.")] = False,
    alone: Annotated[bool, typer.Option("--alone", help="Read only the file: no data, functions or learners.")] = False,
) -> None:
    """Find every mistake in a pipeline file; exit 0 if there is none, 1 if there is any.

    When the file itself is sound, the head of its data is read, its functions are run and its learners are built.
    """
    data = read_bytes(file)
    mistakes = find_mistakes(data, None if alone else file.absolute().parent)
    if as_json:
        print(json.dumps({"file": str(file), "ok": not mistakes, "mistakes": as_rows(mistakes)}, indent=2))
    elif mistakes:
        show_mistakes(console(), file, data.decode("utf-8-sig", "replace"), mistakes)
    else:
        console().print(f"[green]{file}: no mistakes[/]", soft_wrap=True)
    if mistakes:
        raise typer.Exit(exits.MISTAKES)


def find_mistakes(data: bytes, folder: Path | None) -> list[Mistake]:
    """Return the mistakes in a pipeline file; if there are none, those in what it says about `folder` and the world."""
    pipeline, mistakes = examine(data)
    document = parse_toml(data)
    if pipeline is None or folder is None or isinstance(document, Mistake):
        return mistakes
    findings = imported("infra.surroundings").check_surroundings(pipeline, folder)
    return sorted({locate(finding, document.values, document.places) for finding in findings})
