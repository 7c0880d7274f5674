"""A release is the same bytes each time, comes back whole, and is not believed when it was touched."""

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from models.learners import build
from models.releases import SigningKey, libraries
from models.releases.artifact import manifest, read, write
from models.spec import ArmSpec
from streams.errors import ReleaseError
from tests.unit.models.learners.cases import REFIT, rows
from tests.unit.models.releases.made import KEY, LOGISTIC, release


def test_what_was_written_is_read(tmp_path: Path) -> None:
    made = release()
    write(made, str(tmp_path), KEY)

    assert read(str(tmp_path), KEY) == msgspec.structs.replace(made, libraries=libraries.libraries())


@pytest.mark.parametrize("case", [LOGISTIC, REFIT[0], REFIT[1]], ids=str)
def test_a_loaded_release_answers_as_the_learner_did(tmp_path: Path, case: type) -> None:
    made = release(case)  # type: ignore[arg-type]
    write(made, str(tmp_path), KEY)
    back = read(str(tmp_path), KEY)
    first, second = (build(r.arm, r.task, r.names, r.types, r.classes, r.seed) for r in (made, back))
    first.load(made.learner)
    second.load(back.learner)

    assert second.predict(rows(50, seed=9)) == first.predict(rows(50, seed=9))


def test_the_same_contents_are_the_same_bytes_whoever_signs(tmp_path: Path) -> None:
    other = SigningKey("other", b"another secret of many bytes")
    digests = [write(release(), str(tmp_path / name), key) for name, key in (("a", KEY), ("b", KEY), ("c", other))]

    assert len(set(digests)) == 1
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()
    assert write(release(seed=4), str(tmp_path / "d"), KEY) != digests[0]


def test_another_process_with_other_hashes_makes_the_same_digest(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.unit.models.releases.made import *; from models.releases.artifact import write;"
        "from tests.unit.models.learners.cases import INCREMENTAL;"
        "print(*[write(release(case), sys.argv[1] + str(n), KEY) for n, case in enumerate(INCREMENTAL[:3])])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code, str(tmp_path / seed)],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(printed) == 1


@pytest.mark.parametrize("name", ["learner.bin", "plan.json", "reference.json", "detectors.bin", "card.md"])
def test_a_touched_or_missing_file_is_refused(tmp_path: Path, name: str) -> None:
    write(release(), str(tmp_path), KEY)
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes() + b" ")

    for key in (KEY, None):
        with pytest.raises(ReleaseError, match=rf"{name}: not what the manifest vouches for"):
            read(str(tmp_path), key)

    (tmp_path / name).unlink()
    with pytest.raises(ReleaseError, match=name):
        read(str(tmp_path), KEY)


def test_a_touched_manifest_is_refused(tmp_path: Path) -> None:
    write(release(), str(tmp_path), KEY)
    text = (tmp_path / "manifest.json").read_text()
    (tmp_path / "manifest.json").write_text(text.replace('"threshold": 0.111', '"threshold": 0.9'))

    with pytest.raises(ReleaseError, match="the signature does not fit"):
        read(str(tmp_path), KEY)


def test_layout_of_the_manifest_is_no_part_of_what_was_signed(tmp_path: Path) -> None:
    write(release(), str(tmp_path), KEY)
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text())))

    assert read(str(tmp_path), KEY).threshold == 0.111


def test_another_key_is_refused_by_its_name_and_by_its_secret(tmp_path: Path) -> None:
    write(release(), str(tmp_path), KEY)

    with pytest.raises(ReleaseError, match="signed with the key 'tests', got the key 'other'"):
        read(str(tmp_path), SigningKey("other", KEY.secret))
    with pytest.raises(ReleaseError, match="another secret of that name"):
        read(str(tmp_path), SigningKey("tests", b"0123456789abcdef"))


@pytest.mark.parametrize(
    ("name", "version", "words"),
    [
        ("river", "0.21.0", r"river 0.21.0 \(here .*pip install 'river==0.21.0'.*or retrain"),
        ("scikit-learn", "1.2.0", r"pip install 'scikit-learn==1.2.0'"),
        ("python", "3.9", r"python 3.9 .*use that Python, or retrain"),
    ],
)
def test_a_release_of_another_library_version_is_refused(tmp_path: Path, name: str, version: str, words: str) -> None:
    write(release(libraries=libraries.libraries() | {name: version}), str(tmp_path), KEY)

    with pytest.raises(ReleaseError, match=words):
        read(str(tmp_path), KEY)
    assert manifest(str(tmp_path), KEY).contents["libraries"][name] == version


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"body": {}, "signature": 3}'])
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)

    with pytest.raises(ReleaseError, match=r"manifest\.json"):
        read(str(tmp_path), KEY)
    with pytest.raises(ReleaseError, match="there is no release here"):
        read(str(tmp_path / "nowhere"), KEY)


def test_a_release_goes_where_fsspec_reaches() -> None:
    write(release(), "memory://releases/one", KEY)

    assert read("memory://releases/one", KEY).arm == ArmSpec(
        learner=LOGISTIC.learner, params=LOGISTIC.params, scale=LOGISTIC.scale
    )


def test_a_secret_that_could_be_guessed_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ReleaseError, match=r"at least 16 bytes are wanted, got 5 bytes"):
        SigningKey("short", b"12345")
    assert "secret" not in repr(KEY)
