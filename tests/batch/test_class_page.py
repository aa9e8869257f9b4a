"""What the class page says of itself, and how it shows names and formulas."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import html5lib
import pytest

from grader.batch.page import about, render, waiting
from grader.batch.run import keep_policy
from grader.batch.store import Store
from grader.batch.student_row import LatePolicy, policy_words
from grader.cli.batch import ResultsCall, show_results
from grader.errors import UsageError
from tests.batch.making_results import HALF, RIGHT, filled, handed

AT = datetime(2026, 11, 29, 8, 30, tzinfo=UTC)
DUE = datetime(2026, 11, 23, 23, 59)


def klass(folder: Path) -> Path:
    return filled(folder, [(handed("s1", name="דוד"), RIGHT), (handed("s2", name="Ben"), HALF), (handed("s3"), None)])


def test_it_says_when_it_was_made_of_what_and_by_which_rules(tmp_path: Path) -> None:
    with Store(klass(tmp_path), writing=True) as store:
        store.tell(layout="canvas", download="hw3.zip")
        keep_policy(store, LatePolicy(DUE, 10.0, 15.0))
        told = dict(about(store, AT))

    assert told["page made"] == "2026-11-29 08:30 UTC"
    assert told["download"] == "hw3.zip, read as canvas"
    assert told["isolation"] == "strict: each submission in a sandbox of its own"
    assert told["late policy"].startswith("due 2026-11-23 23:59; each day begun after that costs 10 % of all points")
    assert "graded" in told


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        (LatePolicy(), "none: nothing is taken off for lateness"),
        (LatePolicy(DUE), "due 2026-11-23 23:59; nothing is taken off for lateness"),
        (LatePolicy(DUE, 10.0), "due 2026-11-23 23:59; each day begun after that costs 10 % of all points"),
        (LatePolicy(DUE, 10.0, 1.0), "due 2026-11-23 23:59; each day begun after that costs 10 % of all points, the "
         "first 1 minute nothing"),
        (LatePolicy(None, 5.0), "5 % of all points for each day begun, but no due date is set: nothing is taken off"),
    ],
)  # fmt: skip
def test_the_late_policy_is_stated(policy: LatePolicy, words: str) -> None:
    assert policy_words(policy) == words


def test_while_submissions_wait_a_banner_says_so(tmp_path: Path) -> None:
    with Store(klass(tmp_path)) as store:
        assert list(waiting(store)) == [
            "1 of 3 students is still waiting to be graded. The same `grader batch` command goes on where it stopped."
        ]
        assert "This page is not complete yet" in render(store, at=AT)


def test_of_a_whole_class_nothing_is_said_to_wait(tmp_path: Path) -> None:
    with Store(filled(tmp_path, [(handed("s1"), RIGHT)])) as store:
        assert "not complete yet" not in render(store, at=AT)


def test_every_name_is_set_apart_from_the_direction_of_the_text_around_it(tmp_path: Path) -> None:
    with Store(klass(tmp_path)) as store:
        root = html5lib.parse(render(store, at=AT), namespaceHTMLElements=False)

    parents = {child: parent for parent in root.iter() for child in parent}
    holding = [one for one in root.iter() if one.text and "דוד" in one.text and one.tag != "option"]
    assert holding
    assert {one.tag for one in holding} == {"bdi"}
    assert {parents[one].tag for one in holding} <= {"th", "a", "li"}


def test_the_title_is_typeset(tmp_path: Path) -> None:
    with Store(klass(tmp_path), writing=True) as store:
        store.tell(title=r"Two $\tanh$ steps")
        page = render(store, at=AT)

    assert "<h1>Two <math" in page
    assert "<title>Two tanh steps: the class</title>" in page
    assert r"$\tanh$" not in page


def shown(folder: Path, form: str = "html", feedback: str | None = None) -> None:
    show_results(ResultsCall(folder=str(folder), form=form, output=str(folder / "class.html"), feedback=feedback))


def test_the_command_writes_the_feedback_pages_that_the_names_lead_to(tmp_path: Path) -> None:
    shown(klass(tmp_path), feedback=str(tmp_path / "feedback"))

    root = html5lib.parse((tmp_path / "class.html").read_text("utf-8"), namespaceHTMLElements=False)
    links = [one.attrib["href"] for one in root.findall(".//tbody/tr/th/a")]
    assert links == ["feedback/s1.html", "feedback/s2.html"]  # the third waits for its result
    assert all((tmp_path / link).is_file() for link in links)


def test_without_feedback_pages_no_name_is_a_link(tmp_path: Path) -> None:
    shown(klass(tmp_path))

    root = html5lib.parse((tmp_path / "class.html").read_text("utf-8"), namespaceHTMLElements=False)
    assert root.findall(".//tbody/tr/th/a") == []


def test_feedback_goes_with_the_class_page_alone(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--feedback goes with --format html"):
        shown(klass(tmp_path), form="csv", feedback=str(tmp_path / "feedback"))
