"""What every test may rely on: repeatable property tests, and a browser where the machine has one."""

import shutil
import zlib

import hypothesis
import pytest

# The same examples on every machine and run; no deadline, because a shared machine is slow at times.
hypothesis.settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("repeatable")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a headless-capable Chromium; the test is left out where there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.skip("no Chromium on this machine (Debian: apt-get install chromium)")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name bytes by their checksum: their text, backslashes and all, is no name for a test."""
    return f"{argname}-{zlib.crc32(val):08x}" if isinstance(val, bytes) else None
