"""Of several files that one student handed in, the one that is meant."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from grader.batch.entries import DownloadEntry
from grader.batch.file_choice import best_of, losing_word
from tests.batch.making import Files, zip_bytes
from tests.batch.test_choose import attempt, only

NAMES = frozenset({"dh1", "dh2", "dw"})
ALL = b"dh1 = 1\ndh2 = 2\ndw = 3\n"
NOON = datetime(2026, 11, 23, 12)


def best(files: Files, ages: dict[str, timedelta] | None = None, attached: dict[str, int] | None = None) -> str:
    """The path of the file that is graded. `ages` say how long before noon a file was changed."""
    entries = [
        (DownloadEntry(path, lambda limit: b"", NOON - ages.get(path, timedelta(0)) if ages else None,
               (attached or {}).get(path, 0)), content)
        for path, content in files.items()
    ]  # fmt: skip
    return best_of(entries, NAMES)[0][0].path


@pytest.mark.parametrize(
    "loser",
    ["hw_old.py", "old/hw.py", "HW-Draft.ipynb", "Copy of hw.py", "hw - Copy (2).py", "hwBackup.py", "hw.bak.py",
     "solution.py", "zz_solutions_final.py", "hw_Kopie.py", "hw-checkpoint.ipynb"],
)  # fmt: skip
def test_a_name_that_says_it_is_not_the_one_meant_loses(loser: str) -> None:
    assert best({loser: ALL, "hw.py": ALL}) == "hw.py"
    assert best({loser: ALL, "plot.py": b"x = 1\n"}) == loser


@pytest.mark.parametrize("name", ["bold.py", "golden.py", "copyright.py", "hw_final.py", "threshold_1.py"])
def test_words_that_only_contain_such_a_word_do_not_lose(name: str) -> None:
    assert losing_word(name) is None


def test_the_newest_counts_before_the_last_attached_and_that_before_the_name() -> None:
    files = {"a.py": ALL, "b.py": ALL}
    hour = timedelta(hours=1)

    assert best(files, ages={"b.py": hour}, attached={"b.py": 2, "a.py": 1}) == "a.py"
    assert best(files, attached={"a.py": 2, "b.py": 1}) == "a.py"
    assert best(files) == "b.py"


def test_times_of_one_upload_are_the_same_time() -> None:
    assert best({"a.py": ALL, "b.py": ALL}, ages={"b.py": timedelta(seconds=30)}) == "b.py"


def test_a_later_version_with_other_names_for_a_few_steps_counts() -> None:
    assert best({"v1.py": ALL, "v2.py": b"dh1 = 1\ndh2 = 2\ndW1 = 3\n"}) == "v2.py"


def test_a_file_counts_with_the_functions_it_imports() -> None:
    files = {
        "main.py": b"from backward import run\nprint(run())\n",
        "backward.py": b"def run():\n    dh1 = dh2 = dw = 1\n",
    }

    assert best(files) == "main.py"
    assert (
        best(
            {"main.ipynb": b'{"source": [\n "from backward import run\\n",\n "run()"\n]}', **dict([*files.items()][1:])}
        )
        == "main.ipynb"
    )


def test_a_file_that_only_runs_the_derivation_does_not_count() -> None:
    assert best({"main.py": b"from work import *\nprint(dw)\n", "work.py": ALL}) == "work.py"


def test_two_files_that_import_each_other_are_both_looked_at() -> None:
    assert best({"a.py": b"import b\n" + ALL, "b.py": b"import a\n"}) == "a.py"


def test_why_the_others_are_not_graded_is_told() -> None:
    files = [("hw.py", ALL), ("hw_old.py", ALL), ("hw_1.py", ALL), ("part.py", b"dh1 = 1\n")]

    (_, passed) = best_of([(DownloadEntry(path, lambda limit: b""), content) for path, content in files], NAMES)

    assert {one.path: one.reason for one in passed} == {
        "part.py": "`hw_1.py` has more of the exercise's names in it",
        "hw_old.py": "its name says `old`",
        "hw.py": "`hw_1.py` comes after it by its name",
    }


def test_a_module_that_canvas_renamed_is_still_found() -> None:
    chosen = only([attempt({"hw-1.py": b"from helper import one\ndh1 = dw = one\n", "helper-2.py": b"one = 1\n"})])

    assert (chosen.file, chosen.beside) == ("hw-1.py", (("helper.py", b"one = 1\n"),))


def test_one_archive_in_a_students_archive_is_read_and_none_below() -> None:
    inner = zip_bytes({"hw/hw.py": b"dh1 = dw = 1", "deeper.zip": zip_bytes({"x.py": b"dh1 = dw = 2"})})

    chosen = only([attempt({"w.zip": zip_bytes({"in.zip": inner})})])

    assert (chosen.file, chosen.content) == ("w.zip/in.zip/hw/hw.py", b"dh1 = dw = 1")
    assert [(one.path, one.reason) for one in chosen.ignored] == [
        ("w.zip/in.zip/deeper.zip", "it is an archive in an archive in an archive")
    ]
