"""A release loads with MLflow and answers as it does here."""

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from models.learners import build
from models.releases.mlflow import Model, _load_pyfunc, export
from streams.errors import ReleaseError
from tests.unit.models.learners.cases import REFIT, Case, rows
from tests.unit.models.releases.made import KEY, LOGISTIC, release

CASES = [LOGISTIC, REFIT[1], REFIT[2]]


def expected(case: Case, count: int) -> list[object]:
    made = release(case)
    learner = build(made.arm, made.task, made.names, made.types, made.classes, made.seed)
    learner.load(made.learner)
    scores = learner.predict(rows(count, seed=9))
    return [made.calibrator.apply(score) if case.task == "binary" else score for score in scores]  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_exported_model_answers_a_data_frame(tmp_path: Path, case: Case) -> None:
    export(release(case), str(tmp_path), KEY)
    model = _load_pyfunc(str(tmp_path / "release"))

    answer = model.predict(pd.DataFrame(rows(30, seed=9)).assign(more=1))

    if isinstance(answer, pd.DataFrame):
        assert answer.to_dict("records") == expected(case, 30)
    else:
        assert answer.tolist() == pytest.approx(expected(case, 30), rel=1e-12)


def test_the_signature_is_checked_where_a_key_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export(release(), str(tmp_path), KEY)

    monkeypatch.setenv("RIVERKEEPER_RELEASE_KEY", f"tests:{KEY.secret.hex()}")
    assert isinstance(_load_pyfunc(str(tmp_path / "release")), Model)
    monkeypatch.setenv("RIVERKEEPER_RELEASE_KEY", f"tests:{(KEY.secret + b'x').hex()}")
    with pytest.raises(ReleaseError, match="the signature does not fit"):
        _load_pyfunc(str(tmp_path / "release"))
    monkeypatch.setenv("RIVERKEEPER_RELEASE_KEY", "tests:no hexadecimal")
    with pytest.raises(ReleaseError, match="RIVERKEEPER_RELEASE_KEY: 'name:secret in hexadecimal' is wanted"):
        _load_pyfunc(str(tmp_path / "release"))


@pytest.mark.skipif(importlib.util.find_spec("mlflow") is None, reason="mlflow-skinny is not installed")
def test_mlflow_itself_loads_it(tmp_path: Path) -> None:
    """In a process of its own: MLflow takes seconds to import, and warns."""
    export(release(), str(tmp_path), KEY)
    code = (
        "import json, sys, mlflow.pyfunc, pandas; from tests.unit.models.learners.cases import rows;"
        "model = mlflow.pyfunc.load_model(sys.argv[1]);"
        "print(json.dumps(list(model.predict(pandas.DataFrame(rows(5, seed=9))))))"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": "."}, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == pytest.approx(expected(LOGISTIC, 5), rel=1e-12)
