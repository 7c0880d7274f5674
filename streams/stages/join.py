"""Joins labels to predictions: an outcome for every prediction, with its label or with the fact that none came."""

from collections.abc import Callable
from typing import Any

import msgspec

from streams.records import DeadLetter, Label, Outcome, Prediction, Record, Target
from streams.stage import Batch
from streams.state import State

Judge = Callable[[Prediction, Target], tuple[dict[str, float], float | None]]
"""Loss of each arm, and the business value of the served decision."""


class Join:
    """Pairs by event id, whatever came first.

    An outcome has a label if and only if the label was known at most `label_delay_s` after the prediction. Where none
    was, an outcome without one is given at the end of the delay, rounded up to a multiple of `grid_s`. A higher
    revision replaces a lower one for `revisions_s` after that. A label that finds no prediction, or comes too late,
    is a dead letter. State by event id: Prediction (waits for its label), Label (came first), Outcome (may be revised);
    by end of wait: the ids to look at then, in pieces of one batch.
    """

    name = "join"
    streams: tuple[str, ...] = ("predictions", "labels")
    tables: tuple[str, ...] = ()
    writes: tuple[str, ...] = ("outcomes", "dead-letters")
    single = False
    aligned_s = 0.0
    checkpoints = False
    holds: Any = Prediction | Label | Outcome | tuple[str, ...] | int | None

    def __init__(self, label_delay_s: float, revisions_s: float, grid_s: float, judge: Judge) -> None:
        """`judge` gives losses and value of a prediction once its label is known."""
        self._delay_s = label_delay_s
        self._revisions_s = revisions_s
        self._grid_s = grid_s
        self._judge = judge

    def step(self, state: State, batch: Batch) -> list[Record]:
        """Pair what came, then settle what waited long enough."""
        out: list[Record] = []
        waits: dict[int, list[str]] = {}
        for prediction in batch.streams.get("predictions", ()):
            self._predicted(state, prediction, out, waits)
        for label in batch.streams.get("labels", ()):
            self._labelled(state, label, out, waits)
        for slot, ids in waits.items():
            self._remember(state, slot, ids)
        self._settle(state, batch.watermark, out)
        return out

    def _predicted(self, state: State, prediction: Prediction, out: list[Record], waits: dict[int, list[str]]) -> None:
        known = state.get(prediction.id)
        if known is None or isinstance(known, Label):
            waits.setdefault(self._slot(prediction.time + self._delay_s), []).append(prediction.id)
            state.put(prediction.id, prediction)
            if known is not None:
                self._pair(state, prediction, known, None, out)

    def _labelled(self, state: State, label: Label, out: list[Record], waits: dict[int, list[str]]) -> None:
        known = state.get(label.id)
        if known is None:
            waits.setdefault(self._slot(label.time + self._delay_s), []).append(label.id)
            state.put(label.id, label)
        elif isinstance(known, Label):
            if label.revision > known.revision:
                state.put(label.id, label)
        elif isinstance(known, Prediction):
            self._pair(state, known, label, None, out)
        elif known.label is not None and label.revision > known.revision:
            self._pair(state, known.prediction, label, known, out)
        elif known.label is None:
            out.append(_refused(label, "label_too_late", "raise limits.label_delay if such labels are to count"))

    def _pair(
        self, state: State, prediction: Prediction, label: Label, before: Outcome | None, out: list[Record]
    ) -> None:
        late_s = label.time - prediction.time
        if late_s > self._delay_s + (0.0 if before is None else self._revisions_s):
            out.append(_refused(label, "label_too_late", "raise limits.label_delay if such labels are to count"))
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
        state.put(prediction.id, outcome)
        out.append(outcome)

    def _slot(self, expires: float) -> int:
        return int(expires // self._grid_s) + 1

    def _remember(self, state: State, slot: int, ids: list[str]) -> None:
        pieces = state.get(f"@{slot}", 0)
        state.put(f"@{slot}|{pieces}", tuple(ids))
        state.put(f"@{slot}", pieces + 1)
        state.put("@first", min(slot, state.get("@first", slot)))
        state.put("@last", max(slot, state.get("@last", slot)))

    def _settle(self, state: State, watermark: float, out: list[Record]) -> None:
        """Look at every id whose wait has ended, in order of time and id."""
        slot = state.get("@first")
        if slot is None or slot * self._grid_s >= watermark:
            return
        while slot * self._grid_s < watermark and slot <= state.get("@last"):
            again: dict[int, list[str]] = {}
            for id_ in sorted(self._forget(state, slot)):
                self._expire(state, id_, slot, out, again)
            for later, ids in again.items():
                self._remember(state, later, ids)
            slot += 1
        state.put("@first", slot)

    def _forget(self, state: State, slot: int) -> list[str]:
        """Take the ids of a slot out of the state."""
        ids: list[str] = []
        for piece in range(state.get(f"@{slot}", 0)):
            ids += state.get(f"@{slot}|{piece}")
            state.put(f"@{slot}|{piece}", None)
        state.put(f"@{slot}", None)
        return ids

    def _expire(self, state: State, id_: str, slot: int, out: list[Record], again: dict[int, list[str]]) -> None:
        known = state.get(id_)
        if isinstance(known, Label):
            out.append(_refused(known, "label_for_nothing", "check the id: no event with it was predicted"))
            state.put(id_, None)
            return
        if isinstance(known, Prediction):
            known = Outcome(id_, id_, slot * self._grid_s, known, None, self._delay_s)
            out.append(known)
        # An unlabelled outcome is remembered for one more delay, so that a label that comes too late is told so.
        stays_s = self._revisions_s if known.label is not None else max(self._delay_s, self._revisions_s)
        end = self._slot(known.prediction.time + self._delay_s + stays_s)
        if end > slot:
            state.put(id_, known)
            again.setdefault(end, []).append(id_)
        else:
            state.put(id_, None)


def _refused(label: Label, code: str, remedy: str) -> DeadLetter:
    raw = msgspec.json.encode(label)
    return DeadLetter(
        label.key, label.id, label.time, raw, "labels", code, "id", label.id, remedy, label.partition, label.offset
    )
