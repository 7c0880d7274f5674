import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration.threshold import calibrated_threshold, empirical_threshold
from models.metrics.port import Setting, ValueTable
from models.metrics.scores import Scores
from streams.errors import SpecError

TABLE = ValueTable(hit=12.0, miss=-20.0, false_alarm=-4.0)


def worth(p: list[float], y: list[bool], table: ValueTable, threshold: float) -> float:
    scores = Scores(Setting("binary", threshold=threshold, value=table), ["value"])
    scores.update(np.array(y), np.array(p))
    return scores.value("value")


def test_closed_form_is_four_thirty_sixths() -> None:
    assert calibrated_threshold(TABLE) == pytest.approx(4 / 36)


@pytest.mark.parametrize("table", [ValueTable(), ValueTable(hit=1.0, false_alarm=1.0), ValueTable(false_alarm=-1.0)])
def test_a_table_under_which_no_score_matters_is_refused(table: ValueTable) -> None:
    with pytest.raises(SpecError, match=r"problem.value: got hit"):
        calibrated_threshold(table)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=20))
def test_no_threshold_is_worth_more_than_the_empirical_one(rows: list[tuple[float, bool]]) -> None:
    p, y = [r[0] for r in rows], [r[1] for r in rows]
    best = worth(p, y, TABLE, empirical_threshold(np.array(p), np.array(y), TABLE))
    assert best >= max(worth(p, y, TABLE, t) for t in [*p, 0.0, 2.0]) - 1e-9


def test_on_calibrated_scores_both_agree() -> None:
    rng = np.random.default_rng(8)
    p = rng.beta(1, 4, 300_000)
    y = rng.random(300_000) < p
    assert empirical_threshold(p, y, TABLE) == pytest.approx(calibrated_threshold(TABLE), abs=0.015)


def test_always_never_and_nothing_known() -> None:
    p = np.array([0.2, 0.7])
    assert empirical_threshold(p, np.array([1, 1]), TABLE) == 0.0
    assert empirical_threshold(p, np.array([0, 0]), TABLE) > 0.7
    assert empirical_threshold(p, np.array([0, 1]), TABLE) == pytest.approx(0.45)
    assert empirical_threshold(np.zeros(0), np.zeros(0), TABLE) == calibrated_threshold(TABLE)
