"""Pages of reports, classes and feedback in headless Chromium: accessible, in every width, scheme and medium."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which
from typing import Any

import pytest

import grader
from grader.batch.feedback import links, pages
from grader.batch.page import render as class_page
from grader.batch.store import Store
from grader.exercise.load import named
from grader.html.report import render, render_fragment
from grader.reference.cache import reference_for
from tests.batch import classroom
from tests.browser import Browser, browser, needs

pytestmark = [pytest.mark.slow, pytest.mark.torch]

WRONG = Path(__file__).parents[1] / "cases" / "wrong"
REPORTS = {
    "forum": ("tanh-chain", "forum_torch.py"),
    "tensors": ("attention", "attention_softmax_diagonal.py"),
    "chain-of-26": ("makemore-backprop", "makemore_pre_activation.py"),
}
FEEDBACK = {"feedback-right": classroom.RIGHT_ONE, "feedback-late": classroom.LATE_ONE,
            "feedback-nothing": classroom.WITHOUT_FILE}  # fmt: skip
PAGES = (*REPORTS, "class", *FEEDBACK)
WIDTHS = (360, 768, 1280)
SCHEMES = ("light", "dark")

AXE = "GRADER_TEST_AXE"
"""Names axe-core's `axe.min.js`; without it, the npm client is asked for the package."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a file for each of `PAGES`, made as the commands make them."""
    made = tmp_path_factory.mktemp("pages")
    for name, (exercise, file) in REPORTS.items():
        told = grader.check(exercise, WRONG / file), named(exercise), reference_for(named(exercise))
        (made / f"{name}.html").write_text(render(*told), "utf-8")
        if name == "forum":
            part = render_fragment(*told, "p-", "graded as saved")
            page = f'<!doctype html><meta charset="utf-8"><h1 id="own">mine</h1>{part}'
            (made / "notebook.html").write_text(page, "utf-8")
    with Store(classroom.write_results(made / "class")) as store:
        pages(store, made / "feedback")
        found = links(store, made / "feedback", made / "class.html")
        (made / "class.html").write_text(class_page(store, found), "utf-8")
    for name, student in FEEDBACK.items():
        (made / f"{name}.html").write_bytes((made / "feedback" / f"{student}.html").read_bytes())
    return made


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with browser(tmp_path_factory.mktemp("browser")) as one:
        yield one


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The text of axe-core."""
    if AXE in os.environ:
        return Path(os.environ[AXE]).read_text("utf-8")
    npm = which("npm")
    needs(npm, f"axe-core is not there: {AXE} does not name it, and there is no npm client to fetch it")
    place = tmp_path_factory.mktemp("axe")
    command = [str(npm), "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place), "axe-core@4"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = place / "node_modules" / "axe-core" / "axe.min.js"
    needs(found.is_file(), f"axe-core could not be fetched with npm: {done.stderr.strip()[-200:]}")
    return found.read_text("utf-8")


VIOLATIONS = """axe.run().then(done => done.violations.map(one =>
    `${one.id} (${one.impact}): ${one.nodes.slice(0, 9).map(node => node.html.slice(0, 160)).join(" | ")}`))"""


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_no_violation(page: str, scheme: str, folder: Path, shown: Browser, axe: str) -> None:
    for width in (360, 1280):
        shown.open(folder / f"{page}.html", width, scheme)
        shown.run(f"document.querySelectorAll('details').forEach(one => one.open = true);{axe};0")

        assert shown.run(VIOLATIONS) == [], f"{width} pixels wide"


WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("page", PAGES)
def test_it_fits_every_width_and_paper_and_breaks_no_policy(page: str, folder: Path, shown: Browser) -> None:
    for width in WIDTHS:
        for medium in ("screen", "print"):
            shown.open(folder / f"{page}.html", width, "light", medium)

            assert shown.run(WIDER) <= 0, f"{width} pixels wide, {medium}"
            assert shown.complaints() == []


@pytest.mark.parametrize("page", PAGES)
def test_it_is_small_and_painted_soon(page: str, folder: Path, shown: Browser) -> None:
    size = (folder / f"{page}.html").stat().st_size
    paints = []
    for _ in range(3):
        shown.open(folder / f"{page}.html")
        paints.append(shown.first_paint())

    print(f"{page}: {size / 1000:.0f} kB, first paint after {min(paints):.0f} ms")
    assert size < 500_000
    assert min(paints) < 500


def visible(shown: Browser, selector: str) -> list[str]:
    """The text of all visible elements, in order."""
    script = f"""[...document.querySelectorAll({selector!r})].filter(one => one.checkVisibility())
        .map(one => (one.innerText ?? one.textContent).trim().replace(/\\s+/g, " "))"""
    found: list[str] = shown.run(script)
    return found


NAME = ".roster tbody bdi:first-child"


def test_the_roster_is_searched_for_names_of_any_script(folder: Path, shown: Browser) -> None:
    shown.open(folder / "class.html")
    shown.run("document.getElementById('search').focus()")
    for letter in "李小":
        shown.press(letter)

    assert [row for row in visible(shown, ".roster tbody th") if row.startswith("李")] == ["李小龍 s002, mine.py"]
    assert visible(shown, "#found") == ["1 of 60 students"]


def test_the_roster_is_filtered_by_group(folder: Path, shown: Browser) -> None:
    shown.open(folder / "class.html")
    choose = "const group = document.getElementById('group'); group.value = 'waiting'"
    shown.run(f"{choose}; group.dispatchEvent(new Event('change'))")

    assert visible(shown, "#found") == ["2 of 60 students"]
    assert len(visible(shown, ".roster tbody th")) == 2


def test_the_roster_is_sorted_by_keyboard_in_both_directions(folder: Path, shown: Browser) -> None:
    shown.open(folder / "class.html")
    shown.run("document.querySelector('.roster thead th:nth-child(2) button').focus()")

    def scores() -> list[float]:
        found: list[str] = shown.run(
            "[...document.querySelectorAll('.roster tbody tr')].map(r => r.cells[1].dataset.key)"
        )
        return [float(one) for one in found]

    shown.press("Enter")
    assert scores() == sorted(scores())
    shown.press("Enter")
    assert scores() == sorted(scores(), reverse=True)
    assert shown.run("document.querySelector('.roster thead th:nth-child(2)').ariaSort") == "descending"


def test_a_name_leads_to_the_feedback_page(folder: Path, shown: Browser) -> None:
    shown.open(folder / "class.html")
    addresses = shown.run("[...document.querySelectorAll('.roster tbody th a')].map(one => one.getAttribute('href'))")

    assert len(addresses) == 58  # all but those that wait
    assert all((folder / address).is_file() for address in addresses)


def test_without_script_the_roster_is_complete_and_has_no_dead_controls(folder: Path, shown: Browser) -> None:
    shown.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        shown.open(folder / "class.html")

        assert len(visible(shown, ".roster tbody th")) == 60
        assert visible(shown, ".controls input, .controls select, .controls button, .roster button") == []
    finally:
        shown.send("Emulation.setScriptExecutionDisabled", value=False)


def test_on_a_phone_the_heat_map_names_the_mistakes_beside_the_numbers(folder: Path, shown: Browser) -> None:
    shown.open(folder / "class.html", 360)
    assert visible(shown, ".grid .mistake") != []
    assert visible(shown, ".chart.narrow") != []
    shown.open(folder / "class.html", 1280)
    assert visible(shown, ".grid .mistake") == []
    assert visible(shown, ".chart.narrow") == []


def test_table_and_graph_light_up_together_by_keyboard(folder: Path, shown: Browser) -> None:
    shown.open(folder / "forum.html")
    shown.run("document.getElementById('q-h1_raw').focus()")
    shown.press("ArrowDown")

    assert shown.run("[...document.querySelectorAll('.lit')].map(one => one.dataset.quantity)") == ["q-h1"] * 3


def test_the_point_of_a_tangent_is_moved_by_keyboard(folder: Path, shown: Browser) -> None:
    shown.open(folder / "forum.html")
    shown.run("document.querySelector('.tangent svg').focus()")
    shown.press("ArrowRight")

    (said,) = visible(shown, ".tangent .readout")
    assert said.startswith("w_h = 2.08: h1 = ")


def test_what_a_notebook_shows_keeps_its_layout_in_a_page_of_its_own(folder: Path, shown: Browser) -> None:
    shown.open(folder / "notebook.html", 768)
    size: Any = shown.run("getComputedStyle(document.getElementById('own')).fontSize")

    assert size == "32px"
    assert visible(shown, ".grader-report .source code") != []
    assert shown.run(WIDER) <= 0
