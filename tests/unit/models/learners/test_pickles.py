"""What a pickle may and may not do."""

import builtins
import collections
import functools
import math
import operator
import os
import pickle
import random
import shutil
import subprocess
from typing import Any

import numpy as np
import pytest
from river import drift, linear_model, preprocessing, stats, tree

from models.learners.pickles import dumps, loads
from streams.errors import ReleaseError


class Calls:
    """Pickles as a call of a function, which is how a pickle takes a machine over."""

    def __init__(self, function: Any, *args: Any) -> None:
        self.call = (function, args)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return self.call


def wants(module: str, name: str) -> bytes:
    """A pickle of nothing but that global."""
    texts = [text.encode() for text in (module, name)]
    return b"\x80\x04" + b"".join(b"\x8c" + bytes([len(text)]) + text for text in texts) + b"\x93."


HOSTILE: dict[str, bytes] = {
    "os.system": pickle.dumps(Calls(os.system, "true")),
    "subprocess": pickle.dumps(Calls(subprocess.Popen, ["true"])),
    "eval": pickle.dumps(Calls(eval, "1")),
    "exec": pickle.dumps(Calls(exec, "1")),
    "getattr": pickle.dumps(Calls(getattr, 1, "real")),
    "import": pickle.dumps(Calls(builtins.__import__, "os")),
    "open": pickle.dumps(Calls(open, "/etc/hostname")),
    "rmtree": pickle.dumps(Calls(shutil.rmtree, "/nowhere")),
    "attrgetter": pickle.dumps(operator.attrgetter("real")),
    "partial of eval": pickle.dumps(functools.partial(eval, "1")),
    "numpy.load": pickle.dumps(Calls(np.load, "/nowhere")),
    "a method": pickle.dumps([1].append),
    "a module of a library": wants("river.base.base", "logging"),
    "through a library's import": wants("river.base.base", "logging.os.system"),
    "through a submodule": wants("sklearn.utils", "validation.os.system"),
    "a function of a library": wants("river.utils.pretty", "humanize_bytes"),
    "a function that reads files": wants("sklearn.datasets", "load_files"),
    "a class that a library imported": wants("river.compose.pipeline", "OrderedDict"),
    "a remote data set": wants("river.datasets.base", "RemoteDataset"),
    "a name like a library's": wants("riverside.base", "Base"),
    "an old opcode": b"cos\nsystem\n(S'true'\ntR.",
    "an old instance": b"(S'true'\nios\nsystem\n.",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_what_is_not_on_the_list_is_refused(data: bytes) -> None:
    with pytest.raises(ReleaseError, match="which is not on the list of what may be loaded"):
        loads(data)


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", b"\x80\x05", pickle.dumps(list(range(99)))[:-9], b"\x80\x05N\x85R."]
)
def test_what_is_no_pickle_is_refused_with_the_remedy(data: bytes) -> None:
    with pytest.raises(ReleaseError, match=r"cannot be read .* take it from a copy, or go back to an older release"):
        loads(data)


@pytest.mark.parametrize(
    "state",
    [
        {"a": (1, 2.5, None, True, b"x")},
        {"b", "a", "c"},
        collections.Counter("abca"),
        collections.deque([1, 2], maxlen=3),
        collections.defaultdict(float, a=1.0),
        frozenset({3}),
        math.inf,
    ],
    ids=lambda state: type(state).__name__,
)
def test_plain_state_comes_back(state: object) -> None:
    assert loads(dumps(state)) == state


def test_arrays_generators_and_estimators_come_back() -> None:
    assert np.array_equal(loads(dumps(np.arange(6.0).reshape(2, 3))), np.arange(6.0).reshape(2, 3))
    chance, copy = random.Random(3), loads(dumps(random.Random(3)))
    assert [chance.random() for _ in range(3)] == [copy.random() for _ in range(3)]
    assert loads(dumps(np.random.RandomState(3))).rand() == np.random.RandomState(3).rand()
    parts: list[Any] = [drift.ADWIN, stats.Mean, preprocessing.StandardScaler, linear_model.LogisticRegression]
    for part in (made() for made in parts):
        assert type(loads(dumps(part))) is type(part)


def test_a_set_that_two_parts_share_stays_one() -> None:
    shared = {"a", "b"}
    first, second = loads(dumps([shared, shared]))

    assert first is second
    assert first == shared


def test_sets_that_grew_in_another_order_give_the_same_bytes() -> None:
    names = [f"name {number}" for number in range(100)]
    grown = set(names)
    for name in names:
        grown.discard(name)
        grown.add(name)

    assert dumps(set(names)) == dumps(grown)


def test_equal_trees_give_equal_and_small_bytes() -> None:
    trees: list[Any] = [tree.HoeffdingTreeClassifier(), tree.HoeffdingTreeClassifier()]
    for each in trees:
        for number in range(50):
            each.learn_one({"a": float(number % 7), "b": float(number % 5)}, number % 2 == 0)

    assert dumps(trees[0]) == dumps(trees[1])
    assert len(dumps(trees[0])) < 6_000 < len(pickle.dumps(trees[0]))
