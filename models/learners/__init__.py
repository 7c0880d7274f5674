"""Learners by name, and the one way to build one."""

from collections.abc import Callable, Sequence

import msgspec

from models.learners.baselines import LastBaseline, RateBaseline, recent
from models.learners.port import Learner, Recipe
from models.learners.river import RiverLearner
from models.learners.sklearn import SklearnLearner
from models.learners.watched import WatchedLearner
from models.spec import ArmSpec, Task
from streams.features.port import Type

LEARNERS: dict[str, Callable[[Recipe], Learner]] = {
    "river": RiverLearner,
    "sklearn": SklearnLearner,
    "baseline.mean": RateBaseline,
    "baseline.last": LastBaseline,
    "baseline.recent": recent,
    "watched": WatchedLearner,
}
"""By the whole name, or by its first part where the rest is a class of that library."""

__all__ = ["LEARNERS", "Learner", "Recipe", "build"]


def build(
    arm: ArmSpec,
    task: Task,
    names: Sequence[str],
    types: Sequence[Type],
    classes: Sequence[str] = (),
    seed: int = 1,
    where: str = "model.champion",
) -> Learner:
    """Return a new learner of that arm.

    `names` and `types` are the inputs that the plan of features gives, in its order; an arm with `inputs` takes those
    of them. `classes` are the class names of a multiclass task. `where` is the arm's key in the pipeline file.

    Raises LearnerError when the arm cannot be built for the task and the inputs; the text names key, what was got
    and the remedy.

    >>> learner = build(ArmSpec(learner="baseline.mean"), "binary", ["wind"], ["numeric"])
    >>> learner.predict([{"wind": 3.0}])
    [0.5]
    """
    recipe = Recipe(
        arm=arm,
        task=task,
        names=tuple(names),
        types=tuple(types),
        classes=tuple(sorted(set(classes))),
        seed=seed,
        where=where,
    )
    make = LEARNERS.get(arm.learner) or LEARNERS.get(arm.learner.partition(".")[0])
    if make is None:
        remedy = f"Use one of {', '.join(LEARNERS)}, or a class such as river.<module>.<Class>."
        raise recipe.refuse("learner", "no such learner", arm.learner, remedy)
    if task == "multiclass" and len(recipe.classes) < 2:
        remedy = "Name the classes of the target, or give a history in which at least two occur."
        raise recipe.refuse("learner", "a multiclass learner needs at least two classes", list(classes), remedy)
    return make(_narrowed(recipe))


def _narrowed(recipe: Recipe) -> Recipe:
    """Return the recipe with the arm's own choice of inputs."""
    wanted = recipe.arm.inputs
    if wanted is None:
        return recipe
    kinds = dict(zip(recipe.names, recipe.types, strict=True))
    for name in wanted:
        if name not in kinds:
            remedy = f"The inputs are: {', '.join(recipe.names)}."
            raise recipe.refuse("inputs", "no field or feature has this name", name, remedy)
    chosen = tuple(name for name in recipe.names if name in wanted)
    return msgspec.structs.replace(recipe, names=chosen, types=tuple(kinds[name] for name in chosen))
