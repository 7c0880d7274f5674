"""The registry: a folder of releases, and aliases (champion, challenger, previous) with their whole history.

::

    releases/0001/manifest.json ...
    aliases.jsonl                     one line per change, oldest first; the aliases are the fold over it

For one writer and any readers, on whatever fsspec reaches. Each change is one file that appears or is replaced whole,
so a writer that dies leaves the state before or the state after. Making the same release again, or the same change of
aliases at the same time, changes nothing: a job that runs again after a crash ends where it ended.
"""

from typing import Any

import fsspec
import msgspec

from models.releases.artifact import MANIFEST, digest, manifest, packed, read, replace, write
from models.releases.contents import ReleaseContents
from models.releases.signing import SigningKey
from streams.errors import ReleaseError

ALIASES = ("champion", "challenger", "previous")


class AliasChange(msgspec.Struct, frozen=True):
    """At `time` (s, an argument of whoever decided) the aliases in `set` took these versions; None: taken away."""

    set: dict[str, str | None]
    why: str
    time: float


class Registry:
    """Releases by version, and aliases by name, in the folder `url`, signed with `key`."""

    def __init__(self, url: str, key: SigningKey) -> None:
        """Look at a folder, which need not exist yet."""
        self.url = url.rstrip("/")
        self.key = key
        self._fs, self._path = fsspec.url_to_fs(self.url)

    def add(self, contents: ReleaseContents) -> str:
        """Keep a release and return its version; one that is here already keeps the version it has."""
        wanted = packed(contents)[1].content
        versions = self.versions()
        for version in reversed(versions):
            if manifest(self.folder(version), self.key).content == wanted:
                return version
        version = f"{int(versions[-1]) + 1 if versions else 1:04d}"
        write(msgspec.structs.replace(contents, version=version), self.folder(version), self.key)
        return version

    def versions(self) -> list[str]:
        """Return all versions, oldest first."""
        found = self._fs.glob(f"{self._path}/releases/*/{MANIFEST}")
        return sorted((path.split("/")[-2] for path in found), key=lambda version: (len(version), version))

    def folder(self, version: str) -> str:
        """Return where a version is kept."""
        return f"{self.url}/releases/{version}"

    def get(self, version: str) -> ReleaseContents:
        """Return a release, everything checked; ReleaseError if it is not here or not what it was."""
        self._must_exist(version)
        return read(self.folder(version), self.key)

    def show(self, version: str) -> dict[str, Any]:
        """Return what a release says of itself, also where its library versions are not here to load it."""
        self._must_exist(version)
        return manifest(self.folder(version), self.key).contents

    def digest(self, version: str) -> str:
        """Return the digest of a release."""
        self._must_exist(version)
        return digest(self.folder(version), self.key)

    def history(self, name: str | None = None) -> list[AliasChange]:
        """Return the changes of an alias, or of all, oldest first."""
        path = f"{self._path}/aliases.jsonl"
        lines = self._fs.cat_file(path).splitlines() if self._fs.exists(path) else []
        try:
            changes = [msgspec.json.decode(line, type=AliasChange) for line in lines]
        except msgspec.DecodeError as exc:
            raise ReleaseError(f"{path}: line {len(lines)} or before cannot be read ({exc}). Take a copy.") from exc
        return [change for change in changes if name is None or name in change.set]

    def alias(self, name: str) -> str | None:
        """Return the version that has the alias, None if none has."""
        return self.aliases().get(name)

    def aliases(self) -> dict[str, str]:
        """Return all aliases."""
        now: dict[str, str | None] = {}
        for change in self.history():
            now |= change.set
        return {name: version for name, version in now.items() if version is not None}

    def set_alias(self, name: str, version: str | None, why: str, time: float) -> None:
        """Give an alias to a version, or take it away (None)."""
        self._change(AliasChange(set={name: version}, why=why, time=time))

    def promote(self, version: str, why: str, time: float) -> None:
        """Make a version champion and the champion previous, in one step; it is no challenger any more."""
        now = self.aliases()
        if now.get("champion") == version:
            return
        change: dict[str, str | None] = {"champion": version, "previous": now.get("champion")}
        if now.get("challenger") == version:
            change["challenger"] = None
        self._change(AliasChange(set=change, why=why, time=time))

    def rollback(self, why: str, time: float, to: str | None = None) -> str:
        """Make the previous champion (or `to`) champion again and return its version.

        Nothing is previous afterwards: to go further back, name the version.
        """
        back = to or self.alias("previous")
        if back is None:
            listed = ", ".join(self.versions()) or "none"
            raise ReleaseError(f"{self.url}: there is no previous champion. Name the version (there are: {listed}).")
        self._change(AliasChange(set={"champion": back, "previous": None}, why=why, time=time))
        return back

    def compare(self, first: str, second: str) -> dict[str, tuple[Any, Any]]:
        """Return in what two releases differ, by dotted name (``arm.params.…``, ``evaluation.release.log_loss``)."""
        sides = [_flat(self.show(version)) for version in (first, second)]
        names = dict.fromkeys((*sides[0], *sides[1]))
        pairs = {name: (sides[0].get(name), sides[1].get(name)) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    def _change(self, change: AliasChange) -> None:
        """Write one more line, unless it is there already."""
        for name, version in change.set.items():
            if name not in ALIASES:
                raise ReleaseError(f"{self.url}: no such alias, got {name!r}. There are: {', '.join(ALIASES)}.")
            if version is not None:
                self._must_exist(version)
        past = self.history()
        if change in past:
            return
        lines = [msgspec.json.encode(each, order="deterministic") for each in (*past, change)]
        replace(self._fs, f"{self._path}/aliases.jsonl", b"\n".join(lines) + b"\n")

    def _must_exist(self, version: str) -> None:
        """Raise ReleaseError for a version that is not here."""
        if version not in self.versions():
            listed = ", ".join(self.versions()) or "none"
            raise ReleaseError(f"{self.url}: there is no release {version!r}. There are: {listed}.")


def _flat(value: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested figures and settings by dotted name."""
    flat: dict[str, Any] = {}
    for name, inner in value.items():
        flat |= _flat(inner, f"{before}{name}.") if isinstance(inner, dict) else {f"{before}{name}": inner}
    return flat
