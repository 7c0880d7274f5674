"""What watch remembers from window to window, and how each thing that comes changes it."""

from collections.abc import Sequence

import msgspec

from monitors import incidents, policy
from monitors.budget import DAY_S
from monitors.corroboration import Opinion
from monitors.counting import Unseen
from monitors.days import Performance
from monitors.diagnosis import Finding
from monitors.evidence import Look
from monitors.incidents import Docket
from monitors.policy import Past, Rules
from streams.records import Action, Alert, Command, Record, Result, Verdict

TRIES = 3
"""How often in a row the first release may fail before a person is needed."""

_HEARD = 1024


class Book(msgspec.Struct, frozen=True, gc=False, tag="book"):
    """What watch remembers beside the evidence; all of it is bounded.

    `begin` (s) is the start of the first window, `end` the end of the last that was decided. `labelled` counts the
    outcomes known so far, `fitted` those at the last training, `training` those at trainings under way, by action.
    `tested` and `spent` are of the windows since `told`, the end of the last verdict; `heard` are commands.
    """

    begin: float
    end: float
    told: float
    tested: int = 0
    spent: float = 0.0
    labelled: int = 0
    fitted: int = 0
    training: dict[str, int] = {}
    champion: str = ""
    unseen: Unseen = {}
    performance: Performance = Performance()
    opinion: Opinion = Opinion()
    docket: Docket = Docket()
    past: Past = Past()
    alerts: tuple[Alert, ...] = ()
    heard: tuple[str, ...] = ()


def came(book: Book, result: Result) -> Book:
    """Return with the result of an action; a training that worked says how much was known at the last fit."""
    training = dict(book.training)
    labelled = training.pop(result.action, None)
    return msgspec.structs.replace(
        book,
        past=policy.came(book.past, result.action, result.ok, result.effective_at),
        training=training,
        fitted=labelled if labelled is not None and result.ok else book.fitted,
    )


def asked(book: Book, command: Command, now: float) -> tuple[Book, list[Record]]:
    """Return with a person's command, once, and what is to be written; commands to other stages change nothing."""
    if command.id in book.heard:
        return book, []
    book = msgspec.structs.replace(book, heard=(*book.heard, command.id)[-_HEARD:])
    if command.what == "ack":
        docket, told = incidents.acknowledge(book.docket, str(command.args.get("incident")), command.who, now)
        return msgspec.structs.replace(book, docket=docket), list(told)
    if command.what in ("approve", "refuse"):
        past = policy.answered(book.past, str(command.args.get("action")), command.what == "approve", now)
        book = msgspec.structs.replace(book, past=past)
    return book, []


def decided(book: Book, actions: Sequence[Action]) -> Book:
    """Return with actions that were decided now."""
    if not actions:
        return book
    new = {action.id: book.labelled for action in actions if action.kind in ("release", *policy.TRAININGS)}
    past = policy.remember(book.past, actions)
    waiting = {each.action.id for each in past.tries if each.state == "waiting"}
    training = {id_: labelled for id_, labelled in (book.training | new).items() if id_ in waiting}
    return msgspec.structs.replace(book, past=past, training=training)


def first_release(book: Book, rules: Rules, warmup_s: float, now: float) -> Action | None:
    """Return the action that makes the first release, in time to serve when the warm-up ends; None if it is not due.

    A failed one is tried again a day later, a few times.
    """
    tries = [each for each in book.past.tries if each.action.kind == "release"]
    if now + rules.lead_s < book.begin + warmup_s or len(tries) >= TRIES:
        return None
    if tries and (tries[-1].state != "failed" or now - tries[-1].action.time < DAY_S):
        return None
    return Action(
        rules.pipeline,
        f"act-{book.past.decided + 1}",
        now,
        "release",
        "model.warmup",
        (),
        {"labelled": book.labelled},
        now + rules.lead_s,
    )


def verdict(book: Book, look: Look, found: Sequence[Finding]) -> tuple[Book, list[Record]]:
    """Return with a window's tests counted, and the verdict, if it is the day's last window or had remarkable tests."""
    answers = tuple(test for finding in found for test in finding.evidence if test.family == "performance")
    tested, spent = book.tested + look.tested + len(answers), book.spent + look.spent
    tests = (*look.tests, *answers)
    if not tests and (look.end % DAY_S or not tested):
        return msgspec.structs.replace(book, tested=tested, spent=spent), []
    level = min((look.levels[test.family] for test in tests if test.family in look.levels), default=0.0)
    said = Verdict(
        "verdict",
        f"verdict-{look.end:.0f}",
        look.end,
        book.told,
        look.end,
        tested,
        tests,
        level or min(look.levels.values()),
        spent,
    )
    return msgspec.structs.replace(book, tested=0, spent=0.0, told=look.end), [said]
