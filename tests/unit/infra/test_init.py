"""Drafts: what is guessed of tables whose answer is known, and that every draft passes `check`."""

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.cli.check import find_mistakes
from infra.cli.init import draft
from infra.init.columns import describe_columns
from infra.init.draft import write_draft
from infra.init.roles import guess_roles
from infra.mistakes import sentence
from infra.pipeline import examine
from streams.errors import SourceError

ROWS = 400


def orders() -> pd.DataFrame:
    chance = np.random.default_rng(7)
    placed = pd.Timestamp("2024-03-01T08:00:00") + pd.to_timedelta(np.arange(ROWS) * 600, unit="s")
    price = chance.gamma(2.0, 20.0, ROWS).round(2)
    late = np.where(chance.random(ROWS) < 0.2 + 0.4 * (price > 50), "yes", "no")
    return pd.DataFrame(
        {
            "order_id": [f"o{n}" for n in range(ROWS)],
            "customer_id": [f"c{n % 37}" for n in range(ROWS)],
            "placed_at": placed.strftime("%Y-%m-%dT%H:%M:%S"),
            "arrived_at": (placed + pd.Timedelta("2h")).strftime("%Y-%m-%dT%H:%M:%S"),
            "price": np.where(np.arange(ROWS) % 10 == 0, np.nan, price),
            "items": chance.integers(1, 6, ROWS),
            "country": chance.choice(["DE", "FR"], ROWS),
            "customer_email": [f"c{n % 37}@example.org" for n in range(ROWS)],
            "refunded": late == "yes",
            "late": late,
        }
    )


def drafted(table: pd.DataFrame, folder: Path, name: str = "orders.csv") -> tuple[str, dict[str, Any]]:
    path = folder / name
    table.to_parquet(path) if path.suffix == ".parquet" else table.to_csv(path, index=False)
    text = draft(path, folder / "pipeline.toml", None)
    return text, tomllib.loads(text)


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet"])
def test_a_draft_of_orders(name: str, tmp_path: Path) -> None:
    text, said = drafted(orders(), tmp_path, name)
    assert said["problem"]["task"] == "binary"
    assert said["problem"]["target"] == "late"
    assert said["labels"] == {"column": "late == 'yes'", "known_at": "arrived_at"}
    source = said["source"]
    assert (source["key"], source["id"], source["time"]) == ("customer_id", "order_id", "placed_at")
    assert source["path"] == name
    fields = {field["name"]: field for field in said["field"]}
    assert fields["country"]["categories"] == ["DE", "FR"]
    assert fields["price"]["missing"] == "impute:median"
    assert fields["price"]["min"] == 0
    assert fields["items"]["type"] == "int"
    assert fields["customer_email"]["personal"]["treat"] == "drop"
    assert not {"late", "refunded", "arrived_at", "order_id"} & set(fields)
    assert "# Left out: refunded, it nearly gives the target away (1.000 of 1)" in text
    mistakes = find_mistakes(text.encode(), tmp_path)
    assert not mistakes, [sentence(mistake) for mistake in mistakes]


def test_rows_without_times_are_taken_in_their_order(tmp_path: Path) -> None:
    table = orders()[["price", "items", "late"]]
    text, said = drafted(table, tmp_path)
    assert (said["source"]["id"], said["source"]["every"]) == ("row", "1m")
    assert not find_mistakes(text.encode(), tmp_path)


def test_numbers_are_regression_and_a_sum_is_a_leak(tmp_path: Path) -> None:
    table = orders().drop(columns=["late", "refunded", "price"])
    table["total"] = np.random.default_rng(3).normal(100.0, 20.0, ROWS)
    table["gross"] = table["total"] * 1.19
    text, said = drafted(table[[*table.columns[:-2], "gross", "total"]], tmp_path)
    assert said["problem"]["task"] == "regression"
    assert said["problem"]["target"] == "total"
    assert "# Left out: gross" in text
    assert not find_mistakes(text.encode(), tmp_path)


def test_a_hundred_percent_range_has_a_margin(tmp_path: Path) -> None:
    _, said = drafted(orders().assign(load=np.linspace(-50.0, 50.0, ROWS)), tmp_path)
    load = next(field for field in said["field"] if field["name"] == "load")
    assert (load["min"], load["max"]) == (-75, 75)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (pd.DataFrame({"a": [1, 1, 1]}), "no column can be predicted"),
        (pd.DataFrame({"late": [0, 1, 0, 1]}), "no column is left to predict late from"),
    ],
)
def test_what_cannot_be_drafted(table: pd.DataFrame, said: str, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=said):
        drafted(table, tmp_path)


def test_a_target_that_is_not_there() -> None:
    table = orders()
    with pytest.raises(SourceError, match=r"--target lat: no column that can be predicted. There are: .*late"):
        guess_roles(table, describe_columns(table), "lat")


CELLS = st.one_of(
    st.lists(st.integers(-5, 5), min_size=12, max_size=12),
    st.lists(st.floats(-1e9, 1e9, width=32), min_size=12, max_size=12),
    st.lists(st.sampled_from(["a", 'q"', "b\\", "\x7f", "ü'", "2024-01-01"]), min_size=12, max_size=12),
    st.lists(st.booleans(), min_size=12, max_size=12),
    st.lists(st.sampled_from([None, 1.5, 2.5]), min_size=12, max_size=12),
)
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=6)


@settings(max_examples=15)
@given(st.dictionaries(NAMES, CELLS, min_size=2, max_size=5))
def test_any_draft_is_a_pipeline(columns: dict[str, list[Any]]) -> None:
    table = pd.DataFrame(columns)
    described = describe_columns(table)
    try:
        text = write_draft(table, described, guess_roles(table, described, None), "data.csv", "csv")
    except SourceError:
        return
    pipeline, mistakes = examine(text.encode())
    assert pipeline is not None, (text, [sentence(mistake) for mistake in mistakes])
