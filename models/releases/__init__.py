"""Releases: signed artifacts, the registry that keeps them, and the way back."""

from models.releases.contents import ReleaseContents
from models.releases.signing import SigningKey

__all__ = ["ReleaseContents", "SigningKey"]
