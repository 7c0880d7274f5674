"""A release as an MLflow model: a folder that ``mlflow.pyfunc.load_model`` loads; MLflow is not needed to write it.

The folder holds an ``MLmodel`` file, its requirements, and the signed release. What MLflow loads answers a data frame
whose columns are the release's inputs: calibrated probabilities (binary), one column per class (multiclass), numbers.
The inputs stand in the metadata and not in a signature of MLflow's, which would refuse whole numbers for decimal ones.
Loading checks every digest and goes through the allow-list; the signature too, if the environment variable
``RIVERKEEPER_RELEASE_KEY`` holds ``name:secret in hexadecimal``.
"""

import os
from typing import Any

import fsspec
import msgspec
import numpy as np
import pandas as pd

from models.learners import build
from models.releases.artifact import read, replace, write
from models.releases.contents import ReleaseContents
from models.releases.signing import SigningKey
from streams.errors import ReleaseError

_MLMODEL = """\
flavors:
  python_function:
    data: release
    env:
      virtualenv: python_env.yaml
    loader_module: models.releases.mlflow
    python_version: "{python}"
metadata:
  digest: "{digest}"
  version: {release}
  inputs: {inputs}
"""


def export(release: ReleaseContents, folder: str, key: SigningKey) -> None:
    """Write a release in MLflow's model layout into a folder (a path, or a URL of fsspec)."""
    digest = write(release, f"{folder}/release", key)
    inputs = dict(zip(release.names, release.types, strict=True))
    made = read(f"{folder}/release", key).libraries
    wanted = f"riverkeeper\nriver=={made['river']}\nscikit-learn=={made['scikit-learn']}\n"
    mlmodel = _MLMODEL.format(
        python=made["python"],
        digest=digest,
        release=_text(release.version),
        inputs=msgspec.json.encode(inputs).decode(),
    )
    environment = f"python: {_text(made['python'])}\ndependencies:\n- -r requirements.txt\n"
    fs, path = fsspec.url_to_fs(folder)
    fs.pipe_file(f"{path}/requirements.txt", wanted.encode())
    fs.pipe_file(f"{path}/python_env.yaml", environment.encode())
    replace(fs, f"{path}/MLmodel", mlmodel.encode())


class Model:
    """What MLflow asks: `predict` on a data frame."""

    def __init__(self, release: ReleaseContents) -> None:
        """Build the release's learner and put its state back."""
        self.release = release
        self.learner = build(release.arm, release.task, release.names, release.types, release.classes, release.seed)
        self.learner.load(release.learner)

    def predict(self, model_input: pd.DataFrame, params: dict[str, Any] | None = None) -> Any:
        """Return an array (binary, regression) or a data frame with one column per class."""
        frame = model_input.reindex(columns=list(self.release.names)).astype(object)
        rows = frame.where(frame.notna(), None).to_dict("records")
        scores = self.learner.predict([{str(name): value for name, value in row.items()} for row in rows])
        if self.release.task == "multiclass":
            return pd.DataFrame(scores, index=model_input.index)
        answers = np.array(scores, dtype=float)
        return self.release.calibrator.apply(answers) if self.release.task == "binary" else answers


def _load_pyfunc(path: str) -> Model:
    """Return the model in a folder: the function that MLflow calls."""
    name, _, secret = os.environ.get("RIVERKEEPER_RELEASE_KEY", "").partition(":")
    try:
        key = SigningKey(name, bytes.fromhex(secret)) if name else None
    except ValueError as exc:
        raise ReleaseError(
            "RIVERKEEPER_RELEASE_KEY: 'name:secret in hexadecimal' is wanted, got something else. "
            "Set it as it was when the release was made, or unset it."
        ) from exc
    return Model(read(path, key))


def _text(text: str) -> str:
    """Return a string as YAML has it (JSON's strings are YAML's)."""
    return msgspec.json.encode(text).decode()
