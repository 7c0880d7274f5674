"""The known name that a mistyped one probably meant, for the remedy in an error."""

import difflib
from collections.abc import Iterable

_SHOWN = 20


def nearest(name: str, known: Iterable[object]) -> str:
    """Return a sentence that offers the closest of the known names, or lists them.

    >>> nearest("wind_sped", ["wind_speed", "origin"])
    "Did you mean 'wind_speed'?"
    >>> nearest("x", ["wind_speed", "origin"])
    'There are: origin, wind_speed'
    """
    names = sorted({str(each) for each in known})
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"Did you mean {close[0]!r}?"
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"There are: {', '.join(names[:_SHOWN]) or 'none'}{more}"
