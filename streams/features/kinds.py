"""Which processor a [[feature]] section asks for, and which of its keys do not go together."""

from streams.features.port import Context, mistake
from streams.spec import FeatureSpec

_SAYING = ("kind", "expression", "aggregate", "interact", "encode", "scale", "calendar", "python", "last")
_DIRECT = {
    "expression": "arithmetic",
    "interact": "interaction",
    "encode": "encode",
    "scale": "scale",
    "calendar": "calendar",
    "python": "python",
    "last": "previous",
}
_DETAILS = ("of", "by", "over", "half_life", "cyclic", "params")
_TAKES = {
    "calendar": ("of", "cyclic"),
    "encode": ("of", "over"),
    "scale": ("of", "by", "over"),
    "aggregate": ("of", "by", "over", "half_life"),
    "kind": _DETAILS,
}


def kind_of(spec: FeatureSpec, context: Context) -> str:
    """Return the name of the processor in `FEATURES`.

    Raises SpecError if no key or more than one says the kind, or if a key has no meaning for it.
    """
    said = [key for key in _SAYING if getattr(spec, key) is not None]
    if len(said) != 1:
        what = f"{' and '.join(said)} are given" if said else "nothing says what it is"
        raise mistake(spec, what, f"Give exactly one of {', '.join(_SAYING)}")
    _refuse_details(spec, said[0])
    if said[0] == "kind":
        return spec.kind or ""
    return _aggregate(spec, context) if said[0] == "aggregate" else _DIRECT[said[0]]


def _refuse_details(spec: FeatureSpec, said: str) -> None:
    takes = _TAKES.get(said, ())
    unused = [key for key in _DETAILS if getattr(spec, key) not in (None, False, {}) and key not in takes]
    if unused:
        what = f"{' and '.join(unused)} mean{'s' if len(unused) == 1 else ''} nothing beside {said}"
        raise mistake(spec, what, f"Leave it out; {said} takes {', '.join(takes) or 'no other key'}")
    if spec.over is not None and spec.half_life is not None:
        raise mistake(spec, "over and half_life are given", "Windows end, half-lives fade: keep one of the two")


def _aggregate(spec: FeatureSpec, context: Context) -> str:
    if spec.half_life is not None:
        return "decayed"
    if spec.of == "label":
        return "label_rate"
    own = spec.by is None or spec.by in (context.key, (context.key,))
    return "rolling" if own else "entity"
