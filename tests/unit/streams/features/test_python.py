import math
from pathlib import Path

import msgspec
import pytest

from streams.errors import RecordError, SpecError
from streams.records import Values
from tests.unit.streams.features.cases import CONTEXT, made, run, spec

HERE = Path(__file__).parent
EVENT: Values = {"distance": 2.0, "seats": 30, "origin": "JFK", "dest": "ATL", "email": "secret"}


def call(name: str, values: Values = EVENT) -> object:
    return run(made(spec(name="x", python=f"functions.py:{name}")), [(0.0, values)])[0][0]


def test_number_and_text() -> None:
    assert call("crosswind") == pytest.approx(1.0)
    assert call("route") == "JFK-ATL"
    assert call("not_a_number") is None
    assert made(spec(python="functions.py:route")).type == "category"


def test_sees_fields_and_earlier_features_but_nothing_personal() -> None:
    context = msgspec.structs.replace(CONTEXT, earlier={"hour": "numeric"})
    feature = made(spec(python="functions.py:all_names"), context)
    names = run(feature, [(0.0, EVENT)])[0][0]
    assert names == "distance,seats,full,origin,dest,tailnum,sched,hour"


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("divides", EVENT, "ZeroDivisionError: float division by zero, in .*functions.py, line 21"),
        ("divides", {}, "TypeError: .*, in .*functions.py, line 21"),
        ("writes", EVENT, "TypeError: 'mappingproxy' object does not support item assignment"),
        ("returns_list", EVENT, r"\[2.0\] from .*functions.py. Return a number or None"),
    ],
)
def test_its_exceptions_are_the_records_and_name_the_line(name: str, values: Values, words: str) -> None:
    with pytest.raises(RecordError, match=words) as caught:
        call(name, values)
    assert caught.value.field == "x"
    assert caught.value.code == ("feature_type" if name == "returns_list" else "feature_failed")


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("functions.py:absent", "has no function 'absent'"),
        ("functions.py:NO_FUNCTION", "has no function 'NO_FUNCTION'"),
        ("absent.py:f", "there is no Python file"),
        ("cases.txt:f", "there is no Python file"),
        ("functions.py", "is not understood"),
        ("functions.py:a-b", "is not understood"),
        (":f", "is not understood"),
    ],
)
def test_mistakes(reference: str, words: str) -> None:
    with pytest.raises(SpecError, match=words):
        made(spec(python=reference))


def test_a_file_that_does_not_load(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import a_module_that_is_not_there\n", encoding="utf-8")
    with pytest.raises(SpecError, match=r"broken.py cannot be loaded: No module named 'a_module_that"):
        made(spec(python="broken.py:f"), msgspec.structs.replace(CONTEXT, folder=str(tmp_path)))


def test_numbers_of_numpy(tmp_path: Path) -> None:
    text = (
        "import numpy as np\ndef f(values):\n    return np.int64(3) if values['distance'] > 0 else np.float64('nan')\n"
    )
    (tmp_path / "vectors.py").write_text(text, encoding="utf-8")
    feature = made(spec(python="vectors.py:f"), msgspec.structs.replace(CONTEXT, folder=str(tmp_path)))
    results = run(feature, [(0.0, {"distance": 1.0}), (0.0, {"distance": -1.0})])
    assert results == [(3.0,), (None,)]
    assert not math.isnan(float(results[0][0] or 0))
