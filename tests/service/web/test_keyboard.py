"""Without a mouse: Tab goes through a page in the order of reading, and everything that can be done is reached.

Each page is that of the demo, in headless Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser import Browser
from tests.service.web.test_in_browser import RIGHT, WRONG, Demo, demo, entered, shown, text

pytestmark = [pytest.mark.slow, pytest.mark.torch]

__all__ = ["demo", "shown"]

FOCUSED = """(() => {
    const outer = document.activeElement, one = outer.shadowRoot?.activeElement ?? outer;
    if (one === document.body) return null;
    const box = one.getBoundingClientRect(), framed = one.closest(".cm-editor") ?? one;
    const said = one.getAttribute("aria-label") || one.labels?.[0]?.innerText || one.innerText || one.type;
    return [said.trim().split("\\n").find(line => line.length > 1), getComputedStyle(framed).outlineStyle !== "none",
            box.bottom > 0 && box.top < innerHeight && box.width > 0];
})()"""
"""What has the focus: what it is called, whether it is marked, whether it can be seen."""

EDITOR = "Your derivation as Python code"


def walked(shown: Browser) -> list[str]:
    """The names of what Tab stops at, from the beginning of the page to its end, each once."""
    names: list[str] = []
    for _ in range(120):
        if names and names[-1] == EDITOR:
            shown.press("Escape")  # in the editor, Tab indents
        shown.press("Tab")
        shown.until(f"{FOCUSED}?.slice(1).every(Boolean) ?? true")  # marked, and to be seen; the editor takes a moment
        found = shown.run(FOCUSED)
        if found is None:
            return names
        name = found[0]
        if not names or names[-1] != name:
            names.append(name)
    raise AssertionError(f"Tab never came to the end: {names[-6:]}")


@pytest.fixture(scope="module")
def entry(demo: Demo, shown: Browser) -> list[str]:
    """What Tab stops at on the page of the student's link."""
    shown.open(demo.student)
    return walked(shown)


@pytest.fixture(scope="module")
def student(demo: Demo, shown: Browser, entry: list[str]) -> str:
    """The address of the student's course; the browser is signed in."""
    return entered(shown, demo.student)


@pytest.fixture(scope="module")
def instructor(demo: Demo, shown: Browser) -> str:
    """The address of the instructor's course, under another host than the student's; the browser is signed in."""
    return entered(shown, demo.instructor)


def test_a_student_reaches_everything_in_the_order_of_reading(shown: Browser, entry: list[str], student: str) -> None:
    assert entry == ["Skip to the content", "grader", "Continue", "What is stored about you"]
    shown.open(student)
    top = ["Skip to the content", "grader", "Backpropagation by hand", "Sam Student", "Sign out"]
    assert walked(shown) == [
        *top, "Two tanh steps that share one weight", "Two tanh steps that share one weight, derived backwards",
        "What is stored about you",
    ]  # fmt: skip

    shown.open(f"{student}/assignments/2")
    shown.until("document.querySelector('div.editor')")
    assert walked(shown) == [
        *top, "formula", "Graph", "Python script", "Notebook", "Script or notebook", "Hand in this file",
        "write it here", EDITOR, "Hand in what is written", "Begin again from the starter", "What is stored about you",
    ]  # fmt: skip


def test_a_student_hands_in_with_the_keyboard_alone(shown: Browser, student: str) -> None:
    shown.open(f"{student}/assignments/1")
    shown.until("document.querySelector('div.editor')")
    shown.run("document.querySelector('.editor').shadowRoot.querySelector('.cm-content').focus()")
    shown.send("Input.dispatchKeyEvent", type="keyDown", key="a", commands=["selectAll"])
    shown.send("Input.insertText", text=RIGHT.read_text("utf-8"))
    shown.press("Escape")
    shown.press("Tab")
    assert shown.run(FOCUSED)[0] == "Hand in what is written"
    shown.press("Enter")
    shown.until("location.pathname.includes('/attempts/') && document.querySelector('.score')")

    assert text(shown, ".score") == "16 of 16 points"


def test_a_file_is_dropped_on_the_page(shown: Browser, student: str) -> None:
    shown.open(f"{student}/assignments/1")
    shown.drop(".drop", WRONG)
    assert shown.run("document.querySelector('#file').files[0].name") == WRONG.name
    shown.follow(".upload button")
    shown.until("document.querySelector('.score')")  # the page of an attempt reloads until it is graded

    assert WRONG.name in text(shown, ".meta")


def test_a_file_of_another_kind_that_is_dropped_is_told_before_it_is_sent(
    shown: Browser, student: str, tmp_path: Path
) -> None:
    picture = tmp_path / "derivation.png"
    picture.write_bytes(b"\x89PNG")
    shown.open(f"{student}/assignments/1")
    shown.drop(".drop", picture)

    said = shown.run("document.querySelector('#file').validationMessage")
    assert said == "Hand in a Python script (.py) or a notebook (.ipynb)."


def test_an_instructor_reaches_everything_in_the_order_of_reading(shown: Browser, instructor: str) -> None:
    shown.open(instructor)
    top = ["Skip to the content", "grader", "Backpropagation by hand", "Ines Instructor", "Sign out"]
    tabs = ["Assignments", "People", "Settings", "Audit trail"]
    assert walked(shown) == [
        *top, *tabs, "Add an assignment", "See it as a student", "Two tanh steps that share one weight",
        "Two tanh steps that share one weight, derived backwards", "Download as CSV", "What is stored about you",
    ]  # fmt: skip

    top.insert(3, "Two tanh steps that share one weight")
    tabs = ["Class", "Exercise", "Settings", "Regrades", "Scores sent", "Export"]
    shown.open(f"{instructor}/assignments/2")
    assert walked(shown)[len(top) + len(tabs) :] == [
        "Search", "Show", "Sort by", "Order", "Show", "Sam Student", "What is stored about you",
    ]  # fmt: skip
    shown.open(f"{instructor}/assignments/2/students/1")
    assert walked(shown)[len(top) + len(tabs) :] == [
        "For", "Points", "Reason (the student reads it)", "Give these points", "Until", "Time zone",
        "Reason (optional)", "Give the extension", "What is stored of this student", "What is stored about you",
    ]  # fmt: skip


def test_points_given_by_a_double_click_are_given_once_and_taken_back(shown: Browser, instructor: str) -> None:
    shown.open(f"{instructor}/assignments/2/students/1")
    shown.run("document.querySelector('form[action$=points] [name=points]').value = '5'")
    shown.run("document.querySelector('form[action$=points] [name=reason]').value = 'shown on paper'")
    shown.click("form[action$=points] button", times=2)
    shown.until("document.querySelector('.notice.good')")
    given = text(shown, "main")
    shown.run("history.back()")
    shown.until("!document.querySelector('.notice.good')")
    shown.follow("form[action$=points] button")  # the values are still in the form
    again = text(shown, "main")

    assert "5 of 7 points" in given
    assert given.count("shown on paper") == again.count("shown on paper") == 1

    shown.run("document.querySelector('form[action$=withdraw]').closest('details').open = true")
    shown.run("document.querySelector('form[action$=withdraw] [name=reason]').value = 'another student'")
    shown.follow("form[action$=withdraw] button")
    assert "no score" in text(shown, "main .head")
    assert "The points are withdrawn: what grading gave counts again." in text(shown, ".notice")
