"""All metrics of one stream of answers (an arm, a window, a segment), each tally shared by the metrics that read it."""

from collections.abc import Iterable
from typing import Any

from numpy.typing import NDArray

from models.metrics import METRICS
from models.metrics.arrays import checked, decisions
from models.metrics.port import Setting, Tally


class Scores:
    """Metrics of one task, online and mergeable; memory is fixed (17 kB binary, less otherwise).

    >>> import numpy as np
    >>> scores = Scores(Setting("binary"), ["accuracy", "log_loss"])
    >>> scores.update(np.array([1, 0]), np.array([0.8, 0.6]))
    >>> {name: round(value, 3) for name, value in scores.values().items()}
    {'accuracy': 0.5, 'log_loss': 0.57}
    """

    def __init__(self, setting: Setting, names: Iterable[str] | None = None) -> None:
        """Start from nothing, with the named metrics, or with all of the setting's task (KeyError for others)."""
        mine = {name: metric for name, metric in METRICS.items() if setting.task in metric.tasks}
        self.setting = setting
        self.events = 0
        self._metrics = mine if names is None else {name: mine[name] for name in names}
        self._tallies: dict[type, Tally] = {}
        self._kinds: dict[str, type] = {}
        for name, metric in self._metrics.items():
            tally = metric.tally(setting)
            self._kinds[name] = type(tally)
            self._tallies.setdefault(type(tally), tally)

    def update(self, y: NDArray[Any], p: NDArray[Any], decided: NDArray[Any] | None = None) -> None:
        """Add a chunk: labels, scores, and the decisions that were served (default: by the setting).

        Binary: `y` 0/1, `p` probability of 1, `decided` 0/1, all of shape (n,). Multiclass: `y` and `decided` class
        indices (n,), `p` (n, classes). Regression: numbers (n,), no decisions. Raises RecordError for anything else,
        NaN and infinity included, and then has counted nothing.
        """
        labels, answers = checked(self.setting, y, p)
        taken = decisions(self.setting, answers, decided)
        for tally in self._tallies.values():
            tally.update(labels, taken if tally.of == "decision" else answers)
        self.events += len(labels)

    def merge(self, other: "Scores", sign: int = 1) -> None:
        """Add (1) or take away (-1) what another has counted, exactly; ValueError for another setting or metrics."""
        if other.setting != self.setting or other._kinds != self._kinds:
            raise ValueError(f"scores of {other.setting} cannot be merged into scores of {self.setting}")
        for kind, tally in self._tallies.items():
            tally.merge(other._tallies[kind], sign)
        self.events += sign * other.events

    def value(self, name: str) -> float:
        """Return one metric, nan where it is undefined."""
        return self._metrics[name].read(self._tallies[self._kinds[name]], self.setting)

    def values(self) -> dict[str, float]:
        """Return every metric by name, nan where undefined."""
        return {name: self.value(name) for name in self._metrics}

    def tally(self, name: str) -> Tally:
        """Return the tally that a metric reads: confusion counts, reliability table, score bins."""
        return self._tallies[self._kinds[name]]
