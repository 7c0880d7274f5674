"""What a sound pipeline file says about the world around it: its data, its functions, its learners."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path as FilePath
from zoneinfo import ZoneInfo

from infra.consistency.model import arms_of
from infra.mistakes import Finding, choose, dotted
from infra.sections import Pipeline
from infra.toml_lines import Path
from models.learners import build
from streams.contract import Contract, Refused
from streams.errors import RiverkeeperError, StopError
from streams.features.plan import build_features
from streams.features.port import Context, Type
from streams.records import Event, Label
from streams.sources import history
from streams.state import State

_HEAD = 2000
"""Records that are read of the source."""

_SECRET = bytes(32)
_QUOTED = re.compile(r"'([^']+)'")
_WORD = re.compile(r"\w+")
_MANY_CLASSES = 200


def check_surroundings(pipeline: Pipeline, folder: FilePath) -> Iterator[Finding]:
    """Find what keeps a pipeline from running here: absent files and columns, failing functions, unknown learners.

    Reads the head of the source, and runs the functions that the pipeline names.
    """
    head: list[Event | Label] = []
    try:
        records = history(
            source=pipeline.source,
            labels=pipeline.labels,
            lookups=pipeline.lookup,
            watched=pipeline.watched,
            home=folder,
            task=pipeline.problem.task,
        )
        head = list(islice(records, _HEAD))
    except RiverkeeperError as error:
        yield _placed(pipeline, str(error))
    events = [record for record in head if isinstance(record, Event)]
    yield from _check_columns(pipeline, events)
    yield from _check_contract(pipeline, events)
    yield from _check_model(pipeline, folder, [record for record in head if isinstance(record, Label)])


def _placed(pipeline: Pipeline, message: str) -> Finding:
    """Place what a source says at the value of its sections that the message names."""
    places: list[tuple[Path, object]] = []
    for section in ("source", "labels", "watched"):
        places += [((section, key), value) for key, value in getattr(pipeline, section) or ()]
    for index, lookup in enumerate(pipeline.lookup):
        places += [(("lookup", index, key), value) for key, value in lookup]
        places += [(("lookup", index, "on", place), column) for place, column in enumerate(lookup.on)]
    said, _, text = message.partition(": ")
    section = said.partition(" ")[0]
    if section not in ("source", "labels", "lookup"):
        section, text = "", message
    what, _, remedy = text.rpartition(". ")
    path = _named([each for each in places if each[0][0] == section] or places, message)
    return Finding(path or (section or "source",), what or text, remedy or "Mend the data, or what is said about it")


def _named(places: list[tuple[Path, object]], message: str) -> Path | None:
    """Return the path of the longest text that a message names, in whole or by a name within."""
    quoted = set(_QUOTED.findall(message))
    texts = [(path, value) for path, value in places if isinstance(value, str) and path[-1] != "name"]
    found = [each for each in texts if each[1] in message]
    found = found or [each for each in texts if quoted & set(_WORD.findall(each[1]))]
    return max(found, key=lambda each: len(each[1]))[0] if found else None


def _check_columns(pipeline: Pipeline, events: list[Event]) -> Iterator[Finding]:
    """Every field stands in the events of a table (objects may leave fields out)."""
    if not events or pipeline.source.kind in ("jsonl", "python"):
        return
    columns = set().union(*(event.payload for event in events if isinstance(event.payload, dict)))
    for index, field in enumerate(pipeline.field):
        column = field.path or field.name
        if column not in columns and (field.path is None or column.partition(".")[0] not in columns):
            where: Path = ("field", index, "path" if field.path else "name")
            yield Finding(where, "the data has no such column", choose(column, (str(name) for name in columns)))


def _check_contract(pipeline: Pipeline, events: list[Event]) -> Iterator[Finding]:
    """Most events keep the contract; otherwise it is the contract that is wrong."""
    if not events:
        return
    try:
        contract = Contract(
            pipeline.field, pipeline.rule, future_s=0.0, zone=ZoneInfo(pipeline.source.timezone), secret=_SECRET
        )
    except StopError as error:
        yield _split(("field",), str(error))
        return
    state = State()
    answers = [contract.check(event, state) for event in events]
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    if len(refused) * 2 <= len(events):
        return
    (code, name), times = Counter((answer.code, answer.field) for answer in refused).most_common(1)[0]
    example = next(answer for answer in refused if (answer.code, answer.field) == (code, name))
    places: list[Path] = [("field", index) for index, field in enumerate(pipeline.field) if field.name == name]
    rules: list[Path] = [("rule", index) for index, rule in enumerate(pipeline.rule) if rule.name == name]
    what = f"{times} of the first {len(events)} events would be refused ({code}), such as {example.got}"
    source: Path = ("source", name if name in ("id", "time", "key") else "kind")
    path = [*places, *rules, source][0]
    yield Finding(
        path, what, f"Change what is declared here, or mend the data: {example.remedy}", on_key=len(path) == 2
    )


def _check_model(pipeline: Pipeline, folder: FilePath, labels: list[Label]) -> Iterator[Finding]:
    """Every feature and every arm can be built."""
    multiclass = pipeline.problem.task == "multiclass"
    context = Context(
        key=pipeline.source.key,
        timezone=pipeline.source.timezone,
        folder=str(folder),
        label="category" if multiclass else "numeric",
    )
    built, mistakes = build_features(pipeline.field, pipeline.feature, context)
    for index, text in mistakes:
        keys: list[tuple[Path, object]] = [(("feature", index, key), value) for key, value in pipeline.feature[index]]
        yield _split(_named(keys, text) or ("feature", index), text.partition(": ")[2])
    if pipeline.model is None or mistakes:
        return
    inputs: dict[str, Type] = {
        field.name: "category" if field.type == "str" else "numeric"
        for field in pipeline.field
        if field.use and field.personal is None and field.type != "time"
    }
    inputs |= {name: feature.type for feature in built for name in feature.names}
    classes = sorted({str(label.value) for label in labels})[:_MANY_CLASSES]
    classes = classes if len(classes) > 1 else ["a", "b"]  # the head may be too early to tell
    for path, arm in arms_of(pipeline.model):
        where = dotted(path, pipeline.model_dump())
        try:
            build(arm, pipeline.problem.task, list(inputs), list(inputs.values()), classes, where=where)
        except StopError as error:
            key, _, text = str(error).removeprefix(f"{where}.").partition(": ")
            yield _split((*path, *_key_path(key)), text)


def _key_path(key: str) -> Path:
    """Return the path of ``params.optimizer.lr``: what follows `params` is one key, dots and all."""
    head, _, rest = key.partition(".")
    return (head, rest) if rest else (head,)


def _split(path: Path, text: str) -> Finding:
    what, _, remedy = text.partition(". ")
    return Finding(path, what.partition(", got ")[0], remedy or "Change it", on_key=len(path) == 2)
