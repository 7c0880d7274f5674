"""The one way to import a module when it is used: for commands, whose libraries take seconds to import."""

import importlib
from typing import Any


def imported(name: str) -> Any:
    """Return the module of that name, importing it now if nobody has yet.

    Learners, frames and search take up to five seconds; `riverkeeper --help`, completion and a file with a mistyped
    key need none of them.
    """
    return importlib.import_module(name)
