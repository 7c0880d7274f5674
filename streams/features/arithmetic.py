"""An expression over fields and earlier features, such as ``distance / air_time * 60``."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.errors import SpecError
from streams.expressions import Evaluate, compile_expression, names_in
from streams.features.port import Context, SumSpec, Type, Window, mistake, readable, type_of
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec


class Arithmetic(msgspec.Struct, frozen=True):
    """The value of an expression; missing where anything in it is missing or where it has no finite value."""

    names: tuple[str, ...]
    type: Type
    reads: tuple[str, ...]
    evaluate: Evaluate
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        return (self.evaluate(values),), None


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Arithmetic:
    """Compile the expression. Raises SpecError where it is not understood or reads what is not there."""
    text = spec.expression or ""
    types = {name: _type(spec, fields, context, name) for name in readable(fields, context)}
    try:
        evaluate, reads = compile_expression(text, types), names_in(text)
    except SpecError as error:
        raise mistake(spec, str(error), "Only fields and features above this one can be used") from error
    return Arithmetic((spec.name,), _result(text, types), reads, evaluate)


def _type(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context, name: str) -> str:
    return "str" if type_of(spec, fields, context, name) == "category" else "float"


def _result(text: str, types: dict[str, str]) -> Type:
    try:
        compile_expression(f"+({text})", types)  # a sign before text is refused
    except SpecError:
        return "category"
    return "numeric"
