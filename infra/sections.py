"""The pipeline file as a whole: all sections, each declared by the room that reads it."""

from pydantic import Field

from models.spec import ModelSpec, ProblemSpec, RolloutSpec
from monitors.spec import MonitorSpec, PolicySpec
from streams.spec import FeatureSpec, FieldSpec, LabelSpec, LookupSpec, RuleSpec, Section, SourceSpec, WatchedSpec


class Pipeline(Section):
    """A pipeline from the question to the maintenance. Frozen; made by `infra.pipeline.load`."""

    problem: ProblemSpec = Field(description="the question, the task, and what success is")
    source: SourceSpec = Field(description="where events come from, and who, which, when of each")
    labels: LabelSpec | None = Field(None, description="where labels come from, and when each was known")
    watched: WatchedSpec | None = Field(None, description="watch only: predictions made elsewhere, in place of a model")
    lookup: tuple[LookupSpec, ...] = Field((), description="tables that are joined as of the moment of prediction")
    field: tuple[FieldSpec, ...] = Field(min_length=1, description="the contract of each field of an event")
    rule: tuple[RuleSpec, ...] = Field((), description="conditions between fields that hold in every sound event")
    feature: tuple[FeatureSpec, ...] = Field((), description="what the model sees beside the fields")
    model: ModelSpec | None = Field(None, description="the champion's recipe and its challengers")
    monitor: MonitorSpec = Field(MonitorSpec(), description="what is watched, and the budget of false incidents")
    policy: PolicySpec = Field(PolicySpec(), description="which remedy for which cause")
    rollout: RolloutSpec = Field(RolloutSpec(), description="how a challenger comes to serve")
