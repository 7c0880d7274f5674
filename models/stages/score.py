"""Answers events: contract, features, every arm, and the decision of the one that serves."""

from collections.abc import Callable, Mapping
from typing import Any

from models.model import Model
from models.serving import NEVER_UPDATED, Serving, treated
from streams.contract import Contract, Refused
from streams.errors import RecordError
from streams.features.plan import Plan
from streams.features.sums import Totals
from streams.records import DeadLetter, Event, Prediction, Record, Score, Snapshot, Values
from streams.stage import Batch
from streams.state import State


class ScoreStage:
    """Gives a prediction for every event that has an id; refused ones get the fallback's answer and a dead letter.

    `standing` are the arms that answer from the start (baselines, incremental challengers), by name; the first one is
    the fallback. Releases come and go by the control log and are fetched by `fetch`. State by key: what its features
    and contract remember.
    """

    name = "score"
    streams: tuple[str, ...] = ("events",)
    tables: tuple[str, ...] = ("features", "snapshots", "control")
    writes: tuple[str, ...] = ("predictions", "dead-letters")
    single = False
    checkpoints = False
    holds: Any = Any

    def __init__(
        self,
        contract: Contract,
        plan: Plan,
        standing: Mapping[str, Model],
        fetch: Callable[[str], Model],
        freshness_s: float,
    ) -> None:
        """Start with the standing arms; features, snapshots and control are handed over before the first event."""
        self.aligned_s = freshness_s
        self._contract = contract
        self._plan = plan
        self._standing = dict(standing)
        self._fallback = next(iter(self._standing))
        self._fetch = fetch
        self._totals = Totals(plan.windows)
        self._serving = Serving()
        self._models: dict[str, Model] = dict(standing)
        self._snapshots: dict[str, str] = {}
        self._frozen: Model | None = None

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Score the batch with what was known at its cut."""
        self._fold(batch)
        events = batch.streams.get("events")
        if not events:
            return []
        out: list[Record] = []
        good: list[tuple[Event, tuple[str, ...]]] = []
        rows: list[Values] = []
        for event in events:
            ready = self._prepare(state, event)
            if isinstance(ready, Refused):
                out += self._refuse(event, ready, batch.cut)
            else:
                flags, row = ready
                good.append((event, flags))
                rows.append(row)
        if rows:
            out += self._answer(good, rows, batch.cut)
        return out

    def _fold(self, batch: Batch) -> None:
        tables = batch.tables
        for record in tables.get("features", ()):
            self._totals.apply(record)
        if batch.cut > self._totals.cut:
            self._totals.advance(batch.cut)
        if control := tables.get("control"):
            for record in control:
                self._serving.apply(record)
            self._follow_roles()
        for snapshot in {record.key: record for record in tables.get("snapshots", ())}.values():
            self._refresh(snapshot)

    def _follow_roles(self) -> None:
        """Fetch the releases that took a role; the first one ever goes on as it was released, beside all others."""
        self._models = self._standing | {
            name: self._models.get(name) or self._fetch(name) for name in self._serving.releases()
        }
        first = self._serving.first
        if first and self._frozen is None:
            known = self._models.get(first)
            self._frozen = known if known is not None and not known.learner.incremental else self._fetch(first)
        if self._frozen is not None:
            self._models[NEVER_UPDATED] = self._frozen
        self._snapshots = {name: id_ for name, id_ in self._snapshots.items() if name in self._models}

    def _refresh(self, snapshot: Snapshot) -> None:
        model = self._models.get(snapshot.key)
        if model is not None and snapshot.key != NEVER_UPDATED:
            model.learner.load(snapshot.data)
            self._snapshots = self._snapshots | {snapshot.key: snapshot.id}

    def _prepare(self, state: State, event: Event) -> tuple[tuple[str, ...], Values] | Refused:
        """Return flags and inputs of an event, or why it is refused."""
        serving = self._serving
        if (serving.masks or serving.conversions) and isinstance(event.payload, dict):
            event = Event(event.key, event.id, event.time, event.at, dict(treated(event.payload, serving)))
        checked = self._contract.check(event, state)
        if isinstance(checked, Refused):
            return checked
        values = checked.values
        key = "own:" + event.key
        before = state.get(key)
        try:
            row, after = self._plan.compute(values, event.time, before, self._totals)
        except RecordError as error:
            return Refused(error.code, error.field, error.got, error.remedy)
        if after is not None:
            state.put(key, after)
        flags = checked.flags
        if serving.masks or serving.conversions:
            flags += (*(f"masked:{name}" for name in serving.masks), *(f"converted:{n}" for n in serving.conversions))
        return flags, row

    def _answer(self, events: list[tuple[Event, tuple[str, ...]]], rows: list[Values], cut: float) -> list[Record]:
        """Ask every arm for all rows; where one refuses, row by row, and put aside what it refuses."""
        try:
            return self._asked(events, rows, cut)
        except RecordError as error:
            if len(rows) == 1:
                return self._refuse(events[0][0], Refused(error.code, error.field, error.got, error.remedy), cut)
        return [each for event, row in zip(events, rows, strict=True) for each in self._answer([event], [row], cut)]

    def _asked(self, events: list[tuple[Event, tuple[str, ...]]], rows: list[Values], cut: float) -> list[Record]:
        """Ask every arm for all rows, and one that answers under two names once."""
        names = list(self._models)
        asked = {id(model): model for model in self._models.values()}
        given = {key: model.predict(rows) for key, model in asked.items()}
        answers = [given[id(model)] for model in self._models.values()]
        out: list[Record] = []
        for (event, flags), row, scores in zip(events, rows, zip(*answers, strict=True), strict=True):
            arms = dict(zip(names, scores, strict=True))
            out.append(self._prediction(event, flags, row, arms, cut))
        return out

    def _prediction(
        self, event: Event, flags: tuple[str, ...], row: Values, arms: dict[str, Score], cut: float
    ) -> Prediction:
        release = self._serving.served(event.key)
        served = release or self._fallback
        model = self._models[served]
        return Prediction(
            event.id,
            event.id,
            event.time,
            event.at,
            row,
            arms,
            served,
            model.decide(arms[served]),
            model.threshold,
            flags,
            release,
            self._snapshots,
            cut,
        )

    def _refuse(self, event: Event, why: Refused, cut: float) -> list[Record]:
        """Put the event aside with the reason; one that can be named still gets the fallback's answer."""
        raw = self._contract.redact(event.payload)
        letter = DeadLetter(
            event.key,
            event.id,
            event.time,
            raw,
            "events",
            why.code,
            why.field,
            why.got,
            why.remedy,
            event.partition,
            event.offset,
        )
        if not event.id or why.code == "duplicate":
            return [letter]
        name = self._fallback
        try:
            score = self._models[name].predict([{}])[0]
        except RecordError:  # where predictions are made elsewhere, nobody else answers
            return [letter]
        decision = self._models[name].decide(score)
        flags = (f"quarantined:{why.code}:{why.field}",)
        answer = Prediction(
            event.id, event.id, event.time, event.at, {}, {name: score}, name, decision, None, flags, "", {}, cut
        )
        return [letter, answer]
