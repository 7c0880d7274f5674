"""Random search over distinct settings, which is the whole grid where that has no more of them than trials.

Bergstra and Bengio, "Random search for hyper-parameter optimization" (2012), section 1: of the parameters few matter,
and settings drawn at random try more values of those than a grid of the same size.
"""

import math
import random
from collections.abc import Mapping, Sequence
from typing import Any

from models.training.candidate import Proposals


def at_random(space: Mapping[str, Sequence[Any]], trials: int, seed: int) -> Proposals:
    """Yield settings that differ, in an order that the seed fixes; what the earlier ones cost is not looked at.

    >>> [dict(choice) for choice in at_random({"a": (1, 2), "b": ("x",)}, trials=5, seed=1)]
    [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'x'}]
    """
    sizes = [len(choices) for choices in space.values()]
    every = math.prod(sizes)
    for number in random.Random(seed).sample(range(every), min(trials, every)):
        choice, rest = {}, number
        for (name, values), size in zip(space.items(), sizes, strict=True):
            rest, place = divmod(rest, size)
            choice[name] = values[place]
        yield choice
