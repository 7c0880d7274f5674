"""Sound and unsound data over time: what was accepted, flagged, quarantined and refused."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from dashboards.story.outcomes import Told
from dashboards.story.parts import Quality, Refused


class Letter(msgspec.Struct, gc=False):
    """What is read of a dead letter; the original bytes are passed over."""

    id: str
    time: float
    topic: str
    code: str
    field: str
    got: str
    remedy: str


LONGEST = 120
"""Characters of an example that are kept."""


def letters(folder: Path) -> Iterator[Letter]:
    """Yield the dead letters of a run folder."""
    decoder = msgspec.json.Decoder(Letter)
    for path in sorted(folder.glob("dead-letters-*.jsonl")):
        with path.open("rb") as file:
            for line in file:
                yield decoder.decode(line)


def refusals(told: Iterator[Letter]) -> tuple[tuple[Refused, ...], int]:
    """Return refusals by topic, reason and field, most frequent first, and how many events among them got no answer."""
    rows: dict[tuple[str, str, str], Refused] = {}
    unanswered = 0
    for letter in told:
        unanswered += letter.topic == "events" and (not letter.id or letter.code == "duplicate")
        key = (letter.topic, letter.code, letter.field)
        row = rows.get(key)
        if row is None:
            got = letter.got if len(letter.got) <= LONGEST else letter.got[:LONGEST] + "..."
            row = Refused(letter.topic, letter.code, letter.field, 0, letter.time, letter.time, got, letter.remedy)
        rows[key] = msgspec.structs.replace(
            row, events=row.events + 1, first=min(row.first, letter.time), last=max(row.last, letter.time)
        )
    return tuple(sorted(rows.values(), key=lambda row: (-row.events, row.topic, row.code, row.field))), unanswered


def quality(told: Told, refused: tuple[Refused, ...]) -> Quality:
    """Return the section's figures."""
    flags = {flag: n for flag, n in told.flags.items() if not flag.startswith("quarantined:")}
    return Quality(
        days=tuple(told.days.starts.tolist()),
        accepted=tuple(int(n) for n in told.accepted),
        quarantined=tuple(int(n) for n in told.quarantined),
        flags=dict(sorted(flags.items(), key=lambda each: (-each[1], each[0]))),
        refused=refused,
    )
