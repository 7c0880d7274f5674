"""What others wrote to the control log, as far as watching needs it: who serves since when, results, and answers."""

from models.serving import Serving
from streams.records import Command, Record, Released, Result


class Ledger:
    """A fold of the control log; applying a record again changes nothing.

    Results and commands are kept until they were taken up (`take`); taking them up again must change nothing either,
    because after a restart the log is folded from its beginning.
    """

    def __init__(self) -> None:
        """Start with an empty log."""
        self.serving = Serving()
        self.champions: list[tuple[float, str]] = []
        self._lifted: dict[str, float] = {}
        self._fresh: dict[str, Result | Command] = {}

    def apply(self, record: Record) -> None:
        """Take in one record; those of no interest are passed over."""
        self.serving.apply(record)
        if isinstance(record, Released):
            if record.role == "champion" and (not self.champions or self.champions[-1][1] != record.key):
                self.champions.append((record.effective_at, record.key))
        elif isinstance(record, Result | Command):
            if isinstance(record, Result) and record.kind == "unmask" and record.ok:
                self._lifted[str(record.args.get("field", ""))] = record.effective_at
            self._fresh[record.id] = record

    def take(self) -> list[Result | Command]:
        """Return the results and commands that came since, in their order."""
        fresh = list(self._fresh.values())
        self._fresh = {}
        return fresh

    def masked(self, start: float) -> frozenset[str]:
        """Return the fields that were masked at some time since `start` (s)."""
        lifted = (field for field, at in self._lifted.items() if at > start)
        return frozenset((*self.serving.masks, *lifted))

    @property
    def since(self) -> float:
        """Since when (s) the champion has been champion; 0.0 without one."""
        return self.champions[-1][0] if self.champions else 0.0

    def champion_at(self, time: float) -> str:
        """Return the release that was champion at a moment (s); empty if there was none."""
        return next((name for at, name in reversed(self.champions) if at <= time), "")


def effective_at(record: Record) -> float:
    """Return from when on (s) a record counts: its own time, where it does not say otherwise."""
    at: float = getattr(record, "effective_at", record.time)
    return at
