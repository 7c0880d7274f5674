"""Conditions between fields, such as ``arr_time > dep_time``; one that lacks an operand holds."""

from collections.abc import Mapping, Sequence

from streams.contract.diagnose import shown
from streams.contract.reasons import refusal
from streams.errors import SpecError
from streams.expressions import compile_expression, names_in
from streams.records import Value
from streams.spec import FieldSpec, RuleSpec


class Rules:
    """The compiled rules of a contract. Raises SpecError that lists every rule that cannot be compiled."""

    __slots__ = ("_compiled", "_personal")

    def __init__(self, rules: Sequence[RuleSpec], fields: Sequence[FieldSpec]) -> None:
        types = {field.name: field.type for field in fields}
        self._personal = {field.name for field in fields if field.personal}
        self._compiled, mistakes = [], []
        for rule in rules:
            try:
                self._compiled.append((rule, compile_expression(rule.when, types)))
            except SpecError as error:
                mistakes.append(f"rule {rule.name!r}: {error}")
        if mistakes:
            raise SpecError("\n".join(mistakes))

    def broken(self, values: Mapping[str, Value]) -> list[str]:
        """Return a flag for each flagging rule that does not hold. Raises RecordError for one that quarantines."""
        flagged = []
        for rule, holds in self._compiled:
            held = holds(values)
            if held is not None and not held:
                if rule.broken == "quarantine":
                    names = names_in(rule.when)
                    got = ", ".join(f"{name} = {shown(values[name], name in self._personal)}" for name in names)
                    raise refusal("rule_broken", ", ".join(names), got, f"{rule.name!r} ({rule.when})")
                flagged.append(f"rule:{rule.name}")
        return flagged
