"""Remedies that take effect by being decided: the record of their result is what scorers and learners fold.

pause, resume (learning), mask, unmask (a field is treated as missing), convert, unconvert (a unit is undone); and a
person's answer to a rollout that asked: approve, refuse.
"""

from models.remedies.port import Done, Recipe, Situation
from models.rollout.table import Event, advance
from streams.errors import ReleaseError
from streams.records import Action

_WORDS = {
    "pause": "learning is paused for events since {since}",
    "resume": "learning goes on",
    "mask": "{field} is treated as missing",
    "unmask": "{field} is used again",
    "convert": "{field} is multiplied by {factor}",
    "unconvert": "{field} is taken as it comes",
}


def decided(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Say what is in force from now on."""
    return Done(True, _WORDS[action.kind].format_map({"since": "", "field": "", "factor": "", **action.args}))


def promote(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Let the waiting challenger serve: a person has approved it."""
    return _answered(situation, action, "approved")


def reject(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """End the rollout of the challenger: a person has refused it."""
    return _answered(situation, action, "refused")


def _answered(situation: Situation, action: Action, event: Event) -> Done:
    rollout = situation.lineup.rollout
    if rollout is None or rollout.challenger.release != action.args.get("release"):
        raise ReleaseError(f"{action.kind}: no rollout of release {action.args.get('release')!r} is under way.")
    release = rollout.challenger.release
    step = advance(rollout, event, action.due_at, f"{event} by a person", (action.id,))
    return Done(True, f"release {release} was {event}", {}, step.released, release)
