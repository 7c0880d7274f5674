from typing import get_args

import pytest

from monitors.diagnosis import REMEDIES, SEVERITIES, Closeup, cause_of, diagnose
from monitors.quality.units import UnitChange
from monitors.spec import Cause, Remedy
from tests.unit.monitors.made import look, sign

KINDS = {"wind_speed": "numeric", "temp": "numeric", "carrier": "categorical", "origin": "categorical"}
UNITS = Closeup(units={"wind_speed": UnitChange("wind_speed", "mph to km/h", 1.609344, 0.0, 0.98)})


def test_every_cause_has_a_severity_and_every_recommendation_is_a_remedy() -> None:
    assert set(SEVERITIES) == set(get_args(Cause))
    assert set(REMEDIES) <= set(get_args(Cause))
    assert set(REMEDIES.values()) <= set(get_args(Remedy))


@pytest.mark.parametrize(
    ("name", "field", "family", "size", "cause"),
    [
        ("missing", "temp", "quality", 9.0, "missing_upstream"),
        ("missing", "temp", "quality", -9.0, None),
        ("imputed", "temp", "quality", 9.0, "missing_upstream"),
        ("unseen", "carrier", "quality", 9.0, "new_category"),
        ("unseen", "temp", "quality", 9.0, "broken_upstream"),
        ("unseen", "wind_speed", "quality", 9.0, "unit_change"),
        ("invalid", "temp", "quality_daily", 9.0, "broken_upstream"),
        ("refused:duplicate", "", "quality", 9.0, "duplicates"),
        ("refused:wrong_type", "temp", "quality", 9.0, "broken_upstream"),
        ("refused_label:too_late", "", "health", 9.0, "broken_upstream"),
        ("events", "", "health", -9.0, "events_silent"),
        ("events", "", "health", 9.0, "health"),
        ("labels", "", "health", -9.0, "labels_silent"),
        ("labels", "", "health", 9.0, None),
        ("label_delay", "", "health_daily", 9.0, "labels_silent"),
        ("psi", "temp", "drift", 9.0, "covariate_shift"),
        ("psi_before", "score", "prediction", 9.0, "covariate_shift"),
    ],
)
def test_each_test_is_a_sign_of_its_cause(name: str, field: str, family: str, size: float, cause: str | None) -> None:
    assert cause_of(sign(name, field, family=family, size=size), KINDS, UNITS) == cause  # type: ignore[arg-type]


def test_a_broken_field_explains_its_drift_and_that_of_the_answers() -> None:
    found = diagnose(
        look(
            86400.0,
            sign("unseen", "wind_speed"),
            sign("psi", "wind_speed", p=1e-3, family="drift"),
            sign("psi", "score", p=1e-3, family="prediction"),
            sign("psi", "temp", p=1e-3, family="drift"),
        ),
        KINDS,  # type: ignore[arg-type]
        UNITS,
    )

    assert [(each.cause, each.fields) for each in found] == [
        ("unit_change", ("wind_speed",)),
        ("covariate_shift", ("temp",)),
    ]
    assert {each.field for each in found[0].evidence} == {"wind_speed", "score"}
    assert found[0].args == {"factor": 1.609344}
    assert found[0].what == "wind_speed looks like a change of unit, mph to km/h (x1.61)"


def test_many_fields_that_are_missing_at_once_are_one_finding() -> None:
    found = diagnose(look(3600.0, sign("missing", "temp"), sign("missing", "wind_speed")), KINDS, Closeup())  # type: ignore[arg-type]

    assert len(found) == 1
    assert found[0].fields == ("temp", "wind_speed")
    assert found[0].harm == {"share": 0.5}


def test_what_is_remarkable_but_no_alarm_is_weak() -> None:
    (found,) = diagnose(look(3600.0, sign("missing", "temp", p=1e-3)), KINDS, Closeup())  # type: ignore[arg-type]

    assert found.weak


def test_a_masked_field_is_our_own_doing() -> None:
    assert diagnose(look(3600.0, sign("missing", "temp")), KINDS, Closeup(), {"temp"}) == ()  # type: ignore[arg-type]


def test_a_segment_is_named_where_it_stands_out() -> None:
    only = sign("missing", "temp", "origin=JFK", p=1e-9)
    (found,) = diagnose(look(3600.0, only, sign("missing", "temp", p=1e-6)), KINDS, Closeup())  # type: ignore[arg-type]
    assert found.segments == ("origin=JFK",)

    (found,) = diagnose(look(3600.0, sign("missing", "temp", p=1e-9), only), KINDS, Closeup())  # type: ignore[arg-type]
    assert found.segments == ()


def test_a_category_that_vanished_when_a_new_one_came_was_renamed() -> None:
    near = Closeup(unseen={"carrier": {"United": 9, "X": 1}}, vanished={"carrier": "UA"})
    (found,) = diagnose(look(3600.0, sign("unseen", "carrier")), KINDS, near)  # type: ignore[arg-type]

    assert found.what == "carrier 'UA' seems to be called 'United' now"
