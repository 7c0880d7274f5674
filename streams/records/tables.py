"""Records that are the latest state of something: partial sum, snapshot, tick."""

from streams.records.record import Record


class PartialSum(Record, frozen=True, gc=False, omit_defaults=True, tag="partial-sum"):
    """What one partition has seen of one sum in one time bucket: absolute, so a repeated record changes nothing.

    `sum` names the sum, `bucket` is the start of the bucket (s), usable from `effective_at` (s). `cells` maps an
    entity to (count, fixed-point sum, fixed-point sum of squares), see `streams.exact`.
    """

    sum: str
    bucket: float
    effective_at: float
    writer: int
    cells: dict[str, tuple[int, int, int]]
    version: int = 1


class Snapshot(Record, frozen=True, gc=False, omit_defaults=True, tag="snapshot"):
    """An incremental learner at a moment: `key` is the arm, `data` the learner's own dump, `digest` its SHA-256."""

    effective_at: float
    learned: int
    digest: str
    data: bytes
    version: int = 1


class Tick(Record, frozen=True, gc=False, omit_defaults=True, tag="tick"):
    """The clock is a record: nothing earlier than `time` will come from `source`; `idle` sources hold nobody up."""

    source: str
    idle: bool = False
    version: int = 1
