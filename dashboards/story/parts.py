"""What a story is made of: frozen plain data, no markup, no arrays. None stands where there is no figure."""

from typing import Literal

import msgspec

from dashboards.story.run import Run

Kind = Literal["served", "never updated", "release", "challenger", "baseline"]
State = Literal["healthy", "attention", "unhealthy", "unknown"]
Figures = dict[str, float | None]
"""Metric to figure."""


class Arm(msgspec.Struct, frozen=True):
    """The figures of one arm over the events that it answered, and beside those of what was served on the same events.

    `months` and `periods` ("tuned on", "held out") hold the metrics by part of the scored period. `behind` is the mean
    difference of loss to what was served (above 0: worse), `bounds` hold it with 95 %, however often one looks.
    """

    name: str
    kind: Kind
    recipe: str
    events: int
    metrics: Figures
    months: dict[str, Figures]
    periods: dict[str, Figures]
    behind: float | None = None
    bounds: tuple[float, float] | None = None
    fits: int = 0
    labels_used: int = 0
    cpu_s: float | None = None


class Series(msgspec.Struct, frozen=True):
    """Loss by day of prediction, for every arm. `days` are starts (s); `weekly` means run over the last seven days.

    `name` and `unit` say what the loss is. `labelled` is the number of answers of what was served that have a label.
    """

    name: str
    unit: str
    days: tuple[float, ...]
    daily: dict[str, tuple[float | None, ...]]
    weekly: dict[str, tuple[float | None, ...]]
    labelled: tuple[int, ...]


class Coverage(msgspec.Struct, frozen=True):
    """How many events were answered, by whom, and how many labels are in. `out` are labels that may still come.

    `quarantined` were answered by the fallback, by reason; `refused` got no answer. Delays are in seconds.
    """

    answered: int = 0
    quarantined: dict[str, int] = {}
    refused: int = 0
    labelled: int = 0
    unlabelled: int = 0
    out: int | None = None
    delay_median_s: float | None = None
    delay_high_s: float | None = None


class Bin(msgspec.Struct, frozen=True):
    """One row of the reliability table: mean score, observed rate, number of events."""

    low: float
    high: float
    score: float
    rate: float
    events: int


class Answers(msgspec.Struct, frozen=True):
    """How the served answers came true: reliability (classes), confusion (label, decision), residuals (numbers).

    `residuals` are counts between `edges` (answer minus label), open-ended at both ends.
    """

    reliability: tuple[Bin, ...] = ()
    classes: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    edges: tuple[float, ...] = ()
    residuals: tuple[int, ...] = ()
    threshold: float | None = None


class Field(msgspec.Struct, frozen=True):
    """How one field was distributed: in the reference, and in each column of the heat map.

    `bins` names the bins in order, `shares` are those of the newest reference, `columns` the counts of each column in
    the bins of the reference that it was compared with. `distance`, `missing` and `unseen` are by column; `unseen` is
    None where new values cannot be told. `strangers` are a few values that the reference never held.
    """

    name: str
    kind: Literal["numeric", "categorical"]
    bins: tuple[str, ...]
    shares: tuple[float, ...]
    columns: tuple[tuple[int, ...], ...]
    distance: tuple[float | None, ...]
    missing: tuple[float | None, ...]
    reference_missing: float | None
    unseen: tuple[float | None, ...] | None
    strangers: dict[str, int] = {}


class Drift(msgspec.Struct, frozen=True):
    """Fields against the reference. `columns` are the starts (s) of days or weeks (`step_s`), `events` their sizes.

    `references` says from when on (s) which release's reference was the measure. `marked` are (field, column) with an
    incident.
    """

    measure: str = "psi"
    step_s: float = 86400.0
    columns: tuple[float, ...] = ()
    events: tuple[int, ...] = ()
    fields: tuple[Field, ...] = ()
    references: tuple[tuple[float, str], ...] = ()
    marked: tuple[tuple[str, int], ...] = ()


class Segment(msgspec.Struct, frozen=True):
    """The served answers of one segment: events with a label, and their mean loss."""

    name: str
    events: int
    loss: float


class Quality(msgspec.Struct, frozen=True):
    """Sound and unsound data over time. `days` are starts (s); `flags` counts accepted events by flag.

    `refused` has one row for each reason and field.
    """

    days: tuple[float, ...] = ()
    accepted: tuple[int, ...] = ()
    quarantined: tuple[int, ...] = ()
    flags: dict[str, int] = {}
    refused: tuple["Refused", ...] = ()


class Refused(msgspec.Struct, frozen=True):
    """Events or labels (`topic`) refused for one reason: how many, first and last (s), an example, and the remedy."""

    topic: str
    code: str
    field: str
    events: int
    first: float
    last: float
    got: str
    remedy: str


class Finding(msgspec.Struct, frozen=True):
    """An incident at its latest state; unexplained if labels did not bear it out, or if no cause was found."""

    id: str
    cause: str
    severity: Literal["page", "ticket", "note"]
    state: str
    since: float
    until: float | None
    what: str
    fields: tuple[str, ...]
    segments: tuple[str, ...]
    harm: dict[str, float]
    remedy: str
    confirmed: bool | None
    alerts: tuple[str, ...]
    actions: tuple[str, ...]

    @property
    def unexplained(self) -> bool:
        return self.confirmed is False or self.cause in ("", "unknown", "unexplained")


class Mark(msgspec.Struct, frozen=True):
    """Something on the time axis: an alert, an action or a release, from `time` to `until` (s)."""

    id: str
    lane: Literal["page", "ticket", "note", "action", "release"]
    time: float
    until: float | None
    what: str


class Entry(msgspec.Struct, frozen=True):
    """One line of the decision log, in plain words; `because` are ids of other entries."""

    id: str
    kind: str
    time: float
    title: str
    text: str
    because: tuple[str, ...] = ()
    tone: Literal["bad", "good", "plain"] = "plain"


class Release(msgspec.Struct, frozen=True):
    """One release: where it comes from, what it was trained on, when (s) it served; `stages` are (s, stage, why)."""

    version: str
    arm: str
    learner: str
    parents: tuple[str, ...]
    window: tuple[float, float]
    labels_used: int
    evaluation: dict[str, Figures]
    threshold: float | None
    digest: str
    stages: tuple[tuple[float, str, str], ...] = ()
    served: tuple[tuple[float, float], ...] = ()


class Weakness(msgspec.Struct, frozen=True):
    """A change that would go unseen, or be seen late: in one sentence, with the figures behind it."""

    title: str
    text: str
    names: tuple[str, ...] = ()


class Health(msgspec.Struct, frozen=True):
    """The verdict: a state, why, and sentences that say the rest."""

    state: State
    headline: str
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]


class Story(msgspec.Struct, frozen=True):
    """All figures of one run."""

    run: Run
    health: Health
    arms: tuple[Arm, ...]
    series: Series
    coverage: Coverage
    answers: Answers
    drift: Drift
    segments: tuple[Segment, ...]
    quality: Quality
    incidents: tuple[Finding, ...]
    marks: tuple[Mark, ...]
    log: tuple[Entry, ...]
    releases: tuple[Release, ...]
    weaknesses: tuple[Weakness, ...]
    tests: int
    spent: float
    metrics: tuple[str, ...]

    def arm(self, kind: Kind) -> Arm | None:
        """Return the first arm of a kind, None if there is none."""
        return next((arm for arm in self.arms if arm.kind == kind), None)
