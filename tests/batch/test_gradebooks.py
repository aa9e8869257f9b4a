"""Instructors' own gradebooks: one column filled, every other byte as it was, nobody given another's score."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.feedback import page
from grader.batch.gradebooks.fill import Filled, GradebookOptions, fill
from grader.batch.gradebooks.gradebook import read_sheet
from grader.batch.gradebooks.matching import spellings
from grader.batch.instructor_tables import GivenScore, override
from grader.batch.store import Store
from grader.batch.student_row import Final, StudentRow
from grader.errors import UsageError
from grader.model import Cell, Span
from tests.batch.making_results import HALF, RIGHT, Identities, filled, handed, result, step

CANVAS = '''Student,ID,SIS User ID,SIS Login ID,Section,Notes,Chain (4711),Final Score
,,,,,,Manual Posting,(read only)
    Points Possible,,,,,,2.00,(read only)
"O'Brien Núñez, María José",101,S1,mobrien,"Sec 1, ""A""",=1+1,,93.5
"Ek, Bo",102,S2,bek,Sec 2,keep ,1.00,12
"Carr, Dee",103,S3,dcarr,Sec 2,,EX,
"Nobody, Nora",104,S4,nora,Sec 2,,,
'''


def book(
    folder: Path, content: bytes, kind: str, people: list[tuple[str, str, Identities, object]], **more: Any
) -> Filled:
    """The gradebook filled with the results of some people; `out` has it."""
    rows = [
        (handed(student, name=name, identities=known), made)  # type: ignore[arg-type]
        for student, name, known, made in people
    ]
    filled(folder / "results", rows)  # type: ignore[arg-type]
    (folder / "export").write_bytes(content)
    with Store(folder / "results") as store:
        return fill(store, GradebookOptions(kind, str(folder / "export"), output=str(folder / "out"), **more))


def test_canvas_fills_one_column_and_leaves_every_other_byte(tmp_path: Path) -> None:
    people = [
        ("101", "obriennúñezmaríajosé", (("canvas", "101"),), RIGHT),
        ("102", "ekbo", (("canvas", "102"),), HALF),
        ("103", "carrdee", (("canvas", "103"),), HALF),
    ]

    made = book(tmp_path, CANVAS.encode(), "canvas", people)  # type: ignore[arg-type]

    assert (tmp_path / "out").read_text() == CANVAS.replace("=1+1,,93.5", "=1+1,2,93.5")
    assert [(one.standing.student, reason) for one, reason in made.left] == [
        ("103", "left as it is: Canvas has `EX` there")
    ]
    assert [person.names[0] for person in made.matching.absent] == ["Nobody, Nora"]


def test_the_number_of_one_platform_is_nobodys_in_the_gradebook_of_another(tmp_path: Path) -> None:
    table = b"id,name,score\n7,Zoe Zed,\n8,Ann Bell,\n"

    made = book(tmp_path, table, "csv", [("7", "Ann Bell", (("moodle", "7"),), HALF)])

    assert (tmp_path / "out").read_bytes() == b"id,name,score\n7,Zoe Zed,\n8,Ann Bell,1\n"
    assert [(one.person.shown, one.by) for one, _ in made.entered] == [("Ann Bell", "name")]


SHEET = "Identifier,Full name,Grade,Maximum grade\nParticipant 7,Stu Dent,,2.00\nParticipant 8,Bo Ek,,2.00\n"


def test_a_namesake_who_is_in_no_row_takes_nobodys_place(tmp_path: Path) -> None:
    people = [(key, "Stu Dent", (("moodle", key),), made) for key, made in (("7", RIGHT), ("9", HALF))]

    made = book(tmp_path, SHEET.encode(), "moodle", [*people, ("8", "Bo Ek", (("moodle", "8"),), HALF)])

    assert (tmp_path / "out").read_text() == SHEET.replace("Dent,", "Dent,2").replace("Ek,", "Ek,1")
    assert [one.student for one in made.matching.unmatched] == ["9"]


def test_a_participant_with_another_number_is_somebody_else_whatever_the_name(tmp_path: Path) -> None:
    people = [("9", "Stu Dent", (("moodle", "9"),), HALF), ("8", "Bo Ek", (("moodle", "8"),), HALF)]

    made = book(tmp_path, SHEET.encode(), "moodle", people)

    assert (tmp_path / "out").read_text() == SHEET.replace("Ek,", "Ek,1")
    assert [one.student for one in made.matching.unmatched] == ["9"]


def test_the_worksheet_of_another_assignment_gives_nobody_the_score_of_the_number(tmp_path: Path) -> None:
    people = [("8", "Stu Dent", (("moodle", "8"),), HALF), ("7", "Bo Ek", (("moodle", "7"),), RIGHT)]

    made = book(tmp_path, SHEET.encode(), "moodle", people)

    assert (tmp_path / "out").read_text() == SHEET
    assert "Stu Dent (8): not sure who this is: Bo Ek (row 3, 8)" in made.preview(120).plain


@pytest.mark.parametrize("names", [("Participant", "Participant"), ("Stu Dent", "B Ek")])
def test_a_number_counts_alone_where_a_name_is_hidden_or_its_letters_are_lost(
    names: tuple[str, str], tmp_path: Path
) -> None:
    people = [(key, name, (("moodle", key),), HALF) for key, name in zip("78", names, strict=True)]

    book(tmp_path, SHEET.replace("Bo Ek", "B? Ek").encode(), "moodle", people)

    assert [line.split(",")[2] for line in (tmp_path / "out").read_text().splitlines()[1:]] == ["1", "1"]


def test_what_could_not_be_graded_stays_empty_and_is_listed(tmp_path: Path) -> None:
    people = [("101", "o", (("canvas", "101"),), result(*RIGHT.steps, problem="it ran for ever"))]

    made = book(tmp_path, CANVAS.encode(), "canvas", people)  # type: ignore[arg-type]

    assert (tmp_path / "out").read_text() == CANVAS
    assert [(one.student, reason) for one, reason in made.without] == [("101", "it ran for ever")]
    assert not made.whole


def test_canvas_students_are_matched_by_name_where_only_that_is_known(tmp_path: Path) -> None:
    made = book(tmp_path, CANVAS.encode(), "canvas", [("x", "Maria Ek", (), RIGHT), ("y", "Bo Ek", (), HALF)])

    assert [(match.standing.student, match.person.row, match.by) for match, _ in made.entered] == [("y", 4, "name")]
    assert [one.student for one in made.matching.unmatched] == ["x"]


def test_two_students_for_one_row_are_both_left_open(tmp_path: Path) -> None:
    made = book(tmp_path, CANVAS.encode(), "canvas", [("x", "Bo Ek", (), RIGHT), ("y", "Ek Bo", (), HALF)])

    assert (tmp_path / "out").read_text() == CANVAS
    assert [one.student for one, _ in made.matching.ambiguous] == ["x", "y"]


def test_an_instructor_says_who_is_meant(tmp_path: Path) -> None:
    (tmp_path / "match.csv").write_text("student,row\nx,102\n")

    made = book(tmp_path, CANVAS.encode(), "canvas", [("x", "Someone", (), RIGHT)], matches=str(tmp_path / "match.csv"))

    assert [(match.person.shown, match.by) for match, _ in made.entered] == [("Ek, Bo", "told")]


def test_several_columns_have_to_be_told_apart(tmp_path: Path) -> None:
    head = CANVAS.replace("Chain (4711)", "First (1),Second (2)").splitlines()[0] + "\n"

    with pytest.raises(UsageError, match=r"Say which column is to be filled \(--column\); there are 'First \(1\)'"):
        book(tmp_path, head.encode(), "canvas", [])


MOODLE = (
    '\ufeffIdentifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Online text","Last modified (grade)","Feedback comments"\n'
    '"Participant 2","Stu Dent",student1@example.com,"Handed in 2",,100.00,Yes,'
    '"Monday, 23 November 2026, 4:42 AM","see file   ",-,\n'
    '"Participant 3","Stu Dent",student2@example.com,"Handed in 3",,100.00,No,"-","",-,\n'
    '"Participant 4","Ann Ek",ek@example.com,"Handed in 4",7,100.00,Yes,"-","",-,see me\n'
)


MOODLE_PEOPLE: list[tuple[str, str, Identities, object]] = [
    ("2", "Stu Dent", (("moodle", "2"),), HALF),
    ("3", "Stu Dent", (("moodle", "3"),), RIGHT),
    ("4", "Ann Ek", (("moodle", "4"),), HALF),
]
SAID = '"1 / 2 points. Begin with da, line 3."'


@pytest.mark.parametrize(
    ("comments", "empty", "written", "told"),
    [
        ("keep", "", "see me", "feedback comments stay as they are"),
        ("fill", SAID, "see me", "feedback comments: 1 filled, 0 that stood there replaced"),
        ("replace", SAID, SAID, "feedback comments: 1 filled, 1 that stood there replaced"),
    ],
)
def test_moodle_fills_the_grade_and_comments_only_on_request(
    comments: str, empty: str, written: str, told: str, tmp_path: Path
) -> None:
    made = book(tmp_path, MOODLE.encode(), "moodle", MOODLE_PEOPLE, comments=comments)

    expected = MOODLE.replace('Handed in 2",,', 'Handed in 2",50,').replace('Handed in 4",7,', 'Handed in 4",50,')
    expected = expected.replace('file   ",-,\n', f'file   ",-,{empty}\n').replace("-,see me", f"-,{written}")
    assert (tmp_path / "out").read_bytes() == expected.encode()
    assert told in made.preview(200).plain
    assert [reason for _, reason in made.left] == ["left as it is: Moodle says this grade cannot be changed"]


def test_comments_are_asked_for_only_where_there_are_some(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--comments is for Moodle"):
        book(tmp_path, CANVAS.encode(), "canvas", [], comments="fill")


def test_feedback_for_moodle_is_refused_for_a_class_of_another_system(tmp_path: Path) -> None:
    filled(tmp_path / "r", [(handed("101", identities=(("canvas", "101"),)), HALF)])

    with Store(tmp_path / "r") as store, pytest.raises(UsageError, match="needs a class from a download of Moodle"):
        fill(store, GradebookOptions("moodle-feedback", output=str(tmp_path / "out.zip")))

    assert not (tmp_path / "out.zip").exists()


def test_moodle_worksheets_in_another_language_are_understood(tmp_path: Path) -> None:
    sheet = '\ufeffID,"Vollständiger Name",Bewertung,Bestwertung\n"Teilnehmer/in 2","Stu Dent",,"4,00"\n'

    book(tmp_path, sheet.encode(), "moodle", [("2", "Stu Dent", (("moodle", "2"),), HALF)])

    assert (tmp_path / "out").read_text("utf-8") == sheet.replace('"Stu Dent",,', '"Stu Dent",2,')


@pytest.mark.parametrize(
    ("most", "comment", "written"),
    [("3,00", "", '"1,5"'), ("3.00", "", "1.5"), ("3", "", "1.5"), ("3,00", "0.5", "1.5")],
)
def test_a_score_has_the_decimal_mark_of_the_gradebook(most: str, comment: str, written: str, tmp_path: Path) -> None:
    sheet = f'ID;"Vollständiger Name";Bewertung;Bestwertung;Notiz\n"Teilnehmer/in 2";Stu;;{most};{comment}\n'

    book(tmp_path, sheet.encode(), "moodle", [("2", "Stu", (("moodle", "2"),), HALF)])

    assert (tmp_path / "out").read_text("utf-8") == sheet.replace("Stu;;", f"Stu;{written};")


@pytest.mark.parametrize(
    ("columns", "column", "said"),
    [
        ("Section", None, "No column of this gradebook holds grades"),
        ("Section,HW (1),HW (1)", "HW (1)", r"2 columns are called 'HW \(1\)': give the one to be filled"),
    ],
)
def test_what_is_to_be_done_about_columns_is_said(columns: str, column: str | None, said: str, tmp_path: Path) -> None:
    sheet = f"Student,ID,{columns}\n    Points Possible,,,16,16\nEk,101,,,\n"

    with pytest.raises(UsageError, match=said):
        book(tmp_path, sheet.encode(), "canvas", [], column=column)


def test_brightspace_students_are_found_with_and_without_the_hash(tmp_path: Path) -> None:
    sheet = (
        "OrgDefinedId,Username,Last Name,First Name,Chain Points Grade <Numeric MaxPoints:2>,End-of-Line Indicator\r\n"
        "#0042,#bek,Ek,Bo,,#\r\n"
    )

    book(tmp_path, sheet.encode(), "brightspace", [("701", "Bo Ek", (("brightspace", "701"),), RIGHT)])

    assert (tmp_path / "out").read_bytes().decode() == sheet.replace("Ek,Bo,,#", "Ek,Bo,2,#")


SCALES = {
    "canvas": 'Student,ID,Section,Chain (4711)\n    Points Possible,,,10\n"Ek, Bo",102,1,{}\n',
    "brightspace": "Username,Chain Points Grade <Numeric MaxPoints:10>,End-of-Line Indicator\n#102,{},#\n",
    "blackboard": "Username,Chain [Total Pts: 10] |664617\n102,{}\n",
    "moodle": "Identifier,Full name,Grade,Maximum grade\nParticipant 102,Bo Ek,{},10.00\n",
}


@pytest.mark.parametrize("kind", SCALES)
def test_scores_are_entered_on_the_gradebooks_scale_which_is_said(kind: str, tmp_path: Path) -> None:
    known = ((kind if kind in ("canvas", "moodle") else "username", "102"),)

    made = book(tmp_path, SCALES[kind].format("").encode(), kind, [("102", "Bo Ek", known, HALF)])

    assert (tmp_path / "out").read_text() == SCALES[kind].format("5")
    assert "2 points here are 10 there, and scores are entered so" in made.preview(100).plain


def test_a_score_by_hand_of_who_handed_in_nothing_is_on_the_scale_too(tmp_path: Path) -> None:
    sheet = SCALES["moodle"].format("")
    filled(tmp_path / "r", [(handed("1", identities=(("moodle", "1"),)), HALF),
                            (handed("102", None, identities=(("moodle", "102"),)), None)])  # fmt: skip
    (tmp_path / "export").write_text(sheet)

    with Store(tmp_path / "r", writing=True) as store:
        override(store, GivenScore("102", "", 1.5, "on paper", "me"))
        fill(store, GradebookOptions("moodle", str(tmp_path / "export"), output=str(tmp_path / "out")))
        told = list(store.standings())[1]

    assert told.max_score == 2.0
    assert (tmp_path / "out").read_text() == SCALES["moodle"].format("7.5")


def test_rows_that_could_be_a_students_are_told_apart(tmp_path: Path) -> None:
    sheet = "name,email,score\nBo Ek,a@x.y,\nBo Ek,b@x.y,\n"

    made = book(tmp_path, sheet.encode(), "csv", [("s1", "Bo Ek", (), HALF)])

    assert "not sure who this is: Bo Ek (row 2, a@x.y) or Bo Ek (row 3, b@x.y)" in made.preview(120).plain


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_blackboard_sheets_keep_their_encoding(encoding: str, tmp_path: Path) -> None:
    sheet = '"Last Name"\t"First Name"\t"Username"\t"Chain [Total Pts: 2] |664617"\n"Ék"\t"Bo"\t"bek"\t""\n'

    book(tmp_path, sheet.encode(encoding), "blackboard", [("bek", "bek", (("username", "bek"),), RIGHT)])

    assert (tmp_path / "out").read_bytes() == sheet.replace('"bek"\t""', '"bek"\t2').encode(encoding)


def test_a_plain_table_is_filled_by_the_column_named(tmp_path: Path) -> None:
    sheet = "email;name;hw1;hw2\nbo@x.y;Bo;;3\nam@x.y;Am;;4\n"

    book(tmp_path, sheet.encode(), "csv", [("b", "?", (("email", "BO@x.y"),), HALF)], column="hw1")

    assert (tmp_path / "out").read_text() == sheet.replace("Bo;;3", "Bo;1;3")


def test_nbgraders_table_leaves_empty_what_nbgrader_would_call_zero(tmp_path: Path) -> None:
    filled(tmp_path, [(handed("bit", name='Ben "Bit" Diddle'), HALF), (handed("hack", content=None), None)])

    with Store(tmp_path) as store:
        fill(store, GradebookOptions("nbgrader", output=str(tmp_path / "out.csv")))

    rows = list(csv.DictReader((tmp_path / "out.csv").open()))
    assert [(row["student_id"], row["first_name"], row["score"], row["max_score"]) for row in rows] == [
        ("bit", 'Ben "Bit"', "1", "2"), ("hack", "", "", "2")
    ]  # fmt: skip


def test_moodles_feedback_zip_has_a_page_for_each_participant(tmp_path: Path) -> None:
    filled(tmp_path, [(handed("2", name="Stu_Dent/x", identities=(("moodle", "2"),)), HALF)])

    with Store(tmp_path) as store:
        fill(store, GradebookOptions("moodle-feedback", output=str(tmp_path / "out.zip")))

    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == ["Stu Dent x_2_assignsubmission_file/feedback.html"]
        assert b"1 of 2 points" in archive.read(archive.namelist()[0])


def test_canvas_finds_in_each_name_whose_comment_it_is(tmp_path: Path) -> None:
    known = (("canvas", "101"), ("canvas-attachment", "9001"))
    filled(tmp_path, [(handed("101", name="o_brien 2", identities=known), HALF), (handed("t", name="typed"), None)])

    with Store(tmp_path) as store:
        fill(store, GradebookOptions("canvas-comments", output=str(tmp_path / "out.zip")))

    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        (name,) = archive.namelist()
        assert [part for part in name.split("_") if part.isdigit()] == ["101", "9001"]  # as Canvas reads it
        assert name.endswith("_feedback.html")


def test_comments_for_canvas_need_a_download_of_canvas(tmp_path: Path) -> None:
    filled(tmp_path, [(handed("2", identities=(("moodle", "2"),)), HALF)])

    with Store(tmp_path) as store, pytest.raises(UsageError, match="Canvas takes comments for what was downloaded"):
        fill(store, GradebookOptions("canvas-comments", output=str(tmp_path / "out.zip")))
    assert not (tmp_path / "out.zip").exists()


def test_a_mail_merge_has_a_row_for_everybody(tmp_path: Path) -> None:
    mail = (("email", "b@uni.edu"),)
    filled(tmp_path, [(handed("b", name="Bell, Zoë", identities=mail), HALF), (handed("n", None, "Cy Lee"), None)])

    with Store(tmp_path) as store:
        fill(store, GradebookOptions("mail-merge", output=str(tmp_path / "out.csv")))

    rows = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8-sig")))
    assert [(row["email"], row["first_name"], row["score"], row["page"]) for row in rows] == [
        ("b@uni.edu", "Zoë", "1", "b.html"), ("", "Cy", "", "n.html")
    ]  # fmt: skip
    assert rows[0]["comment"] == "1 / 2 points. Begin with da, line 3."
    assert rows[1]["comment"] == "No score: nothing was handed in as a file."


def test_a_page_per_student_has_a_harmless_name_and_escapes_what_is_in_it(tmp_path: Path) -> None:
    filled(tmp_path / "r", [(handed("../../.bashrc", name="<script>alert(1)</script>"), HALF), (handed("CON"), RIGHT)])

    with Store(tmp_path / "r") as store:
        fill(store, GradebookOptions("feedback", output=str(tmp_path / "pages")))

    files = sorted((tmp_path / "pages").iterdir())
    assert len(files) == 2
    assert all(file.name.startswith("student-") for file in files)
    assert not any("<script>alert" in file.read_text() for file in files)


def test_a_page_marks_the_line_and_says_what_came_of_each_step(tmp_path: Path) -> None:
    made = result(step("da", "wrong", "sign-flipped", "da = -x"), step("db"))
    spoken = replace(made, steps=(replace(made.steps[0], where=Span("mine.py", None, 1, 6, 1, 8)), made.steps[1]),
                     sources=(Cell("da = -x\n", "da = -x\n", None, 1),))  # fmt: skip
    one = StudentRow("anna", "Anna", "mine.py", "graded", None, 1.0, 2.0, False, "da", "w", 1, 1, None, None, ())

    seen = html5lib.parse(page("A chain", one, spoken, Final(1.0)), namespaceHTMLElements=False)

    assert [mark.text for mark in seen.iter("mark")] == ["-x"]
    assert ["".join(cell.itertext()) for cell in seen.findall(".//tbody/tr/td")[:3]] == ["da", "wrong, see 1", "0 / 1"]


def test_who_handed_in_nothing_that_could_run_gets_a_page_that_says_so(tmp_path: Path) -> None:
    filled(tmp_path / "r", [(handed("anna", None), None)])

    with Store(tmp_path / "r") as store:
        told = fill(store, GradebookOptions("feedback", output=str(tmp_path / "pages"))).preview(100).plain

    assert "nothing was handed in as a file" in (tmp_path / "pages" / "anna.html").read_text()
    assert "anna: no score, nothing was handed in as a file; the page says so" in told


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(st.text(st.characters(exclude_characters="\0\r", codec="utf-8"), max_size=8), min_size=2,
                      max_size=4), min_size=1, max_size=4),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)  # fmt: skip
def test_a_sheet_is_what_csv_reads_and_changing_nothing_changes_no_byte(
    rows: list[list[str]], delimiter: str, end: str, quoting: int
) -> None:
    written = io.StringIO()
    table = [["a", "b", *row] for row in rows]
    writer = csv.writer(written, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(["first", "second"])
    writer.writerows(table)
    text = written.getvalue()

    sheet = read_sheet(text.encode(), "sheet", delimiter)

    assert sheet.bytes() == text.encode()
    assert [[spot.text for spot in row] for row in sheet.rows[1:]] == table
    sheet.set(1, 0, 'x"' + delimiter)
    assert read_sheet(sheet.bytes(), "sheet", delimiter).cell(1, 0) == 'x"' + delimiter


@pytest.mark.parametrize("content", [b"", b"\xff\xff\xff", b"only one column\n", b'"a","b\n', b"a,b\0"])
def test_what_is_no_gradebook_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        book(tmp_path, content, "canvas", [])


@pytest.mark.parametrize(
    ("one", "other"),
    [("O'Brien Núñez, María José", "obriennúñezmaríajosé"), ("Bo Ek", "Ek, Bo"), ("Ana Maria Lee", "Lee, Ana Maria")],
)
def test_names_are_the_same_however_a_platform_writes_them(one: str, other: str) -> None:
    assert set(spellings(one)) & set(spellings(other))
