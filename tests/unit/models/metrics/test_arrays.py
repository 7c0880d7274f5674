import numpy as np
import pytest

from models.metrics.arrays import from_records
from models.metrics.port import Setting
from models.metrics.scores import Scores
from streams.errors import RecordError

CLASSES = Setting("multiclass", classes=("a", "b"))


def test_records_become_arrays_in_the_order_of_the_classes() -> None:
    y, p = from_records(CLASSES, ["b", "a"], [{"b": 0.75, "a": 0.25}, {"a": 1.0}])
    assert y.tolist() == [1.0, 0.0]
    assert p.tolist() == [[0.25, 0.75], [1.0, 0.0]]
    y, p = from_records(Setting("binary"), [1.0, 0.0], [0.5, 0.25])
    assert p.tolist() == [0.5, 0.25]


def test_no_records_are_no_rows() -> None:
    y, p = from_records(CLASSES, [], [])
    assert p.shape == (0, 2)
    Scores(CLASSES).update(y, p)


def test_a_label_that_is_no_class_is_named() -> None:
    with pytest.raises(RecordError, match=r"y\[1\]: unknown_class, got 'z'. Declare it"):
        from_records(CLASSES, ["a", "z"], [{"a": 1.0}, {"a": 1.0}])


@pytest.mark.parametrize(
    ("setting", "y", "p", "code"),
    [
        (Setting("binary"), [0.5], [0.5], "label"),
        (Setting("binary"), [1.0], [1.1], "probability"),
        (Setting("binary"), [1.0, 0.0], [0.5], "shape"),
        (CLASSES, [2.0], [[0.5, 0.5]], "label"),
        (CLASSES, [0.0], [[0.5, 0.4]], "sum"),
        (CLASSES, [0.0], [[1.5, -0.5]], "probability"),
        (CLASSES, [0.0], [[1.0]], "shape"),
        (Setting("regression"), [1e200], [1.0], "too_large"),
    ],
)
def test_arrays_that_make_no_sense_are_refused(setting: Setting, y: list[float], p: list[float], code: str) -> None:
    with pytest.raises(RecordError) as caught:
        Scores(setting).update(np.array(y), np.array(p))
    assert caught.value.code == code
    assert caught.value.remedy
