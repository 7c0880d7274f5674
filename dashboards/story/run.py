"""What `run.json` says of a run: all that the records themselves do not."""

from pathlib import Path

import msgspec

from models.metrics.port import Task, ValueTable
from streams.errors import StopError

FILE = "run.json"


class Run(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One run of a pipeline. Times are epoch seconds, UTC; `timezone` is that in which people read them.

    `pipeline` is the path of the pipeline file, `digest` its SHA-256. The success metric is good enough `below` or
    `above` a figure. `budget` is the number of false incidents a week that is accepted. Figures count from
    `warmup_end` on; what lies from `held_out_from` on was not looked at when defaults were chosen. `events` is the
    number of events read, `recipes` the learner of each arm by its name, `baselines` those arms that learn nothing
    but rates. `wall_s` and `stages_us` (µs per event, by stage) are for people: no decision depends on them.
    """

    name: str
    pipeline: str
    digest: str
    goal: str
    task: Task
    target: str
    metric: str
    below: float | None = None
    above: float | None = None
    tolerance: float = 0.0
    value: ValueTable | None = None
    owners: tuple[str, ...] = ()
    budget: float = 1.0
    window_s: float = 3600.0
    label_delay_s: float = 86400.0
    segments: tuple[str, ...] = ()
    distances: tuple[str, ...] = ("psi",)
    inputs: int = 0
    timezone: str = "UTC"
    seed: int = 1
    start: float
    end: float
    warmup_end: float
    held_out_from: float | None = None
    watch_only: bool = False
    injections: tuple[str, ...] = ()
    recipes: dict[str, str] = {}
    baselines: tuple[str, ...] = ("mean", "last", "recent")
    libraries: dict[str, str] = {}
    events: int = 0
    wall_s: float | None = None
    stages_us: dict[str, float] = {}
    cpu_s: dict[str, float] = {}


def read_run(folder: Path) -> Run:
    """Read a run folder's `run.json`; StopError where there is none, or where it was written by another version."""
    path = folder / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except FileNotFoundError as exc:
        raise StopError(f"{path}: not found. Name the folder that `riverkeeper backtest --out` wrote.") from exc
    except msgspec.DecodeError as exc:
        raise StopError(f"{path}: cannot be read ({exc}). Run the backtest again with this version.") from exc


def write_run(folder: Path, run: Run) -> None:
    """Write a run folder's `run.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
