"""What a search tries: values of parameters, and the window to train on."""

from collections.abc import Generator, Mapping
from typing import Any, TypeAlias

from models.spec import ArmSpec

Choice: TypeAlias = Mapping[str, Any]
"""A value for each name of the space."""

Proposals: TypeAlias = Generator[Choice, float, None]
"""Yields choices and is sent the cost of each, lower is better; it ends by itself."""

WINDOW = ".window"
"""The name under which the window is one more dimension of the space; no parameter's name begins with a dot."""


def windows(arm: ArmSpec) -> tuple[str, ...]:
    """Return the windows that are candidates."""
    return (arm.window,) if isinstance(arm.window, str) else arm.window


def candidate(arm: ArmSpec, choice: Choice) -> ArmSpec:
    """Return the arm with these values, one window and nothing left to search.

    >>> tried = candidate(ArmSpec(learner="sklearn.x", window=("all", "60d")), {"depth": 3, WINDOW: "60d"})
    >>> tried.params, tried.window
    ({'depth': 3}, '60d')
    """
    params = {name: value for name, value in choice.items() if name != WINDOW}
    window = choice.get(WINDOW, windows(arm)[0])
    return arm.model_copy(update={"params": {**arm.params, **params}, "window": window, "search": None})
