"""From dotted names and dotted parameters to an estimator, or to an error that says what is wrong with them.

``learner = "river.linear_model.LogisticRegression"`` with ``params = { "optimizer.lr" = 0.002 }`` is that class, its
default optimizer changed in one parameter. ``{ optimizer = "river.optim.Adam", "optimizer.lr" = 0.002 }`` names
another one. Lists of dotted names work as well: ``{ steps = ["river.preprocessing.MinMaxScaler", ...] }``.
"""

import difflib
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from models.learners.port import Recipe

_Params = Mapping[str, Any]


class Library(msgspec.Struct, frozen=True):
    """How one library of estimators is spoken to.

    `root` is its top-level package, `part` the base class of its estimators, `chance` the name of the parameter that
    pins chance, and `change` returns a copy of an estimator with other parameters.
    """

    root: str
    part: type
    chance: str
    change: Callable[[Any, dict[str, Any]], Any]


def construct(recipe: Recipe, library: Library, defaults: _Params) -> Any:
    """Return the estimator that the arm names, its parameters set over `defaults` and its chance pinned.

    Raises LearnerError for a name that is no class of the library, and for parameters that the class does not take.
    """
    found = _class(recipe, library, "learner", recipe.arm.learner)
    accepted = inspect.signature(found).parameters
    fitting = {key: value for key, value in defaults.items() if key in accepted}
    return _built(recipe, library, found, {**fitting, **recipe.arm.params}, "params")


def _class(recipe: Recipe, library: Library, key: str, dotted: str) -> type:
    """Return the class of that dotted name, never anything but a class that the library itself defines."""
    module, _, name = dotted.rpartition(".")
    remedy = f"Name a class of {library.root} as its reference does, such as {library.root}.<module>.<Class>."
    try:
        found = getattr(importlib.import_module(module), name, None) if module else None
    except ImportError as exc:
        raise recipe.refuse(key, f"{library.root} has no such module ({exc})", dotted, remedy) from exc
    if not inspect.isclass(found) or found.__module__.partition(".")[0] != library.root:
        near = difflib.get_close_matches(name, vars(importlib.import_module(module))) if module else []
        hint = f" Did you mean {module}.{near[0]}?" if near else ""
        raise recipe.refuse(key, f"no class of {library.root} has this name", dotted, remedy + hint)
    return found


def _built(recipe: Recipe, library: Library, found: type, params: _Params, key: str) -> Any:
    """Return an instance; `params` may be dotted, and may name classes."""
    accepted = inspect.signature(found).parameters
    own, inner = _split(params)
    _check_names(recipe, found, accepted, [*own, *inner], key)
    if library.chance in accepted and own.get(library.chance) is None:
        own[library.chance] = recipe.seed
    for name in list(own):
        own[name] = _value(recipe, library, own[name], inner.pop(name, {}), f"{key}.{name}")
    if inner:
        plain = _called(recipe, found, accepted, own, key)
        for name, changes in inner.items():
            own[name] = _changed(recipe, library, getattr(plain, name, None), changes, f"{key}.{name}")
    return _called(recipe, found, accepted, own, key)


def _split(params: _Params) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """Return parameters of the object itself, and those of its parts by part."""
    own: dict[str, Any] = {}
    inner: dict[str, dict[str, Any]] = {}
    for key, value in params.items():
        head, dot, rest = key.partition(".")
        if dot:
            inner.setdefault(head, {})[rest] = value
        else:
            own[head] = value
    return own, inner


def _check_names(recipe: Recipe, found: type, accepted: _Params, names: Iterable[str], key: str) -> None:
    """Refuse parameters that the class does not take."""
    if any(each.kind is each.VAR_KEYWORD for each in accepted.values()):
        return
    for name in names:
        if name not in accepted:
            remedy = f"It takes: {', '.join(accepted) or 'no parameters'}."
            raise recipe.refuse(key, f"{found.__name__} has no such parameter", name, remedy)


def _value(recipe: Recipe, library: Library, value: Any, inner: dict[str, Any], key: str) -> Any:
    """Return a parameter's value: a dotted name of the library's is built, in lists too, everything else is itself."""
    if isinstance(value, str) and value.startswith(f"{library.root}."):
        return _built(recipe, library, _class(recipe, library, key, value), inner, key)
    if isinstance(value, list):
        own, deeper = _split(inner)
        if not own and set(deeper) <= {str(place) for place in range(len(value))}:
            return [
                _value(recipe, library, each, deeper.get(str(place), {}), f"{key}.{place}")
                for place, each in enumerate(value)
            ]
    if inner:
        remedy = f"Give {key} by its dotted name ({library.root}.…) or not at all, and its parameters beside it."
        raise recipe.refuse(key, f"{', '.join(inner)} cannot be set on it", value, remedy)
    return value


def _changed(recipe: Recipe, library: Library, part: Any, params: _Params, key: str) -> Any:
    """Return a copy of a default part with other parameters."""
    if not isinstance(part, library.part):
        remedy = f'Name its class too: {key.rpartition(".")[2]} = "{library.root}.…".'
        raise recipe.refuse(key, "there is no default whose parameters could be set", part, remedy)
    accepted = inspect.signature(type(part)).parameters
    own, inner = _split(params)
    _check_names(recipe, type(part), accepted, [*own, *inner], key)
    for name, value in own.items():
        own[name] = _value(recipe, library, value, inner.pop(name, {}), f"{key}.{name}")
    for name, changes in inner.items():
        own[name] = _changed(recipe, library, getattr(part, name, None), changes, f"{key}.{name}")
    try:
        return library.change(part, own)
    except (TypeError, ValueError, AttributeError) as exc:
        raise recipe.refuse(key, f"{type(part).__name__} does not take this ({exc})", own, "Mend the values.") from exc


def _called(recipe: Recipe, found: type, accepted: _Params, own: dict[str, Any], key: str) -> Any:
    """Return the instance; what the class itself refuses is refused with its words."""
    many = next((name for name, each in accepted.items() if each.kind is each.VAR_POSITIONAL), "")
    named = {name: value for name, value in own.items() if name != many}
    try:
        return found(*own.get(many, ()), **named)
    except (TypeError, ValueError, AttributeError, KeyError, NotImplementedError) as exc:
        remedy = "Give the parameters that it wants."
        raise recipe.refuse(key, f"{found.__name__} does not take this ({exc})", own, remedy) from exc
