"""Ways to search, by the name that `how` has in the pipeline file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.training.at_random import at_random
from models.training.bayes import bayes
from models.training.candidate import Proposals

SEARCHES: dict[str, Callable[[Mapping[str, Sequence[Any]], int, int], Proposals]] = {
    "random": at_random,
    "bayes": bayes,
}
"""Each takes the choices of each parameter, the number of trials and the seed."""
