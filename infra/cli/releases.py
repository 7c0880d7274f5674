"""`riverkeeper releases`: what was released, in what it differs, and the way back."""

import json
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from infra.cli.screen import console
from infra.settings import release_key
from models.releases.card import card
from models.releases.registry import Registry
from streams.errors import ReleaseError

app = typer.Typer(help="List, show, compare and roll back releases.", no_args_is_help=True)

_Folder = Annotated[Path, typer.Option("--run", help="Folder of the run.")]
_Json = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
_DEFAULT = Path("runs/flights")


@app.command("list")
def list_releases(folder: _Folder = _DEFAULT, as_json: _Json = False) -> None:
    """List releases, newest last, with their aliases."""
    registry = _registry(folder)
    aliases = {version: alias for alias, version in registry.aliases().items()}
    shown = {version: registry.show(version) for version in registry.versions()}
    if as_json:
        print(json.dumps({"releases": list(shown), "aliases": registry.aliases()}, indent=2))
        return
    table = Table("release", "alias", "arm", "parents", "loss on later data", "gain")
    for version, contents in shown.items():
        figures = contents["evaluation"].get("release", {})
        loss, gain = figures.get("loss"), figures.get("gain")
        table.add_row(
            version,
            aliases.get(version, ""),
            contents["arm"]["name"],
            ", ".join(contents["parents"]),
            "" if loss is None else f"{loss:.4f}",
            "" if gain is None else f"{gain:+.4f}",
        )
    console().print(table)


@app.command()
def show(release: str, folder: _Folder = _DEFAULT, as_json: _Json = False) -> None:
    """Show a release: its model card, or all that its manifest says."""
    registry = _registry(folder)
    if as_json:
        print(json.dumps(registry.show(release), indent=2, default=str))
        return
    print(card(registry.get(release)))


@app.command()
def compare(first: str, second: str, folder: _Folder = _DEFAULT, as_json: _Json = False) -> None:
    """Show in what two releases differ."""
    pairs = _registry(folder).compare(first, second)
    if as_json:
        print(json.dumps(pairs, indent=2, default=str))
        return
    table = Table("what", first, second)
    for name, (left, right) in pairs.items():
        table.add_row(name, str(left), str(right))
    console().print(table)


@app.command()
def rollback(
    to: Annotated[str | None, typer.Option(help="Release; default: the previous champion.")] = None,
    why: Annotated[str, typer.Option(help="Kept in the history of aliases.")] = "by hand",
    folder: _Folder = _DEFAULT,
) -> None:
    """Make the previous champion champion again; undo it with `--to` and the release that was left."""
    registry = _registry(folder)
    left = registry.alias("champion")
    back = registry.rollback(why, time.time(), to)  # noqa: TID251 a person's command happens now
    console().print(f"{back} is champion again. Undo: riverkeeper releases rollback --to {left}", soft_wrap=True)


def _registry(folder: Path) -> Registry:
    kept = folder / "registry"
    if not kept.is_dir():
        raise ReleaseError(f"{kept}: there is no registry. Name the folder of a run with --run.")
    return Registry(str(kept), release_key(kept))
