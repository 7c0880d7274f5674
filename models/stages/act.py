"""Does what was decided: runs remedies, writes what came of them, and keeps the registry's aliases."""

from typing import Any

import msgspec

from models.remedies import REMEDIES
from models.remedies.port import Done, Recipe, Situation
from models.rollout.table import Lineup, follow
from models.serving import Hold, Serving
from streams.errors import LearnerError, ReleaseError, StopError
from streams.records import Action, Command, Record, Released, Result
from streams.stage import Batch
from streams.state import State

_REMEMBERED = 1000


class Memory(msgspec.Struct, frozen=True):
    """What the control log has said so far, as far as acting needs it."""

    lineup: Lineup = Lineup()
    holds: tuple[Hold, ...] = ()
    waiting: dict[str, Action] = {}
    done: tuple[str, ...] = ()


class Act:
    """Takes up each action once, those that want approval when it is given.

    State under "act": who serves, what is on hold, which actions wait for a person, and which were done.
    """

    name = "act"
    streams: tuple[str, ...] = ("control",)
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ("control",)
    single = True
    aligned_s = 0.0
    checkpoints = False
    holds: Any = Memory

    def __init__(self, recipe: Recipe) -> None:
        """`recipe` is all that remedies need."""
        self._recipe = recipe

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Run the actions of the batch."""
        records = batch.streams.get("control")
        if not records:
            return []
        memory: Memory = state.get("act") or Memory()
        out: list[Record] = []
        for record in records:
            memory = self._follow(memory, record)
            action = self._taken_up(memory, record)
            if action is not None:
                out += self._run(memory, action)
                waiting = {key: value for key, value in memory.waiting.items() if key != action.id}
                done = (*memory.done, action.id)[-_REMEMBERED:]
                memory = msgspec.structs.replace(memory, waiting=waiting, done=done)
        state.put("act", memory)
        return out

    def _follow(self, memory: Memory, record: Record) -> Memory:
        """Fold one record; when the line-up changes, the registry's aliases follow."""
        if isinstance(record, Result) and record.kind in ("pause", "resume"):
            serving = Serving()
            serving.holds = {str(i): hold for i, hold in enumerate(memory.holds)}
            serving.apply(record)
            return msgspec.structs.replace(memory, holds=tuple(serving.holds.values()))
        if isinstance(record, Action) and record.approval == "wanted":
            memory = msgspec.structs.replace(memory, waiting=memory.waiting | {record.id: record})
        if not isinstance(record, Released | Action):
            return memory
        lineup = follow(memory.lineup, record, self._recipe.shares)
        if isinstance(record, Released):
            self._set_aliases(lineup, record)
        return msgspec.structs.replace(memory, lineup=lineup)

    def _taken_up(self, memory: Memory, record: Record) -> Action | None:
        """Return the action that a record calls for now: itself, or the one that a person has answered."""
        if isinstance(record, Action) and record.approval in ("not needed", "given") and record.id not in memory.done:
            return record
        if not isinstance(record, Command) or record.what not in ("approve", "refuse"):
            return None
        asked = memory.waiting.get(str(record.args.get("action")))
        if asked is None:
            return None
        kind = asked.kind if record.what == "approve" else "reject"
        if record.what == "refuse" and asked.kind != "promote":
            return None
        due_at = max(asked.due_at, record.time)
        return msgspec.structs.replace(asked, kind=kind, time=record.time, due_at=due_at, approval="given")

    def _run(self, memory: Memory, action: Action) -> list[Record]:
        try:
            done = REMEDIES[action.kind](self._recipe, Situation(memory.lineup, memory.holds), action)
        except (LearnerError, ReleaseError, StopError) as error:
            done = Done(False, str(error))
        result = Result(
            action.id,
            f"{action.id}/result",
            action.time,
            action.id,
            action.kind,
            action.due_at,
            done.ok,
            done.what,
            done.figures,
            action.args,
            done.release,
        )
        return [result, *(msgspec.structs.replace(each, time=action.time) for each in done.released)]

    def _set_aliases(self, lineup: Lineup, record: Released) -> None:
        rollout = lineup.rollout
        if rollout is None:
            return
        registry = self._recipe.registry
        now, wanted = registry.aliases(), rollout.aliases
        for alias in ("previous", "champion", "challenger"):
            if now.get(alias) != wanted.get(alias):
                registry.set_alias(alias, wanted.get(alias), record.why, record.effective_at)
