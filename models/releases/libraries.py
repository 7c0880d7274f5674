"""Which libraries a release was made with, and whether it may be loaded with those that are here."""

import platform
from collections.abc import Mapping
from importlib.metadata import version

from streams.errors import ReleaseError

_PARTS = {"river": 3, "scikit-learn": 3, "numpy": 1}
"""How many parts of a version must agree: learners are pickles of exactly these classes."""


def libraries() -> dict[str, str]:
    """Return the versions that a release depends on, Python by its minor version."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **{name: ".".join(version(name).split(".")[:parts]) for name, parts in _PARTS.items()}}


def check_libraries(made_with: Mapping[str, str], where: str) -> None:
    """Raise ReleaseError, with the remedy, if a release was made with versions that cannot be trusted to load it."""
    here = libraries()
    other = [name for name in here if made_with.get(name) != here[name]]
    if not other:
        return
    differ = ", ".join(f"{name} {made_with.get(name, 'of an unknown version')} (here {here[name]})" for name in other)
    pins = " ".join(f"'{name}=={made_with[name]}'" for name in other if name in _PARTS and name in made_with)
    install = f"install those versions (pip install {pins}), " if pins else "use that Python, "
    raise ReleaseError(
        f"{where}: made with {differ}. A stored learner may load wrongly across versions: {install}"
        "or retrain the arm with the versions that are here."
    )
