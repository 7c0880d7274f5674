"""A history that the user's own Python generator yields, row by row."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from streams.errors import RiverkeeperError, SourceError
from streams.sources.user_code import load_function


def generated(reference: str, home: Path) -> Iterator[dict[str, Any] | bytes]:
    """Yield what the generator ``file.py:function`` yields: dicts (events), or bytes that no producer could parse.

    Only the row at hand is kept. Raises SourceError if the generator fails or yields something else.
    """
    function = load_function(reference, home)
    place = 0
    try:
        for place, row in enumerate(function(), start=1):
            if not isinstance(row, dict | bytes):
                raise SourceError(f"{reference}: row {place} is a {type(row).__name__}. Yield dicts")
            yield row
    except RiverkeeperError:
        raise
    except Exception as error:
        raise SourceError(f"{reference} fails after row {place}: {type(error).__name__}: {error}. Mend it") from error
