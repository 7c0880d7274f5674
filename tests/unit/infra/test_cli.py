"""What people see: frames, exit codes, plain text where colours are unwanted, and never a trace."""

import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import jsonschema
import msgspec
import pytest
from rich.console import Console

from infra.cli import app, exits
from infra.cli.app import COMMANDS
from infra.cli.schema import schema_of
from infra.cli.screen import frame, show_mistakes
from infra.mistakes import Mistake
from infra.pipeline import examine
from infra.toml_lines import Span
from streams.errors import SourceError, SpecError
from streams.records import RECORDS, Tick

ROOT = Path(__file__).parents[3]
GOOD = (ROOT / "tests" / "broken" / "pipeline.toml").read_text(encoding="utf-8")
COMMAND = [sys.executable, "-W", "error", "-c", "from infra.cli.app import main; main()"]


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment}
    return subprocess.run([*COMMAND, *arguments], env=variables, capture_output=True, text=True, check=False)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    path = tmp_path / "pipeline.toml"
    path.write_text(GOOD.replace('kind = "csv"', 'kind = "cvs"').replace("min = 0", 'min = "0"'))
    return path


def test_check_shows_each_mistake_as_a_compiler_does(broken: Path) -> None:
    done = run("check", str(broken))
    assert done.returncode == exits.MISTAKES
    assert done.stderr == ""
    assert done.stdout == (
        "error: source.kind: not a choice here\n"
        f"  --> {broken}:11:8\n"
        "   |\n"
        '11 | kind = "cvs"\n'
        "   |        ^^^^^\n"
        '   = Did you mean "csv"?\n'
        "\n"
        "error: field.wind_speed.min: of the wrong type\n"
        f"  --> {broken}:33:7\n"
        "   |\n"
        '33 | min = "0"\n'
        "   |       ^^^\n"
        "   = Write a number\n"
        "\n"
        f"2 mistakes in {broken}\n"
    )


def test_check_speaks_json(broken: Path) -> None:
    done = run("check", "--json", str(broken))
    assert done.returncode == exits.MISTAKES
    found = json.loads(done.stdout)
    assert found["ok"] is False
    assert [(each["line"], each["column"], each["key"]) for each in found["mistakes"]] == [
        (11, 8, "source.kind"),
        (33, 7, "field.wind_speed.min"),
    ]


def test_usage_and_absent_files() -> None:
    done = run("chekc")
    assert done.returncode == exits.USAGE
    assert "Did you mean 'check'?" in done.stderr
    done = run("check", "absent.toml")
    assert done.returncode == exits.MISTAKES
    assert done.stderr.startswith("error: absent.toml: no such file. ")
    assert "Traceback" not in done.stderr


def test_help_comes_at_once() -> None:
    """Counted in CPU time, which other work on the machine does not lengthen much."""

    def spent_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    before_s = spent_s()
    assert run("--help").returncode == 0
    assert spent_s() - before_s < 0.8
    heavy = {"numpy", "pandas", "river", "sklearn", "optuna", "pydantic", "pyarrow"}
    code = f"import sys, infra.cli.app; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (SpecError("2 mistakes [in] it"), exits.MISTAKES, "error: 2 mistakes [in] it\n"),
        (SourceError("no data"), exits.STOPPED, "error: no data\n"),
        (ZeroDivisionError("oops"), exits.BUG, "error: ZeroDivisionError: oops\n"),
    ],
)
def test_no_trace_reaches_a_user(
    error: Exception, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(**_: object) -> None:
        raise error

    monkeypatch.delenv("RIVERKEEPER_DEBUG", raising=False)
    monkeypatch.setattr(app, "app", fail)
    with pytest.raises(SystemExit) as left:
        app.main()
    assert left.value.code == code
    shown = capsys.readouterr().err
    assert shown.startswith(said)
    assert "Traceback" not in shown
    monkeypatch.setenv("RIVERKEEPER_DEBUG", "1")
    with pytest.raises(SystemExit):
        app.main()
    assert "Traceback" in capsys.readouterr().err


def test_every_command_is_there_and_described() -> None:
    shown = run("--help").stdout
    for name, idea in COMMANDS.items():
        assert f" {name} " in shown
        assert idea.split()[0] in shown
    for code in exits.MEANING:
        assert f"{code} " in shown


@pytest.mark.parametrize(("styled", "variables"), [(True, {}), (False, {"NO_COLOR": "1"})])
def test_colours_go_with_no_color(styled: bool, variables: dict[str, str], broken: Path) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    done = subprocess.run(
        [sys.executable, "-c", "from infra.cli.screen import console; console().print('[bold red]x')"],
        env={**environment, "FORCE_COLOR": "1", "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ("\x1b[" in done.stdout) is styled


def test_a_long_line_is_cut_around_the_mark() -> None:
    line = "categories = [" + ", ".join(f'"value {n}"' for n in range(200)) + "]"
    column = line.index('"value 150"') + 1
    shown = frame(Path("p.toml"), [line], Mistake(Span(1, column, 11), "k", "w", "", "r"), 60).plain.split("\n")
    assert max(map(len, shown)) <= 60
    mark = shown[4].index("^")
    assert shown[3][mark : mark + 11] == '"value 150"'
    assert shown[4][mark:] == "^" * 11


def test_a_mark_stands_below_its_place_after_tabs_and_wide_signs() -> None:
    shown = frame(Path("p.toml"), ["\tkey = 1"], Mistake(Span(1, 8, 1), "k", "w", "", "r"), 60).plain.split("\n")
    assert shown[3][shown[4].index("^")] == "1"


def test_a_summary_ends_the_list() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    _, mistakes = examine(GOOD.replace('"log_loss", below', '"rmse", below').encode())
    show_mistakes(console, Path("p.toml"), GOOD, mistakes)
    assert console.export_text().endswith("1 mistake in p.toml\n")


@pytest.mark.parametrize("name", [None, "pipeline", *RECORDS])
def test_schemas_are_schemas(name: str | None) -> None:
    jsonschema.Draft202012Validator.check_schema(schema_of(name))


def test_a_record_fits_its_schema_and_another_does_not() -> None:
    tick = msgspec.to_builtins(Tick("a", "b", 1.0, source="events"))
    for name in ("tick", None):
        jsonschema.validate(tick, schema_of(name))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**tick, "time": "now"}, schema_of("tick"))


def test_the_command_prints_a_schema_or_names_the_nearest() -> None:
    assert json.loads(run("schema", "tick").stdout)["$ref"] == "#/$defs/Tick"
    done = run("schema", "tikc")
    assert done.returncode == exits.USAGE
    assert 'Did you mean "tick"?' in done.stderr
