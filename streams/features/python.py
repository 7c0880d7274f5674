"""A feature that the user wrote: a function from the event's values to a number or text."""

import importlib.util
import sys
from collections.abc import Callable, Mapping
from numbers import Real
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias, get_type_hints

import msgspec

from streams.errors import RecordError
from streams.features.numeric import number
from streams.features.port import Context, SumSpec, Type, Window, mistake, readable
from streams.records.record import Value, Values
from streams.spec import FeatureSpec, FieldSpec

Function: TypeAlias = Callable[[Mapping[str, Value]], object]


class Python(msgspec.Struct, frozen=True):
    """Calls the function with a read-only view of the fields (without personal ones) and earlier features.

    None, NaN and infinity are missing. What the function raises becomes a RecordError that names file and line.
    """

    names: tuple[str, ...]
    type: Type
    reads: tuple[str, ...]
    function: Function
    file: str
    sums: tuple[SumSpec, ...] = ()
    needs_state: bool = False

    def update(
        self, values: Values, time: float, own: Any, windows: tuple[Window, ...]
    ) -> tuple[tuple[Value, ...], Any]:
        seen = MappingProxyType({name: values.get(name) for name in self.reads})
        try:
            result = self.function(seen)
        except Exception as error:
            place = f"{type(error).__name__}: {error}, in {self._line(error)}"
            remedy = "Mend the function, or let it return None for what it cannot know"
            raise RecordError("feature_failed", self.names[0], place, remedy) from error
        return (self._value(result),), None

    def _value(self, result: object) -> Value:
        if result is None:
            return None
        if self.type == "category":
            if isinstance(result, str):
                return result
        elif isinstance(result, float | int):
            return number(result)
        elif isinstance(result, Real):  # numbers of numpy
            return number(float(result))
        wanted = "text" if self.type == "category" else "a number"
        remedy = f"Return {wanted} or None; the function's annotation (-> str or -> float) says which"
        raise RecordError("feature_type", self.names[0], f"{result!r:.80} from {self.file}", remedy)

    def _line(self, error: Exception) -> str:
        """Name the innermost line of the user's file that was running."""
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.file:
                line = trace.tb_lineno
            trace = trace.tb_next
        return f"{self.file}, line {line}"


def build(spec: FeatureSpec, fields: Mapping[str, FieldSpec], context: Context) -> Python:
    """Load ``file.py:function``, the file relative to the pipeline file; ``-> str`` makes the feature a category.

    Raises SpecError if the file, or the function in it, is not there or cannot be loaded.
    """
    path, name = _place(spec, context)
    module = f"riverkeeper_user_{path.stem}"
    loader = importlib.util.spec_from_file_location(module, path)
    if loader is None or loader.loader is None or not path.is_file():
        raise mistake(spec, f"there is no Python file {path}", "Give its place relative to the pipeline file")
    made = importlib.util.module_from_spec(loader)
    try:
        loader.loader.exec_module(made)
        function = getattr(made, name, None)
        hints = get_type_hints(function) if callable(function) else {}
    except Exception as error:
        raise mistake(spec, f"{path} cannot be loaded: {error}", "Mend the file: python " + str(path)) from error
    finally:
        sys.modules.pop(module, None)
    if not callable(function):
        raise mistake(spec, f"{path} has no function {name!r}", f"Define it: def {name}(values): ...")
    category = hints.get("return") in (str, str | None)
    return Python((spec.name,), "category" if category else "numeric", readable(fields, context), function, str(path))


def source_of(spec: FeatureSpec, context: Context) -> bytes:
    """Return the text of the function's file, which is part of what the feature is."""
    return _place(spec, context)[0].read_bytes()


def _place(spec: FeatureSpec, context: Context) -> tuple[Path, str]:
    file, colon, name = (spec.python or "").rpartition(":")
    if not colon or not file or not name.isidentifier():
        raise mistake(spec, f"python = {spec.python!r} is not understood", 'Write python = "features.py:crosswind"')
    return Path(context.folder) / file, name
