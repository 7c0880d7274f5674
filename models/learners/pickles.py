"""Pickles that are read behind an allow-list, and written so that equal learners give equal bytes.

A pickle is a program: it may call whatever ``find_class`` gives it. Here that is classes, never functions, but for a
few that rebuild arrays; a class is found only under the name and in the module where its library defines it, so no
other module can be reached through an import or an attribute of an allowed one.

Sets are written sorted: their own order differs from process to process, and with it the digest would. River's
distributions each hold a generator seeded by the operating system, which is for drawing samples and which no learner
uses: one fixed generator is written for all of them (it is most of a tree's bytes otherwise, and never the same).
"""

import copyreg
import importlib
import inspect
import io
import operator
import pickle
import random
from typing import Any

from river.proba.base import Distribution

from streams.errors import ReleaseError

_LIBRARIES = ("river", "sklearn")
"""Their classes may be built."""

_KEPT_OUT = (
    "river.api",
    "river.checks",
    "river.datasets",
    "river.stream",
    "sklearn.datasets",
    "sklearn.externals",
    "sklearn.utils._joblib",
    "sklearn.utils._testing",
    "sklearn.utils.parallel",
)
"""But not of these: they open files and connections, run things, or are other people's code."""

_OTHERS: dict[str, frozenset[str]] = {
    "builtins": frozenset(
        {"bool", "bytearray", "bytes", "complex", "dict", "float", "frozenset", "int", "iter"}
        | {"list", "object", "range", "set", "slice", "str", "tuple"}
    ),
    "collections": frozenset({"Counter", "OrderedDict", "defaultdict", "deque"}),
    "copy": frozenset({"deepcopy"}),
    "copyreg": frozenset({"_reconstructor"}),
    "functools": frozenset({"partial"}),
    "numpy": frozenset(
        {"bool", "bool_", "dtype", "float16", "float32", "float64", "int16", "int32", "int64"}
        | {"int8", "ndarray", "uint16", "uint32", "uint64", "uint8"}
    ),
    "numpy._core.multiarray": frozenset({"_reconstruct", "scalar"}),
    "numpy._core.numeric": frozenset({"_frombuffer"}),
    "numpy.random._mt19937": frozenset({"MT19937"}),
    "numpy.random._pcg64": frozenset({"PCG64"}),
    "numpy.random._pickle": frozenset({"__bit_generator_ctor", "__generator_ctor", "__randomstate_ctor"}),
    "numpy.random.bit_generator": frozenset({"SeedSequence", "__pyx_unpickle_SeedSequence"}),
    "random": frozenset({"Random"}),
    "river._river_rust.vectordict": frozenset({"euclidean_distance_tuple"}),
    "river.forest.online_extra_trees": frozenset(
        {"ExtraTrees._detection_mode_all", "ExtraTrees._detection_mode_drop", "ExtraTrees._detection_mode_off"}
    ),
    "river.naive_bayes.gaussian": frozenset({"GaussianNB._make_gaussian"}),
    "river.tree.splitter.ebst_splitter": frozenset({"EBSTNode._update_estimator_univariate"}),
    "sklearn.utils.validation": frozenset({"check_array"}),
    "statistics": frozenset({"NormalDist"}),
}
"""What else may be built, by module; functions among them only put data together."""


class _Sorted(pickle.Pickler):
    """A pickler that writes each set as its number and its sorted members."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=5)
        self._sets: dict[int, int] = {}
        self._chance = random.Random(0)

    def persistent_id(self, obj: Any) -> tuple[int, list[Any]] | None:
        """Return what stands for a set; None: anything else is pickled as usual."""
        if type(obj) is not set:
            return None
        number = self._sets.setdefault(id(obj), len(self._sets))
        return number, sorted(obj, key=lambda member: (type(member).__name__, str(member)))

    def reducer_override(self, obj: Any) -> Any:
        """Return how an unseeded distribution is written; NotImplemented: anything else as usual."""
        if isinstance(obj, Distribution) and obj.seed is None:
            return copyreg.__newobj__, (type(obj),), {**vars(obj), "_rng": self._chance}  # type: ignore[attr-defined]
        return NotImplemented


class _Guarded(pickle.Unpickler):
    """An unpickler that finds what the lists above allow."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self._sets: dict[int, set[Any]] = {}

    def persistent_load(self, pid: Any) -> set[Any]:
        """Return the set of that number: one object, however often it is met."""
        number, members = pid
        return self._sets.setdefault(int(number), set(members))

    def find_class(self, module: str, name: str) -> Any:
        """Return the class, or raise ReleaseError."""
        if name in _OTHERS.get(module, ()):
            return operator.attrgetter(name)(importlib.import_module(module))
        if _of_a_library(module) and name.isidentifier():
            found = getattr(importlib.import_module(module), name, None)
            if _is_at_home(found, module, name):
                return found
        raise ReleaseError(
            f"release: its learner wants {module}.{name}, which is not on the list of what may be loaded. "
            "If you made this release, use a learner without it; if you did not, do not trust it."
        )


def dumps(state: object) -> bytes:
    """Return the pickle of a learner's state; what pickle itself raises for what cannot be stored.

    >>> dumps({"b", "a"}) == dumps({"a", "b"})
    True
    """
    file = io.BytesIO()
    _Sorted(file).dump(state)
    return file.getvalue()


def loads(data: bytes) -> Any:
    """Return what was pickled; ReleaseError for bytes that are no pickle or want what is not allowed.

    >>> import pickle
    >>> loads(pickle.dumps({"a": 1.5}))
    {'a': 1.5}
    >>> loads(pickle.dumps(print))
    Traceback (most recent call last):
        ...
    streams.errors.ReleaseError: release: its learner wants builtins.print, which is not on the list ...
    """
    try:
        return _Guarded(io.BytesIO(data)).load()
    except (
        pickle.UnpicklingError,
        ArithmeticError,
        AttributeError,
        EOFError,
        ImportError,
        LookupError,
        MemoryError,
        RecursionError,
        TypeError,
        ValueError,
    ) as exc:
        raise ReleaseError(
            f"release: the stored learner cannot be read ({type(exc).__name__}: {exc}). "
            "It was altered or cut off: take it from a copy, or go back to an older release."
        ) from exc


def _of_a_library(module: str) -> bool:
    """Return whether classes of the module may be built."""
    inside = module.partition(".")[0] in _LIBRARIES
    return inside and not any(module == each or module.startswith(f"{each}.") for each in _KEPT_OUT)


def _is_at_home(found: object, module: str, name: str) -> bool:
    """Return whether that is a class defined in a library, or the function by which Cython rebuilds one."""
    home = str(getattr(found, "__module__", ""))
    if inspect.isclass(found):
        return _of_a_library(home) and found.__name__ == name
    return name.startswith("__pyx_unpickle_") and callable(found) and home == module
