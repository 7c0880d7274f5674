"""A release: everything that decides what a model answers, as one signed folder that is the same bytes each time.

::

    manifest.json      who it is, what it was made of, the SHA-256 of every other file; signed
    learner.bin        the learner's own dump
    detectors.bin      the state of the detectors
    plan.json          the features, in order
    reference.json     what drift is measured against
    card.md            the model card, for people

The digest is that of the manifest without its signature: a release has one digest, whoever signed it. The signature is
HMAC-SHA256 (RFC 2104) over that same text. A folder without a manifest is no release: the manifest is written last,
in one step, so a writer that dies leaves nothing that could be taken for one.
"""

import hashlib
from typing import Any

import fsspec
import msgspec

from models.releases.card import card
from models.releases.contents import ReleaseContents
from models.releases.libraries import check_libraries, libraries
from models.releases.signing import SigningKey
from models.spec import ArmSpec
from streams.errors import ReleaseError

FORMAT = 1
MANIFEST = "manifest.json"
_MEMBERS = ("card.md", "detectors.bin", "learner.bin", "plan.json", "reference.json")
_APART = ("detectors", "learner", "plan", "reference")


class Manifest(msgspec.Struct, frozen=True):
    """What is signed: the contents that are no files of their own, and the SHA-256 of those that are.

    `content` is the digest of the release apart from its version: equal for one that was made again.
    """

    format: int
    content: str
    contents: dict[str, Any]
    members: dict[str, str]


class Signature(msgspec.Struct, frozen=True):
    """Who signed, how, and the signature in hexadecimal."""

    key: str
    value: str
    algorithm: str = "HMAC-SHA256"


def write(release: ReleaseContents, folder: str, key: SigningKey) -> str:
    """Write a release into a folder (a path, or a URL of fsspec) and return its digest.

    Libraries that the contents do not name are those that are here. The same contents give the same digest.
    """
    members, manifest = packed(release)
    body = _canonical(manifest)
    signature = Signature(key=key.id, value=key.sign(body))
    signed = msgspec.json.encode({"body": msgspec.Raw(body), "signature": signature})
    fs, path = fsspec.url_to_fs(folder)
    fs.makedirs(path, exist_ok=True)
    # Step 1. Everything that the manifest vouches for.
    for name, data in members.items():
        fs.pipe_file(f"{path}/{name}", data)
    # Step 2. The manifest, whole or not at all: from here on it is a release.
    replace(fs, f"{path}/{MANIFEST}", msgspec.json.format(signed, indent=2))
    return hashlib.sha256(body).hexdigest()


def read(folder: str, key: SigningKey | None) -> ReleaseContents:
    """Return the release in a folder, after its signature, every digest and the library versions have been checked.

    Without a key the signature is not checked, the digests are: for exported folders, whose way is trusted.
    Raises ReleaseError that says which check failed and what to do.
    """
    vouched = manifest(folder, key)
    check_libraries(vouched.contents.get("libraries", {}), folder)
    fs, path = fsspec.url_to_fs(folder)
    members: dict[str, bytes] = {}
    for name in _MEMBERS:
        members[name] = fs.cat_file(f"{path}/{name}") if fs.exists(f"{path}/{name}") else b""
        if hashlib.sha256(members[name]).hexdigest() != vouched.members.get(name):
            raise ReleaseError(
                f"{folder}/{name}: not what the manifest vouches for. Do not use this release: take it from a copy, "
                "or go back to an older one."
            )
    return _unpacked(vouched.contents, members, folder)


def manifest(folder: str, key: SigningKey | None) -> Manifest:
    """Return what the release in a folder says of itself, its signature checked; nothing is loaded."""
    body = _checked_body(folder, key)
    try:
        found = msgspec.json.decode(body, type=Manifest)
    except msgspec.DecodeError as exc:
        raise ReleaseError(f"{folder}/{MANIFEST}: no manifest ({exc}). Take the release from a copy.") from exc
    if found.format != FORMAT:
        raise ReleaseError(f"{folder}/{MANIFEST}: its format is {found.format}, known is {FORMAT}. Retrain the arm.")
    return found


def digest(folder: str, key: SigningKey | None) -> str:
    """Return the digest of the release in a folder, its signature checked."""
    return hashlib.sha256(_checked_body(folder, key)).hexdigest()


def replace(fs: Any, path: str, data: bytes) -> None:
    """Write a file whole or not at all: readers see the old one or the new one."""
    fs.pipe_file(f"{path}.new", data)
    fs.mv(f"{path}.new", path)


def packed(release: ReleaseContents) -> tuple[dict[str, bytes], Manifest]:
    """Return the members by file name, and the manifest that vouches for them."""
    if not release.libraries:
        release = msgspec.structs.replace(release, libraries=libraries())
    members, contents = _parts(release)
    bare = _parts(msgspec.structs.replace(release, version=""))
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    content = hashlib.sha256(_canonical(bare[1]) + b"".join(bare[0][name] for name in _MEMBERS)).hexdigest()
    return members, Manifest(format=FORMAT, content=content, contents=contents, members=digests)


def _parts(release: ReleaseContents) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Return the members, and the contents that are no members."""
    members = {
        "card.md": card(release).encode(),
        "detectors.bin": release.detectors,
        "learner.bin": release.learner,
        "plan.json": _canonical(release.plan),
        "reference.json": msgspec.json.encode(release.reference),  # the order of its columns has a meaning
    }
    contents = {name: getattr(release, name) for name in release.__struct_fields__ if name not in _APART}
    return members, {**contents, "arm": release.arm.model_dump(mode="json")}


def _unpacked(contents: dict[str, Any], members: dict[str, bytes], folder: str) -> ReleaseContents:
    """Return the contents that a checked manifest and its checked members hold."""
    try:
        arm = ArmSpec.model_validate(contents["arm"])
        plain = {name: value for name, value in contents.items() if name != "arm"}
        apart = {
            "learner": members["learner.bin"],
            "detectors": members["detectors.bin"],
            "plan": msgspec.json.decode(members["plan.json"]),
            "reference": msgspec.json.decode(members["reference.json"]),
        }
        return ReleaseContents(arm=arm, **apart, **_typed(plain))
    except (msgspec.MsgspecError, ValueError, TypeError) as exc:
        raise ReleaseError(f"{folder}/{MANIFEST}: written by another version ({exc}). Retrain the arm.") from exc


def _typed(plain: dict[str, Any]) -> dict[str, Any]:
    """Return the plain values of a manifest as the types of the contents."""
    wanted = {field.name: field.type for field in msgspec.structs.fields(ReleaseContents)}
    return {name: msgspec.convert(value, wanted[name]) for name, value in plain.items() if name in wanted}


def _checked_body(folder: str, key: SigningKey | None) -> bytes:
    """Return the text that was signed, in its canonical form; ReleaseError if the signature does not hold."""
    fs, path = fsspec.url_to_fs(folder)
    where = f"{path}/{MANIFEST}"
    try:
        outer = msgspec.json.decode(fs.cat_file(where))
        body, signature = _canonical(outer["body"]), msgspec.convert(outer["signature"], Signature)
    except FileNotFoundError as exc:
        raise ReleaseError(f"{where}: there is no release here. Name the folder of one.") from exc
    except (msgspec.MsgspecError, KeyError, TypeError) as exc:
        raise ReleaseError(f"{where}: cannot be read ({exc}). Take the release from a copy.") from exc
    if key is None:
        return body
    if signature.key != key.id:
        raise ReleaseError(
            f"{where}: signed with the key {signature.key!r}, got the key {key.id!r}. Load it with the key it was "
            "signed with, or sign it anew after checking where it comes from."
        )
    if not key.verify(body, signature.value):
        raise ReleaseError(
            f"{where}: the signature does not fit: it was altered, or signed with another secret of that name. "
            "Do not use this release: take it from a copy, or go back to an older one."
        )
    return body


def _canonical(value: Any) -> bytes:
    """Return JSON with sorted keys: equal values, equal bytes."""
    return msgspec.json.encode(value, order="sorted")
