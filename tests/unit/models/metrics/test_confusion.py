import math

import numpy as np
import pytest

from models.metrics.confusion import Confusion
from models.metrics.port import Setting
from models.metrics.scores import Scores
from streams.errors import RecordError

BINARY = Setting("binary")


def test_counts_have_labels_in_rows_and_answers_in_columns() -> None:
    scores = Scores(BINARY)
    scores.update(np.array([0, 0, 0, 1, 1, 1, 1]), np.array([0.1, 0.2, 0.9, 0.1, 0.6, 0.5, 0.8]))
    tally = scores.tally("accuracy")
    assert isinstance(tally, Confusion)
    assert tally.counts.tolist() == [[2, 1], [1, 3]]  # a score at the threshold is a positive
    assert scores.value("precision") == 3 / 4
    assert scores.value("recall") == 3 / 4
    assert scores.value("accuracy") == 5 / 7
    assert scores.value("balanced_accuracy") == pytest.approx((2 / 3 + 3 / 4) / 2)


def test_decisions_that_were_served_go_before_the_threshold() -> None:
    scores = Scores(BINARY)
    scores.update(np.array([0, 1]), np.array([0.9, 0.9]), np.array([0.0, 1.0]))
    assert scores.value("accuracy") == 1.0
    with pytest.raises(RecordError, match=r"decided\[1\]"):
        scores.update(np.array([0, 1]), np.array([0.9, 0.9]), np.array([0.0, 2.0]))


def test_precision_is_undefined_when_nothing_was_called_positive() -> None:
    scores = Scores(BINARY)
    scores.update(np.array([0, 1]), np.array([0.1, 0.1]))
    assert math.isnan(scores.value("precision"))
    assert scores.value("recall") == 0.0
    assert scores.value("f1") == 0.0


def test_macro_averages_leave_out_classes_never_seen() -> None:
    scores = Scores(Setting("multiclass", classes=("a", "b", "never")))
    scores.update(np.array([0, 0, 1]), np.array([[0.9, 0.1, 0], [0.2, 0.8, 0], [0.1, 0.9, 0]]))
    assert scores.value("precision") == (1 + 1 / 2) / 2
    assert scores.value("recall") == (1 / 2 + 1) / 2
