"""Folders of students: everybody is listed, and what names and rosters say about who they are is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.batch.entries import Intake, folder
from grader.batch.file_choice import ANY, ChosenFile, choose
from grader.batch.gradebooks.gradebook import GradebookRow
from grader.batch.gradebooks.matching import match
from grader.batch.intake import people_of, read_tree, with_roster
from grader.batch.platforms.plain import says_nobody, whose
from grader.batch.terminal import as_standing
from grader.errors import UsageError
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


def test_what_a_system_left_beside_the_files_is_no_student(tmp_path: Path) -> None:
    write(tmp_path, {"anna.py": CODE, "__MACOSX.zip": CODE, "._anna.py": CODE, ".DS_Store": CODE, "desktop.ini": CODE})

    assert list(listed(tmp_path)) == ["anna"]


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
        ("Anna Bell (ab12)", "Anna Bell", (("id", "ab12"),)),
        ("Anna Bell (2)", "Anna Bell (2)", ()),
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


KEYS = ("4711", "4712", "4713", "4714")
NAMES = ("Ann Bell", "Ben Carr", "Cy Dent", "Di Ek")


def moodle_class() -> Intake:
    """Four participants with Moodle's own small numbers."""
    return read_tree(tree({f"{name}_{n}_assignsubmission_file/hw.py": CODE for n, name in enumerate(NAMES, 1)}), "x")


def rostered(intake: Intake, text: str) -> Intake:
    return with_roster(intake, people_of(text.encode(), "roster.csv"), "roster.csv")


def test_a_roster_of_nobody_in_the_download_is_refused_with_what_both_have() -> None:
    files = read_tree(tree({f"{key}.py": CODE for key in KEYS}), "x")

    with pytest.raises(UsageError) as refused:
        rostered(files, "id;name\nx1;Ann Bell\nx2;Ben Carr\nx3;Cy Dent\n")

    assert str(refused.value) == (
        "None of the 4 students of the download is in the roster roster.csv. The download has `4711`, `4712`, `4713`, "
        "`4714`; the roster has `x1` Ann Bell, `x2` Ben Carr, `x3` Cy Dent. A roster has a column id, username, email "
        "or name with what the download has."
    )


def test_a_roster_that_lies_in_the_download_and_fits_nobody_is_left_out_and_told() -> None:
    files = {"roster.csv": b"id,name\nx1,A\nx2,B\nx3,C\n", **{f"{key}.py": CODE for key in KEYS}}

    found = read_tree(tree(files), "x")

    assert [one.student for one in found.attempts] == list(KEYS)
    assert [one.partition(".")[0] for one in found.notes] == [
        "None of the 4 students of the download is in the roster roster"
    ]


def test_who_may_be_listed_twice_is_named() -> None:
    found = rostered(moodle_class(), "id,name\n90,Ann Bell\n91,Ben Carr\n92,Cy Dent\n93,Diana Ek\n")

    assert found.notes == (
        "in no row of the roster roster.csv (1): `4` Di Ek; in the roster and not in the download (1): `93` Diana Ek. "
        "Who is among both is listed twice: correct the roster",
    )


def test_the_number_of_a_platform_is_nobodys_in_a_roster_unless_the_name_agrees() -> None:
    found = rostered(moodle_class(), "id,name\n4,Ann Bell\n3,Ben Carr\n2,Cy Dent\n1,Zoe Zed\n5,Di Ek\n")

    assert {one.student: (one.name, dict(one.identities).get("student")) for one in found.attempts} == {
        "1": ("Ann Bell", "4"), "2": ("Ben Carr", "3"), "3": ("Cy Dent", "2"), "4": ("Di Ek", "5"),
        "1 (Zoe Zed)": ("Zoe Zed", "1"),
    }  # fmt: skip


def test_namesakes_who_handed_in_nothing_are_two() -> None:
    found = rostered(moodle_class(), "name,group\nAnn Bell,1\nBo Ek,1\nBo Ek,2\n")

    assert [one.student for one in found.attempts if one.name == "Bo Ek"] == ["Bo Ek", "Bo Ek (row 4)"]


def test_of_namesakes_in_a_roster_none_is_taken_for_the_other() -> None:
    found = rostered(moodle_class(), "id,name\n90,Ann Bell\n91,Ann Bell\n92,Ben Carr\n93,Cy Dent\n94,Di Ek\n")

    assert [one.identities for one in found.attempts if one.name == "Ann Bell"] == [(("moodle", "1"),)]
    assert found.notes == ("roster roster.csv: not sure whether `1` Ann Bell is row 2, 90 or row 3, 91",)


@pytest.mark.parametrize(
    ("folder_name", "row"),
    [
        ("x (00123)", "123,Ann"),
        ("x (0123)", "000123,Ann"),
        ("Jose Nunez", "7,José Núñez"),
        ("JOSÉ núñez", "7,Jose Nunez"),
    ],
)
def test_a_row_is_found_without_leading_zeros_and_accents(folder_name: str, row: str) -> None:
    found = rostered(read_tree(tree({f"{folder_name}/hw.py": CODE, "b/hw.py": CODE}), "x"), f"id,name\n{row}\n")

    assert [dict(one.identities)["student"] for one in found.attempts if one.student != "b"] == [row.partition(",")[0]]


@pytest.mark.parametrize("form", ["{}_hw1/hw.py", "Ann {}/hw.py", "hw1-{}.py", "{}.hw1.py"])
def test_a_short_identity_within_a_name_is_found_in_the_roster(form: str) -> None:
    people = {f"u0{n}": f"{name}" for n, name in enumerate(NAMES, 1)}
    found = rostered(
        read_tree(tree({form.format(key): CODE for key in people}), "x"),
        "id,name\n" + "".join(f"{key},{name}\n" for key, name in people.items()),
    )

    assert [(one.name, dict(one.identities)["student"]) for one in found.attempts] == [
        (name, key) for key, name in people.items()
    ]
    assert found.notes == ()


def test_a_name_that_lost_a_letter_in_the_roster_stays_that_of_the_folder() -> None:
    found = rostered(read_tree(tree({"Ana Dvořák (u031)/hw.py": CODE}), "x"), "id,name\nu031,Ana Dvo?ák\n")

    assert [one.name for one in found.attempts] == ["Ana Dvořák"]


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
