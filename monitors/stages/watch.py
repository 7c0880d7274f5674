"""Decides what windows mean: evidence, diagnosis, incidents, alerts, actions, and whether a rollout moves on."""

import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from models.rollout.steer import Progress, Steer
from monitors import alerts, answers, days, incidents, performance, policy
from monitors.answers import Standing
from monitors.book import Book, asked, came, decided, first_release, verdict
from monitors.closeup import closeup, gather
from monitors.corroboration import hear
from monitors.counting import Unseen
from monitors.diagnosis import ANSWERS, Finding, diagnose
from monitors.evidence import HOLDS, Evidence
from monitors.ledger import Ledger, effective_at
from monitors.policy import Rules
from monitors.reference import Reference
from monitors.scope import Scope
from monitors.settled import merged
from streams.records import Action, Incident, Record, Result, Summary
from streams.stage import Batch
from streams.state import State


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What a pipeline file says about watching and deciding.

    `warmup_s` after the first event the first release serves; None: the model is not ours. `tolerance` is of the
    success metric, `detectors` are names of `monitors.detectors`.
    """

    scope: Scope
    rules: Rules
    tolerance: float = 0.02
    detectors: tuple[str, ...] = ("page_hinkley",)
    warmup_s: float | None = None


class Watch:
    """Decides each window once the watermark has passed its end, with the summaries of all partitions.

    Everything that is decided bears the window's end as its time, and rests on summaries and control records up to
    it: so it depends neither on batches nor on partitions. Writes verdicts (of windows with remarkable tests, and one
    a day), incidents, alerts and actions, and what `steer` decides. `fetch` gives the reference of a release.

    State: "watch" (`Book`), "summaries" (of windows that are not decided yet), and what evidence and steer keep.
    """

    name = "watch"
    streams: tuple[str, ...] = ("summaries",)
    tables: tuple[str, ...] = ("control",)
    writes: tuple[str, ...] = ("control",)
    single = True
    checkpoints = False
    holds: Any = Book | Progress | HOLDS | tuple[Summary, ...]

    def __init__(self, setting: Setting, fetch: Callable[[str], Reference | None], steer: Steer) -> None:
        """Start; the control log is folded from its beginning."""
        self.aligned_s = setting.scope.window_s
        self._setting = setting
        self._fetch = fetch
        self._steer = steer
        self._evidence = Evidence(setting.scope)
        self._ledger = Ledger()
        self._coming: list[Record] = []
        self._references: dict[str, Reference | None] = {}
        window_s = setting.scope.window_s
        self._settles_s = math.ceil(setting.scope.settles_s / window_s) * window_s
        self._alpha = performance.alpha(setting.scope.false_incidents_per_week, setting.rules.retrain_per_week) / 2.0

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Decide every window whose end the watermark has passed."""
        self._coming += batch.tables.get("control", ())
        new = batch.streams.get("summaries", ())
        waiting: tuple[Summary, ...] = state.get("summaries", ())
        if new:
            waiting = (*waiting, *new)
            state.put("summaries", waiting)
        book: Book | None = state.get("watch")
        window_s = self._setting.scope.window_s
        if book is None:
            if not waiting or waiting[0].time >= batch.watermark:
                return []
            book = Book(min(each.start for each in waiting), waiting[0].time - window_s, waiting[0].time - window_s)
        out: list[Record] = []
        while book.end + window_s < batch.watermark < math.inf:
            end = book.end + window_s
            due = [each for each in waiting if each.time <= end]
            waiting = tuple(each for each in waiting if each.time > end)
            state.put("summaries", waiting or None)
            book, written = self._decide(state, book, due, end)
            state.put("watch", book)
            out += written
        return out

    def _decide(self, state: State, book: Book, due: Sequence[Summary], end: float) -> tuple[Book, list[Record]]:
        # Step 1. What others have written up to the window's end.
        book, told = self._listen(book, end)
        # Step 2. Evidence: what the window's records look like, and how good the answers were whose labels settled.
        seen = [each for each in due if each.kind == "seen" and each.end == end]
        settled = merged([each for each in due if each.kind == "settled"])
        reference = self._reference(end)
        look = self._evidence.seen(state, seen, reference, end)
        unseen = gather(look, seen, book.unseen)
        near = closeup(unseen, seen, reference)
        last = book.performance.days[-1:]
        book = self._settle(book, settled, seen, unseen, end)
        # Step 3. Diagnosis.
        scope = self._setting.scope
        found = diagnose(look, scope.fields, near, self._ledger.masked(look.start))
        book, found, over = self._mended(book, found, end)
        found = (*found, *self._answers(book, book.performance.days[-1:] != last, end))
        # Step 4. Incidents, remedies, alerts.
        book, changed, actions = self._act(book, found, end)
        kept, alerted = alerts.follow(
            book.alerts,
            book.docket.cases,
            [each.action for each in book.past.tries],
            self._setting.rules.pipeline,
            scope.timezone,
            end,
        )
        book, said = verdict(book, look, found)
        # Step 5. Rollouts.
        steered = [
            record for each in settled for record in self._steer.settled(state, each.start, each.counts, each.sums, end)
        ]
        book = msgspec.structs.replace(book, alerts=kept, end=end)
        return book, [*said, *told, *over, *changed, *actions, *alerted, *steered]

    def _listen(self, book: Book, end: float) -> tuple[Book, list[Record]]:
        """Fold control records up to `end` (s), take up results and commands."""
        now = [record for record in self._coming if effective_at(record) <= end]
        self._coming = [record for record in self._coming if effective_at(record) > end]
        for record in now:
            self._ledger.apply(record)
            self._steer.apply(record)
        out: list[Record] = []
        for record in self._ledger.take():
            if isinstance(record, Result):
                book = came(book, record)
            else:
                book, told = asked(book, record, end)
                out += told
        champion = self._ledger.serving.champion
        if champion != book.champion:
            if any(case.incident.cause in ANSWERS for case in book.docket.living()):
                book = msgspec.structs.replace(book, performance=days.anew(book.performance, end))
            book = msgspec.structs.replace(book, champion=champion)
        return book, out

    def _reference(self, end: float) -> Reference | None:
        """The reference of the release that was champion at the window's start."""
        release = self._ledger.champion_at(end - self._setting.scope.window_s)
        if not release:
            return None
        if release not in self._references:
            self._references = {release: self._fetch(release)}
        return self._references[release]

    def _settle(
        self, book: Book, settled: Sequence[Summary], seen: Sequence[Summary], unseen: Unseen, end: float
    ) -> Book:
        kept = days.add(book.performance, settled) if settled else book.performance
        return msgspec.structs.replace(
            book,
            performance=days.close(kept, end - self._settles_s),
            opinion=hear(book.opinion, self._setting.detectors, settled) if settled else book.opinion,
            labelled=book.labelled + sum(each.counts.get("labels", 0) for each in seen),
            unseen=unseen,
        )

    def _mended(
        self, book: Book, found: Sequence[Finding], end: float
    ) -> tuple[Book, tuple[Finding, ...], tuple[Record, ...]]:
        """A converted field that now looks wrong the other way round was mended upstream: its incident is over."""
        kept: list[Finding] = []
        out: tuple[Record, ...] = ()
        for finding in found:
            case = self._converted(book, finding)
            if case is None:
                kept.append(finding)
            else:
                docket, told = incidents.end(book.docket, case.incident.id, end)
                book, out = msgspec.structs.replace(book, docket=docket), (*out, *told)
        return book, tuple(kept), out

    def _converted(self, book: Book, finding: Finding) -> incidents.Case | None:
        if finding.cause != "unit_change" or finding.fields[0] not in self._ledger.serving.conversions:
            return None
        factor = float(finding.args.get("factor", 0.0))
        for case in book.docket.living():
            if case.factor is not None and finding.fields[0] in case.incident.fields:
                return case if abs(factor * case.factor - 1.0) < 0.02 else None
        return None

    def _answers(self, book: Book, new_day: bool, end: float) -> tuple[Finding, ...]:
        """Findings about the model itself; those that need labels once a day, when a day has settled."""
        found: list[Finding | None] = []
        rules, scope = self._setting.rules, self._setting.scope
        standing = Standing(
            self._ledger.serving.champion, self._ledger.serving.previous, self._ledger.since, book.fitted
        )
        if new_day:
            tolerance = performance.margin(scope.metric, self._setting.tolerance, book.performance.usual)
            found.append(answers.worse(book.performance, book.opinion, tolerance, self._alpha))
            found.append(answers.worse_after_release(book.performance, standing, self._alpha))
        if rules.growth is not None:
            found.append(answers.stale(standing, book.labelled, rules.growth, end))
        return tuple(each for each in found if each is not None)

    def _act(self, book: Book, found: Sequence[Finding], end: float) -> tuple[Book, tuple[Incident, ...], list[Action]]:
        """Let findings open, feed and end incidents; decide remedies, and take back those that are not needed."""
        setting, rules = self._setting, self._setting.rules
        tolerance = performance.margin(setting.scope.metric, setting.tolerance, book.performance.usual)

        def harm(since: float, until: float) -> bool | None:
            return answers.harmed(book.performance, since, until, tolerance)

        hidden = policy.hidden(book.past, end)
        docket, changed = incidents.follow(book.docket, found, end, hidden, harm)
        actions: list[Action] = []
        after = msgspec.structs.replace(book, docket=docket)
        if setting.warmup_s is not None and not self._ledger.serving.champion:
            first = first_release(after, rules, setting.warmup_s, end)
            if first is not None:
                actions.append(first)
                after = decided(after, [first])
        for case in docket.living():
            args = {} if case.factor is None else {"factor": case.factor}
            action = policy.decide(case.incident, args, rules, after.past, end)
            if action is not None:
                actions.append(action)
                after = decided(after, [action])
        back = policy.undo([case.incident for case in docket.living()], rules, after.past, end)
        return decided(after, back), changed, [*actions, *back]
