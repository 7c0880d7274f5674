"""The sections of the pipeline file that this room owns: source, labels, lookup, field, rule, feature."""

import zoneinfo
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from streams.units import Duration


class Section(BaseModel):
    """Base of all sections: unknown keys are mistakes, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSpec(Section):
    """Where the history comes from, and who, which, when of each event."""

    kind: Literal["csv", "parquet", "jsonl", "package", "python"]
    path: str | None = Field(None, description="file, relative to the pipeline file; or inside `package`")
    package: str | None = Field(None, description="an installed package that holds the data; it is not imported")
    dataset: str | None = Field(None, description="a River data set that comes with River, e.g. ImageSegments")
    python: str | None = Field(None, description="file.py:function of a generator of dicts")
    prepare: str | None = Field(None, description="file.py:function from data frame to data frame, run first")
    key: str = Field(description="column of the entity that an event is about")
    id: str = Field(description="column that names the event, or a template such as '{carrier}-{flight}'")
    time: str = Field(description="column of the time that the event is about")
    known_at: str | None = Field(None, description="column of the time at which it could be known; default: time")
    every: Duration | None = Field(
        None,
        description="for data without times: column `time` is made, row n (column `row`, from 0) at begin + n * every",
    )
    begin: str = Field("2000-01-01T00:00:00Z", description="time of the first row, with `every`")
    timezone: str = Field("UTC", description="zone of times that name none")
    lateness: Duration = Field(0.0, description="how much later than known_at an event may arrive")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in zoneinfo.available_timezones():
            raise ValueError("an IANA name such as 'America/New_York' is wanted")
        return name

    @model_validator(mode="after")
    def _agree(self) -> Self:
        needs = {"csv": "path", "parquet": "path", "jsonl": "path", "python": "python"}.get(self.kind)
        if needs and getattr(self, needs) is None:
            raise ValueError(f'kind = "{self.kind}" needs `{needs}`')
        if self.kind == "package" and (self.dataset is None) == (self.package is None or self.path is None):
            raise ValueError('kind = "package" needs `package` and `path`, or `dataset` alone')
        if self.kind in ("jsonl", "python") and self.prepare is not None:
            raise ValueError(f'kind = "{self.kind}" is read row by row: `prepare` needs csv, parquet or package')
        return self


class LabelSpec(Section):
    """Where labels come from, when each was known, and its revisions."""

    column: str = Field(description="column, or an expression over columns such as 'arr_delay > 15'")
    path: str | None = Field(None, description="file of labels with its own id, value and known_at columns")
    id: str | None = Field(None, description="column of the event's id in the file of labels")
    known_at: str | None = Field(None, description="column of the time at which the label was known")
    after: Duration | None = Field(None, description="instead of known_at: this long after the event's known_at")
    revision: str | None = Field(None, description="column of the revision number, in the file of labels")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if (self.known_at is None) == (self.after is None):
            raise ValueError("exactly one of `known_at` and `after` says when a label was known")
        if self.path is not None and (self.id is None or self.known_at is None):
            raise ValueError("a file of labels needs `id` and `known_at`")
        if self.path is None and (self.id is not None or self.revision is not None):
            raise ValueError("`id` and `revision` belong to a file of labels: give its `path`")
        return self


class WatchedSpec(Section):
    """Predictions made elsewhere: the column of a score logged with each event."""

    column: str = Field(description="column of the score: probability of the positive class, or the number")
    decision: str | None = Field(None, description="column of the decision that was taken")


class LookupSpec(Section):
    """A table joined as of the moment of prediction."""

    name: str
    path: str
    package: str | None = None
    prepare: str | None = None
    on: tuple[str, ...]
    time: str
    known_after: Duration = Field(0.0, description="how long after `time` a row could be known")
    within: Duration | None = Field(None, description="rows older than this are not used")


class PersonalSpec(Section):
    """A personal field: what is done to it before anything is stored, on what basis, kept how long."""

    treat: Literal["keep", "hash", "drop"]
    basis: str
    keep: Duration | None = None


_KEY = r'^[^"\\\x00-\x1f]+$'  # what a key of JSON is without escapes


class FieldSpec(Section):
    """The contract of one field."""

    name: str = Field(pattern=_KEY)
    type: Literal["float", "int", "str", "bool", "time"]
    path: str | None = Field(
        None, pattern=_KEY, description="where it stands in a nested event, such as 'user.address.city'"
    )
    unit: str | None = None
    min: float | None = Field(None, allow_inf_nan=False)
    max: float | None = Field(None, allow_inf_nan=False)
    categories: tuple[str, ...] | None = None
    unknown: Literal["flag", "quarantine"] = Field("flag", description="what becomes of a new category")
    max_length: int = Field(256, ge=1)
    missing: str = Field(
        "flag",
        pattern="^(drop|flag|impute:(mean|median|most_frequent|last|constant=.+))$",
        description="drop, flag, or impute:mean|median|most_frequent|last|constant=VALUE",
    )
    use: bool = Field(True, description="False: checked and watched, but no input of the model")
    outliers: float | None = Field(
        None, gt=0, allow_inf_nan=False, description="flag values farther than this many IQRs from the quartiles"
    )
    personal: PersonalSpec | None = None

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        number = self.type in ("float", "int", "time")
        if not number and (self.min is not None or self.max is not None or self.outliers is not None):
            raise ValueError(f"min, max and outliers are of numbers and times, not of {self.type}")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min:g} is above max {self.max:g}")
        if self.categories is not None and (self.type != "str" or not self.categories):
            raise ValueError("categories are texts, at least one, of a field of type str")
        if self.unknown == "quarantine" and self.categories is None:
            raise ValueError("unknown = quarantine needs categories")
        if not number and self.missing in ("impute:mean", "impute:median"):
            raise ValueError(f"a {self.type} has no mean or median: use impute:most_frequent or flag")
        if self.personal and self.personal.treat != "keep" and self.outliers is not None:
            raise ValueError("a personal field that is not kept has no quartiles")
        if self.personal and self.personal.treat != "keep" and self.missing.startswith("impute"):
            raise ValueError("a personal field that is not kept is not imputed: use flag or drop")
        return self


class RuleSpec(Section):
    """A condition between fields that holds in every sound event."""

    name: str
    when: str = Field(description="Python expression over fields, such as 'arr_time > dep_time'")
    broken: Literal["quarantine", "flag"] = "quarantine"


class FeatureSpec(Section):
    """One feature; exactly one of the first group of keys says its kind."""

    name: str
    expression: str | None = Field(None, description="arithmetic over fields and earlier features, 'a * b / 2'")
    aggregate: Literal["count", "sum", "mean", "std", "min", "max"] | None = None
    interact: tuple[str, ...] | None = Field(None, description="product of numbers or crossing of categories")
    encode: Literal["one_hot", "frequency"] | None = None
    scale: Literal["standard", "min_max"] | None = None
    calendar: tuple[Literal["hour", "weekday", "month", "day", "minute", "weekend"], ...] | None = None
    python: str | None = Field(None, description="file.py:function from the event's fields to a number or text")
    last: str | None = Field(None, description="the value of this field in the key's previous event")
    of: str | None = Field(None, description="field (or 'label', 'events') that is aggregated, encoded or scaled")
    by: str | tuple[str, ...] | None = Field(None, description="the entity; default: the source's key; [] for all")
    over: str | None = Field(None, description="a duration such as '2h', or a count such as '20 events'")
    half_life: Duration | None = Field(None, description="decayed instead of windowed")
    cyclic: bool = Field(False, description="calendar parts as sine and cosine")
    kind: str | None = Field(None, description="a processor by its name in streams.features.FEATURES, with `params`")
    params: dict[str, float | str | tuple[str, ...]] = Field({}, description="what the processor `kind` wants to know")
