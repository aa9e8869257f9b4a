"""A class of 61 over all layouts: nobody is lost, doubled, or given another's score."""

from __future__ import annotations

import csv
import io
import re
import shutil
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from grader.batch.disputes import disputed
from grader.batch.feedback import canvas_zip
from grader.batch.file_choice import ChoiceRule, choose
from grader.batch.gradebooks.fill import GradebookOptions, fill
from grader.batch.instructor_tables import history, take_overrides
from grader.batch.intake import BatchOptions, take_in
from grader.batch.page import render
from grader.batch.run import BatchOutcome, difference, policy_of, run
from grader.batch.store import Store, TakenIn
from grader.batch.student_row import final
from grader.dispute import dispute
from grader.exercise.load import named
from grader.grading import names_asked
from tests.batch.class_of_61 import (
    COMMENT,
    DOWNLOADS,
    DUE,
    MOST,
    RIGHT,
    SIGN,
    Student,
    archive,
    gradebook,
    key_of,
    table,
    the_class,
)

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


@dataclass(frozen=True)
class SecondEvening:
    """The class of a Canvas download, graded again: `given` by hand before, some files handed in again in between, a
    verdict disputed."""

    out: Path
    again: BatchOutcome
    given: dict[str, float]
    disputed: str


@pytest.fixture(scope="module")
def second_evening(results: Path, tmp_path_factory: pytest.TempPathFactory) -> SecondEvening:
    folder = tmp_path_factory.mktemp("second")
    shutil.copytree(results, folder / "out")
    graded("canvas", folder)
    resubmitted, kept, disputed = CLASS[1], CLASS[14], CLASS[27]  # each with a sign wrong, each late
    rows = [["student", "step", "score", "comment"], [key_of("canvas", resubmitted), "", "12", "spoke to me"],
            [key_of("canvas", kept), "dh1", "0.5", "half right"]]  # fmt: skip
    (folder / "by_hand.csv").write_bytes(table(rows, ";"))
    with Store(folder / "out", writing=True) as store:
        take_overrides(store, folder / "by_hand.csv", "Dr. Who")
    (folder / "mine.py").write_bytes(disputed.files[0].content)
    bundle = dispute("tanh-chain", str(folder / "mine.py"), "dh1", "it is equal", None).text().encode()
    download = DOWNLOADS["canvas"](CLASS)
    for name, (content, at) in list(download.items()):
        if f"_{key_of('canvas', resubmitted)}_" in name:
            download[name] = (content.replace(SIGN.encode(), RIGHT.encode()), at)
        if f"_{key_of('canvas', disputed)}_" in name:
            download[name.rpartition("_")[0] + "_dispute-dh1.json"] = (bundle, at)
    again = run(BatchOptions("tanh-chain", (str(archive(folder / "again.zip", download)),), str(folder / "out"),
                             secret="s" * 40))  # fmt: skip
    given = {key_of("canvas", resubmitted): 12.0, key_of("canvas", kept): 15.5}
    return SecondEvening(folder / "out", again, given, key_of("canvas", disputed))


@pytest.mark.slow
@pytest.mark.torch
class TestSecondEvening:
    def test_scores_by_hand_stay_and_those_of_another_file_are_flagged(self, second_evening: SecondEvening) -> None:
        with Store(second_evening.out) as store:
            rows = {one.student: one for one in store.standings()}

        assert (second_evening.again.taken, second_evening.again.graded) == (TakenIn(changed=1, same=52, nothing=8), 1)
        assert {key: one.by_hand for key, one in rows.items() if one.by_hand is not None} == second_evening.given
        assert [key for key, one in rows.items() if one.stale] == [key_of("canvas", CLASS[1])]

    def test_the_history_says_who_gave_what_to_whom_and_why(self, second_evening: SecondEvening) -> None:
        with Store(second_evening.out) as store:
            told = [(one.student, one.step, one.score, one.comment, one.who) for one in history(store)]

        assert told == [("4001", "", 12.0, "spoke to me", "Dr. Who"), ("4014", "dh1", 0.5, "half right", "Dr. Who")]

    def test_the_difference_names_whose_score_changed_and_nobody_else(self, second_evening: SecondEvening) -> None:
        with Store(second_evening.out) as store:
            found = difference(store)

        assert found is not None
        assert {student for student, _, _ in found.students} == set(second_evening.given)

    def test_the_class_page_lists_the_disputed_verdict(self, second_evening: SecondEvening) -> None:
        with Store(second_evening.out) as store:
            page, told = render(store), disputed(store)

        assert [(one.student, one.step, one.then, one.now) for one in told] == [
            (second_evening.disputed, "dh1", "wrong", "wrong")
        ]
        assert "it is equal" in page

    def test_canvas_gets_a_comment_for_everybody_who_handed_in_a_file(
        self, second_evening: SecondEvening, tmp_path: Path
    ) -> None:
        with Store(second_evening.out) as store:
            canvas_zip(store, tmp_path / "comments.zip")
        with zipfile.ZipFile(tmp_path / "comments.zip") as written:
            numbers = [re.findall(r"_(\d+)_(\d+)_feedback\.html$", name) for name in written.namelist()]

        attached = {
            re.findall(r"_(\d+)_(\d+)_", name)[0] for name in DOWNLOADS["canvas"](CLASS) if "_text." not in name
        }
        assert all(len(one) == 1 and one[0] in attached for one in numbers)
        assert Counter(one[0][0] for one in numbers) == Counter(key_of("canvas", one) for one in CLASS if one.files)

    def test_everybody_gets_one_letter_with_the_score_that_counts(
        self, second_evening: SecondEvening, tmp_path: Path
    ) -> None:
        with Store(second_evening.out) as store:
            fill(store, GradebookOptions("mail-merge", output=str(tmp_path / "letters.csv")))
        letters = {row[3]: row[4] for row in read((tmp_path / "letters.csv").read_bytes())[1:]}

        given = {"4001": 12.0, "4014": 15.5 - 0.2 * MOST}  # lateness costs nothing where the whole score is given
        expected = {key_of("canvas", one): counts(one) for one in CLASS} | given
        assert {key: float(score) if score else None for key, score in letters.items()} == expected


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
