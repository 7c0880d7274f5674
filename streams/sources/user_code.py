"""Functions of the user's own, named as ``file.py:function``."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from streams.errors import SourceError
from streams.sources.nearest import nearest


def load_function(reference: str, home: Path) -> Callable[..., Any]:
    """Return the function that ``file.py:function`` names; the file is relative to `home` and is run.

    Raises SourceError if the file is absent or fails, or has no such function.
    """
    file, _, name = reference.rpartition(":")
    path = (home / file).resolve()
    if not file or not path.is_file():
        raise SourceError(f"{reference!r}: there is no file {path}. Write file.py:function, relative to {home}")
    module_name = f"riverkeeper_user:{path}"
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise SourceError(f"{reference!r}: {path} is no Python file. Give it the suffix .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module  # dataclasses and pickle look their module up
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[module_name]
        raise SourceError(f"{path} fails when it is run: {type(error).__name__}: {error}. Mend it") from error
    function = getattr(module, name, None)
    if not callable(function):
        functions = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        raise SourceError(f"{reference!r}: {path} has no function {name!r}. {nearest(name, functions)}")
    return function  # type: ignore[no-any-return]


def prepared(table: pd.DataFrame, reference: str | None, home: Path) -> pd.DataFrame:
    """Return what the function ``file.py:function`` makes of a table, the table itself without a reference.

    Raises SourceError if the function fails, or returns anything but a data frame with rows.
    """
    if reference is None:
        return table
    function = load_function(reference, home)
    try:
        made = function(table)
    except Exception as error:
        raise SourceError(f"prepare {reference} fails: {type(error).__name__}: {error}. Mend it") from error
    if not isinstance(made, pd.DataFrame) or made.empty:
        got = "no rows" if isinstance(made, pd.DataFrame) else f"a {type(made).__name__}"
        raise SourceError(f"prepare {reference} returns {got}. Return a data frame with rows")
    return made
