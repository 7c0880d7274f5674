import gzip
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from streams.errors import SourceError
from streams.sources.files import read_json_lines, read_table

TEXT = "id,wind\na,1.5\nb,\n"


def test_a_csv_file_is_read_however_it_is_packed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(TEXT)
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(TEXT.encode()))
    with zipfile.ZipFile(tmp_path / "c.csv.zip", "w") as archive:
        archive.writestr("c.csv", TEXT)
    pd.read_csv(tmp_path / "a.csv").to_parquet(tmp_path / "d.parquet")
    for path in sorted(tmp_path.iterdir()):
        table = read_table(path)
        assert table["id"].tolist() == ["a", "b"]
        assert table["wind"][0] == 1.5
        assert table["wind"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", b"", "is empty. A header"),
        ("blank.csv", b"\n\n", "is empty. A header"),
        ("header.csv", b"id,wind\n", "has a header, but no rows"),
        ("twice.csv", b"id,wind,wind\na,1,2\n", "its header repeats wind"),
        ("longer.csv", b"id,wind\na,1\nb,1,2\n", "Expected 2 fields in line 3, saw 3"),
        ("all_longer.csv", b"id,wind\na,1,2\n", "cannot be read"),
        ("latin.csv", "id,name\na,Zürich\n".encode("latin-1"), "is not UTF-8: .* at byte"),
        ("quote.csv", b'id,name\na,"open\n', "cannot be read"),
        ("no.csv.gz", b"id,wind\na,1\n", "cannot be read"),
        ("cut.csv.gz", gzip.compress(TEXT.encode() * 1000, mtime=0)[:-20], "cannot be read"),
        ("no.csv.zip", b"PK nothing", "cannot be read"),
        ("no.parquet", b"PAR1 nothing", "cannot be read"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(SourceError, match=message) as caught:
        read_table(path)
    assert str(path) in str(caught.value)


def test_a_zip_of_two_files_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.csv.zip", "w") as archive:
        archive.writestr("a.csv", TEXT)
        archive.writestr("b.csv", TEXT)
    with pytest.raises(SourceError, match="cannot be read"):
        read_table(tmp_path / "two.csv.zip")


def test_an_absent_file_names_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "flights.csv").write_text(TEXT)
    with pytest.raises(SourceError, match=r"Did you mean 'flights\.csv'"):
        read_table(tmp_path / "flihgts.csv")
    with pytest.raises(SourceError, match="there is no folder"):
        read_table(tmp_path / "data" / "flights.csv")
    with pytest.raises(SourceError, match=r"is a folder.*flights\.csv"):
        read_table(tmp_path)


def test_lines_that_hold_no_object_stay_bytes(tmp_path: Path) -> None:
    deep = b"[" * 100_000
    lines = [b'{"a": {"b": [1, null]}}', b"", b"{broken", b"[1]", b'{"a": "\xff"}', deep, b'{"a": 1.0}']
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"\n".join(lines))
    wanted = [{"a": {"b": [1, None]}}, b"{broken", b"[1]", b'{"a": "\xff"}', deep, {"a": 1.0}]
    assert list(read_json_lines(path)) == wanted
    packed = tmp_path / "events.jsonl.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(read_json_lines(packed)) == wanted


def test_lines_that_cannot_be_read_on_say_where(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000)[:-20])
    with pytest.raises(SourceError, match="cannot be read on after"):
        list(read_json_lines(path))
    (tmp_path / "empty.jsonl").write_bytes(b"\n")
    with pytest.raises(SourceError, match="is empty"):
        list(read_json_lines(tmp_path / "empty.jsonl"))
