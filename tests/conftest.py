"""What every test may rely on: repeatable property tests, and a browser where the machine has one."""

import shutil

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
    """Name bytes and sets by their argument: their text differs between processes, and so would the tests' names."""
    return argname if isinstance(val, bytes | set | frozenset) else None
