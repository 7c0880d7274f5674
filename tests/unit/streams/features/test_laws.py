"""What holds for every feature in the registry."""

import copy
import math
import pickle
import pkgutil
from importlib import import_module

import pytest

import streams.features
from streams.features import FEATURES
from streams.features.port import Feature
from streams.records import Value
from streams.spec import FeatureSpec
from tests.unit.streams.features.cases import SAMPLES, Empty, made, run, stream, windows_of

SECTIONS = [pytest.param(one, id=f"{kind}-{i}") for kind, all_ in SAMPLES.items() for i, one in enumerate(all_)]
each = pytest.mark.parametrize("section", SECTIONS)


def test_every_processor_is_registered_and_sampled() -> None:
    modules = [import_module(f"streams.features.{one.name}") for one in pkgutil.iter_modules(streams.features.__path__)]
    builders = {module.__name__.rpartition(".")[2]: module.build for module in modules if hasattr(module, "build")}
    assert builders == FEATURES
    assert SAMPLES.keys() == FEATURES.keys()


@each
def test_same_input_same_output(section: FeatureSpec) -> None:
    assert run(made(section), stream(300, seed=1)) == run(made(section), stream(300, seed=1))


@each
def test_names_type_and_state_are_as_declared(section: FeatureSpec) -> None:
    feature = made(section)
    own = None
    for time, values in stream(300, seed=2):
        result, own = feature.update(values, time, own, windows_of(feature, values))
        assert len(result) == len(feature.names)
        assert all(one is None or isinstance(one, str) == (feature.type == "category") for one in result)
        assert own is None or feature.needs_state


@each
def test_arguments_are_not_changed_and_state_is_immutable(section: FeatureSpec) -> None:
    feature = made(section)
    own = None
    for time, values in stream(100, seed=3):
        before, state = copy.deepcopy(values), copy.deepcopy(own)
        _, after = feature.update(values, time, own, windows_of(feature, values))
        assert values == before
        assert own == state
        hash(after)  # tuples, numbers and texts only, all the way down
        own = after


@each
def test_pickled_in_the_middle_nothing_changes(section: FeatureSpec) -> None:
    events = stream(200, seed=4)
    whole, feature, own = run(made(section), events), made(section), None
    for place, (time, values) in enumerate(events):
        if place == 100:
            feature, own = made(section), pickle.loads(pickle.dumps(own))  # noqa: S301 our own bytes
        result, own = feature.update(values, time, own, windows_of(feature, values))
        assert result == whole[place]


@each
def test_nothing_known_is_missing_and_never_a_calm_number(section: FeatureSpec) -> None:
    feature = made(section)
    counts = {name for name in feature.names if name.endswith("_n") or section.aggregate == "count"}
    nothing = dict.fromkeys(stream(1, seed=0)[0][1])
    for values in ({}, nothing):
        result, _ = feature.update(values, 1.36e9, None, windows_of(feature, values, Empty()))
        for name, value in zip(feature.names, result, strict=True):
            if feature.reads or feature.sums:
                assert value is None or (name in counts and value == 0)


@each
@pytest.mark.parametrize("seed", range(3))
def test_never_nan_or_infinite_whatever_comes(section: FeatureSpec, seed: int) -> None:
    for result in run(made(section), stream(300, seed, hostile=True)):
        assert all(sound(one) for one in result)


def sound(value: Value) -> bool:
    return value is None or isinstance(value, str) or math.isfinite(value)


@each
def test_state_is_bounded_on_a_long_stream(section: FeatureSpec) -> None:
    feature = made(section)
    events = [(1.36e9 + second, values) for second, (_, values) in enumerate(stream(4000, seed=5))]
    own = None
    for time, values in events:
        _, own = feature.update(values, time, own, windows_of(feature, values))
    assert len(pickle.dumps(own)) < 20_000


@each
def test_the_order_of_fields_does_not_matter(section: FeatureSpec) -> None:
    events = stream(200, seed=6)
    turned = [(time, dict(reversed(values.items()))) for time, values in events]
    assert run(made(section), events) == run(made(section), turned)


@each
def test_other_keys_do_not_matter(section: FeatureSpec) -> None:
    """Keys take turns, and each goes on as if it were alone."""
    feature: Feature = made(section)
    streams_ = [stream(60, seed=7), stream(60, seed=8)]
    alone = [run(made(section), events) for events in streams_]
    own: list[object] = [None, None]
    for place in range(60):
        for key in (0, 1):
            time, values = streams_[key][place]
            result, own[key] = feature.update(values, time, own[key], windows_of(feature, values))
            assert result == alone[key][place]


@each
def test_unknown_categories_survive(section: FeatureSpec) -> None:
    feature = made(section)
    values = stream(1, seed=9)[0][1] | {"origin": "XXX", "dest": "a|b\\c '\"\n", "tailnum": "", "distance": 5.0}
    result, _ = feature.update(values, 1.36e9, None, windows_of(feature, values))
    assert all(sound(one) for one in result)
