"""A headless Chromium, driven through a pipe by the DevTools protocol: needs nothing but the browser itself."""

import base64
import json
import os
import selectors
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
_FLAGS = (
    *("--headless", "--no-sandbox", "--no-first-run", "--remote-debugging-pipe", "--mute-audio"),
    *("--disable-gpu", "--enable-unsafe-swiftshader"),
    # Of itself the browser asks for nothing from the network.
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    *("--disable-features=OptimizationHints,MediaRouter,DialMediaRouteProvider", "--no-default-browser-check"),
)
_PATIENCE = 60.0
_READY = "window.transflower !== undefined || !document.getElementById('message').hidden"
_KEYS = {" ": "Space", "Enter": "Enter", "Tab": "Tab"}


def find_chromium() -> str | None:
    """The browser's command, if there is one."""
    return os.environ.get("CHROMIUM") or next((found for name in _NAMES if (found := shutil.which(name))), None)


NEEDS_CHROMIUM = [
    pytest.mark.skipif(find_chromium() is None, reason="no Chromium here: the page is not tried"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


class Chromium:
    """One browser with one page."""

    def __init__(self, process: subprocess.Popen[bytes], commands: int, answers: int) -> None:
        self._process, self._commands, self._answers = process, commands, answers
        self._selector = selectors.DefaultSelector()
        self._selector.register(answers, selectors.EVENT_READ)
        self._unread = b""
        self._number = 0
        self._session: str | None = None
        self.events: list[dict[str, Any]] = []
        """What the page has reported since it was opened."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask the browser for something, and wait for its answer."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + _PATIENCE
        while True:
            answer = self._next(deadline)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return dict(answer["result"])
            self.events.append(answer)

    def open(
        self,
        page: Path,
        *,
        width: int = 960,
        height: int = 540,
        touch: bool = False,
        theme: str = "dark",
        ready: str = _READY,
    ) -> None:
        """Load a file, and wait until the page can be used, which is when ``ready`` is true."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=touch)
        self.call("Emulation.setTouchEmulationEnabled", enabled=touch)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": theme}])
        self.events.clear()
        self.call("Page.navigate", url=page.absolute().as_uri())
        self.wait(ready)

    def run(self, script: str) -> Any:
        """The value of an expression, waited for if it is a promise."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return answer["result"].get("value")

    def wait(self, condition: str, *, seconds: float = 30.0) -> None:
        """Wait until an expression is true."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if self.run(condition):
                    return
            except RuntimeError:
                pass  # the page is just being loaded
            time.sleep(0.02)
        raise TimeoutError(condition)

    def press(self, key: str, *, shift: bool = False) -> None:
        """Press and release a key, as a user does."""
        text = {"Enter": "\r"}.get(key, key if len(key) == 1 else "")
        common = {"key": key, "code": _KEYS.get(key, key), "modifiers": 8 if shift else 0}
        code = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}
        common["windowsVirtualKeyCode"] = code.get(key, ord(key.upper()) if len(key) == 1 else 0)
        self.call("Input.dispatchKeyEvent", type="keyDown", **({"text": text} if text else {}), **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def click(self, selector: str, *, x: float = 0.5, y: float = 0.5) -> None:
        """Click at a share of an element's width and height."""
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)}); const b = e.getBoundingClientRect();"
            " return [b.left, b.top, b.width, b.height]; })()"
        )
        place: Mapping[str, float] = {"x": box[0] + x * box[2], "y": box[1] + y * box[3]}
        self.call("Input.dispatchMouseEvent", type="mouseMoved", **place)
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **place)

    def screenshot(self, path: Path) -> None:
        """What the page shows, as PNG."""
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def requested(self) -> list[str]:
        """Addresses that the page asked for, but for what is inside it."""
        self.run("1")
        asked = [event["params"]["request"]["url"] for event in self.events if event.get("method") == _REQUEST]
        return [url for url in asked if not url.startswith(("blob:", "data:"))]

    def complaints(self) -> list[str]:
        """Errors and warnings of the page."""
        self.run("1")
        found = []
        for event in self.events:
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(event["params"]["exceptionDetails"].get("exception", {}).get("description", "exception"))
            elif event.get("method") == "Runtime.consoleAPICalled" and event["params"]["type"] in ("error", "warning"):
                found.append(" ".join(str(one.get("value")) for one in event["params"]["args"]))
            elif event.get("method") == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"])
        return found

    def _next(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._unread:
            if not self._selector.select(max(0.0, deadline - time.monotonic())):
                raise TimeoutError("the browser does not answer")
            more = os.read(self._answers, 1 << 20)
            if not more:
                raise RuntimeError("the browser has ended")
            self._unread += more
        message, _, self._unread = self._unread.partition(b"\0")
        return dict(json.loads(message))


_REQUEST = "Network.requestWillBeSent"


@contextmanager
def chromium(profile: Path) -> Iterator[Chromium]:
    """A browser with a fresh profile; it ends with the context."""
    command = find_chromium()
    assert command is not None
    command_end, commands = os.pipe()
    answers, answer_end = os.pipe()
    # The browser reads commands from descriptor 3 and answers on 4.
    shell = f'exec "$@" 3<&{command_end} 4>&{answer_end}'
    process = subprocess.Popen(
        ["bash", "-c", shell, "chromium", command, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(command_end, answer_end),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(command_end)
    os.close(answer_end)
    try:
        yield Chromium(process, commands, answers)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(commands)
        os.close(answers)
