"""Joins labels to predictions: an outcome for every prediction, with its label or with the fact that none came."""

from collections.abc import Callable
from typing import Any

import msgspec

from streams.records import DeadLetter, Label, Outcome, Prediction, Record, Target
from streams.stage import Batch
from streams.state import State

Judge = Callable[[Prediction, Target], tuple[dict[str, float], float | None]]
"""Loss of each arm, and the business value of the served decision."""


class Early(msgspec.Struct, frozen=True, gc=False, tag="early"):
    """Labels that came before their prediction, in the order in which they came."""

    labels: tuple[Label, ...]


class Join:
    """Pairs by event id; what came first changes nothing.

    An outcome has a label if and only if the label was known at most `label_delay_s` after the prediction. Where none
    was, an outcome without one is given at the end of the delay, rounded up to a multiple of `grid_s`. A higher
    revision replaces a lower one for `revisions_s` after that. A label that comes too late, or finds no prediction
    within the delay before and after it, is a dead letter. A second prediction of the same id is passed over.

    State by ">id": Prediction (waits for its label) or Outcome (may be revised, or its label may come too late); by
    "<id": labels that wait for their prediction; by "@slot|piece": the keys to look at when time has reached
    slot * `grid_s`, in pieces of one batch; "@slot": how many pieces; "@first" and "@last": the slots that there are.
    """

    name = "join"
    streams: tuple[str, ...] = ("predictions", "labels")
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ("outcomes", "dead-letters")
    single = False
    checkpoints = False
    holds: Any = Prediction | Outcome | Early | tuple[str, ...] | int | None

    def __init__(self, label_delay_s: float, revisions_s: float, grid_s: float, judge: Judge) -> None:
        """`judge` gives losses and value of a prediction once its label is known."""
        self.aligned_s = grid_s
        self._delay_s = label_delay_s
        self._revisions_s = revisions_s
        self._judge = judge

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Pair what came, then settle what waited long enough."""
        out: list[Record] = []
        waits: dict[int, list[str]] = {}
        for prediction in batch.streams.get("predictions", ()):
            self._predicted(state, prediction, out, waits)
        for label in batch.streams.get("labels", ()):
            self._labelled(state, label, out, waits)
        if waits:
            self._remember(state, waits)
        self._settle(state, batch.watermark, out)
        return out

    def _predicted(self, state: State, prediction: Prediction, out: list[Record], waits: dict[int, list[str]]) -> None:
        key = ">" + prediction.id
        if state.get(key) is not None:
            return
        state.put(key, prediction)
        waits.setdefault(self._slot(prediction.time + self._delay_s), []).append(key)
        early: Early | None = state.get("<" + prediction.id)
        if early is not None:
            state.put("<" + prediction.id, None)
            for label in early.labels:
                self._labelled(state, label, out, waits)

    def _labelled(self, state: State, label: Label, out: list[Record], waits: dict[int, list[str]]) -> None:
        known: Prediction | Outcome | None = state.get(">" + label.id)
        if known is None:
            early: Early | None = state.get("<" + label.id)
            state.put("<" + label.id, Early((label,) if early is None else (*early.labels, label)))
            if early is None:
                waits.setdefault(self._slot(label.time + self._delay_s), []).append("<" + label.id)
        elif isinstance(known, Prediction):
            self._pair(state, known, label, None, out)
        elif known.label is None:
            out.append(_too_late(label))
        elif label.revision > known.revision:
            self._pair(state, known.prediction, label, known, out)

    def _pair(
        self, state: State, prediction: Prediction, label: Label, before: Outcome | None, out: list[Record]
    ) -> None:
        late_s = label.time - prediction.time
        if late_s > self._delay_s + (0.0 if before is None else self._revisions_s):
            out.append(_too_late(label))
            return
        losses, value = self._judge(prediction, label.value)
        outcome = Outcome(
            prediction.id,
            prediction.id,
            max(prediction.time, label.time),
            prediction,
            label.value,
            late_s if before is None else before.delay_s,
            label.revision,
            None if before is None else before.label,
            losses,
            value,
        )
        state.put(">" + prediction.id, outcome)
        out.append(outcome)

    def _slot(self, ends: float) -> int:
        return int(ends // self.aligned_s) + 1

    def _remember(self, state: State, waits: dict[int, list[str]]) -> None:
        """Note when to look at keys again."""
        for slot, keys in waits.items():
            pieces = state.get(f"@{slot}", 0)
            state.put(f"@{slot}|{pieces}", tuple(keys))
            state.put(f"@{slot}", pieces + 1)
        first, last = state.get("@first"), state.get("@last")
        if first is None or min(waits) < first:
            state.put("@first", min(waits))
        if last is None or max(waits) > last:
            state.put("@last", max(waits))

    def _settle(self, state: State, watermark: float, out: list[Record]) -> None:
        """Look at every key whose time has come, in order of time and key."""
        slot = state.get("@first")
        if slot is None or slot * self.aligned_s > watermark:
            return
        while slot * self.aligned_s <= watermark and slot <= state.get("@last"):
            again: dict[int, list[str]] = {}
            for key in sorted(self._forget(state, slot)):
                self._expire(state, key, slot, out, again)
            if again:
                self._remember(state, again)
            slot += 1
        state.put("@first", slot)

    def _forget(self, state: State, slot: int) -> list[str]:
        """Take the keys of a slot out of the state."""
        keys: list[str] = []
        for piece in range(state.get(f"@{slot}", 0)):
            keys += state.get(f"@{slot}|{piece}")
            state.put(f"@{slot}|{piece}", None)
        if keys:
            state.put(f"@{slot}", None)
        return keys

    def _expire(self, state: State, key: str, slot: int, out: list[Record], again: dict[int, list[str]]) -> None:
        known: Prediction | Outcome | Early | None = state.get(key)
        if known is None:
            return
        now = slot * self.aligned_s
        if isinstance(known, Early):
            if slot == self._slot(known.labels[0].time + self._delay_s):
                out += [_for_nothing(label, now) for label in known.labels]
                state.put(key, None)
            return
        if isinstance(known, Prediction):
            known = Outcome(known.id, known.id, now, known, None, self._delay_s)
            out.append(known)
        # An outcome without label is remembered for one more delay, so that a label that comes too late is told so.
        stays_s = self._revisions_s if known.label is not None else max(self._delay_s, self._revisions_s)
        end = self._slot(known.prediction.time + self._delay_s + stays_s)
        if end > slot:
            state.put(key, known)
            again.setdefault(end, []).append(key)
        else:
            state.put(key, None)


def _too_late(label: Label) -> DeadLetter:
    return _refused(label, label.time, "label_too_late", "raise limits.label_delay if such labels are to count")


def _for_nothing(label: Label, now: float) -> DeadLetter:
    remedy = "check the id: no event with it was predicted within the label delay"
    return _refused(label, now, "label_for_nothing", remedy)


def _refused(label: Label, now: float, code: str, remedy: str) -> DeadLetter:
    raw = msgspec.json.encode(msgspec.structs.replace(label, partition=-1, offset=-1))
    return DeadLetter(
        label.key, label.id, now, raw, "labels", code, "id", label.id, remedy, label.partition, label.offset
    )
