"""The `riverkeeper` command. A new command is a module beside this one with a Typer `app`, and a line in COMMANDS."""

import importlib.metadata
import os
import sys
import traceback
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from infra.cli import exits
from infra.cli.lazy import imported
from infra.cli.screen import console
from streams.errors import RiverkeeperError, SpecError

COMMANDS = {
    "init": "Draft a pipeline file from a CSV or Parquet file",
    "check": "Find every mistake in a pipeline file",
    "backtest": "Replay a history: predictions, alarms, retrainings, swaps, and a report",
    "explain": "Tell why something was alarmed or done",
    "releases": "List, show, compare and roll back releases",
    "schema": "Print the JSON Schema of the records or of the pipeline file",
}
"""Each command with its line in the help; its module is `infra.cli.<name>`."""

_DEBUG = "RIVERKEEPER_DEBUG"
_CODES = "; ".join(f"{code} {meaning}" for code, meaning in exits.MEANING.items())


class _ImportedOnUse(TyperGroup):
    """Imports a command's module when the command is called, not when it is listed."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the listed command by its name, then put the real one in its place."""
        name, _, rest = super().resolve_command(ctx, args)
        command = typer.main.get_command(imported(f"infra.cli.{name}").app)
        command.name = name
        return name, command, rest


app = typer.Typer(
    cls=_ImportedOnUse,
    help="Keeps machine-learning models healthy on live event streams, and proves it on history first.",
    epilog=f"Exit codes: {_CODES}.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if not wanted:
        return
    try:
        print(f"riverkeeper {importlib.metadata.version('riverkeeper')}")
    except importlib.metadata.PackageNotFoundError:
        print("riverkeeper, run from its source without being installed")
    raise typer.Exit


def _no_colour(wanted: bool) -> None:
    if wanted:
        os.environ["NO_COLOR"] = "1"  # read by rich, by typer and by child processes


def _debug(wanted: bool) -> None:
    if wanted:
        os.environ[_DEBUG] = "1"  # outlives the command's context, for `main`, and reaches child processes


@app.callback()
def options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
    no_color: Annotated[
        bool, typer.Option("--no-color", callback=_no_colour, is_eager=True, help="Plain text, as NO_COLOR=1.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", callback=_debug, is_eager=True, help=f"Show traces, as {_DEBUG}=1.")
    ] = False,
) -> None:
    """Options of all commands stand before the command's name."""


def _listed() -> None:
    """Stands for a command in the list; `resolve_command` puts the real one in its place."""


for _name, _idea in COMMANDS.items():
    app.command(_name, help=_idea)(_listed)


def main() -> None:
    """Run the command line; whatever goes wrong becomes a text and an exit code, never a trace."""
    try:
        app(prog_name="riverkeeper")
    except RiverkeeperError as error:
        _say(str(error))
        sys.exit(exits.MISTAKES if isinstance(error, SpecError) else exits.STOPPED)
    except Exception as error:  # noqa: BLE001 the last place that can keep a trace from the user
        _say(f"{type(error).__name__}: {error}\nThis is a fault in Riverkeeper. For a report with the trace, run\n")
        console(stderr=True).print("  riverkeeper --debug ...", soft_wrap=True, markup=False)
        sys.exit(exits.BUG)


def _say(text: str) -> None:
    out = console(stderr=True)
    if os.environ.get(_DEBUG, "0") not in ("", "0"):
        out.print(traceback.format_exc(), soft_wrap=True, markup=False)
    out.print("[bold red]error:[/] ", end="")
    out.print(text, soft_wrap=True, markup=False)
