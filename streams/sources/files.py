"""Tables and rows from files: CSV (plain, gzip, zip, bz2, xz), Parquet, JSON lines (plain, gzip)."""

import gzip
import warnings
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import msgspec
import pandas as pd

from streams.errors import SourceError
from streams.sources.nearest import nearest

_UNREADABLE = (ValueError, OSError, EOFError, zlib.error, BadZipFile, pd.errors.ParserWarning)


def read_table(path: Path) -> pd.DataFrame:
    """Return the table in a Parquet file (.parquet, .pq) or a CSV file (any other suffix), all of its rows.

    The types of CSV columns are inferred; empty cells and the usual words for nothing (NA, null, nan) are missing.
    Raises SourceError for a file that is absent, empty, has a header only or repeated columns, or cannot be read.
    """
    _must_exist(path)
    try:
        table = pd.read_parquet(path) if path.suffix in (".parquet", ".pq") else _read_csv(path)
    except pd.errors.EmptyDataError as error:
        raise SourceError(f"{path} is empty. A header and rows are wanted") from error
    except UnicodeDecodeError as error:
        raise SourceError(f"{path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8") from error
    except _UNREADABLE as error:
        raise SourceError(f"{path} cannot be read: {str(error).strip()}. Mend the file, or its suffix") from error
    if table.empty:
        raise SourceError(f"{path} has a header, but no rows")
    return table


def read_json_lines(path: Path) -> Iterator[dict[str, Any] | bytes]:
    """Yield the object of each line, or the line's bytes where it holds none; blank lines are passed over.

    Raises SourceError for a file that is absent or has no lines.
    """
    _must_exist(path)
    decoder = msgspec.json.Decoder()
    lines = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for line in file:
                if text := line.strip():
                    lines += 1
                    yield _object(decoder, text)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{path} cannot be read on after {lines} lines: {error}. Mend the file") from error
    if not lines:
        raise SourceError(f"{path} is empty. One JSON object a line is wanted")


def _object(decoder: "msgspec.json.Decoder[Any]", text: bytes) -> dict[str, Any] | bytes:
    try:
        value = decoder.decode(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, dict) else text


def _must_exist(path: Path) -> None:
    if path.is_file():
        return
    if path.is_dir():
        raise SourceError(
            f"{path} is a folder. Name a file in it. {nearest('', (each.name for each in path.iterdir()))}"
        )
    if not path.parent.is_dir():
        raise SourceError(f"there is no folder {path.parent}, where {path.name} should be. Mend the path")
    around = nearest(path.name, (each.name for each in path.parent.iterdir() if each.is_file()))
    raise SourceError(f"there is no file {path}. {around}")


def _read_csv(path: Path) -> pd.DataFrame:
    header = pd.read_csv(path, header=None, nrows=1, dtype=str).iloc[0]
    repeated = sorted(set(header[header.duplicated()]))
    if repeated:
        raise ValueError(f"its header repeats {', '.join(repeated)}")
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # rows longer than the header would be cut in silence
        return pd.read_csv(path, index_col=False, low_memory=False)
