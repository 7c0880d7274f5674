import math
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import SpecError
from streams.expressions import compile_expression, names_in
from streams.records import Value

TYPES = {"a": "float", "b": "int", "flag": "bool", "t": "time", "s": "str"}
VALUES: Mapping[str, Value] = {"a": 2.5, "b": -3, "flag": True, "t": 60.0, "s": "JFK"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a + b * 2", -3.5),
        ("-b ** 2", -9.0),
        ("b // 2", -2),
        ("b % 2", 1),
        ("a > b", True),
        ("0 < a < 2", False),
        ("s == 'JFK'", True),
        ("s in ('JFK', 'LGA') and not b > 0", True),
        ("s not in ['EWR']", True),
        ("'J' in s", True),
        ("len(s) + abs(b)", 6),
        ("min(a, b, 1)", -3),
        ("max(s, 'LGA')", "LGA"),
        ("a if flag else b", 2.5),
        ("t / 60", 1.0),
        ("flag + 1", 2),
        ("b in (a, -3)", True),
        ("True", True),
        ("a / 0", None),
        ("a ** 1000", None),
        ("b ** 0.5", None),
        ("1e300 * 1e300", None),
        ("1e300 * 1e300 - 1e300 * 1e300", None),
        ("9000000000000000000 * 4", 3.6e19),
    ],
)
def test_an_expression_means_what_it_means_in_python(text: str, wanted: Value) -> None:
    for names in (TYPES, list(TYPES)):
        found = compile_expression(text, names)(VALUES)
        assert found == wanted
        assert type(found) is type(wanted)


@pytest.mark.parametrize("text", ["a > 1", "a == a", "flag or a > 1", "s in ('x',)", "not flag", "1 if flag else a"])
@pytest.mark.parametrize("gone", [{"a": None, "flag": None, "s": None}, {}])
def test_a_missing_operand_makes_the_result_missing(text: str, gone: Mapping[str, Value]) -> None:
    assert compile_expression(text, TYPES)(gone) is None


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [
        ("", 1, "invalid syntax"),
        ("a +", 4, "invalid syntax"),
        ("(a", 1, "was never closed"),
        ("a; b", 2, "invalid syntax"),
        ("a = b", 3, "invalid syntax"),
        ("a > c", 5, "'c' is not a field"),
        ("é + nix", 1, "'é' is not a field"),
        ("s == 'é' and nix", 14, "'nix' is not a field"),
        ("a.real", 1, "'a.real' is not understood"),
        ("a[0]", 1, "'a[0]' is not understood"),
        ("__import__('os')", 1, "is not understood"),
        ("().__class__", 1, "is not understood"),
        ("abs.__self__", 1, "is not understood"),
        ("(lambda: a)()", 1, "is not understood"),
        ("[x for x in s]", 1, "is not understood"),
        ("(b := 1)", 2, "is not understood"),
        ("f'{a}'", 1, "is not understood"),
        ("a @ b", 1, "the operator of 'a @ b' is not understood"),
        ("b << 3", 1, "the operator of 'b << 3' is not understood"),
        ("~b", 1, "~ is not understood"),
        ("9 ** 9 ** 9", 6, "an exponent must be a number"),
        ("a ** b", 6, "an exponent must be a number"),
        ("a is None", 6, "'is' is not understood"),
        ("a == None", 6, "None is no value of a field"),
        ("1e999 > a", 1, "inf is no value of a field"),
        ("1j", 1, "1j is no value of a field"),
        ("b'x' == s", 1, "is no value of a field"),
        ("99999999999999999999 > a", 1, "is no value of a field"),
        ("a == 'x'", 1, "mix numbers and text"),
        ("a if flag else s", 1, "mix numbers and text"),
        ("s * 9", 1, "'s' is text, where a number is needed"),
        ("'%9999999d' % b", 1, "is text, where a number is needed"),
        ("abs(s)", 5, "is text, where a number is needed"),
        ("a in b", 6, "nothing is in 'b'"),
        ("a == (1, 2)", 6, "is not understood"),
        ("len(a)", 1, "len takes text"),
        ("min(a)", 1, "min takes two or more values"),
        ("abs()", 1, "abs takes one value"),
        ("max(a, key=b)", 1, "is not understood"),
        ("max(*s)", 1, "max takes two or more values"),
        ("-" * 400 + "a", 51, "more than 50 parts"),
        (r"s == '\d'", 6, "invalid escape sequence"),
    ],
)
def test_a_mistake_is_named_with_its_column_before_anything_runs(text: str, column: int, what: str) -> None:
    with pytest.raises(SpecError) as error:
        compile_expression(text, TYPES)
    assert f"column {column}: " in str(error.value)
    assert what in str(error.value)


def test_a_tower_of_parentheses_is_refused() -> None:
    with pytest.raises(SpecError, match="too many nested parentheses"):
        names_in("(" * 400 + "a" + ")" * 400)


def test_text_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(SpecError, match="column 1"):
        names_in("a == '\ud800'")


def test_an_endless_expression_is_refused() -> None:
    with pytest.raises(SpecError, match="at most 1000"):
        names_in("a + " * 300 + "a")


def test_without_types_text_in_arithmetic_is_missing_and_never_repeated() -> None:
    assert compile_expression("s * 1000000000000", ["s"])({"s": "x"}) is None
    assert compile_expression("s % 3", ["s"])({"s": "%1000000000d"}) is None
    assert compile_expression("s < 3", ["s"])({"s": "x"}) is None


def test_fields_may_be_called_like_anything() -> None:
    names = ["min", "values", "tidy", "power", "_0", "_1", "evaluate", "abs"]
    sums = compile_expression(" + ".join(names) + " + min(min, abs)", names)
    assert sums(dict(zip(names, range(1, 9), strict=True))) == 37


def test_names_come_in_order_and_once() -> None:
    assert names_in("z > a and min(z, b) in (1, c)") == ("z", "a", "b", "c")
    with pytest.raises(SpecError):
        names_in("z.a")


@given(st.text(max_size=40) | st.text("ab1.()+-*/<>=!' ,[]:", max_size=20))
def test_any_text_is_compiled_or_refused(text: str) -> None:
    try:
        evaluate = compile_expression(text, ["a", "b"])
    except SpecError:
        return
    evaluate({"a": 1.5, "b": 2})


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**63), 2**63 - 1)


@given(
    numbers, numbers, st.sampled_from(["a + b", "a - b", "a * b", "a / b", "a // b", "a % b", "a ** 2", "max(a, -b)"])
)
def test_results_are_finite_or_missing(a: float, b: float, text: str) -> None:
    found = compile_expression(text, {"a": "float", "b": "float"})({"a": a, "b": b})
    assert found is None or (isinstance(found, float | int) and math.isfinite(found))
    if text == "a + b" and isinstance(found, float) and isinstance(a, float):
        assert found == a + b
