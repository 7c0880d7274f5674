"""Puts the release before back in its place: an alias flips, and it serves as if the bad one had never been.

Until the probation of its successor is over it has kept answering and learning beside. Later, its learner is restored
from its artifact and learns again what has become known since. Undo: promote the other one again.
"""

from models.remedies.port import Done, Recipe, Situation
from models.rollout.table import FINAL, Event, advance, begin
from streams.errors import ReleaseError
from streams.records import Action


def rollback(recipe: Recipe, situation: Situation, action: Action) -> Done:
    """Roll the champion back to the previous one. Raises ReleaseError where there is none."""
    lineup = situation.lineup
    rollout, champion, previous = lineup.rollout, lineup.champion, lineup.previous
    why = f"rolled back because of {', '.join(action.because) or action.rule}"
    if rollout is not None and rollout.stage not in FINAL:
        event: Event = "worse_after_release" if rollout.stage == "probation" else "failure"
        step = advance(rollout, event, action.due_at, why, (action.id,))
    elif champion is None or previous is None:
        raise ReleaseError("rollback: no release was champion before this one. Retrain instead.")
    else:
        back = begin(previous, champion, previous, recipe.shares)
        step = advance(back, "worse_after_release", action.due_at, why, (action.id,))
    serves = step.rollout.aliases.get("champion", "")
    return Done(True, f"release {serves} serves again", {}, step.released, serves)
