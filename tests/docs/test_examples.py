"""Every example's pipeline passes `check`, runs to its end as it stands, and has a page that explains it."""

from pathlib import Path

import pytest

from tests.docs.command import ROOT, riverkeeper

PIPELINES = sorted((ROOT / "examples").glob("*/pipeline.toml"))

every_example = pytest.mark.parametrize("pipeline", PIPELINES, ids=lambda pipeline: pipeline.parent.name)


@every_example
def test_an_example_is_explained(pipeline: Path) -> None:
    assert (pipeline.parent / "README.md").is_file()


@every_example
def test_an_example_runs(pipeline: Path, tmp_path: Path) -> None:
    checked = riverkeeper("check", str(pipeline), folder=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    run = riverkeeper("backtest", str(pipeline), "--out", str(tmp_path / "run"), folder=tmp_path)
    assert run.returncode == 0, run.stdout + run.stderr
    assert any((tmp_path / "run").rglob("*.html"))
