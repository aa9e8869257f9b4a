"""Folders of students: everybody is listed, and what names and rosters say about who they are is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.entries import folder
from grader.batch.file_choice import ANY, ChosenFile, choose
from grader.batch.gradebooks.matching import match
from grader.batch.gradebooks.types import GradebookRow
from grader.batch.intake.folder_names import says_nobody, whose
from grader.batch.intake.recognise import read_tree
from grader.batch.terminal import as_standing
from tests.batch.making import Files, tree, write, zipped

CODE = b"x = 1\n"
ROSTER = b'id,name\n123456,"Bell, Anna M."\n999999,Zoe Zed\n'


def listed(place: Path) -> dict[str, ChosenFile]:
    found = choose(read_tree(folder(place), "tanh-chain").attempts, ANY)
    return {one.attempt.student: one for one in found}


@pytest.mark.parametrize("above", ["", "all/"])
def test_empty_folders_and_those_with_links_alone_are_students_too(above: str, tmp_path: Path) -> None:
    write(tmp_path, {f"{above}anna/hw.py": CODE, f"{above}ben/hw.py": CODE})
    for name in ("cleo", "dora", ".git_hooks", "__MACOSX"):
        (tmp_path / above / name).mkdir()
    (tmp_path / above / "dora" / "hw.py").symlink_to(tmp_path / above / "anna" / "hw.py")

    found = listed(tmp_path)

    assert {student: one.reason for student, one in found.items()} == {
        "anna": None,
        "ben": None,
        "cleo": "nothing was handed in as a file",
        "dora": "`hw.py`: it is a link; links are not followed",
    }


def test_an_empty_folder_in_a_zip_is_a_student_too(tmp_path: Path) -> None:
    found = read_tree(zipped(tmp_path, {"anna/hw.py": CODE, "cleo/": b""}), "tanh-chain")

    assert [one.student for one in found.attempts] == ["anna", "cleo"]


@pytest.mark.parametrize(
    ("name", "shown", "identities"),
    [
        ("Anna Bell 123456", "Anna Bell", (("id", "123456"),)),
        ("123456_Bell_Anna", "Bell Anna", (("id", "123456"),)),
        ("Bell, Anna (s123456)", "Bell, Anna", (("id", "s123456"),)),
        ("123456", "123456", (("id", "123456"),)),
        ("anna@x.edu", "anna@x.edu", (("email", "anna@x.edu"),)),
        ("Anna Bell (anna@x.edu)", "Anna Bell", (("email", "anna@x.edu"),)),
        ("anna-bell", "anna-bell", ()),
        ("hw2 Anna", "hw2 Anna", ()),
    ],
)
def test_what_a_folders_name_says(name: str, shown: str, identities: tuple[tuple[str, str], ...]) -> None:
    assert (whose([name])[name].name, whose([name])[name].identities) == (shown, identities)


def test_a_number_in_all_names_is_nobodys() -> None:
    assert [one.identities for one in whose(["anna 2026", "ben 2026"]).values()] == [(), ()]


@pytest.mark.parametrize("layout", ["folders", "files"])
def test_a_roster_names_students_and_lists_those_who_handed_in_nothing(layout: str) -> None:
    files: Files = {
        "folders": {"s 123456/hw.py": CODE, "ben/hw.py": CODE, "roster.csv": ROSTER},
        "files": {"hw_123456.py": CODE, "ben.py": CODE, "roster.csv": ROSTER},
    }[layout]

    found = read_tree(tree(files), "tanh-chain")

    assert (found.layout, found.ignored) == (layout, ())
    assert sorted((one.name, len(one.entries)) for one in found.attempts) == [
        ("Bell, Anna M.", 1), ("Zoe Zed", 0), ("ben", 1)
    ]  # fmt: skip


def test_a_table_without_people_is_no_roster() -> None:
    found = read_tree(tree({"anna/hw.py": CODE, "ben/hw.py": CODE, "data.csv": b"x,y\n1,2\n"}), "tanh-chain")

    assert [one.student for one in found.attempts] == ["anna", "ben"]
    assert [one.path for one in found.ignored] == ["data.csv"]


def test_a_number_in_a_folders_name_finds_the_row_of_a_gradebook() -> None:
    (one,) = choose(read_tree(tree({"x 4711/hw.py": CODE, "y/hw.py": CODE}), "t").attempts[:1], ANY)
    people = [GradebookRow(1, (("sis", "4711"),), ("Ek, Bo",)), GradebookRow(2, (("sis", "4712"),), ("X",))]

    (found,) = match([as_standing(one)], people, {}).matches

    assert (found.person.row, found.by) == (1, "id")


@pytest.mark.parametrize(
    ("files", "students"),
    [
        ({"anna/derive.py": b"import tools\n", "anna/tools.py": CODE}, ["anna"]),
        ({"anna/hw.py": CODE, "anna/hw_old.py": CODE}, ["anna"]),
        ({"all/anna.py": CODE, "all/ben.py": CODE}, ["anna", "ben"]),
        ({"hw2.py": CODE, "helper.py": CODE}, ["download"]),
        ({"submission_1.py": CODE, "submission_2.py": CODE}, ["submission_1", "submission_2"]),
        ({"all/hw1.py": CODE, "all/hw2.py": CODE}, ["hw1", "hw2"]),
        ({"tanh_chain.ipynb": b"{}", "data.csv": b"1,2"}, ["download"]),
        ({"anna.py": CODE, "helper.py": CODE}, ["anna", "helper"]),
        ({"anna.py": CODE}, ["anna"]),
    ],
)
def test_a_single_students_folder_is_a_folder_of_one(files: Files, students: list[str]) -> None:
    found = read_tree(tree(files), "tanh-chain")

    assert sorted({one.student for one in found.attempts}) == students


@pytest.mark.parametrize(
    ("stem", "nobody"), [("hw2_final", True), ("tanh-chain", True), ("hw_anna", False), ("1", False)]
)
def test_names_that_say_what_a_file_is_say_nobody(stem: str, nobody: bool) -> None:
    assert says_nobody(stem, "tanh-chain") is nobody
