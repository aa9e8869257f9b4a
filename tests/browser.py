"""Pages in headless Chromium, which is driven over a pair of pipes by its DevTools protocol."""

from __future__ import annotations

import base64
import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next((found for name in NAMES if (found := shutil.which(name))), None)
REQUIRED = "GRADER_TEST_BROWSER"
"""Set where no test in a browser may be skipped."""

CODES = {"ArrowDown": 40, "ArrowUp": 38, "ArrowLeft": 37, "ArrowRight": 39, "Enter": 13, "Escape": 27, "Tab": 9}
"""The numbers of keys that have a name."""

PATIENCE = 60.0
"""Seconds after which an answer of the browser is no longer waited for."""


def needs(found: object, what: str) -> None:
    """Skip the test without `what`, or fail it where nothing may be skipped."""
    if found:
        return
    if os.environ.get(REQUIRED):
        pytest.fail(f"{what}, and {REQUIRED} is set")
    pytest.skip(what)


class Browser:
    """A running Chromium with one page."""

    def __init__(self, process: subprocess.Popen[bytes], to: int, source: int) -> None:
        self._process, self._to, self._from = process, to, source
        self._number, self._left, self._session = 0, b"", ""
        self._events: list[dict[str, Any]] = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.send("Page.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)
        self.send("Log.enable")
        self.send("Runtime.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and wait for its result. Events that arrive before it are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            self._events.append(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            read = os.read(self._from, 1 << 20)
            if not read:
                raise RuntimeError("Chromium has ended")
            self._left += read
        line, _, self._left = self._left.partition(b"\0")
        message: dict[str, Any] = json.loads(line)
        return message

    def open(self, page: Path | str, width: int = 1280, scheme: str = "light", medium: str = "screen") -> None:
        """Show a page, a file or an address, in a window of `width` CSS pixels, and wait until it is loaded."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1,
                  mobile=width < 500)  # fmt: skip
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=medium, features=features)
        self._events.clear()
        begun = self.send("Page.navigate", url=page if isinstance(page, str) else page.resolve().as_uri())
        if "errorText" in begun:
            raise RuntimeError(f"{page}: {begun['errorText']}")
        if "loaderId" in begun:  # none: another place of the page that is shown
            self._wait_for(lambda one: self._loads(one) == begun["loaderId"], f"{page} was not loaded")

    def follow(self, selector: str) -> None:
        """Click an element that leads to another page, and wait until that is loaded."""
        self._events.clear()
        self.click(selector)
        begun = self._wait_for(lambda one: one.get("method") == "Page.frameNavigated", f"{selector} led nowhere")
        loader = begun["params"]["frame"]["loaderId"]
        self._wait_for(lambda one: self._loads(one) == loader, f"what {selector} leads to was not loaded")

    def click(self, selector: str, times: int = 1) -> None:
        """Click in the middle of an element; twice: a double click."""
        x, y = self._middle(selector)
        for count in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=count)

    def drop(self, selector: str, file: Path) -> None:
        """Drag a file from outside onto an element, and drop it there."""
        x, y = self._middle(selector)
        data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
        for kind in ("dragEnter", "dragOver", "drop"):
            self.send("Input.dispatchDragEvent", type=kind, x=x, y=y, data=data)

    def _middle(self, selector: str) -> tuple[float, float]:
        """The middle of an element, which is brought into view."""
        place = f"""(() => {{ const one = document.querySelector({selector!r});
            if (!one) return document.body.innerText;
            one.scrollIntoView({{block: "center"}});
            const box = one.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]; }})()"""
        found = self.run(place)
        if isinstance(found, str):
            raise RuntimeError(f"{selector} is not on {self.run('location.href')}: {found}")
        x, y = found
        return x, y

    def attach(self, selector: str, file: Path) -> None:
        """Choose a file in a field for files."""
        node = self.send("Runtime.evaluate", expression=f"document.querySelector({selector!r})")["result"]["objectId"]
        self.send("DOM.setFileInputFiles", files=[str(file)], objectId=node)

    def until(self, script: str) -> None:
        """Wait until an expression is true, also across pages."""
        ends = time.monotonic() + PATIENCE
        while True:
            with suppress(RuntimeError):  # the page is being replaced
                if self.run(f"!!({script})"):
                    return
            if time.monotonic() > ends:
                raise RuntimeError(f"{script} was not true within {PATIENCE:.0f} s")
            time.sleep(0.05)

    @staticmethod
    def _loads(event: dict[str, Any]) -> str | None:
        """The loader of the page that an event says is loaded. One of an earlier page may come late."""
        loaded = event.get("method") == "Page.lifecycleEvent" and event["params"]["name"] == "load"
        return str(event["params"]["loaderId"]) if loaded else None

    def _wait_for(self, wanted: Callable[[dict[str, Any]], bool], otherwise: str) -> dict[str, Any]:
        """The first wanted event since `open` or `follow` began. `otherwise` says what a lack of it means."""
        ends = time.monotonic() + PATIENCE
        while True:
            if found := next((one for one in self._events if wanted(one)), None):
                return found
            if time.monotonic() > ends:
                raise RuntimeError(f"{otherwise} in {PATIENCE:.0f} s")
            self._events.append(self._next())

    def complaints(self) -> list[str]:
        """What the page has logged since it was opened: refused by its policy, or raised by its script."""
        self.run("0")
        logged = [one["params"]["entry"]["text"] for one in self._events if one.get("method") == "Log.entryAdded"]
        raised = [one["params"] for one in self._events if one.get("method") == "Runtime.exceptionThrown"]
        return logged + [str(one["exceptionDetails"].get("exception", one)) for one in raised]

    def run(self, script: str) -> Any:
        """The value of an expression, or of the promise it is, in the page. The page's policy does not limit it."""
        done = self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise RuntimeError(str(done["exceptionDetails"]))
        return done["result"].get("value")

    def press(self, key: str) -> None:
        """Press and release a key that has a name, such as `ArrowDown`, or types a character."""
        code = CODES.get(key, 0)
        more = {"text": "\r"} if key == "Enter" else {"text": key} if len(key) == 1 else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **more)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def picture(self, path: Path) -> Path:
        """Write a PNG of the whole page."""
        data = self.send("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))
        return path

    def first_paint(self) -> float:
        """Milliseconds from the start of the navigation to the first paint of content."""
        script = """new Promise(resolve => {
            const seen = () => performance.getEntriesByName("first-contentful-paint")[0];
            if (seen()) resolve(seen().startTime);
            else new PerformanceObserver(list => seen() && resolve(seen().startTime)).observe({type: "paint"});
        })"""
        return float(self.run(script))


@contextmanager
def browser(folder: Path, *more: str) -> Iterator[Browser]:
    """A Chromium whose profile is in `folder`, with more flags. Skips the test where there is none."""
    needs(CHROMIUM, "there is no Chromium (Debian's package `chromium`)")
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
             "--disable-background-networking", "--hide-scrollbars", "--remote-debugging-pipe",
             f"--user-data-dir={folder / 'profile'}", *more]  # fmt: skip
    # Chromium reads commands from descriptor 3 and answers on 4.
    line = f"exec {shlex.join([str(CHROMIUM), *flags])} 3<&{theirs_in} 4>&{theirs_out}"
    process = subprocess.Popen(
        ["bash", "-c", line],
        pass_fds=(theirs_in, theirs_out),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        yield Browser(process, ours_out, ours_in)
    finally:
        os.close(ours_out)
        os.close(ours_in)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
