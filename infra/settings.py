"""Secrets: from the environment or a file that only its owner can read; never printed, never in a pipeline file."""

import os
import secrets
from pathlib import Path

from models.releases.signing import SigningKey
from streams.errors import StopError

RELEASE_KEY = "RIVERKEEPER_RELEASE_KEY"
"""`name:hex`, at least 16 bytes: signs releases. Without it, a key is made beside the registry."""

PRIVACY_KEY = "RIVERKEEPER_PRIVACY_KEY"
"""Hexadecimal, 16 to 64 bytes: the key of hashed personal fields."""


def release_key(registry: Path) -> SigningKey:
    """Return the key that signs releases: that of the environment, or the registry's own, made when first needed."""
    given = os.environ.get(RELEASE_KEY)
    if given is not None:
        name, _, digits = given.partition(":")
        return SigningKey(name, _bytes(RELEASE_KEY, digits))
    path = registry / "release.key"
    if not path.exists():
        registry.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    return SigningKey("local", _bytes(str(path), path.read_text()))


def privacy_key(wanted: bool) -> bytes:
    """Return the key of hashed personal fields, empty where none is `wanted`. Raises StopError where it is missing."""
    given = os.environ.get(PRIVACY_KEY, "")
    if wanted and not given:
        raise StopError(
            f"{PRIVACY_KEY} is not set, and a field is declared with treat = 'hash'. Set it to 32 to 128 hexadecimal "
            "digits and keep it: without it nobody can be found again."
        )
    return _bytes(PRIVACY_KEY, given)


def _bytes(where: str, digits: str) -> bytes:
    try:
        return bytes.fromhex(digits.strip())
    except ValueError as exc:
        raise StopError(f"{where}: hexadecimal digits are wanted, got something else. Make it anew.") from exc
