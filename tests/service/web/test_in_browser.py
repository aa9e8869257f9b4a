"""The demo as its users see it, in headless Chromium: a student hands in, takes a hint, mends; axe-core looks on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which

import pytest

from tests.browser import Browser, browser, needs

pytestmark = [pytest.mark.slow, pytest.mark.torch]

ROOT = Path(__file__).parents[3]
WRONG = ROOT / "tests" / "cases" / "wrong" / "forum_torch.py"
RIGHT = ROOT / "solutions" / "tanh-chain.py"
AXE = "GRADER_TEST_AXE"
"""Names axe-core's `axe.min.js`; without it, the npm client is asked for the package."""


@dataclass(frozen=True, slots=True)
class Demo:
    """The demo's server: its address, and the links that were printed, in order."""

    url: str
    student: str
    instructor: str


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    command = [sys.executable, "-m", "grader", "serve", "--demo", "--port", "0", "--workers", "1"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert server.stdout is not None
    told = ""
    for line in server.stdout:
        told += line
        if line.startswith("Ctrl+C"):
            break
    student, instructor = re.findall(r"http://\S+/enter/\S+", told)
    yield Demo(student.partition("/enter")[0], student, instructor)
    server.send_signal(signal.SIGTERM)
    assert server.wait(30) == 0


@pytest.fixture(scope="module")
def shown() -> Iterator[Browser]:
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder)) as one:
        yield one


def entered(shown: Browser, link: str) -> str:
    """The address of the first page after signing in with a link of the demo, which serves once."""
    shown.open(link)
    shown.follow("main button")
    return here(shown)


@pytest.fixture(scope="module")
def looked_at_entry(demo: Demo, shown: Browser, axe: str) -> None:
    looked_at(shown, axe, f"{demo.url}/sign-in", f"{demo.url}/privacy", demo.student)


@pytest.fixture(scope="module")
def student(demo: Demo, shown: Browser, looked_at_entry: None) -> str:
    return entered(shown, demo.student)


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    if AXE in os.environ:
        return Path(os.environ[AXE]).read_text("utf-8")
    npm = which("npm")
    needs(npm, f"axe-core is not there: {AXE} does not name it, and there is no npm client to fetch it")
    place = tmp_path_factory.mktemp("axe")
    command = [str(npm), "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), "axe-core@4"]
    subprocess.run(command, capture_output=True, timeout=120, check=False)
    found = place / "node_modules" / "axe-core" / "axe.min.js"
    needs(found.is_file(), "axe-core could not be fetched with npm")
    return found.read_text("utf-8")


VIOLATIONS = """axe.run().then(done => done.violations.map(one =>
    `${one.id} (${one.impact}): ${one.nodes.slice(0, 9).map(node => node.html.slice(0, 160)).join(" | ")}`))"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def looked_at(shown: Browser, axe: str, *addresses: str) -> None:
    """Pages fit phone and desktop, break no policy, and axe-core finds nothing in either scheme."""
    for address in addresses:
        for width, scheme in ((1280, "light"), (360, "dark")):
            shown.open(address, width, scheme)
            assert shown.complaints() == [], address
            assert shown.run(WIDER) <= 0, f"{address}, {width} pixels wide"
            shown.run(f"document.querySelectorAll('details').forEach(one => one.open = true);{axe};0")
            assert shown.run(VIOLATIONS) == [], f"{address}, {width} pixels wide, {scheme}"
    shown.open(addresses[-1])


def here(shown: Browser) -> str:
    return str(shown.run("location.href")).partition("#")[0]


def text(shown: Browser, selector: str) -> str:
    return str(shown.run(f"document.querySelector({selector!r})?.innerText ?? ''")).replace("\n", " ")


def test_a_student_hands_in_takes_a_hint_and_mends_it(shown: Browser, axe: str, student: str) -> None:
    shown.open(student)
    shown.follow(".rowlink")
    assignment = here(shown)
    looked_at(shown, axe, student, assignment)

    shown.attach("#file", WRONG)
    shown.follow(".upload button")
    shown.until("document.querySelector('.score')")
    first = here(shown)
    looked_at(shown, axe, first)
    assert text(shown, ".score") == "12 of 16 points"
    assert "you squared" in text(shown, ".finding").lower() or "squares" in text(shown, ".finding")

    shown.run("window.confirm = () => true; 0")
    shown.follow(".hints button")
    assert "What counts so far: 11.5 of 16 points" in text(shown, ".notice")

    shown.follow(".actions .primary")
    shown.until("document.querySelector('.editor')")
    shown.run("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()")
    shown.send("Input.dispatchKeyEvent", type="keyDown", key="a", commands=["selectAll"])
    shown.send("Input.insertText", text=RIGHT.read_text("utf-8"))
    shown.follow("#code ~ .actions .primary")
    shown.until("document.querySelector('.score')")
    assert text(shown, ".score") == "16 of 16 points"
    assert "are right now; 12 to 16" in text(shown, ".notice.good")
    looked_at(shown, axe, here(shown), assignment)


def test_all_of_it_works_without_scripts(shown: Browser, student: str) -> None:
    shown.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        shown.open(f"{student}/assignments/2")
        shown.attach("#file", WRONG)
        shown.follow(".upload button")
        shown.until("document.querySelector('.score')")  # the page reloads by itself
        assert "points" in text(shown, ".score")
    finally:
        shown.send("Emulation.setScriptExecutionDisabled", value=False)
