"""Laws of reading pipeline files: nothing but a pipeline or mistakes, and a hash of what is said."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from infra.consistency import CHECKS
from infra.pipeline import Pipeline, examine, pipeline_hash
from infra.shape import model_at
from models.metrics import METRICS as MEASURED
from models.spec import LOWER_IS_BETTER, METRICS, Task
from monitors.distances import DISTANCES
from monitors.spec import MonitorSpec

GOOD = (Path(__file__).parents[2] / "broken" / "pipeline.toml").read_text(encoding="utf-8")
LINES = GOOD.splitlines()
WORDS = [
    '"x"',
    "0",
    "-1",
    "true",
    "[]",
    "{}",
    "[[1]]",
    '["a", 1]',
    "nan",
    "1e400",
    '"' + "9" * 400 + 'd"',
    "2013-01-01",
    "'='",
]


def read(text: str) -> Pipeline:
    pipeline, mistakes = examine(text.encode())
    assert pipeline is not None, mistakes
    return pipeline


def is_pipeline_or_mistakes(data: bytes) -> None:
    pipeline, mistakes = examine(data)
    assert (pipeline is None) == bool(mistakes)
    lines = data.decode("utf-8", "replace").count("\n") + 1
    for mistake in mistakes:
        assert 1 <= mistake.at.line <= lines
        assert mistake.what
        assert mistake.remedy


@settings(max_examples=30)
@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    is_pipeline_or_mistakes(data)


@settings(max_examples=30)
@given(st.integers(0, len(GOOD)), st.integers(0, 40), st.binary(max_size=8))
def test_any_cut_and_paste(start: int, width: int, pasted: bytes) -> None:
    data = GOOD.encode()
    is_pipeline_or_mistakes(data[:start] + pasted + data[start + width :])


@settings(max_examples=30)
@given(st.sampled_from([n for n, line in enumerate(LINES) if " = " in line]), st.sampled_from(WORDS))
def test_any_value_of_another_type(number: int, word: str) -> None:
    lines = list(LINES)
    lines[number] = lines[number].partition("=")[0] + "= " + word
    is_pipeline_or_mistakes("\n".join(lines).encode())


@settings(max_examples=30)
@given(st.permutations([block + "\n" for block in GOOD.split("\n\n")]))
def test_any_order_of_sections(blocks: list[str]) -> None:
    is_pipeline_or_mistakes("\n".join(blocks).encode())


@settings(max_examples=30)
@given(st.sets(st.integers(0, len(LINES) - 1), min_size=1, max_size=6))
def test_any_lines_left_out(numbers: set[int]) -> None:
    is_pipeline_or_mistakes("\n".join(line for n, line in enumerate(LINES) if n not in numbers).encode())


def test_the_hash_is_of_what_is_said() -> None:
    same = pipeline_hash(read(GOOD))
    commented = "# a comment\n" + GOOD.replace(
        'kind = "csv"\npath = "flights.csv"', 'path = "flights.csv"\nkind = "csv"'
    )
    assert pipeline_hash(read(commented)) == same
    assert pipeline_hash(read(GOOD.replace("[rollout]", '[rollout]\nprobation = "3d"'))) == same
    assert pipeline_hash(read(GOOD.replace("max = 120", "max = 121"))) != same
    assert len(same) == 64


def test_free_values_keep_their_lists() -> None:
    text = GOOD.replace('params = { "optimizer.lr" = 0.01 }', 'params = { steps = ["a", "b"] }')
    model = read(text).model
    assert model is not None
    assert model.champion.params == {"steps": ["a", "b"]}


def test_dates_are_read_as_texts() -> None:
    text = GOOD.replace('timezone = "America/New_York"', "begin = 2013-01-01T00:00:00Z")
    assert read(text).source.begin == "2013-01-01T00:00:00+00:00"


def test_every_check_reads_sections_that_there_are() -> None:
    for reads in CHECKS.values():
        assert reads
        assert reads <= set(Pipeline.model_fields)


@pytest.mark.parametrize("task", METRICS)
def test_declared_metrics_are_measured(task: Task) -> None:
    for name in METRICS[task]:
        assert task in MEASURED[name].tasks
        assert (MEASURED[name].direction < 0) == (name in LOWER_IS_BETTER)


def test_declared_distances_are_measured() -> None:
    schema = MonitorSpec.model_json_schema()["properties"]["distances"]["items"]["enum"]
    assert set(schema) == set(DISTANCES)


def sections(model: type[BaseModel], path: tuple[str, ...] = ()) -> dict[tuple[str, ...], type[BaseModel]]:
    found = {path: model}
    for key in model.model_fields:
        inner = model_at(Pipeline, (*path, key))
        if inner is not None:
            found |= sections(inner, (*path, key))
    return found


@pytest.mark.parametrize(
    ("path", "model"), sections(Pipeline).items(), ids=lambda value: ".".join(value) if isinstance(value, tuple) else ""
)
def test_every_section_says_what_it_is(path: tuple[str, ...], model: type[BaseModel]) -> None:
    assert model.__doc__
    assert model.model_config["frozen"]
    assert model.model_config["extra"] == "forbid"
