"""What candidates are tried on: one history, its blocks, and the judge, the same for all of them."""

import msgspec
import numpy as np

from models.training.history import Window
from models.training.judge import Clock, Judge, Make
from models.training.split import LEAST, Block, Layout, before, inside, since_of


class Ground(msgspec.Struct, frozen=True):
    """`change` is the time (s) of the last change that is known of; `make` builds learners, `clock` measures them."""

    history: Window
    blocks: Layout
    label_delay_s: float
    change: float | None
    judge: Judge
    make: Make
    clock: Clock

    def trains(self, window: str, moment: float) -> Window | None:
        """Return what a training at `moment` (s) on that window would use; None if that is too little."""
        since = since_of(window, moment, self.change)
        if since is None:
            return None
        places = before(self.history, moment, self.label_delay_s, since)
        return self.history.take(places) if len(places) >= LEAST else None

    def block(self, block: Block) -> Window:
        """Return the outcomes of a block."""
        return self.history.take(inside(self.history, block))

    def everything(self, window: str, moment: float) -> Window:
        """Return that window, up to its end, to serve from `moment` (s) on; the whole history if it is short."""
        since = since_of(window, moment, self.change)
        places = np.flatnonzero(self.history.predicted >= (-np.inf if since is None else since))
        return self.history.take(places) if len(places) >= LEAST else self.history
