"""Every layout, on files built to the namings its platform documents: who handed in what comes back."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.batch.entries import DownloadRefused, Intake, Tree, folder, tidy
from grader.batch.file_choice import ANY, choose
from grader.batch.intake import LAYOUTS, read_tree, take_in
from grader.batch.platforms.plain import says_nobody
from grader.errors import UsageError
from tests.batch.making import Files, file_names, odd_people, people, tree, words, write, zip_bytes, zipped

CODE = b"x = 1\n"


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def taken(found: Tree, wanted: str = "tanh-chain") -> Intake:
    return read_tree(found, wanted)


def who(intake: Intake) -> dict[str, tuple[str, list[str]]]:
    """Students with their names and the names of their files."""
    return {one.student: (one.name, [entry.path for entry in one.entries]) for one in intake.attempts}


# Canvas: lib/content_zipper.rb


def canvas_name(person: str) -> str:
    """Canvas: the sortable name in lower case, without what is no word character."""
    return re.sub(r"[^\w]", "", person.lower())


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(odd_people, st.booleans(), file_names), min_size=1, max_size=4))
def test_canvas_comes_back(handed: list[tuple[str, bool, str]]) -> None:
    files = {
        f"{canvas_name(person)}{'_LATE' if late else ''}_{100 + n}_{9000 + n}_{file}": CODE
        for n, (person, late, file) in enumerate(handed)
    }

    intake = taken(tree(files))

    assert intake.layout == "canvas"
    assert {one.student: (one.late, one.entries[0].path) for one in intake.attempts} == {
        str(100 + n): (late, tidy(file)) for n, (_, late, file) in enumerate(handed)
    }
    assert all(one.identities[0] == ("canvas", one.student) for one in intake.attempts)


def test_canvas_names_keep_accents_and_resubmissions_are_one_students() -> None:
    intake = taken(
        tree({
            "obriennúñezmaríajosé_LATE_4711_88001_hw2-1.py": CODE,
            "obriennúñezmaríajosé_LATE_4711_88000_helper.py": CODE,
            "a_bc_4712_88002_my_hw_2_final.ipynb": b"{}",
        })
    )  # fmt: skip

    assert who(intake) == {
        "4711": ("obriennúñezmaríajosé", ["helper.py", "hw2-1.py"]),
        "4712": ("a_bc", ["my_hw_2_final.ipynb"]),
    }
    assert {one.student: one.late for one in intake.attempts} == {"4711": True, "4712": False}


def test_canvas_text_entries_and_links_are_left_out_and_who_typed_them_is_not() -> None:
    intake = taken(tree({"bell_1_text.html": b"", "carr_2_link.html": b"", "dent_3_77_hw.py": CODE}))

    assert who(intake) == {"3": ("dent", ["hw.py"]), "1": ("bell", []), "2": ("carr", [])}
    assert [one.reason for one in choose(intake.attempts, ANY)] == [None, *["nothing was handed in as a file"] * 2]
    assert sorted(one.path for one in intake.ignored) == ["bell_1_text.html", "carr_2_link.html"]


def test_canvas_anonymous_submissions_are_told_apart() -> None:
    intake = taken(tree({"anon_aB3xZ_501_hw.py": CODE, "LATE_anon_Qq9_502_hw.py": CODE}))

    assert who(intake) == {"aB3xZ": ("anonymous aB3xZ", ["hw.py"]), "Qq9": ("anonymous Qq9", ["hw.py"])}
    assert {one.student: one.late for one in intake.attempts} == {"aB3xZ": False, "Qq9": True}


# Moodle: mod/assign


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(people, file_names), min_size=1, max_size=4), st.booleans())
def test_moodle_comes_back_with_folders_and_without(handed: list[tuple[str, str]], folders: bool) -> None:
    between = "/" if folders else "_"
    files = {f"{person}_{n}_assignsubmission_file{between}{file}": CODE for n, (person, file) in enumerate(handed, 1)}

    intake = taken(tree(files))

    assert intake.layout == "moodle"
    assert who(intake) == {str(n): (nfc(person), [tidy(file)]) for n, (person, file) in enumerate(handed, 1)}


def test_moodle_keeps_two_students_of_one_name_apart_and_leaves_out_online_text(tmp_path: Path) -> None:
    intake = taken(
        zipped(tmp_path, {
            "Stu Dent_2_assignsubmission_file/hw2.py": CODE,
            "Stu Dent_7_assignsubmission_file/hw2.py": CODE,
            "María-José OBrien Núñez_1_assignsubmission_file_/sub/hw2.py": CODE,
            "Stu Dent_2_assignsubmission_onlinetext/onlinetext.html": b"<p>",
            "Typ Ist_8_assignsubmission_onlinetext/onlinetext.html": b"<p>",
            "Participant_9_assignsubmission_file/x.py": CODE,
        })
    )  # fmt: skip

    assert who(intake) == {
        "1": ("María-José OBrien Núñez", ["sub/hw2.py"]),
        "9": ("Participant", ["x.py"]),
        "2": ("Stu Dent", ["hw2.py"]),
        "7": ("Stu Dent", ["hw2.py"]),
        "8": ("Typ Ist", []),
    }
    assert [one.path for one in intake.ignored] == [
        "Stu Dent_2_assignsubmission_onlinetext/onlinetext.html",
        "Typ Ist_8_assignsubmission_onlinetext/onlinetext.html",
    ]


# Blackboard: kwurst/bb-file-cleanup


def blackboard(assignment: str, user: str, stamp: str, file: str, name: str | None = None) -> dict[str, bytes]:
    head = f"{assignment}_{user}_attempt_{stamp}"
    note = f"Name: {name} ({user})\r\nAssignment: {assignment}\r\n" if name is not None else ""
    return {f"{head}_{file}": CODE, f"{head}.txt": note.encode()}


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.tuples(st.from_regex(r"[a-z][a-z_]{0,7}[a-z]", fullmatch=True), people, file_names),
             min_size=1, max_size=4, unique_by=lambda one: one[0]),
    st.sampled_from(["HW 1", "HW_1", "Tanh_chain_2"]),
)  # fmt: skip
def test_blackboard_comes_back(handed: list[tuple[str, str, str]], assignment: str) -> None:
    files: dict[str, bytes] = {}
    for user, name, file in handed:
        files |= blackboard(assignment, user, "2026-11-20-09-15-30", file, name)

    intake = taken(tree(files))

    assert intake.layout == "blackboard"
    assert who(intake) == {user: (name, [tidy(file)]) for user, name, file in handed}


def test_blackboard_attempts_are_in_the_order_of_their_times() -> None:
    files = {
        **blackboard("HW_1", "abell", "2026-11-20-09-15-30", "late.py"),
        **blackboard("HW_1", "abell", "2026-11-18-09-15-30", "early.py"),
        **blackboard("HW_1", "b_carr", "2026-11-19-00-00-00", "x.py"),
    }

    intake = taken(tree(files))

    assert [(one.student, one.entries[0].path) for one in intake.attempts] == [
        ("abell", "early.py"), ("b_carr", "x.py"), ("abell", "late.py")
    ]  # fmt: skip
    assert intake.attempts[0].submitted == datetime(2026, 11, 18, 9, 15, 30)


# Brightspace


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(people, file_names), min_size=2, max_size=4))
def test_brightspace_comes_back(handed: list[tuple[str, str]]) -> None:
    files: dict[str, bytes] = {"index.html": b""}
    for n, (person, file) in enumerate(handed):
        files[f"{700 + n}-55501 - {person} - Sep 24, 2024 926 PM/{file}"] = CODE

    intake = taken(tree(files))

    assert intake.layout == "brightspace"
    assert who(intake) == {str(700 + n): (nfc(person), [tidy(file)]) for n, (person, file) in enumerate(handed)}
    assert {one.submitted for one in intake.attempts} == {datetime(2024, 9, 24, 21, 26)}


def test_brightspace_names_may_hold_the_separator_and_the_newest_comes_last() -> None:
    intake = taken(
        tree({
            "701-9 - Ana - Maria Lee - Nov 2, 2026 1205 AM/new.py": CODE,
            "701-9 - Ana - Maria Lee - Nov 1, 2026 1159 PM/old.py": CODE,
            "702-9 - Bo Ek - 3 nov. 2026 12:05/x.py": CODE,
        })
    )  # fmt: skip

    assert [(one.name, one.entries[0].path) for one in intake.attempts] == [
        ("Bo Ek", "x.py"), ("Ana - Maria Lee", "old.py"), ("Ana - Maria Lee", "new.py")
    ]  # fmt: skip


# Gradescope


METADATA = """---
submission_1001:
  :submitters:
  - :name: María "Mary" O'Brien
    :sid: '0042'
    :email: mary@example.edu
  - :name: Bo Ek
    :sid:
    :email: bo@example.edu
  :created_at: &1 2026-11-20 09:15:30.123456000 Z
  :score: 3.0
  :status: processed
  :results:
    tests: []
submission_1002:
  :submitters:
  - :name: "Carr, D_E"
    :sid: ''
    :email: carr@example.edu
  :created_at: *1
"""


def test_gradescope_groups_are_every_submitters_and_empty_numbers_give_way_to_mail(tmp_path: Path) -> None:
    top = "assignment_5_export"
    intake = taken(
        zipped(tmp_path, {
            f"{top}/submission_metadata.yml": METADATA.encode(),
            f"{top}/submission_1001/hw.py": CODE,
            f"{top}/submission_1002/sub/hw.py": CODE,
            f"{top}/submission_1003/hw.py": CODE,
        })
    )  # fmt: skip

    assert intake.layout == "gradescope"
    assert who(intake) == {
        "0042": ('María "Mary" O\'Brien', ["hw.py"]),
        "bo@example.edu": ("Bo Ek", ["hw.py"]),
        "carr@example.edu": ("Carr, D_E", ["sub/hw.py"]),
    }
    assert intake.attempts[0].submitted == datetime(2026, 11, 20, 9, 15, 30, 123456, UTC)
    assert [one.path for one in intake.ignored] == ["submission_1003"]


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(odd_people, st.integers(1, 10**9)), min_size=1, max_size=4, unique_by=lambda one: one[1]))
def test_gradescope_comes_back(handed: list[tuple[str, int]]) -> None:
    about = {
        f"submission_{n}": {":submitters": [{":name": name, ":sid": str(sid), ":email": "x@y.z"}],
                            ":created_at": datetime(2026, 1, 1, tzinfo=UTC)}
        for n, (name, sid) in enumerate(handed)
    }  # fmt: skip
    files = {f"submission_{n}/hw.py": CODE for n in range(len(handed))}
    files["submission_metadata.yml"] = yaml.safe_dump(about, allow_unicode=True).encode()

    assert who(taken(tree(files))) == {str(sid): (name, ["hw.py"]) for name, sid in handed}


@pytest.mark.parametrize("content", [b"", b"[1, 2]", b"a: [", b"\xff\xfe", b"a: &a [*a]"])
def test_gradescope_metadata_that_says_nothing_is_said_to_say_nothing(content: bytes) -> None:
    intake = taken(tree({"submission_metadata.yml": content, "submission_1/hw.py": CODE}))

    assert intake.attempts == ()
    assert "submission_1" in [one.path for one in intake.ignored]


# nbgrader


def test_nbgrader_submissions_have_their_times_and_their_own_files_are_left_out(tmp_path: Path) -> None:
    write(tmp_path / "course", {
        "submitted/bitdiddle/tanh-chain/problem1.ipynb": b"{}",
        "submitted/bitdiddle/tanh-chain/timestamp.txt": b"2026-11-23 04:42:12.123456 UTC",
        "submitted/hacker/tanh-chain/problem1.ipynb": b"{}",
        "submitted/hacker/tanh-chain/timestamp.txt": b"2015-02-02 15:58:23.948203 America/Los_Angeles\n",
        "submitted/hacker/ps2/problem1.ipynb": b"{}",
        "source/tanh-chain/problem1.ipynb": b"{}",
    })  # fmt: skip

    intake = taken(folder(tmp_path / "course"))

    assert intake.layout == "nbgrader"
    assert who(intake) == {"hacker": ("hacker", ["problem1.ipynb"]), "bitdiddle": ("bitdiddle", ["problem1.ipynb"])}
    times = {one.student: one.submitted for one in intake.attempts}
    assert times["bitdiddle"] == datetime(2026, 11, 23, 4, 42, 12, 123456, UTC)
    assert times["hacker"] == datetime(2015, 2, 2, 23, 58, 23, 948203, UTC)
    assert [one.path for one in intake.ignored] == ["hacker/ps2"]


@settings(deadline=None, max_examples=40)
@given(st.lists(words, min_size=1, max_size=3, unique=True))
def test_nbgraders_exchange_comes_back(students: list[str]) -> None:
    files = {f"{name}+ps1+2026-11-23 04:42:12.123456 UTC+aZ09_-aZ09_-/p.ipynb": b"{}" for name in students}

    intake = taken(tree(files, "inbound"))

    assert who(intake) == {nfc(name): (nfc(name), ["p.ipynb"]) for name in students}
    assert {one.submitted for one in intake.attempts} == {datetime(2026, 11, 23, 4, 42, 12, 123456, UTC)}


@settings(deadline=None, max_examples=40)
@given(st.lists(odd_people, min_size=1, max_size=4, unique_by=tidy))
def test_nbgraders_submitted_tree_comes_back(students: list[str]) -> None:
    assume(not any(name.startswith("._") for name in students))
    files = {f"submitted/{name}/tanh-chain/p.ipynb": b"{}" for name in students}

    intake = taken(tree(files, "course"))

    assert intake.layout == "nbgrader"
    assert who(intake) == {nfc(name): (nfc(name), ["p.ipynb"]) for name in students}


# git


@settings(deadline=None, max_examples=40)
@given(st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9-]{0,12}", fullmatch=True), min_size=1, max_size=4, unique=True))
def test_repositories_of_an_assignment_come_back_as_their_users(users: list[str]) -> None:
    names = [f"tanh-chain-{user}" for user in users]

    intake = taken(tree({f"{name}/hw.py": CODE for name in names}, "clones", frozenset(names)))

    assert intake.layout == "git"
    assert who(intake) == {user: (user, ["hw.py"]) for user in users}


@pytest.mark.parametrize(
    ("top", "names", "students"),
    [
        ("hw1-submissions", ["hw1-anna-bell", "hw1-anna-carr"], ["anna-bell", "anna-carr"]),
        ("clones", ["tanh-chain-anna", "tanh-chain-ben"], ["anna", "ben"]),
        ("clones", ["hw-1-anna", "hw-1-ben"], ["anna", "ben"]),
        ("clones", ["anna"], ["anna"]),
    ],
)
def test_repositories_are_their_users(top: str, names: list[str], students: list[str], tmp_path: Path) -> None:
    for name in names:
        write(tmp_path / top / name, {"hw.py": CODE, ".git/HEAD": b"ref: x", ".git/hooks/pre-commit": b"exit 1"})

    intake = taken(folder(tmp_path / top))

    assert intake.layout == "git"
    assert who(intake) == {student: (student, ["hw.py"]) for student in students}


# Plain folders and files


@settings(deadline=None, max_examples=40)
@given(st.lists(odd_people, min_size=1, max_size=4, unique_by=tidy))
def test_files_are_their_students(students: list[str]) -> None:
    assume(not any(name.startswith("._") or "/" in name or says_nobody(name, "tanh-chain") for name in students))
    files = {f"{name}.py": CODE for name in students}

    assert who(taken(tree(files))) == {nfc(name): (nfc(name), [nfc(f"{name}.py")]) for name in students}


FENCED = b"```python\nx = 1\n```\n"


def test_markdown_with_python_is_a_students_and_a_readme_is_nobodys() -> None:
    files = {"anna.md": FENCED, "ben.qmd": FENCED, "cleo.Rmd": FENCED, "README.md": FENCED, "notes.md": b"# Words\n"}

    intake = taken(tree(files))

    assert sorted(who(intake)) == ["anna", "ben", "cleo"]
    assert sorted(one.path for one in intake.ignored) == ["README.md", "notes.md"]


def test_a_readme_beside_the_folders_of_students_is_nobodys() -> None:
    intake = taken(tree({"anna/hw.qmd": FENCED, "ben/hw.qmd": FENCED, "README.md": FENCED}))

    assert (intake.layout, sorted(who(intake))) == ("folders", ["anna", "ben"])


def test_a_download_of_nothing_but_a_readme_is_refused() -> None:
    with pytest.raises(DownloadRefused, match="there is no script"):
        taken(tree({"README.md": FENCED}))


def test_markdown_in_an_archive_is_read_as_often_as_it_is_asked_for(tmp_path: Path) -> None:
    found = zipped(tmp_path, {"anna.md": FENCED, "ben.md": FENCED})

    assert [one.content for one in choose(taken(found).attempts, ANY)] == [FENCED, FENCED]


def test_files_of_one_name_are_one_students_and_zips_are_students_too() -> None:
    intake = taken(tree({"anna.py": CODE, "anna.ipynb": b"{}", "ben.zip": b"", "notes.txt": b""}))

    assert who(intake) == {"anna": ("anna", ["anna.ipynb", "anna.py"]), "ben": ("ben", ["ben.zip"])}
    assert [one.path for one in intake.ignored] == ["notes.txt"]


@settings(deadline=None, max_examples=40)
@given(st.lists(odd_people, min_size=2, max_size=4, unique_by=tidy))
def test_folders_are_their_students(students: list[str]) -> None:
    assume(not any(name.startswith("._") for name in students))
    files = {f"{name}/src/hw.py": CODE for name in students}

    assert who(taken(tree(files))) == {nfc(name): (nfc(name), ["src/hw.py"]) for name in students}


def test_a_folder_that_was_packed_is_looked_through() -> None:
    assert list(who(taken(tree({"all/anna.py": CODE, "all/ben.py": CODE})))) == ["anna", "ben"]
    assert list(who(taken(tree({"all/anna/hw.py": CODE, "all/ben/hw.py": CODE})))) == ["anna", "ben"]
    assert list(who(taken(tree({"anna/hw.py": CODE})))) == ["anna"]


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(odd_people, file_names), min_size=1, max_size=4, unique_by=lambda one: tidy(one[0])))
def test_zips_in_a_zip_are_their_students_and_hold_their_files(
    tmp_path_factory: pytest.TempPathFactory, handed: list[tuple[str, str]]
) -> None:
    assume(not any(name.startswith("._") for name, _ in handed))
    inner = {f"{name}.zip": zip_bytes({f"work/{file}": CODE}) for name, file in handed}

    intake = taken(zipped(tmp_path_factory.mktemp("zips"), inner))

    chosen = {one.attempt.student: (one.file, one.content) for one in choose(intake.attempts, ANY)}
    assert chosen == {nfc(name): (f"{nfc(name)}.zip/work/{tidy(file)}", CODE) for name, file in handed}


# Everybody is listed, also who handed in nothing that can be read


NOBODYS = {
    "moodle": ("A_1_assignsubmission_file/hw.py", "{}_{}_assignsubmission_file/"),
    "brightspace": ("1-77 - A - Sep 24, 2024 926 PM/hw.py", "{1}-77 - {0} - Sep 24, 2024 926 PM/"),
    "sakai": ("A, B(1)/Submission attachment(s)/hw.py", "{}({})/Submission attachment(s)/"),
    "nbgrader": ("submitted/1/x/hw.py", "submitted/{1}/x/"),
    "git": ("x-1/.git/HEAD", "x-{1}/"),
    "folders": ("1/hw.py", "{1}/"),
}


@pytest.mark.parametrize("layout", NOBODYS)
def test_whose_folder_holds_nothing_that_can_be_read_is_listed_with_the_reason(layout: str, tmp_path: Path) -> None:
    first, pattern = NOBODYS[layout]
    home = {who: pattern.format(who, n) for n, who in enumerate(("empty", "litter", "link", "twice"), 2)}
    write(tmp_path, {f"all/{first}": CODE, f"all/{home['litter']}.DS_Store": b"", f"all/{home['twice']}hw.py": CODE})
    for name in home.values():
        (tmp_path / "all" / name).mkdir(parents=True, exist_ok=True)
        if layout == "git":
            write(tmp_path, {f"all/{name}.git/HEAD": b""})
    for name in (f"{home['link']}hw.py", f"{home['twice']}old.py"):
        (tmp_path / "all" / name).symlink_to(tmp_path)

    intake = taken(folder(tmp_path / "all"), "x")

    link = "`hw.py`: it is a link; links are not followed"
    nothing = "nothing was handed in as a file"
    assert intake.layout == layout
    assert {one.attempt.student: one.reason for one in choose(intake.attempts, ANY)} == {
        "1": nothing if layout == "git" else None, "2": nothing, "3": nothing, "4": link, "5": None
    }  # fmt: skip


@pytest.mark.parametrize(
    ("layout", "readable", "link"),
    [
        ("canvas", "a_1_91_hw.py", "b_2_92_hw.py"),
        ("moodle", "A_1_assignsubmission_file_hw.py", "B_2_assignsubmission_file_hw.py"),
        ("blackboard", "H_1_attempt_2026-11-20-09-15-30_hw.py", "H_2_attempt_2026-11-20-09-15-30_hw.py"),
        ("files", "1.py", "2.py"),
    ],
)
def test_whose_only_file_is_a_link_is_listed(layout: str, readable: str, link: str, tmp_path: Path) -> None:
    write(tmp_path, {readable: CODE})
    (tmp_path / link).symlink_to(tmp_path / readable)

    intake = taken(folder(tmp_path))

    assert intake.layout == layout
    assert {one.attempt.student: (one.reason or "").partition(": ")[2] for one in choose(intake.attempts, ANY)} == {
        "1": "", "2": "it is a link; links are not followed"
    }  # fmt: skip


def test_gradescope_lists_who_handed_in_a_scanned_page_and_namesakes_without_numbers() -> None:
    def people(*named: tuple[str, str]) -> dict[str, object]:
        return {":submitters": [{":name": name, ":sid": sid, ":email": ""} for name, sid in named]}

    about = {"7.pdf": people(("Ann", "01")), "submission_1": people(("Bo", "")), "submission_2": people(("Bo", "")),
             "submission_3": people(("Cy", "02"), ("Di", "02")), "submission_4": {":submitters": []}}  # fmt: skip
    files = {f"{name}/hw.py" if name[0] == "s" else name: CODE for name in about}

    intake = taken(tree({**files, "submission_metadata.yml": yaml.safe_dump(about).encode()}))

    assert sorted((one.student, one.name, len(one.entries)) for one in intake.attempts) == [
        ("01", "Ann", 1), ("02 (Cy)", "Cy", 1), ("02 (Di)", "Di", 1), ("Bo (submission_1)", "Bo", 1),
        ("Bo (submission_2)", "Bo", 1),
    ]  # fmt: skip
    assert [one.path for one in intake.ignored] == ["submission_4"]


# Recognising


def test_a_layout_can_be_told() -> None:
    files: Files = {"bell_1_77_hw.py": CODE, "carr_2_78_hw.py": CODE}

    assert list(who(read_tree(tree(files), "x", "files"))) == ["bell_1_77_hw", "carr_2_78_hw"]


def test_a_layout_that_does_not_fit_is_refused_by_its_title() -> None:
    with pytest.raises(DownloadRefused, match="nothing in it is named as in Moodle"):
        read_tree(tree({"anna.py": CODE}), "x", "moodle")


def test_a_folder_without_code_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")

    with pytest.raises(UsageError, match=r"no script \(.py\) and no notebook"):
        take_in((str(tmp_path),), "x")


def test_several_downloads_are_taken_in_one_after_the_other(tmp_path: Path) -> None:
    write(tmp_path, {"one/anna.py": CODE, "ben.py": CODE})
    (tmp_path / "two.zip").write_bytes(zip_bytes({"cleo.py": CODE}))

    intake = take_in((str(tmp_path / "one"), str(tmp_path / "two.zip"), str(tmp_path / "ben.py")), "x")

    assert [one.student for one in intake.attempts] == ["anna", "cleo", "ben"]


# Sakai: a folder per student, with what the system writes beside what was handed in


@settings(deadline=None, max_examples=20)
@given(st.lists(st.tuples(people, people, file_names), min_size=1, max_size=4))
def test_sakai_comes_back(handed: list[tuple[str, str, str]]) -> None:
    files: dict[str, bytes] = {"HW 2/grades.csv": b"HW 2,Points\n"}
    for n, (last, first, file) in enumerate(handed):
        home = f"HW 2/{last}, {first}(u{n})"
        files |= {
            f"{home}/timestamp.txt": b"20261122100000000",
            f"{home}/comments.txt": b"",
            f"{home}/{last}, {first}(u{n})_submissionText.html": b"<p>",
            f"{home}/Submission attachment(s)/{file}": CODE,
            f"{home}/Feedback Attachment(s)/marked.py": CODE,
        }

    intake = taken(tree(files))

    assert intake.layout == "sakai"
    assert who(intake) == {
        f"u{n}": (nfc(f"{first} {last}"), [tidy(file)]) for n, (last, first, file) in enumerate(handed)
    }
    assert {one.submitted for one in intake.attempts} == {datetime(2026, 11, 22, 10, tzinfo=UTC)}
    assert all(one.identities == (("username", one.student),) for one in intake.attempts)


def test_sakai_lists_who_attached_nothing() -> None:
    intake = taken(tree({"Bell, Anna(abell)/timestamp.txt": b"2026-11-22T10:00:00Z", "Li(li)/timestamp.txt": b"?"}))

    assert who(intake) == {"abell": ("Anna Bell", []), "li": ("Li", [])}
    assert [one.submitted for one in intake.attempts] == [datetime(2026, 11, 22, 10, tzinfo=UTC), None]


def test_an_archive_around_the_archive_of_a_class_is_skipped_and_one_of_a_student_is_not(tmp_path: Path) -> None:
    def packed(files: Files) -> str:
        (tmp_path / "out.zip").write_bytes(zip_bytes({"in.zip": zip_bytes(files)}))
        return str(tmp_path / "out.zip")

    several = take_in((packed({f"class/{name}/hw.py": CODE for name in ("anna", "ben", "cleo")}),), "x")
    canvas = take_in((packed({"bellanna_1_2_hw.py": CODE}),), "x")
    one = take_in((packed({"hw/src/hw.py": CODE, "hw/test/test.py": CODE}),), "x")

    assert [attempt.student for attempt in several.attempts] == ["anna", "ben", "cleo"]
    assert (canvas.layout, [attempt.student for attempt in canvas.attempts]) == ("canvas", ["1"])
    assert [attempt.student for attempt in one.attempts] == ["in"]


def test_a_file_with_an_ending_too_many_is_named_after_its_student() -> None:
    assert list(who(taken(tree({"anna.py.txt": CODE, "ben.py": CODE, "cleo.ipynb.json": b"{}"})))) == [
        "anna", "ben", "cleo",
    ]  # fmt: skip


def test_every_layout_has_a_name_and_a_title() -> None:
    from grader.cli.instructor_commands import LAYOUTS as OFFERED

    assert sorted(LAYOUTS) == sorted(OFFERED)
    assert all(layout.title for layout in LAYOUTS.values())
