"""Who vouches for a release: a named secret, and HMAC-SHA256 with it."""

import hashlib
import hmac

import msgspec

from streams.errors import ReleaseError


class SigningKey(msgspec.Struct, frozen=True):
    """A secret of at least 16 bytes and the name under which it is known; the secret is never shown or stored.

    >>> SigningKey("team-2026", b"0123456789abcdef")
    SigningKey(id='team-2026')
    """

    id: str
    secret: bytes

    def __post_init__(self) -> None:
        """Refuse a secret that could be guessed."""
        if len(self.secret) < 16 or not self.id:
            raise ReleaseError(
                f"release key {self.id!r}: a name and a secret of at least 16 bytes are wanted, got "
                f"{len(self.secret)} bytes. Make one with: python -c 'import secrets; print(secrets.token_hex(32))'"
            )

    def __repr__(self) -> str:
        return f"SigningKey(id={self.id!r})"

    def sign(self, data: bytes) -> str:
        """Return the signature in hexadecimal."""
        return hmac.new(self.secret, data, hashlib.sha256).hexdigest()

    def verify(self, data: bytes, signature: str) -> bool:
        """Return whether the signature is right, in a time that tells nothing about it."""
        return hmac.compare_digest(self.sign(data).encode(), signature.encode())
