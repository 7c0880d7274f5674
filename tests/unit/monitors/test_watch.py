"""Watch on made summaries: the same decisions however they come, and the remedies' way from decision to undo."""

import heapq
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import msgspec
import numpy as np
import pytest

from models.rollout.steer import Steer
from models.spec import RolloutSpec
from monitors import diagnosis
from monitors.evidence import Look
from monitors.scope import Scope
from monitors.stages.watch import Setting, Watch
from streams.log.codec import Codec
from streams.log.table import effective_at
from streams.records import Action, Alert, Command, Incident, Record, Released, Result, Summary, Verdict, order
from streams.stage import Batch
from streams.state import State
from tests.unit.monitors.made import HOUR, LEVELS, look, rules, settled, sign

DAY = 86400.0
SCOPE = Scope(
    fields={"wind": "numeric", "carrier": "categorical"},
    segments=("carrier",),
    label_delay_s=36 * HOUR,
    grid_s=600.0,
    timezone="America/New_York",
)
SETTING = Setting(scope=SCOPE, rules=rules(), tolerance=0.02, warmup_s=5 * DAY)


def history(hours: int, partitions: int, seed: int = 1, shift_at: float = float("inf")) -> dict[float, list[Summary]]:
    """Summaries by the window's end at which they come; the same events in any number of partitions."""
    rng = np.random.default_rng(seed)
    out: dict[float, list[Summary]] = {}
    for hour in range(hours):
        start = hour * HOUR
        p = np.clip(rng.beta(1.5, 4.0, 40), 0.02, 0.98)
        truth = p if start < shift_at else np.clip(p + 0.25, 0.0, 0.98)
        y = (rng.random(40) < truth).astype(int)
        for part in range(partitions):
            mine = slice(part, None, partitions)
            end = start + HOUR
            labels = len(p[mine])
            seen = Summary("", f"seen-{part}-{start:.0f}", end, "seen", start, end, part, {"labels": labels}, {})
            out.setdefault(end, []).append(seen)
            known = end + 37 * HOUR
            late = settled(start, p[mine].tolist(), y[mine].tolist(), part, "carrier=UA")
            late = msgspec.structs.replace(late, time=known, id=f"settled-{part}-{start:.0f}")
            out.setdefault(known, []).append(late)
    return out


class World:
    """Feeds a watch, and does what it decides: every action works, and comes into force when it is due."""

    def __init__(self, commands: Sequence[Command] = (), setting: Setting = SETTING) -> None:
        self.state = State()
        self.written: list[Record] = []
        self.codec = Codec()
        self._setting = setting
        self._control: list[Record] = list(commands)
        self.restart()

    def restart(self) -> None:
        """Another watch takes over: the state is there, the control log is handed over from its beginning."""
        self.watch = Watch(self._setting, lambda _: None, Steer(RolloutSpec(), 0.02, HOUR))
        self._table = [(effective_at(each), i) for i, each in enumerate(self._control)]
        heapq.heapify(self._table)

    def step(self, summaries: list[Summary], cut: float, watermark: float) -> None:
        tables = []
        while self._table and self._table[0][0] <= cut:
            tables.append(self._control[heapq.heappop(self._table)[1]])
        streams: dict[str, list[Any]] = {"summaries": summaries} if summaries else {}
        out = self.watch.step(
            self.state, Batch(None, streams, {"control": tables} if tables else {}, cut, watermark, None)
        )
        for key, value in self.codec.state_through(self.watch.holds, self.state.changes()).items():
            self.state.put(key, value)
        self.state.apply()
        for record in sorted((self.codec.through(each) for each in out), key=order):
            self.written.append(record)
            for after in (record, *self._done(record)):
                heapq.heappush(self._table, (effective_at(after), len(self._control)))
                self._control.append(after)

    def _done(self, record: Record) -> list[Record]:
        if not isinstance(record, Action) or record.approval != "not needed":
            return []
        result = Result(
            record.id,
            f"{record.id}/result",
            record.time,
            record.id,
            record.kind,
            record.due_at,
            True,
            "",
            {},
            record.args,
        )
        if record.kind not in ("release", "retrain"):
            return [result]
        name = f"r-{record.id}"
        champion = Released(
            name, f"{name}/on", record.time, record.due_at, "boosting", "champion", "settled", 1.0, "", "", (record.id,)
        )
        return [result, champion]

    def log(self) -> bytes:
        return b"\n".join(self.codec.encode(each) for each in self.written)


def live(
    world: World, windows: dict[float, list[Summary]], until: float, size: int = 10**6, kills: bool = False
) -> World:
    """Let time pass hour by hour; each end's summaries come in batches of `size`."""
    end = HOUR
    while end <= until:
        due = sorted(windows.get(end, ()), key=order)
        pieces = [due[i : i + size] for i in range(0, len(due), size)] or [[]]
        for i, piece in enumerate(pieces):
            world.step(piece, end, end + 600.0 if i == len(pieces) - 1 else end)
            if kills:
                world.restart()
        end += HOUR
    return world


Looks = Callable[[float], tuple[Any, ...]]


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Callable[[Looks], None]:
    """Replaces the evidence by what a test says was seen in the window that ends at a moment."""

    def say(what: Looks) -> None:
        def seen(self: object, state: State, summaries: object, reference: object, now: float) -> Look:
            return look(now, *what(now))

        monkeypatch.setattr("monitors.stages.watch.Evidence.seen", seen)

    say(lambda _: ())
    return say


def broken(now: float) -> tuple[Any, ...]:
    """Wind is missing for two days, from day 10 on."""
    return (sign("missing", "wind", p=1e-5),) if 10 * DAY < now <= 12 * DAY else ()


def test_the_same_summaries_give_the_same_records_however_they_come(looks: Callable[[Looks], None]) -> None:
    looks(broken)
    hours, shift_at = 30 * 24, 15 * DAY
    whole = live(World(), history(hours, 1, shift_at=shift_at), hours * HOUR)

    assert {type(each) for each in whole.written} == {Verdict, Incident, Alert, Action}
    for partitions, size, kills in ((4, 10**6, False), (1, 1, False), (4, 3, True)):
        other = live(World(), history(hours, partitions, shift_at=shift_at), hours * HOUR, size, kills)
        assert other.log() == whole.log()


def test_time_that_passes_in_one_leap_changes_nothing(looks: Callable[[Looks], None]) -> None:
    looks(broken)
    windows = history(8 * 24, 1)
    slow = live(World(), windows, 14 * DAY)

    fast = live(World(), windows, 10 * DAY)
    fast.step([], 14 * DAY, 14 * DAY + 600.0)

    early = [each for each in slow.written if each.time <= 10 * DAY + HOUR]
    assert [each for each in fast.written if each.time <= 10 * DAY + HOUR] == early
    assert {each.id for each in fast.written if isinstance(each, Incident)} == {"inc-1"}


def test_the_first_release_serves_when_the_warm_up_is_over(looks: Callable[[Looks], None]) -> None:
    world = live(World(), history(7 * 24, 1), 7 * DAY)

    (release,) = [each for each in world.written if isinstance(each, Action)]
    assert (release.kind, release.due_at, release.args) == ("release", 5 * DAY, {"labelled": 40 * (5 * 24 - 1)})


def test_a_broken_field_from_first_alarm_to_last_undo(looks: Callable[[Looks], None]) -> None:
    looks(broken)
    command = Command("inc-1", "c1", 10 * DAY + 5 * HOUR, "ack", {"incident": "inc-1"}, "ann", "on it")
    world = live(World([command]), history(20 * 24, 1), 20 * DAY)

    actions = [each for each in world.written if isinstance(each, Action) and each.kind not in ("release", "retrain")]
    hours = [(each.kind, round(each.time / HOUR) - 240) for each in actions]
    assert hours == [("pause", 1), ("mask", 2), ("unmask", 27), ("mask", 29), ("unmask", 78), ("resume", 84)], (
        "after a day the mask is lifted to look, put back for two, and learning rests until the field proved sound"
    )
    states = [each.state for each in world.written if isinstance(each, Incident) and each.id == "inc-1"]
    assert states[:6] == ["open", "open", "recovering", "open", "recovering", "resolved"]
    assert set(states[6:]) <= {"resolved"}, "only what labels say of it may follow"
    told = [each for each in world.written if isinstance(each, Alert) and each.incident == "inc-1"]
    assert [each.state for each in told] == ["firing", "recovering", "firing", "recovering", "resolved"]
    assert {each.acknowledged_by for each in world.written[-40:] if isinstance(each, Incident)} <= {"ann", ""}
    assert "Done: learning paused." in told[0].summary


def test_worse_answers_are_found_told_apart_and_retrained_for(looks: Callable[[Looks], None]) -> None:
    world = live(World(), history(40 * 24, 1, shift_at=15 * DAY), 40 * DAY)

    found = [each for each in world.written if isinstance(each, Incident) and each.cause in diagnosis.ANSWERS]
    assert found
    assert abs(found[0].since - 15 * DAY) <= 2 * DAY
    assert found[0].time < 29 * DAY
    assert found[0].harm["loss"] > 0.02
    kinds = [each.kind for each in world.written if isinstance(each, Action) and found[0].id in each.because]
    assert kinds[0] == "recalibrate"


def test_a_champion_that_has_seen_too_little_is_retrained_without_an_alert(looks: Callable[[Looks], None]) -> None:
    growing = msgspec.structs.replace(SETTING.rules, growth=1.5)
    world = World(setting=msgspec.structs.replace(SETTING, rules=growing))
    live(world, history(25 * 24, 1), 25 * DAY)

    trained = [each.time / DAY for each in world.written if isinstance(each, Action) and each.kind == "retrain"]
    assert trained[0] == pytest.approx(7.5, abs=0.1)
    assert trained[1] == pytest.approx(14.5, abs=0.3), "one training a week is all that is affordable"
    assert not [each for each in world.written if isinstance(each, Alert)]
    assert {each.severity for each in world.written if isinstance(each, Incident)} == {"note"}


def test_the_log_stays_small_and_verdicts_add_up(looks: Callable[[Looks], None]) -> None:
    days = 12
    world = live(World(), history(days * 24, 1), days * DAY)

    verdicts = [each for each in world.written if isinstance(each, Verdict)]
    assert len(verdicts) == days
    assert sum(each.tested for each in verdicts) == 100 * 24 * days
    assert all(one.end == other.start for one, other in pairwise(verdicts))
    assert verdicts[0].level == min(LEVELS.values())


def test_its_memory_is_bounded(looks: Callable[[Looks], None]) -> None:
    def noisy(now: float) -> tuple[Any, ...]:
        return (sign("missing", f"f{int(now / HOUR) % 50}", p=1e-9),) if now % (19 * HOUR) == 0 else ()

    looks(noisy)
    world = World()
    world.step(history(1, 1)[HOUR], HOUR, HOUR + 1.0)
    for days in (60, 120, 180):
        world.step([], days * DAY, days * DAY + 1.0)
        assert len(msgspec.json.encode(dict(world.state.items()))) < 150_000
