"""Keyed state with an overlay: a step writes beside the state, and only a commit lets it in."""

from collections.abc import Iterator
from typing import Any

_GONE = object()


class State:
    """A mapping of immutable values; writes go to an overlay, which is the coalesced changelog of the step.

    Values must be immutable (tuples, numbers, strings, frozen structs): a value that was read and changed in place
    would escape the overlay.

    >>> state = State()
    >>> state.put("a", 1)
    >>> state.drop()
    >>> state.get("a") is None
    True
    """

    __slots__ = ("_base", "_overlay")

    def __init__(self) -> None:
        """Start empty; a restore puts and applies what the changelog holds."""
        self._base: dict[str, Any] = {}
        self._overlay: dict[str, Any] = {}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the newest value, the overlay's first."""
        value = self._overlay.get(key, _GONE) if self._overlay else _GONE
        if value is _GONE:
            return self._base.get(key, default)
        return default if value is None else value

    def put(self, key: str, value: Any) -> None:
        """Write to the overlay; None removes the key (a tombstone in the changelog)."""
        self._overlay[key] = value

    def changes(self) -> dict[str, Any]:
        """Return what the step wrote, newest value per key, None for removed."""
        return self._overlay

    def apply(self) -> None:
        """Let the overlay in: the commit succeeded."""
        for key, value in self._overlay.items():
            if value is None:
                self._base.pop(key, None)
            else:
                self._base[key] = value
        self._overlay = {}

    def drop(self) -> None:
        """Forget the overlay: the commit was aborted."""
        self._overlay = {}

    def items(self) -> Iterator[tuple[str, Any]]:
        """Iterate over what was committed."""
        return iter(self._base.items())
