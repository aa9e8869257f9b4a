"""A class of 61 over all layouts: nobody is lost, doubled, or given another's score."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from pathlib import Path

import pytest

from grader.batch.file_choice import ChoiceRule, choose
from grader.batch.gradebooks.fill import GradebookOptions, fill
from grader.batch.intake.recognise import take_in
from grader.batch.run import BatchOutcome, policy_of, run
from grader.batch.store import Store
from grader.batch.student_row import final
from grader.batch.taking import BatchOptions
from grader.exercise.load import named
from grader.grading import names_asked
from tests.batch.class_of_61 import COMMENT, DOWNLOADS, DUE, MOST, Student, archive, gradebook, key_of, the_class

CLASS = the_class()


@pytest.mark.parametrize("layout", DOWNLOADS)
def test_everybody_is_listed_once_with_the_file_that_is_meant(layout: str, tmp_path: Path) -> None:
    path = archive(tmp_path / "download.zip", DOWNLOADS[layout](CLASS))

    intake = take_in((str(path),), "tanh-chain")
    chosen = list(choose(intake.attempts, ChoiceRule(names_asked(named("tanh-chain")))))

    assert intake.layout == layout
    assert Counter(one.attempt.student for one in chosen) == Counter(key_of(layout, one) for one in CLASS)
    by_key = {one.attempt.student: one for one in chosen}
    wrong = [one.number for one in CLASS if by_key[key_of(layout, one)].content != (one.graded or b"")]
    assert wrong == []
    helped = [name for one in chosen for name, _ in one.beside]
    assert helped == ["tools.py"] * sum(b"from tools" in (one.graded or b"") for one in CLASS)


def graded(layout: str, folder: Path) -> BatchOutcome:
    """Grade the class as this layout has it, with its late penalties."""
    kind, export, _ = gradebook(layout, CLASS)
    (folder / "export.csv").write_bytes(export)
    options = BatchOptions(
        "tanh-chain", (str(archive(folder / "download.zip", DOWNLOADS[layout](CLASS))),), str(folder / "out"),
        rule=ChoiceRule(frozenset(), times="file"), secret="s" * 40, late={"due": DUE, "penalty": 10.0},
        times=str(folder / "export.csv") if kind == "moodle" else None,
    )  # fmt: skip
    return run(options)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of one layout. They are those of every other, whose files are the same."""
    folder = tmp_path_factory.mktemp("first")
    graded("folders", folder)
    with Store(folder / "out", writing=True) as store:
        store.forget_submissions()
        store.tell(layout="")
    return folder / "out"


@pytest.mark.slow
@pytest.mark.torch
@pytest.mark.parametrize("layout", DOWNLOADS)
def test_everybody_gets_their_own_score_in_the_results_and_in_the_gradebook(
    layout: str, results: Path, tmp_path: Path
) -> None:
    shutil.copytree(results, tmp_path / "out")

    outcome = graded(layout, tmp_path)
    kind, export, column = gradebook(layout, CLASS)
    with Store(tmp_path / "out") as store:
        policy = policy_of(store)
        finals = {one.student: final(one, policy).score for one in store.standings()}
        filled = fill(store, GradebookOptions(kind, str(tmp_path / "export.csv"), output=str(tmp_path / "filled.csv")))

    assert (outcome.graded, outcome.gone) == (0, ())
    assert finals == {key_of(layout, one): counts(one) for one in CLASS}
    open_ = {one.name for one, _ in filled.matching.ambiguous}
    assert open_ == ({"Stu Dent"} if layout == "brightspace" else set())  # its numbers are in no gradebook
    check_gradebook(export, (tmp_path / "filled.csv").read_bytes(), column, open_)


def counts(one: Student) -> float | None:
    """The score that counts, with the penalty for a day and ten hours."""
    return None if one.score is None else one.score - (0.2 * MOST if one.late else 0.0)


def check_gradebook(export: bytes, filled: bytes, column: str, left: set[str]) -> None:
    """Every cell is as it was but the grades of those who have one, and these are their own."""
    before, after = read(export), read(filled)
    place = before[0].index(column)
    rows = zip(before[-len(CLASS) :], after[-len(CLASS) :], CLASS, strict=True)
    assert before[: -len(CLASS)] == after[: -len(CLASS)]
    assert any(COMMENT in row for row in after)
    for was, now, one in rows:
        score = counts(one)
        expected = was[place] if score is None or one.name in left else f"{score:g}"
        assert now == [*was[:place], expected, *was[place + 1 :]]


def read(data: bytes) -> list[list[str]]:
    text = data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
