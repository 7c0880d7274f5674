import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.errors import RiverkeeperError, SourceError
from streams.records import Event, Label, order
from streams.sources import History, history, parse_injection
from streams.sources.order import stream_in_order
from streams.spec import LabelSpec, LookupSpec, SourceSpec, WatchedSpec

SOURCE: dict[str, Any] = {"kind": "csv", "path": "events.csv", "key": "who", "id": "id", "time": "t"}
OBJECTS: dict[str, Any] = SOURCE | {"kind": "jsonl", "path": "events.jsonl"}
LABELS = LabelSpec(column="late", known_at="landed")


def _read(
    home: Path,
    source: dict[str, Any],
    labels: LabelSpec | None = None,
    *,
    lookups: Sequence[LookupSpec] = (),
    watched: WatchedSpec | None = None,
    task: str = "binary",
    inject: Sequence[str] = (),
    start: float | None = None,
    end: float | None = None,
) -> History:
    spec = SourceSpec(**source)
    changes = [parse_injection(text, spec.timezone) for text in inject]
    return history(spec, labels, lookups, watched, home, task, changes, start, end)


def _csv(home: Path, rows: Sequence[dict[str, Any]], name: str = "events.csv") -> Path:
    pd.DataFrame(rows).to_csv(home / name, index=False)
    return home


def _lines(home: Path, rows: Sequence[Any]) -> Path:
    (home / "events.jsonl").write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows))
    return home


_ROW = st.fixed_dictionaries(
    {
        "who": st.sampled_from(["x", "y"]),
        "t": st.integers(0, 5).map(float),
        "landed": st.one_of(st.none(), st.integers(0, 12).map(float)),
        "late": st.sampled_from([None, 0, 1]),
    }
)


@settings(max_examples=40)
@given(rows=st.lists(_ROW, min_size=1, max_size=40), objects=st.booleans())
def test_every_row_is_shown_once_in_order_and_no_label_before_it_is_known(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], objects: bool
) -> None:
    home = tmp_path_factory.mktemp("history")
    rows = [row | {"id": f"e{place % 7}-{place}"} for place, row in enumerate(rows)]
    if objects:
        _lines(home, sorted(rows, key=lambda row: row["t"]))
    else:
        _csv(home, rows)
    records = list(_read(home, OBJECTS if objects else SOURCE, LABELS))
    keys = [(*order(record), isinstance(record, Label)) for record in records]
    assert keys == sorted(keys)
    assert sorted(record.id for record in records if isinstance(record, Event)) == sorted(row["id"] for row in rows)
    labelled = {row["id"]: row for row in rows if row["late"] is not None and row["landed"] is not None}
    shown = [record for record in records if isinstance(record, Label)]
    assert sorted(label.id for label in shown) == sorted(labelled)
    for label in shown:
        assert label.time == max(labelled[label.id]["landed"], labelled[label.id]["t"])
        assert label.value == float(labelled[label.id]["late"])


@settings(max_examples=25)
@given(moment=st.integers(1, 30), seed=st.integers(0, 5))
def test_what_comes_later_changes_nothing_before(
    tmp_path_factory: pytest.TempPathFactory, moment: int, seed: int
) -> None:
    home = tmp_path_factory.mktemp("history")
    rows = [
        {"id": f"e{i}", "who": "x", "t": float(i * 7 % 30), "landed": float(i * 7 % 30 + i % 5), "late": i % 2}
        for i in range(30)
    ]
    lookup = LookupSpec(name="weather", path="weather.csv", on=(), time="at")
    weather = [{"at": float(i), "wind": float(i % 4)} for i in range(0, 30, 3)]
    before = []
    for changed in (False, True):
        _csv(home, [_spoil(row, "t", moment, changed, seed) for row in rows])
        _csv(home, [_spoil(row, "at", moment, changed, seed) for row in weather], "weather.csv")
        records = list(_read(home, SOURCE, LABELS, lookups=[lookup]))
        before.append([record for record in records if record.time < moment])
    assert before[0] == before[1]


def _spoil(row: dict[str, Any], time: str, moment: float, changed: bool, seed: int) -> dict[str, Any]:
    """A row with everything after a moment changed: its values, and the value of a label that is known later."""
    if not changed:
        return row
    known = row.get("landed", row[time])
    spoilt = dict(row)
    if known >= moment and "late" in row:
        spoilt |= {"late": 1 - row["late"], "landed": known + seed}
    if row[time] >= moment:
        spoilt |= {name: 99.0 + seed for name in ("wind",) if name in row} | ({"who": "z"} if "who" in row else {})
    return spoilt


def test_features_cannot_see_what_labels_are_made_of(tmp_path: Path) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0, "delay": 20.0, "landed": 9.0, "wind": 5}])
    event, label = _read(tmp_path, SOURCE, LabelSpec(column="delay > 15", known_at="landed"))
    assert isinstance(event, Event)
    assert event.payload == {"id": "a", "who": "x", "t": 1.0, "wind": 5}
    assert label == Label(key="a", id="a", time=9.0, value=1.0)


def test_payloads_hold_plain_python_values(tmp_path: Path) -> None:
    frame = pd.DataFrame(
        {
            "id": ["a", "b"],
            "who": pd.Categorical(["x", None]),
            "t": pd.to_datetime(["2013-07-01", "2013-07-02"]),
            "n": [1, 2],
            "maybe": pd.array([1, None], dtype="Int64"),
            "f": [0.5, math.nan],
            "ok": [True, False],
            "gap": pd.to_timedelta(["1min", None]),
        }
    )
    frame.to_parquet(tmp_path / "events.parquet")
    source = SOURCE | {"kind": "parquet", "path": "events.parquet", "timezone": "America/New_York"}
    first, second = _read(tmp_path, source)
    assert isinstance(first, Event)
    assert isinstance(second, Event)
    wanted = {"id": "a", "who": "x", "t": 1372651200.0, "n": 1, "maybe": 1, "f": 0.5, "ok": True, "gap": 60.0}
    assert first.payload == wanted
    assert isinstance(second.payload, dict)
    assert (first.key, second.key) == ("x", "b")  # without a key an event is its own entity
    assert [second.payload[name] for name in ("who", "maybe", "f", "gap")] == [None] * 4
    kinds = {name: type(value) for name, value in first.payload.items()}
    assert kinds == {name: type(value) for name, value in wanted.items()}


def test_a_row_without_id_or_time_comes_after_the_row_before_it_for_the_contract_to_refuse(tmp_path: Path) -> None:
    zero = 1_372_636_800
    times = {"a": zero + 5, "": zero + 6, "b": "soon", "c": zero + 4, "d": ""}
    _csv(tmp_path, [{"id": name, "who": "x", "t": time} for name, time in times.items()])
    records = list(_read(tmp_path, SOURCE))
    wanted = [("", 4.0), ("c", 4.0), ("a", 5.0), ("", 6.0), ("", 6.0)]
    assert [(record.id, record.time - zero) for record in records] == wanted
    refused = [record.payload for record in records if isinstance(record, Event) and not record.id]
    assert refused[0] == {"id": "d", "who": "x", "t": None}
    assert refused[1:] == [{"id": None, "who": "x", "t": f"{zero + 6}"}, {"id": "b", "who": "x", "t": "soon"}]


def test_events_are_about_one_time_and_known_at_another(tmp_path: Path) -> None:
    _csv(
        tmp_path,
        [{"id": "a", "who": "x", "t": 50.0, "booked": 10.0}, {"id": "b", "who": "x", "t": 20.0, "booked": 11.0}],
    )
    records = list(_read(tmp_path, SOURCE | {"known_at": "booked"}))
    assert [(e.id, e.time, e.at) for e in records if isinstance(e, Event)] == [("a", 10.0, 50.0), ("b", 11.0, 20.0)]


def test_ids_are_made_from_a_template(tmp_path: Path) -> None:
    _csv(tmp_path, [{"who": "x", "n": 7.0, "t": 1.0}, {"who": "x", "n": None, "t": 2.0}])
    assert [record.id for record in _read(tmp_path, SOURCE | {"id": "{who}-{n}@{t}"})] == ["x-7@1", ""]
    for template in ("{who", "{}", "{who!r}", "{n:.2f}"):
        with pytest.raises(RiverkeeperError, match="braces"):
            _read(tmp_path, SOURCE | {"id": template})


def test_a_file_of_labels_has_times_and_revisions_of_its_own(tmp_path: Path) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0}, {"id": "b", "who": "x", "t": 5.0}])
    found = [("b", 9.0, 1, 0), ("a", 3.0, 0, 0), ("a", 9.0, 1, 2), ("a", 9.0, 0, 1), ("b", None, 0, 1)]
    rows = [{"flight": name, "at": at, "late": late, "no": no} for name, at, late, no in found]
    _csv(tmp_path, rows, "labels.csv")
    spec = LabelSpec(path="labels.csv", id="flight", column="late", known_at="at", revision="no")
    records = list(_read(tmp_path, SOURCE, spec))
    wanted = [("a", 3.0, 0.0, 0), ("a", 9.0, 0.0, 1), ("a", 9.0, 1.0, 2), ("b", 9.0, 1.0, 0)]
    assert [(r.id, r.time, r.value, r.revision) for r in records if isinstance(r, Label)] == wanted
    assert [type(record).__name__ for record in records] == ["Event", "Label", "Event", "Label", "Label", "Label"]
    assert [r.time for r in _read(tmp_path, SOURCE, spec, start=4.0)] == [5.0, 9.0, 9.0, 9.0]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"flight": "a", "at": 1.0, "no": 0}], "has no column 'late'"),
        ([{"flight": "a", "at": 1.0, "late": 1, "no": 0.5}], "row 1 .* has revision 0.5"),
        ([{"flight": None, "at": 1.0, "late": 1, "no": 0}], "row 1 .* has no flight"),
        ([{"flight": "a", "at": "soon", "late": 1, "no": 0}], "no 'at' .* is a time"),
        ([{"flight": "a", "at": 1.0, "late": "yes", "no": 0}], "label of 'a': 'yes' is no binary label"),
    ],
)
def test_a_file_of_labels_that_cannot_be_used_is_refused(
    tmp_path: Path, rows: list[dict[str, Any]], message: str
) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0}])
    _csv(tmp_path, rows, "labels.csv")
    spec = LabelSpec(path="labels.csv", id="flight", column="late", known_at="at", revision="no")
    with pytest.raises(SourceError, match=message):
        _read(tmp_path, SOURCE, spec)


@pytest.mark.parametrize(
    ("task", "value", "label"),
    [
        ("binary", True, 1.0),
        ("binary", 0, 0.0),
        ("multiclass", "sky", "sky"),
        ("multiclass", 3, "3"),
        ("regression", 2, 2.0),
    ],
)
def test_labels_are_read_as_their_task_wants(tmp_path: Path, task: str, value: Any, label: Any) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0, "y": value}])
    _, got = _read(tmp_path, SOURCE, LabelSpec(column="y", after="1m"), task=task)
    assert got == Label(key="a", id="a", time=61.0, value=label)


@pytest.mark.parametrize(
    ("task", "value"), [("binary", 2), ("binary", "yes"), ("regression", "long"), ("regression", "inf")]
)
def test_a_value_that_is_no_label_of_its_task_is_refused(tmp_path: Path, task: str, value: Any) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0, "y": value}])
    with pytest.raises(SourceError, match="label of 'a': "):
        list(_read(tmp_path, SOURCE, LabelSpec(column="y", after="1m"), task=task))


def test_start_and_end_bound_the_events_and_their_labels_follow(tmp_path: Path) -> None:
    rows = [{"id": f"e{i}", "who": "x", "t": float(i), "landed": i + 3.0, "late": 1} for i in range(10)]
    read = _read(_csv(tmp_path, rows), SOURCE, LABELS, start=2.0, end=5.0)
    assert read.events == 3
    records = list(read)
    assert [record.id for record in records if isinstance(record, Event)] == ["e2", "e3", "e4"]
    assert [(record.id, record.time) for record in records if isinstance(record, Label)] == [
        ("e2", 5.0),
        ("e3", 6.0),
        ("e4", 7.0),
    ]


def test_objects_stay_as_they_were_sent(tmp_path: Path) -> None:
    sent = [
        {"id": 1, "t": 1.0, "who": {"name": "x", "tags": ["a", {"b": None}]}, "truth": {"late": 1, "why": "fog"}},
        "{broken",
        {"id": 2, "t": 2, "who": {"name": "y"}, "extra": 12345678901234567890},
    ]
    _lines(tmp_path, sent)
    source = OBJECTS | {"key": "who.name"}
    records = list(_read(tmp_path, source, LabelSpec(column="truth.late", after="1s")))
    payloads = [record.payload for record in records if isinstance(record, Event)]
    first = {"id": 1, "t": 1.0, "who": {"name": "x", "tags": ["a", {"b": None}]}, "truth": {"why": "fog"}}
    assert payloads == [b"{broken", first, sent[2]]
    assert [(record.key, record.id, record.time) for record in records if isinstance(record, Event)] == [
        ("", "", 1.0),
        ("x", "1", 1.0),
        ("y", "2", 2.0),
    ]


def test_objects_get_what_is_looked_up_and_injected_and_nothing_else(tmp_path: Path) -> None:
    _lines(tmp_path, [{"id": "a", "who": "x", "t": 1, "w": {"wind": 2}}, {"id": "b", "who": "x", "t": 9}])
    _csv(tmp_path, [{"at": 5.0, "rain": 0.5}], "weather.csv")
    lookup = LookupSpec(name="weather", path="weather.csv", on=(), time="at")
    records = list(_read(tmp_path, OBJECTS, lookups=[lookup], inject=["w.wind*3"]))
    assert [record.payload for record in records if isinstance(record, Event)] == [
        {"id": "a", "who": "x", "t": 1, "w": {"wind": 6.0}},
        {"id": "b", "who": "x", "t": 9, "rain": 0.5},
    ]


def test_a_stream_may_be_out_of_order_by_its_lateness_and_no_more(tmp_path: Path) -> None:
    _lines(tmp_path, [{"id": f"e{t}", "who": "x", "t": t} for t in (3, 1, 2, 6, 5)])
    records = list(_read(tmp_path, OBJECTS | {"lateness": 2.0}))
    assert [record.time for record in records] == [1.0, 2.0, 3.0, 5.0, 6.0]
    with pytest.raises(SourceError, match="raise lateness"):
        list(_read(tmp_path, OBJECTS | {"lateness": 1.0}))


@given(
    times=st.lists(st.one_of(st.integers(0, 20).map(float), st.just(math.nan)), min_size=1, max_size=60),
    size=st.integers(1, 7),
)
def test_a_stream_is_in_the_same_order_however_it_is_cut(times: list[float], size: int) -> None:
    times = [0.0, *times]
    tables = [
        pd.DataFrame({"t": times[i : i + size], "place": range(i, min(i + size, len(times)))})
        for i in range(0, len(times), size)
    ]
    pieces = list(stream_in_order(tables, lambda table: table["t"].to_numpy(), lateness_s=20.0))
    filled = pd.Series(times).ffill()
    assert [place for piece in pieces for place in piece["place"]] == filled.sort_values(kind="stable").index.tolist()


_GENERATOR = """
def rows():
    for i in range(1_000_000):
        if i > 35_000:
            raise RuntimeError("asked for too much")
        yield {"id": i, "who": i % 7, "t": i, "late": i % 2}
def bad():
    yield {"id": 1, "who": 1, "t": 1}
    yield 5
def fails():
    yield {"id": 1, "who": 1, "t": 1}
    raise KeyError("wind")
def nothing():
    return []
"""


def test_a_generator_is_asked_for_no_more_than_is_needed(tmp_path: Path) -> None:
    (tmp_path / "made.py").write_text(_GENERATOR)
    source = SOURCE | {"kind": "python", "path": None, "python": "made.py:rows"}
    read = _read(tmp_path, source, LabelSpec(column="late", after="1h"))
    assert read.events is None
    count = 0
    for record in read:
        count += 1
        if record.id == "20000" and isinstance(record, Label):
            break
    assert count == 20_001 + 23_600  # the labels up to it, the events of the hour before it was known


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("bad", "row 2 is a int. Yield dicts"),
        ("fails", "fails after row 1: KeyError"),
        ("nothing", "yields nothing"),
        ("row", "has no function 'row'. Did you mean 'rows'"),
    ],
)
def test_a_generator_that_cannot_be_used_is_refused(tmp_path: Path, function: str, message: str) -> None:
    (tmp_path / "made.py").write_text(_GENERATOR)
    with pytest.raises(SourceError, match=message):
        list(_read(tmp_path, SOURCE | {"kind": "python", "path": None, "python": f"made.py:{function}"}))


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"key": "whom"}, "no column 'whom'. Did you mean 'who'"),
        ({"time": "when"}, "no column 'when'"),
        ({"id": "{who}-{nr}"}, "no column 'nr'"),
        ({"prepare": "prep.py:fails"}, "prepare prep.py:fails fails: KeyError"),
        ({"prepare": "prep.py:nothing"}, "returns a NoneType. Return a data frame"),
        ({"prepare": "absent.py:x"}, "there is no file"),
        ({"prepare": "broken.py:x"}, "fails when it is run: SyntaxError"),
        ({"every": "1m"}, "`every` makes the column 't', and the data has one"),
        ({"time": "who"}, "no row has a readable time"),
    ],
)
def test_a_source_that_does_not_fit_its_data_is_refused(tmp_path: Path, source: dict[str, Any], message: str) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0}])
    (tmp_path / "prep.py").write_text("def fails(t): return t['x']\ndef nothing(t): pass\n")
    (tmp_path / "broken.py").write_text("def (")
    with pytest.raises(SourceError, match=message):
        _read(tmp_path, SOURCE | source)


def test_scores_of_another_system_stay_in_the_payload(tmp_path: Path) -> None:
    _csv(tmp_path, [{"id": "a", "who": "x", "t": 1.0, "score": 0.7, "late": 1}])
    watched = WatchedSpec(column="score")
    event, _ = _read(tmp_path, SOURCE, LabelSpec(column="late", after="1h"), watched=watched)
    assert isinstance(event, Event)
    assert isinstance(event.payload, dict)
    assert event.payload["score"] == 0.7
    with pytest.raises(SourceError, match=r"no column 'scor'\. Did you mean 'score'"):
        _read(tmp_path, SOURCE, watched=WatchedSpec(column="scor"))


def test_data_without_times_comes_one_row_every_so_often() -> None:
    source = {"kind": "package", "dataset": "Phishing", "key": "row", "id": "row", "time": "shown_at", "every": "1m"}
    records = list(_read(Path(), source, LabelSpec(column="is_phishing", after="0s")))
    events = [record for record in records if isinstance(record, Event)]
    assert len(events) == 1250
    assert [(event.id, event.time) for event in events[:2]] == [("0", 946684800.0), ("1", 946684860.0)]
    assert sum(record.value == 1.0 for record in records if isinstance(record, Label)) == 548
