"""Versions and aliases: their history, the way back, and a writer that dies."""

import contextlib
from pathlib import Path
from typing import Any

import pytest

from models.releases.registry import Registry
from streams.errors import ReleaseError
from tests.unit.models.releases.made import KEY, release


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(str(tmp_path / "registry"), KEY)


def test_versions_are_numbered_and_the_same_release_is_kept_once(registry: Registry) -> None:
    assert registry.versions() == []

    versions = [registry.add(release(seed=seed)) for seed in (1, 2, 1, 3, 2)]

    assert versions == ["0001", "0002", "0001", "0003", "0002"]
    assert registry.versions() == ["0001", "0002", "0003"]
    assert (registry.get("0002").seed, registry.get("0002").version) == (2, "0002")
    assert registry.digest("0001") != registry.digest("0002")


def test_aliases_are_the_fold_over_their_history(registry: Registry) -> None:
    for seed in (1, 2):
        registry.add(release(seed=seed))
    registry.set_alias("champion", "0001", "first release", 10.0)
    registry.set_alias("challenger", "0002", "retrained", 20.0)
    registry.promote("0002", "better by .02", 30.0)

    assert registry.aliases() == {"champion": "0002", "previous": "0001"}
    assert registry.alias("challenger") is None
    assert [(change.time, change.set["champion"]) for change in registry.history("champion")] == [
        (10.0, "0001"),
        (30.0, "0002"),
    ]
    assert [change.why for change in registry.history()] == ["first release", "retrained", "better by .02"]


def test_rollback_makes_the_previous_champion_serve_again(registry: Registry) -> None:
    for seed in (1, 2):
        registry.add(release(seed=seed))
        registry.promote(registry.versions()[-1], "newer", float(seed))

    assert registry.rollback("worse after release", 3.0) == "0001"
    assert registry.aliases() == {"champion": "0001"}
    with pytest.raises(ReleaseError, match=r"no previous champion. Name the version \(there are: 0001, 0002\)"):
        registry.rollback("again", 4.0)
    assert registry.rollback("by hand", 5.0, to="0002") == "0002"


def test_the_same_change_again_changes_nothing(registry: Registry) -> None:
    registry.add(release())
    for _ in range(3):
        registry.set_alias("champion", "0001", "first", 1.0)
        registry.promote("0001", "first", 1.0)

    assert len(registry.history()) == 1


def test_unknown_aliases_and_versions_are_refused(registry: Registry) -> None:
    registry.add(release())

    with pytest.raises(ReleaseError, match=r"no such alias, got 'best'. There are: champion, challenger, previous"):
        registry.set_alias("best", "0001", "", 1.0)
    with pytest.raises(ReleaseError, match=r"there is no release '0009'. There are: 0001"):
        registry.set_alias("champion", "0009", "", 1.0)
    with pytest.raises(ReleaseError, match="there is no release"):
        registry.get("../0001")


def test_two_releases_are_compared_by_what_differs(registry: Registry) -> None:
    registry.add(release(evaluation={"release": {"log_loss": 0.5}}))
    registry.add(release(evaluation={"release": {"log_loss": 0.4}}, seed=9))

    assert registry.compare("0001", "0002") == {
        "evaluation.release.log_loss": (0.5, 0.4),
        "seed": (3, 9),
        "version": ("0001", "0002"),
    }


def test_a_release_of_other_libraries_is_shown_and_does_not_hold_up_new_ones(registry: Registry) -> None:
    registry.add(release(libraries={"river": "0.1.0"}))

    assert registry.show("0001")["libraries"] == {"river": "0.1.0"}
    assert registry.add(release()) == "0002"


@pytest.mark.parametrize("dies_at", range(1, 10))
def test_a_writer_that_dies_leaves_the_state_before_or_after(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, dies_at: int
) -> None:
    registry.add(release(seed=1))
    registry.promote("0001", "first", 1.0)
    calls = iter(range(1, 100))

    class DyingError(Exception):
        pass

    def dying(method: Any) -> Any:
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if next(calls) == dies_at:
                raise DyingError
            return method(*args, **kwargs)

        return wrapped

    with monkeypatch.context() as patch:
        for name in ("pipe_file", "mv"):
            patch.setattr(registry._fs, name, dying(getattr(registry._fs, name)))
        with contextlib.suppress(DyingError):
            registry.add(release(seed=2))
            registry.promote("0002", "second", 2.0)

    assert registry.aliases() in ({"champion": "0001"}, {"champion": "0002", "previous": "0001"})
    assert all(registry.get(version).seed == int(version) for version in registry.versions())
    assert registry.add(release(seed=2)) == "0002"
    registry.promote("0002", "second", 2.0)
    assert registry.aliases() == {"champion": "0002", "previous": "0001"}


def test_a_history_that_cannot_be_read_is_named(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "registry").mkdir()
    (tmp_path / "registry" / "aliases.jsonl").write_text("{broken\n")

    with pytest.raises(ReleaseError, match=r"aliases.jsonl: .*cannot be read"):
        registry.aliases()
