"""Which of all that a student handed in is graded."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from grader.batch.entries import DownloadedAttempt
from grader.batch.file_choice import ChoiceRule, ChosenFile, choose
from tests.batch.making import Files, entry, zip_bytes

RULE = ChoiceRule(frozenset({"dh1", "dw"}))


def attempt(files: Files, student: str = "anna", submitted: datetime | None = None) -> DownloadedAttempt:
    entries = tuple(entry(path, data) for path, data in files.items())
    return DownloadedAttempt(student, student, entries, submitted)


def only(attempts: list[DownloadedAttempt], rule: ChoiceRule = RULE) -> ChosenFile:
    (chosen,) = choose(attempts, rule)
    return chosen


def test_of_several_files_the_one_with_the_names_of_the_exercise_is_taken() -> None:
    chosen = only([attempt({"zz_helper.py": b"x = 1", "answer.py": b"dh1 = 2; dw = 3", "notes.txt": b"dh1 dw"})])

    assert (chosen.file, chosen.content) == ("answer.py", b"dh1 = 2; dw = 3")
    assert {one.path: one.reason for one in chosen.ignored} == {
        "notes.txt": "it is neither a script nor a notebook",
        "zz_helper.py": "`answer.py` has more of the exercise's names in it",
    }


def test_of_files_alike_the_last_by_its_name_is_taken() -> None:
    assert only([attempt({"hw.py": b"dh1", "hw_2.py": b"dh1"})]).file == "hw_2.py"
    assert only([attempt({"hw.py": b"dh1", "hw-2.py": b"dh1", "hw-10.py": b"dh1"})]).file == "hw-10.py"


@pytest.mark.parametrize("name", ["hw.txt", "hw", "a.b.TXT"])
def test_of_a_text_that_is_python_the_ending_that_it_needs_is_told(name: str) -> None:
    said = "it holds Python: rename it, so that its name ends in .py"

    assert only([attempt({name: b"dh1 = 2\n"})]).reason == f"`{name}`: {said}"


@pytest.mark.parametrize("data", [b"dh1 dw", b"notes\n", b"https://example.edu/x", b"\xff\xfe", b""])
def test_a_text_that_is_no_python_is_told_as_before(data: bytes) -> None:
    assert only([attempt({"hw.txt": data})]).reason == "`hw.txt`: it is neither a script nor a notebook"


def test_a_pattern_says_which_file_is_meant() -> None:
    files = {"hw1.py": b"", "hw2.py": b"dh1 dw", "sub/HW1_final.py": b"dh1"}

    chosen = only([attempt(files)], ChoiceRule(RULE.names, "last", "hw1*"))

    assert chosen.file == "sub/HW1_final.py"
    assert [one.reason for one in chosen.ignored if one.path == "hw2.py"] == ["its name does not match `hw1*`"]


def test_an_archive_a_student_packed_is_looked_into() -> None:
    packed = zip_bytes({"hw/answer.py": b"dh1 dw", "../evil.py": b"dh1 dw x"})

    chosen = only([attempt({"handed.zip": packed})])

    assert chosen.file == "handed.zip/hw/answer.py"
    assert [(one.path, one.reason) for one in chosen.ignored] == [
        ("handed.zip/../evil.py", "its name leads out of the archive")
    ]


def test_an_archive_that_cannot_be_read_is_a_reason() -> None:
    chosen = only([attempt({"handed.zip": b"no zip"})])

    assert chosen.reason == "`handed.zip`: it is damaged, or no archive of the kind its name says"


def test_nothing_to_grade_is_said_with_the_reason() -> None:
    assert only([attempt({})]).reason == "nothing was handed in as a file"
    assert only([attempt({"hw.rar": b""})]).reason == (
        "`hw.rar`: it is an archive that cannot be read here; a .zip or .tar.gz can"
    )
    assert only([attempt({"a.txt": b"", "b.pdf": b""})]).reason == (
        "of 2 files none is a script (.py) or a notebook (.ipynb)"
    )
    assert only([attempt({"README.md": b"", "b.pdf": b""})]).reason == "`b.pdf`: it is neither a script nor a notebook"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"README.md": b"", "hw.zip": b"PK"}, "`hw.zip`: it is damaged, or no archive of the kind its name says"),
        ({"hw.py": bytes(21 << 20), "data.csv": b"", "b.pdf": b""}, "`hw.py`: it is larger than 20 MiB"),
        ({"a.pdf": b"", "hw.zip": zip_bytes({".DS_Store": b"", "hw.rar": b""})},
         "`hw.zip/hw.rar`: it is an archive that cannot be read here; a .zip or .tar.gz can"),
    ],
)  # fmt: skip
def test_of_several_files_the_one_that_was_meant_says_why_nothing_is_graded(files: Files, reason: str) -> None:
    assert only([attempt(files)]).reason == reason


@pytest.mark.parametrize("name", ["hw.py.txt", "HW.ipynb.txt", "hw.ipynb.json"])
def test_an_ending_that_a_program_added_is_not_the_students(name: str) -> None:
    assert only([attempt({name: b"dh1 dw", "notes.txt": b"dh1 dw"})]).file == name


def test_of_several_attempts_the_last_counts_or_the_first() -> None:
    """Attack 59. However often somebody hands in, they are graded once."""
    early = attempt({"early.py": b""}, submitted=datetime(2026, 1, 1, tzinfo=UTC))
    late = attempt({"late.py": b""}, submitted=datetime(2026, 1, 2, tzinfo=UTC))

    last, first = only([late, early]), only([late, early], ChoiceRule(RULE.names, "first"))

    assert (last.file, last.number, last.attempts) == ("late.py", 2, 2)
    assert (first.file, first.number, first.attempts) == ("early.py", 1, 2)


def test_attempts_without_times_are_in_the_order_they_were_found() -> None:
    assert only([attempt({"one.py": b""}), attempt({"two.py": b""})]).file == "two.py"


def test_a_file_that_is_too_large_is_a_reason() -> None:
    assert only([attempt({"hw.py": bytes(21 << 20)})]).reason == "`hw.py`: it is larger than 20 MiB"


FENCED = b"# Words\n```{python}\ndh1 = 2\ndw = 3\n```\n"


def test_markdown_with_python_is_taken_where_there_is_no_script() -> None:
    assert only([attempt({"answer.qmd": FENCED})]).file == "answer.qmd"


def test_a_script_is_taken_before_markdown() -> None:
    chosen = only([attempt({"answer.py": b"x = 1", "notes.md": FENCED})])

    assert chosen.file == "answer.py"
    assert [(one.path, one.reason) for one in chosen.ignored] == [
        ("notes.md", "there is a script or a notebook beside it")
    ]


def test_markdown_without_python_is_no_submission() -> None:
    chosen = only([attempt({"answer.md": b"# Words\n```r\ndh1 <- 2\n```\n"})])

    assert chosen.reason == "`answer.md`: it has no Python code"


def test_a_readme_is_no_submission_whatever_code_it_shows() -> None:
    assert only([attempt({"README.md": FENCED})]).reason == "`README.md`: it is neither a script nor a notebook"


def test_a_readme_that_is_asked_for_by_its_name_is_taken() -> None:
    assert only([attempt({"README.md": FENCED})], ChoiceRule(RULE.names, "last", "readme.md")).file == "README.md"


def test_a_file_in_another_language_is_a_reason() -> None:
    assert only([attempt({"answer.R": b"dh1 <- 2"})]).reason == "`answer.R`: it is R, not Python"
