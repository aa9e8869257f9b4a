"""The feedback page of a student: the score that counts and where it comes from, the whole source, nothing hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import html5lib
import pytest

from grader.batch.feedback import PageExercise, links, page, pages
from grader.batch.jobs import digest_of
from grader.batch.store import Store
from grader.batch.student_row import Final, StudentRow
from grader.exercise.load import named
from grader.model import Cell, Result, Reveal, Value
from grader.reference.cache import reference_for
from grader.reference.variants import for_student
from tests.batch.making_results import HALF, RIGHT, filled, handed, result, step
from tests.report.cases import FORUM, correct_case, diagnosed_case, forum_case

ROW = StudentRow("anna", "Anna", "mine.py", "graded", None, 15.0, 16.0, False, "dh1", "w", 1, 1,
                 datetime(2026, 11, 26, 1), None, ())  # fmt: skip


def seen(made: Result, known: Final, row: StudentRow = ROW) -> str:
    """The text of the page."""
    root = html5lib.parse(page("A chain", row, made, known), namespaceHTMLElements=False)
    return " ".join("".join(root.find("body").itertext()).split())


def test_the_points_before_and_after_lateness_are_told() -> None:
    text = seen(diagnosed_case(), Final(10.2, 4.8, "late by 2 d 1 h"))

    assert "15 before 4.8 for lateness: handed in late by 2 d 1 h." in text


def test_lateness_that_costs_nothing_is_told_as_such() -> None:
    assert "Handed in late by 4 min; this costs nothing." in seen(diagnosed_case(), Final(15.0, 0.0, "late by 4 min"))


def test_a_score_by_hand_stands_beside_the_graded_one() -> None:
    row = replace(ROW, overridden=True, override=16.0, override_reason="shown at the board")

    assert "15 as graded, 16 as decided by hand: shown at the board" in seen(diagnosed_case(), Final(16.0), row)


def test_full_marks_are_praised_and_fewer_are_not() -> None:
    assert "Full marks." in seen(correct_case(), Final(16.0))
    assert "Full marks." not in seen(forum_case(), Final(12.0))


def test_the_whole_source_stands_on_it_with_the_marks() -> None:
    made = replace(diagnosed_case(), sources=(Cell(FORUM, FORUM),))
    root = html5lib.parse(page("A chain", ROW, made, Final(12.0)), namespaceHTMLElements=False)
    rows = [one for one in root.iter("div") if one.attrib.get("class", "").startswith("row")]

    assert ["".join(row.find("code").itertext()) for row in rows] == FORUM.split("\n")[: len(rows)]
    assert len(rows) >= len(FORUM.splitlines())
    assert any(True for row in rows for _ in row.iter("mark"))


@pytest.mark.parametrize(("reveal", "values"), [("location", False), ("fix", False), ("values", True)])
def test_no_more_is_shown_than_the_level_allows(reveal: Reveal, values: bool) -> None:
    exercise = named("tanh-chain")
    made = replace(diagnosed_case(), reveal=reveal)

    text = page("A chain", ROW, made, Final(12.0), (exercise, reference_for(exercise)))

    assert ("slope by autograd" in text) == values
    assert ("0.2099871708" in text) == values
    assert "The program as a graph" in text


def test_what_a_stranger_wrote_is_text() -> None:
    text = "<script>alert(1)</script>"
    line = f"da = '{text}'"
    made = replace(result(step("da", "wrong", None, line), step("db")), sources=(Cell(line, line),))

    shown = page(text, replace(ROW, name=text, file=text), made, Final(1.0, 0.5, text))

    assert "<script>alert" not in shown
    assert shown.count("<script>") == 1


def test_the_address_of_a_page_is_that_of_its_file_whatever_the_folder_is_called(tmp_path: Path) -> None:
    rows = [(handed("../../.bashrc"), HALF), (handed("anna"), RIGHT), (handed("waits"), None)]
    folder = tmp_path / "out" / 'the "pages" of #3'
    with Store(filled(tmp_path / "r", rows)) as store:
        pages(store, folder)
        found = links(store, folder, tmp_path / "class.html")

    assert set(found) == {"../../.bashrc", "anna"}
    assert found["anna"] == "out/the%20%22pages%22%20of%20%233/anna.html"
    assert not any(re.search(r'["<>#:]', address) for address in found.values())


def test_of_a_changed_exercise_no_values_are_shown(tmp_path: Path) -> None:
    with Store(filled(tmp_path, [(handed("anna"), RIGHT)]), writing=True) as store:
        store.tell(path=str(named("tanh-chain").path), digest="of another text")

        assert PageExercise(store).shown_to("anna", RIGHT) == (None, None)


@pytest.mark.slow
@pytest.mark.torch
def test_values_of_other_numbers_than_the_students_own_are_not_shown(tmp_path: Path) -> None:
    source = Path(named("tanh-chain").path).read_text("utf-8")
    varied = tmp_path / "varied.yaml"
    varied.write_text(source.replace("steps:", "variants:\n  h0: uniform(0.2, 0.9)\nsteps:", 1), "utf-8")
    exercise = named(str(varied))
    assert exercise.variants
    with Store(filled(tmp_path / "r", [(handed("anna"), RIGHT)]), writing=True) as store:
        store.tell(path=str(varied), digest=digest_of(exercise))
        shown = PageExercise(store)
        own, reference = shown.shown_to("anna", _judged_by(shown, "anna"))
        other = shown.shown_to("anna", _wrong_values(RIGHT))

    assert own is not None
    assert reference is not None
    assert other == (None, None)


def _wrong_values(made: Result) -> Result:
    return replace(made, steps=tuple(replace(one, expected=Value.scalar(7.5)) for one in made.steps))


def _judged_by(shown: PageExercise, student: str) -> Result:
    """A result whose expected value is that at the student's own numbers."""
    assert shown.exercise is not None
    own = for_student(shown.exercise, student, "")
    name = "dh1_dwh"
    return replace(RIGHT, steps=(replace(RIGHT.steps[0], name=name, expected=reference_for(own).values[0][name]),))
