"""Expressions over fields in Python's syntax, such as ``arr_time > dep_time``: rules, derived features, label columns.

Only what is listed here is understood; everything else is refused with its column before anything runs:
numbers, texts, True and False, names of fields; ``+ - * / // %``, ``**`` with a constant exponent; comparisons, ``in``;
``and or not``, ``a if b else c``; ``min max abs len``. Text is compared, searched with ``in``, measured with ``len``.
"""

import ast
import math
import warnings
from collections.abc import Callable, Collection, Mapping
from typing import Literal, TypeAlias

from streams.errors import SpecError
from streams.records import Value

Evaluate: TypeAlias = Callable[[Mapping[str, Value]], Value]
"""A compiled expression: from values by name to the result, None where it is missing."""

_Kind: TypeAlias = Literal["number", "text"] | None  # None: the names came without types
_LONGEST = 1000
_DEEPEST = 50
_INT64 = 2**63
_UNDERSTOOD = "Use numbers, texts, fields, + - * / // % **, comparisons, in, and, or, not, if-else, min, max, abs, len"


def compile_expression(text: str, names: Collection[str] | Mapping[str, str]) -> Evaluate:
    """Check an expression and return the function that evaluates it.

    `names` are the fields that it may use; as a mapping to their types (float, int, bool, time, str) it is also
    checked that text meets only text. The result is None (missing) if any name that occurs in the expression is
    missing or absent, and where it has no finite value: division by zero, overflow, a root of a negative number.

    Raises SpecError, with the column (from 1) of the mistake and the remedy.

    >>> crosswind = compile_expression("abs(wind - 2 * gust) / 2", {"wind": "float", "gust": "float"})
    >>> crosswind({"wind": 3.0, "gust": 4.0}), crosswind({"wind": 3.0, "gust": None})
    (2.5, None)
    >>> compile_expression("wind.real > 1", ["wind"])
    Traceback (most recent call last):
    streams.errors.SpecError: expression 'wind.real > 1', column 1: 'wind.real' is not understood. Use numbers, ...
    """
    compiler = _Compiler(text, names)
    body = ast.unparse(compiler.visit(_parse(text).body)[0])
    lines = ["def evaluate(values):"]
    lines += [f" {local} = values.get({name!r})" for name, local in compiler.locals.items()]
    if compiler.locals:
        lines.append(f" if {' or '.join(f'{local} is None' for local in compiler.locals.values())}: return None")
    lines += [f" try: return tidy({body})", " except (ArithmeticError, TypeError, ValueError): return None"]
    scope = {"min": min, "max": max, "abs": abs, "len": len, "power": math.pow, "tidy": _tidy, "__builtins__": {}}
    scope |= {"ArithmeticError": ArithmeticError, "TypeError": TypeError, "ValueError": ValueError}
    exec(compile("\n".join(lines), "<expression>", "exec"), scope)  # noqa: S102 made of checked nodes only
    return scope["evaluate"]  # type: ignore[return-value]


def names_in(text: str) -> tuple[str, ...]:
    """Return the names that an expression reads, each once, in order of their place. Raises SpecError.

    >>> names_in("max(b, 1) > a and b")
    ('b', 'a')
    """
    compiler = _Compiler(text, None)
    compiler.visit(_parse(text).body)
    return tuple(compiler.locals)


def _parse(text: str) -> ast.Expression:
    if len(text) > _LONGEST:
        raise SpecError(f"expression of {len(text)} characters: at most {_LONGEST} are read. Write a Python function")
    text = text.strip()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # Python warns of odd spellings, such as '\d': refused as mistakes
            return ast.parse(text, mode="eval")
    except SyntaxError as error:
        column = error.offset or len(text) + 1
        raise SpecError(f"expression {text!r}, column {column}: {error.msg}. {_UNDERSTOOD}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise SpecError(f"expression {text!r}, column 1: too deep, or not text. {_UNDERSTOOD}") from error


def _tidy(result: float | str | None) -> Value:
    """Keep what a record can hold: finite floats, integers of 64 bits."""
    if type(result) is float:
        return result if math.isfinite(result) else None
    if type(result) is int and not -_INT64 <= result < _INT64:
        return float(result)
    return result


class _Compiler:
    """Checks nodes and writes them anew: names become locals, powers the float power, each with its kind."""

    def __init__(self, text: str, names: Collection[str] | Mapping[str, str] | None) -> None:
        self.text = text.strip()
        self.names = names
        self.locals: dict[str, str] = {}
        self.depth = 0

    def visit(self, node: ast.expr) -> tuple[ast.expr, _Kind]:
        if self.depth == _DEEPEST:
            raise self.mistake(node, f"more than {_DEEPEST} parts within each other", "Write a Python function")
        handle = getattr(self, f"visit_{type(node).__name__.lower()}", None)
        if handle is None:
            raise self.mistake(node, f"{self.source(node)!r} is not understood", _UNDERSTOOD)
        self.depth += 1
        written: tuple[ast.expr, _Kind] = handle(node)
        self.depth -= 1
        return written

    def mistake(self, node: ast.expr, what: str, remedy: str) -> SpecError:
        column = len(self.text.encode()[: node.col_offset].decode()) + 1
        return SpecError(f"expression {self.text!r}, column {column}: {what}. {remedy}")

    def source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or type(node).__name__

    def number(self, node: ast.expr) -> ast.expr:
        """A part that must be a number; where that is not known, a plus sign makes text fail (and be missing)."""
        written, kind = self.visit(node)
        if kind == "text":
            raise self.mistake(
                node, f"{self.source(node)!r} is text, where a number is needed", "Text is only compared"
            )
        return written if kind else ast.UnaryOp(ast.UAdd(), written)

    def alike(self, nodes: list[ast.expr]) -> tuple[list[ast.expr], _Kind]:
        """Parts that must be all numbers or all text."""
        written = [self.visit(node) for node in nodes]
        kinds = {kind for _, kind in written if kind}
        if len(kinds) > 1:
            parts = " and ".join(repr(self.source(node)) for node in nodes)
            raise self.mistake(nodes[0], f"{parts} mix numbers and text", "Give both the same type")
        return [part for part, _ in written], kinds.pop() if kinds else None

    def visit_constant(self, node: ast.Constant) -> tuple[ast.expr, _Kind]:
        value = node.value
        if isinstance(value, str):
            return node, "text"
        if isinstance(value, float | int) and abs(value) < (_INT64 if isinstance(value, int) else math.inf):
            return node, "number"
        raise self.mistake(
            node, f"{str(value)[:20]} is no value of a field", "A missing field makes the result missing"
        )

    def visit_name(self, node: ast.Name) -> tuple[ast.expr, _Kind]:
        if self.names is not None and node.id not in self.names:
            known = ", ".join(sorted(self.names)) or "none"
            raise self.mistake(node, f"{node.id!r} is not a field", f"Declare it, or use one of: {known}")
        kind: _Kind = None
        if isinstance(self.names, Mapping):
            kind = "text" if self.names[node.id] == "str" else "number"
        return ast.Name(self.locals.setdefault(node.id, f"_{len(self.locals)}")), kind

    def visit_binop(self, node: ast.BinOp) -> tuple[ast.expr, _Kind]:
        if isinstance(node.op, ast.Pow):
            exponent = node.right.operand if isinstance(node.right, ast.UnaryOp) else node.right
            if not isinstance(exponent, ast.Constant):
                raise self.mistake(
                    node.right, "an exponent must be a number", "Write a Python function for other powers"
                )
            return ast.Call(ast.Name("power"), [self.number(node.left), self.number(node.right)], []), "number"
        if not isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod):
            raise self.mistake(node, f"the operator of {self.source(node)!r} is not understood", _UNDERSTOOD)
        return ast.BinOp(self.number(node.left), node.op, self.number(node.right)), "number"

    def visit_unaryop(self, node: ast.UnaryOp) -> tuple[ast.expr, _Kind]:
        if isinstance(node.op, ast.Not):
            return ast.UnaryOp(node.op, self.visit(node.operand)[0]), "number"
        if isinstance(node.op, ast.Invert):
            raise self.mistake(node, "~ is not understood", "Use not")
        return ast.UnaryOp(node.op, self.number(node.operand)), "number"

    def visit_boolop(self, node: ast.BoolOp) -> tuple[ast.expr, _Kind]:
        written, kind = self.alike(node.values)
        return ast.BoolOp(node.op, written), kind

    def visit_ifexp(self, node: ast.IfExp) -> tuple[ast.expr, _Kind]:
        (body, orelse), kind = self.alike([node.body, node.orelse])
        return ast.IfExp(self.visit(node.test)[0], body, orelse), kind

    def visit_compare(self, node: ast.Compare) -> tuple[ast.expr, _Kind]:
        parts = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, parts, parts[1:], strict=False):
            if isinstance(op, ast.Is | ast.IsNot):
                raise self.mistake(right, "'is' is not understood", "Use ==; a missing field makes the result missing")
            self.alike([left, *self.choices(op, right)])
        return ast.Compare(self.operand(node.left), node.ops, [self.operand(p) for p in node.comparators]), "number"

    def choices(self, op: ast.cmpop, right: ast.expr) -> list[ast.expr]:
        """What the left side of one comparison is held against."""
        if isinstance(op, ast.In | ast.NotIn):
            if isinstance(right, ast.Tuple | ast.List | ast.Set):
                return right.elts
            if self.visit(right)[1] == "number":
                raise self.mistake(right, f"nothing is in {self.source(right)!r}", "Write the choices as (a, b, c)")
        return [right]

    def operand(self, node: ast.expr) -> ast.expr:
        """One side of a comparison; the choices of `in` are a tuple."""
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            return ast.Tuple([self.visit(part)[0] for part in node.elts])
        return self.visit(node)[0]

    def visit_call(self, node: ast.Call) -> tuple[ast.expr, _Kind]:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ("min", "max", "abs", "len") or node.keywords:
            raise self.mistake(node, f"{self.source(node)!r} is not understood", _UNDERSTOOD)
        if (len(node.args) < 2) if name in ("min", "max") else (len(node.args) != 1):
            wanted = "two or more values" if name in ("min", "max") else "one value"
            raise self.mistake(node, f"{name} takes {wanted}", f"Got {len(node.args)}")
        function = ast.Name(name)
        if name == "abs":
            return ast.Call(function, [self.number(node.args[0])], []), "number"
        written, kind = self.alike(node.args)
        if name == "len" and kind == "number":
            raise self.mistake(node, "len takes text", "Compare the number itself")
        return ast.Call(function, written, []), "number" if name == "len" else kind
