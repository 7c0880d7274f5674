from random import Random

import pytest

from streams.contract.missing import constants, fit_imputes
from streams.records import Value
from streams.spec import FieldSpec


@pytest.mark.parametrize(
    ("type_", "missing", "values", "wanted"),
    [
        ("float", "impute:mean", [1.0, 2.0, 6.0, None], 3.0),
        ("float", "impute:median", [1.0, 2.0, 6.0, None], 2.0),
        ("int", "impute:mean", [1, 2, 2], 2),
        ("int", "impute:median", [1, 2, 4, 8], 3),
        ("str", "impute:most_frequent", ["b", "a", "b", "a", "c"], "a"),
        ("bool", "impute:most_frequent", [True, False, True], True),
        ("time", "impute:median", [10.0, 30.0], 20.0),
    ],
)
def test_figures_of_history(type_: str, missing: str, values: list[Value], wanted: Value) -> None:
    field = FieldSpec.model_validate({"name": "f", "type": type_, "missing": missing})
    found = fit_imputes([field], {"f": values})["f"]
    assert found == wanted
    assert type(found) is type(wanted)


def test_nothing_is_fitted_without_values() -> None:
    assert fit_imputes([FieldSpec(name="f", type="float", missing="impute:mean")], {"f": [None]}) == {}
    assert fit_imputes([FieldSpec(name="f", type="float", missing="impute:last")], {"f": [1.0]}) == {}


def test_the_order_of_history_changes_no_bit() -> None:
    field, values = FieldSpec(name="f", type="float", missing="impute:mean"), [0.1 * i**3 for i in range(100)]
    shuffled = Random(1).sample(values, len(values))
    assert fit_imputes([field], {"f": values}) == fit_imputes([field], {"f": shuffled})


def test_constants_are_read_as_the_fields_type() -> None:
    texts = {"float": "1", "int": "2", "str": "3", "bool": "True", "time": "1970-01-01T00:01:00Z"}
    fields = [
        FieldSpec.model_validate({"name": t, "type": t, "missing": f"impute:constant={v}"}) for t, v in texts.items()
    ]
    assert constants(fields) == {"float": 1.0, "int": 2, "str": "3", "bool": True, "time": 60.0}
