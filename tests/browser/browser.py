"""A headless Chromium, spoken to through a pipe in its DevTools protocol: no driver and no further package needed."""

import base64
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

_OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--remote-debugging-pipe",
)
_LAUNCH = """
import fcntl, os, sys
reads, writes = (fcntl.fcntl(int(place), fcntl.F_DUPFD, 10) for place in sys.argv[1:3])
os.dup2(reads, 3)
os.dup2(writes, 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
_LONGEST_S = 30.0


class Page:
    """One page: what it is told, and everything that it logged or asked for."""

    def __init__(self, to: int, back: int) -> None:
        self._to = to
        self._back = back
        self._rest = b""
        self._number = 0
        self._loaded = False
        self._session: str | None = None
        self.logged: list[str] = []
        self.requested: list[str] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; what happens meanwhile is noted."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while True:
            told = self._read()
            if told.get("id") == self._number:
                if "error" in told:
                    raise RuntimeError(f"{method}: {told['error']['message']}")
                result: dict[str, Any] = told["result"]
                return result
            self._note(told)

    def open(
        self,
        path: Path,
        width: int = 1280,
        height: int = 900,
        scheme: Literal["light", "dark"] = "light",
        scripts: bool = True,
        fragment: str = "",
    ) -> None:
        """Load a file at a width (px), in light or dark, with or without scripts."""
        self._load("about:blank")  # a page that only differs in its fragment would not be loaded anew
        self.logged.clear()
        self.requested.clear()
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.do("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._load(path.as_uri() + fragment)

    def _load(self, url: str) -> None:
        self._loaded = False
        self.do("Page.navigate", url=url)
        while not self._loaded:
            self._note(self._read())

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the page; works where the page itself may run no scripts."""
        answer = self.do("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(str(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def click(self, x: float, y: float) -> None:
        """Press and release at a place of the window (px)."""
        for kind in ("mousePressed", "mouseReleased"):
            self.do("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self, path: Path) -> None:
        """Write the whole page as a PNG."""
        shot = self.do("Page.captureScreenshot", captureBeyondViewport=True, format="png")
        path.write_bytes(base64.b64decode(shot["data"]))

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            if not select.select([self._back], [], [], _LONGEST_S)[0]:
                raise RuntimeError(f"Chromium has not answered for {_LONGEST_S:g} s")
            more = os.read(self._back, 1 << 20)
            if not more:
                raise RuntimeError("Chromium has ended")
            self._rest += more
        text, _, self._rest = self._rest.partition(b"\0")
        told: dict[str, Any] = json.loads(text)
        return told

    def _note(self, told: dict[str, Any]) -> None:
        params = told.get("params", {})
        match told.get("method"):
            case "Page.loadEventFired":
                self._loaded = True
            case "Runtime.consoleAPICalled":
                self.logged.append(f"{params['type']}: {params['args']}")
            case "Runtime.exceptionThrown":
                self.logged.append(str(params["exceptionDetails"]))
            case "Log.entryAdded":
                self.logged.append(f"{params['entry']['level']}: {params['entry']['text']}")
            case "Network.requestWillBeSent":
                self.requested.append(params["request"]["url"])


@contextmanager
def browser(chromium: str, profile: Path) -> Iterator[Page]:
    """Start a Chromium with a new profile folder, and end it."""
    theirs_in, to = os.pipe()
    back, theirs_out = os.pipe()
    # Step 1. The protocol speaks through the descriptors 3 and 4.
    places = [str(theirs_in), str(theirs_out)]
    process = subprocess.Popen(
        [sys.executable, "-c", _LAUNCH, *places, chromium, *_OPTIONS, f"--user-data-dir={profile}"],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Page(to, back)
    finally:
        # Step 2. Closing our end of the pipe ends it.
        os.close(to)
        try:
            process.wait(_LONGEST_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(back)
