"""Who serves: the fold of the control log that scorers, learners and reports share."""

from collections.abc import Mapping
from zlib import crc32

import msgspec

from streams.records import Record, Released, Result

NEVER_UPDATED = "never_updated"
"""The arm that is the first release as it was, for comparison with all that was done since."""


class Hold(msgspec.Struct, frozen=True):
    """Outcomes of predictions made in [since, until) are not learned; `until` is infinite while the hold lasts."""

    since: float
    until: float
    field: str = ""


class Serving:
    """Releases and their roles, remedies in force on fields, and what must not be learned.

    Applying a record again changes nothing, so the log may be folded from its beginning at any time.
    """

    def __init__(self) -> None:
        """Start with no release: the fallback serves."""
        self.standing: dict[str, Released] = {}
        self.champion = ""
        self.challenger = ""
        self.previous = ""
        self.first = ""
        self.masks: dict[str, str] = {}
        self.conversions: dict[str, float] = {}
        self.holds: dict[str, Hold] = {}

    def apply(self, record: Record) -> None:
        """Take in one record of the control log; those that change nothing here are passed over."""
        if isinstance(record, Released):
            self._released(record)
        elif isinstance(record, Result) and record.ok:
            self._remedied(record)

    def releases(self) -> list[str]:
        """Return the releases that have a role: champion, previous, challenger."""
        return [name for name in (self.champion, self.previous, self.challenger) if name]

    def served(self, key: str) -> str:
        """Return the release that serves this key; empty when only the fallback does."""
        if self.challenger:
            share = self.standing[self.challenger].share
            if share and place(key, self.challenger) < share:
                return self.challenger
        return self.champion

    def held(self, predicted_at: float) -> bool:
        """Say whether an outcome of this prediction time (s) must not be learned."""
        return any(hold.since <= predicted_at < hold.until for hold in self.holds.values())

    def _released(self, record: Released) -> None:
        self.standing[record.key] = record
        for role in ("champion", "challenger", "previous"):
            if getattr(self, role) == record.key:
                setattr(self, role, "")
        if record.role != "retired":
            setattr(self, record.role, record.key)
        if record.role == "champion" and not self.first:
            self.first = record.key

    def _remedied(self, record: Result) -> None:
        field = str(record.args.get("field", ""))
        if record.kind == "mask":
            self.masks[field] = record.action
        elif record.kind == "unmask":
            self.masks.pop(field, None)
        elif record.kind == "convert":
            self.conversions[field] = float(record.args["factor"])
        elif record.kind == "unconvert":
            self.conversions.pop(field, None)
        elif record.kind == "pause":
            self.holds[record.id] = Hold(float(record.args["since"]), float("inf"), field)
        elif record.kind == "resume":
            self._resume(record)

    def _resume(self, record: Result) -> None:
        for id_, hold in self.holds.items():
            if hold.until == float("inf"):
                self.holds[id_] = Hold(hold.since, record.effective_at, hold.field)


def place(key: str, salt: str) -> float:
    """Return where a key lies in [0, 1) for a split; another release (`salt`) shuffles the keys anew."""
    return crc32(f"{salt}|{key}".encode()) / 2**32


def treated(payload: Mapping[str, object], serving: Serving) -> Mapping[str, object]:
    """Return the payload with the remedies in force: masked fields missing, wrong units converted."""
    if not serving.masks and not serving.conversions:
        return payload
    mended = dict(payload)
    for field, factor in serving.conversions.items():
        value = mended.get(field)
        if isinstance(value, int | float):
            mended[field] = value * factor
    for field in serving.masks:
        if field in mended:
            mended[field] = None
    return mended
