"""The quick pass: from declared fields to a msgspec type and one generated function that reads sound records with it.

What is not plainly sound is left to `streams.contract.diagnose`, which knows every case and finds the reason.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Annotated, Any, TypeAlias

import msgspec

from streams.contract.times import EARLIEST, LATEST, seconds
from streams.errors import SpecError
from streams.records import Values
from streams.spec import FieldSpec

EXACT = 2.0**53
"""Up to here a float holds every integer."""


Read: TypeAlias = tuple[Values, list[str], list[str]]
"""Values by field in declared order, the fields that are missing (None), and those with a new category."""


def path_of(field: FieldSpec) -> tuple[str, ...]:
    """Return the keys that lead to a field; a name is one key, even with dots in it."""
    return tuple(field.path.split(".")) if field.path else (field.name,)


def bounds(field: FieldSpec) -> tuple[float, float]:
    """Return the smallest and largest value of a float, int or time field."""
    widest = {"int": (-(2**63), 2**63 - 1), "time": (EARLIEST, LATEST)}.get(field.type, (-float("inf"), float("inf")))
    low, high = field.min, field.max
    return (widest[0] if low is None else max(widest[0], low), widest[1] if high is None else min(widest[1], high))


def is_sound(text: str) -> bool:
    """Return whether text can be stored: no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def compile_decode(fields: Sequence[FieldSpec], zone: tzinfo) -> Callable[[Any], Read | None]:
    """Return the function that reads a parsed record, or returns None where the record needs a second look.

    Raises SpecError if two fields stand in the same place.
    """
    local = {field.name: f"v{i}" for i, field in enumerate(fields)}
    tree = _tree(fields)
    scope: dict[str, Any] = {"Fields": _type(tree), "ZONE": zone}
    scope |= {"convert": msgspec.convert, "seconds": seconds, "sound": is_sound}
    scope["Unreadable"] = (ValueError, OverflowError)
    lines = ["def decode(record):", " absent, fresh = [], []", *(f" {local[f.name]} = None" for f in fields if f.path)]
    lines += [" try:", "  r = convert(record, Fields)", *_unpack(tree, "r", local)]
    times = [local[field.name] for field in fields if field.type == "time"]
    lines += [f"  if {v} is not None: {v} = seconds({v}, ZONE)" for v in times]
    lines.append(" except Unreadable: return None")
    for i, field in enumerate(fields):
        scope[f"KNOWN{i}"] = frozenset(field.categories or ())
        lines += _check(field, f"v{i}", f"KNOWN{i}")
    values = ", ".join(f"{name!r}: {v}" for name, v in local.items())
    lines.append(f" return {{{values}}}, absent, fresh")
    exec(compile("\n".join(lines), "<contract>", "exec"), scope)  # noqa: S102 names enter as literals only
    decode: Callable[[Any], Read | None] = scope["decode"]
    return decode


_Tree: TypeAlias = "dict[str, _Tree | FieldSpec]"


def _tree(fields: Sequence[FieldSpec]) -> "_Tree":
    root: _Tree = {}
    for field in fields:
        node = root
        *parents, last = path_of(field)
        for key in parents:
            child = node.setdefault(key, {})
            if isinstance(child, FieldSpec):
                raise SpecError(f"field {field.name!r}: it stands inside field {child.name!r}. Mend one path")
            node = child
        if last in node:
            raise SpecError(
                f"field {field.name!r}: another field stands in {'.'.join(path_of(field))!r}. Mend one path"
            )
        node[last] = field
    return root


def _type(tree: "_Tree") -> Any:
    """A Struct of optional members, in the same shape as the records; numbers beside text let NaN through."""
    types: dict[str, Any] = {"float": float, "int": int | float, "bool": bool | float, "time": datetime | float}
    members, keys = [], {}
    for i, (key, node) in enumerate(tree.items()):
        keys[f"m{i}"] = key
        if isinstance(node, FieldSpec):
            text = Annotated[str, msgspec.Meta(max_length=node.max_length)] | float
            members.append((f"m{i}", types.get(node.type, text) | None, None))
        else:
            members.append((f"m{i}", _type(node) | None, None))
    return msgspec.defstruct("Fields", members, rename=keys, frozen=True, gc=False)


def _unpack(tree: "_Tree", parent: str, local: dict[str, str]) -> list[str]:
    """Lines that move members into locals; what stands below a missing object stays None."""
    lines = []
    for i, node in enumerate(tree.values()):
        if isinstance(node, FieldSpec):
            lines.append(f"  {local[node.name]} = {parent}.m{i}")
        else:
            child = f"{parent}_{i}"
            lines += [f"  {child} = {parent}.m{i}", f"  if {child} is not None:"]
            lines += [f" {line}" for line in _unpack(node, child, local)]
    return lines


def _check(field: FieldSpec, v: str, known: str) -> list[str]:
    """Lines that take NaN for missing, and leave what is neither sound nor missing to the second look."""
    absent = f"absent.append({field.name!r})"
    lines, nan = [f" if {v} is None: {absent}"], [f"  if {v} == {v}: return None", f"  {v} = None; {absent}"]
    low, high = bounds(field)
    if field.type in ("float", "time"):
        return [*lines, f" elif not {max(low, -EXACT)!r} <= {v} <= {min(high, EXACT)!r}:", *nan]
    if field.type == "int":
        least, most = math.ceil(low), math.floor(high)
        whole = f"{-EXACT!r} <= {v} <= {EXACT!r} and {least} <= {v} <= {most} and {v}.is_integer()"
        lines += [f" elif type({v}) is int:", f"  if not {least} <= {v} <= {most}: return None"]
        return [*lines, f" elif {whole}: {v} = int({v})", " else:", *nan]
    if field.type == "bool":
        return [*lines, f" elif {v} == 0 or {v} == 1: {v} = {v} == 1", " else:", *nan]
    lines += [f" elif type({v}) is not str:", *nan, f" elif not ({v}.isascii() or sound({v})): return None"]
    if field.categories:
        new = "return None" if field.unknown == "quarantine" else f"fresh.append({field.name!r})"
        return [
            f" if {v} in {known}: pass",
            *(line.replace(" if ", " elif ", 1) for line in lines[:1]),
            *lines[1:],
            f" else: {new}",
        ]
    return lines
