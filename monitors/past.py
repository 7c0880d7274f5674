"""Takes from a history of outcomes what a reference is made of."""

from collections import deque
from collections.abc import Iterable, Mapping
from operator import attrgetter

import msgspec

from monitors.budget import DAY_S
from monitors.counting import Row
from monitors.judging import likeliest
from monitors.scope import Scope
from streams.records import DeadLetter, Outcome, Score

QUARANTINED = "quarantined:"


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One prediction: when and as what it was made (None: it was quarantined), when its label came and how late (s)."""

    time: float
    id: str
    row: Row | None
    flags: tuple[str, ...]
    known: float
    delay_s: float | None


class Past(msgspec.Struct, frozen=True):
    """Predictions in order of time, and refused events and labels as (time, name of the count)."""

    entries: list[Entry]
    refused: list[tuple[float, str]]


def read(
    history: Iterable[Outcome],
    scope: Scope,
    scores: Mapping[str, Score],
    letters: Iterable[DeadLetter],
    most_days: float,
) -> Past:
    """Read outcomes, which are in order of time; only predictions of the last `most_days` are kept.

    `scores` has the release's own answers by event id; where it has none, the answer that was served counts. Revisions
    change nothing. Without `letters` what was refused is known from flags, but for events that got no answer.
    """
    kept: deque[Entry] = deque()
    for outcome in history:
        if outcome.before is None:
            kept.append(_entry(outcome, scope, scores))
            while kept[0].known < outcome.time - most_days * DAY_S:
                kept.popleft()
    entries = sorted(kept, key=attrgetter("time", "id"))
    refused = [(letter.time, refusal(letter)) for letter in letters]
    if not refused:
        refused = [
            (entry.time, f"refused:{flag.removeprefix(QUARANTINED)}")
            for entry in entries
            for flag in entry.flags
            if flag.startswith(QUARANTINED)
        ]
    return Past(entries, refused)


def refusal(letter: DeadLetter) -> str:
    """Return the name under which a refused record is counted."""
    return f"refused:{letter.code}:{letter.field}" if letter.topic == "events" else f"refused_label:{letter.code}"


def _entry(outcome: Outcome, scope: Scope, scores: Mapping[str, Score]) -> Entry:
    prediction = outcome.prediction
    row: Row | None = None
    if not any(flag.startswith(QUARANTINED) for flag in prediction.flags):
        answer = scores.get(prediction.id, prediction.arms[prediction.served])
        seen = likeliest(answer) if isinstance(answer, dict) else answer
        row = (*map(prediction.features.get, scope.fields), seen)
    delay_s = None if outcome.label is None else outcome.delay_s
    return Entry(prediction.time, prediction.id, row, prediction.flags, outcome.time, delay_s)
