"""What the project says of itself in several places agrees: rooms, locks, the floor of coverage, the wheel, `make`."""

import os
import re
import shutil
import subprocess
import tomllib
import zipfile
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hatchling.builders.wheel import WheelBuilder
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
TOOL: dict[str, Any] = PROJECT["tool"]
ROOMS = ["streams", "models", "monitors", "infra", "dashboards"]
LOCKED = re.compile(
    r"^(?P<name>[a-z0-9-]+)==(?P<version>\S+)(?: ; .+?)? \\\n(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", re.M
)


def lock(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    return {found["name"]: found["version"] for found in LOCKED.finditer(lock(name))}


def git(*arguments: str) -> str:
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no git checkout here, so there is no history to compare with")
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_every_tool_knows_every_room() -> None:
    contracts = {contract["id"]: contract for contract in TOOL["importlinter"]["contracts"]}
    assert TOOL["hatch"]["build"]["targets"]["wheel"]["packages"] == ROOMS
    assert TOOL["coverage"]["run"]["source"] == ROOMS
    assert TOOL["importlinter"]["root_packages"] == contracts["cycles"]["ancestors"] == ROOMS
    assert contracts["layers"]["layers"] == ["infra", "dashboards", "monitors", "models", "streams"]
    assert set(TOOL["mypy"]["files"]) >= {*ROOMS, "tests"}
    assert set(TOOL["pytest"]["testpaths"]) == {*ROOMS, "tests"}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is(room: str) -> None:
    assert import_module(room).__doc__


def test_warnings_are_errors_but_for_one() -> None:
    assert TOOL["pytest"]["filterwarnings"] == ["error", "ignore::DeprecationWarning:kafka.*"]


@pytest.mark.parametrize("name", ["runtime", "dev"])
def test_a_lock_holds_versions_and_hashes_and_nothing_else(name: str) -> None:
    assert pins(name)
    assert LOCKED.sub("", lock(name)) == ""


def test_the_locks_agree() -> None:
    assert pins("runtime").items() <= pins("dev").items()


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("runtime", PROJECT["project"]["dependencies"]),
        ("runtime", PROJECT["project"]["optional-dependencies"]["examples"]),
        ("runtime", PROJECT["dependency-groups"]["build"]),
        ("runtime", PROJECT["build-system"]["requires"]),
        ("dev", [each for each in PROJECT["dependency-groups"]["dev"] if isinstance(each, str)]),
    ],
)
def test_a_lock_has_what_the_project_asks_for(name: str, wanted: list[str]) -> None:
    locked = pins(name)
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement


def test_no_lock_with_addresses_is_kept() -> None:
    assert not re.findall(r"(?:^|/)(?:uv|poetry|pdm|Pipfile)\.lock$", git("ls-files"), re.M)


def test_the_floor_of_coverage_never_sinks() -> None:
    history = git("log", "--format=", "--patch", "-G", "^fail_under", "--", "pyproject.toml")
    before = [float(value) for value in re.findall(r"^[+-]fail_under = ([\d.]+)", history, re.M)]
    assert TOOL["coverage"]["report"]["fail_under"] >= max(before, default=0)


def test_the_wheel_holds_every_file_of_the_rooms(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    files = {file.relative_to(ROOT).as_posix() for room in ROOMS for file in (ROOT / room).rglob("*") if file.is_file()}
    made = {file for file in files if "/__pycache__/" in file}
    assert files - made <= set(zipfile.ZipFile(wheel).namelist())


def make(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTHON"))
    }
    return subprocess.run(
        ["make", *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def test_make_alone_lists_every_target() -> None:
    listed = make(folder=ROOT).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert phony is not None
    assert re.findall(r"^make (\w+)", listed, re.M) == phony[1].split()
    assert {"demo", "test", "check", "format", "bench", "clean"} <= set(phony[1].split())


@pytest.mark.parametrize("python", ["", "false"], ids=["none is found", "the named one is too old"])
def test_make_says_what_a_machine_without_a_new_python_needs(python: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_bytes((ROOT / "Makefile").read_bytes())
    done = make(".venv/bin/python", f"PYTHON={python}", folder=tmp_path)
    assert done.returncode != 0
    assert "needs Python 3.11 or newer" in done.stderr
    assert "make PYTHON=" in done.stderr
