"""What sections say about each other: one check a row, with the sections that it reads."""

from collections.abc import Callable, Iterator, Mapping

from infra.consistency.features import check_features
from infra.consistency.fields import check_fields, check_leaks, check_names, check_rules
from infra.consistency.model import check_arms, check_rollout
from infra.consistency.monitor import check_policy, check_segments, check_windows
from infra.consistency.privacy import check_personal_reads, check_privacy
from infra.consistency.problem import check_feedback, check_success, check_value
from infra.consistency.source import check_label_column, check_labels, check_lookups, check_source, check_watched
from infra.mistakes import Finding
from infra.sections import Pipeline

Check = Callable[[Pipeline], Iterator[Finding]]

CHECKS: Mapping[Check, frozenset[str]] = {
    check_success: frozenset({"problem"}),
    check_value: frozenset({"problem"}),
    check_feedback: frozenset({"problem", "model", "rollout"}),
    check_source: frozenset({"source", "lookup"}),
    check_labels: frozenset({"problem", "source", "labels", "watched"}),
    check_label_column: frozenset({"labels"}),
    check_watched: frozenset({"problem", "watched", "model"}),
    check_lookups: frozenset({"lookup"}),
    check_names: frozenset({"field", "feature", "lookup", "rule", "model"}),
    check_leaks: frozenset({"problem", "labels", "field"}),
    check_fields: frozenset({"field"}),
    check_rules: frozenset({"field", "rule"}),
    check_features: frozenset({"problem", "field", "feature"}),
    check_privacy: frozenset({"source", "field", "monitor"}),
    check_personal_reads: frozenset({"field", "feature", "model"}),
    check_arms: frozenset({"problem", "field", "feature", "model"}),
    check_rollout: frozenset({"model", "rollout"}),
    check_windows: frozenset({"monitor"}),
    check_segments: frozenset({"field", "monitor"}),
    check_policy: frozenset({"problem", "watched", "model", "policy"}),
}
"""Each check with the sections it reads: it runs as soon as these have the right shape, whatever else is wrong."""
