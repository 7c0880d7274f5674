"""Data inside installed packages, found without importing them (a package may need what is not installed)."""

import ast
import importlib.util
import zipfile
from pathlib import Path

import pandas as pd

from streams.errors import SourceError
from streams.sources.files import read_table
from streams.sources.nearest import nearest

_DATA = (".csv", ".gz", ".zip", ".parquet", ".pq")


def package_file(package: str, path: str) -> Path:
    """Return where a file of an installed package lies.

    Raises SourceError if the package is not installed or has no such file.
    """
    folder = _folder(package)
    file = (folder / path).resolve()
    if not file.is_relative_to(folder):
        raise SourceError(f"{path!r} leads out of the package {package}. Name a file in it")
    if not file.is_file():
        known = (each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.suffix in _DATA)
        raise SourceError(f"the package {package} has no file {path!r}. {nearest(path, known)}")
    return file


def river_dataset(name: str) -> pd.DataFrame:
    """Return a data set that comes with River, named as its class in `river.datasets`, as a table.

    Columns and types are those of its file. Bananas, which is in LIBSVM's format, has target, x1 and x2.
    Raises SourceError if River has no such data set, or downloads it.
    """
    folder = _folder("river") / "datasets"
    files = {known: file for module in sorted(folder.glob("*.py")) for known, file in _bundled(module)}
    if name not in files:
        raise SourceError(f"River comes with no data set {name!r} (others it downloads). {nearest(name, files)}")
    path = folder / files[name]
    return _read_libsvm(path) if name == "Bananas" else read_table(path)


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package) if package.isidentifier() else None
    if found is None or not found.submodule_search_locations:
        raise SourceError(
            f"there is no installed package {package!r}. Install it (pip install {package}), or mend its name"
        )
    return Path(found.submodule_search_locations[0]).resolve()


def _bundled(module: Path) -> list[tuple[str, str]]:
    """Names of a module's classes whose file lies beside it, each with the file's name; the module is only parsed."""
    found = []
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, ast.ClassDef) and "FileDataset" in [
            ast.unparse(base).split(".")[-1] for base in node.bases
        ]:
            names = [
                k.value
                for call in ast.walk(node)
                if isinstance(call, ast.Call)
                for k in call.keywords
                if k.arg == "filename"
            ]
            found += [
                (node.name, name.value)
                for name in names
                if isinstance(name, ast.Constant) and isinstance(name.value, str)
            ]
    return found


def _read_libsvm(path: Path) -> pd.DataFrame:
    """Read lines such as ``-1 1:0.5 2:1.25``."""
    with zipfile.ZipFile(path) as archive:
        lines = archive.read(archive.namelist()[0]).decode().splitlines()
    rows = [[part.rpartition(":")[2] for part in line.split()] for line in lines if line.strip()]
    return pd.DataFrame(rows, columns=["target", *(f"x{i}" for i in range(1, len(rows[0])))]).astype(float)
