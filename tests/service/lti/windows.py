"""Frames and tabs of Chromium other than the one that a test drives."""

from __future__ import annotations

import time
from typing import Any

from tests.browser import Browser

SECONDS = 30.0


def windows(chromium: Browser, kind: str, url: str) -> list[str]:
    """The ids of frames (`iframe`) or tabs (`page`) whose address begins like this."""
    found = chromium.send("Target.getTargets")["targetInfos"]
    return [one["targetId"] for one in found if one["type"] == kind and one["url"].startswith(url)]


def text(chromium: Browser, kind: str, url: str, *parts: str) -> str:
    """The text of the first frame or tab that holds any of some words. Fails if there is none in time."""
    ends, seen = time.monotonic() + SECONDS, ""
    while time.monotonic() < ends:
        for window in windows(chromium, kind, url):
            seen = run(chromium, window, "document.body.innerText")
            if any(part in seen for part in parts):
                return seen
        time.sleep(0.2)
    raise AssertionError(f"{parts} is not in {seen!r}")


def run(chromium: Browser, window: str, script: str) -> Any:
    """The value of a script in another frame or tab, run as if somebody had clicked; "" if it has gone on meanwhile."""
    page = chromium._session
    chromium._session = ""
    try:
        chromium._session = chromium.send("Target.attachToTarget", targetId=window, flatten=True)["sessionId"]
        done = chromium.send("Runtime.evaluate", expression=script, returnByValue=True, userGesture=True)
        return done["result"].get("value", "")
    except RuntimeError:
        return ""
    finally:
        chromium._session = page
