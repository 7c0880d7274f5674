"""What `check` finds in the world around a sound file: each with the line that names it."""

from pathlib import Path

import pytest

from infra.cli.check import find_mistakes
from infra.mistakes import Mistake, sentence

PIPELINE = """\
[problem]
goal = "g"
task = "binary"
target = "late"
success = { metric = "log_loss", below = 0.6 }
[source]
kind = "csv"
path = "trips.csv"
key = "bus"
id = "trip"
time = "left"
[labels]
column = "delay > 5"
after = "1h"
[[field]]
name = "speed"
type = "float"
max = 90
[[feature]]
name = "fast"
python = "features.py:fast"
[model]
warmup = "1h"
[model.champion]
learner = "river.linear_model.LogisticRegression"
params = { l2 = 0.1 }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [f"b{n % 3},t{n},2024-03-01T08:{n:02}:00,{30 + n},{n % 9}" for n in range(60)]
    (tmp_path / "trips.csv").write_text("\n".join(["bus,trip,left,speed,delay", *rows]))
    (tmp_path / "features.py").write_text("def fast(values) -> float:\n    return float(values['speed'] > 50)\n")
    return tmp_path


def only(text: str, folder: Path) -> Mistake:
    mistakes = find_mistakes(text.encode(), folder)
    assert len(mistakes) == 1, [sentence(mistake) for mistake in mistakes]
    return mistakes[0]


def test_a_sound_pipeline(folder: Path) -> None:
    assert find_mistakes(PIPELINE.encode(), folder) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('path = "trips.csv"', 'path = "trip.csv"', 8, "there is no file"),
        ('key = "bus"', 'key = "buss"', 9, "there is no column 'buss'"),
        ("delay > 5", "dealy > 5", 13, "there is no column 'dealy'"),
        ('name = "speed"', 'name = "sped"', 16, "the data has no such column"),
        ("max = 90", "max = 35", 15, "54 of the first 60 events would be refused (out_of_range)"),
        ("features.py:fast", "features.py:slow", 21, "slow"),
        ("features.py:fast", "absent.py:fast", 21, "absent.py"),
        ("LogisticRegression", "LogisticRegresion", 25, "no class of river has this name"),
        ("linear_model.Log", "linear_models.Log", 25, "no such module"),
        ("l2 = 0.1", "l3 = 0.1", 26, "no such parameter"),
    ],
)
def test_a_mistake_about_the_world_has_its_line(old: str, new: str, line: int, said: str, folder: Path) -> None:
    mistakes = find_mistakes(PIPELINE.replace(old, new).encode(), folder)
    found = [mistake for mistake in mistakes if mistake.at.line == line]
    assert found, [sentence(mistake) for mistake in mistakes]
    assert said in found[0].what


def test_a_file_alone_needs_no_data(tmp_path: Path) -> None:
    assert find_mistakes(PIPELINE.encode(), None) == []
    assert only(PIPELINE.replace("[[feature]]", "[[featur]]"), tmp_path)
