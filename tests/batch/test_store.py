"""What a batch keeps: whole, once, and through every change of what was handed in."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.batch.jobs import digest_of, fault, from_line, record_of, to_line
from grader.batch.store import FILE, Store, key_of
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.serialize import decode, encode
from tests.batch.making_results import HALF, RIGHT, filled, handed, result, work_of


def test_students_come_back_as_they_were_found(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("b", name="Bé"), RIGHT), (handed("a", content=None), None)])

    with Store(folder) as store:
        found = list(store.standings())

    assert [(one.student, one.name, one.status, one.score, one.reason) for one in found] == [
        ("b", "Bé", "graded", 2.0, None),
        ("a", "a", "nothing", None, "nothing was handed in as a file"),
    ]


def test_equal_files_are_one_piece_of_work(tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        store.take([handed("a", b"x = 1"), handed("b", b"x = 1"), handed("c", b"x = 2")], [])
        store.assign(work_of)
        jobs = store.pending()
        store.put(record_of(jobs[0].work, RIGHT))

        assert [job.student for job in jobs] == ["a", "c"]
        assert [one.score for one in store.standings()] == [2.0, 2.0, None]


def test_what_has_a_result_is_not_pending_and_what_changed_is(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("a", b"one"), RIGHT), (handed("b", b"two"), HALF)])

    with Store(folder, writing=True) as store:
        taken = store.take([handed("a", b"one"), handed("b", b"two, changed"), handed("c", b"three")], [])
        store.assign(work_of)

        assert (taken.new, taken.changed, taken.same) == (1, 1, 1)
        assert [job.student for job in store.pending()] == ["b", "c"]
        kept = store.query("SELECT COUNT(*) FROM results")
        assert kept == [(2,)]
        assert store.query("SELECT COUNT(*) FROM history WHERE student = 'b'") == [(2,)]


def test_a_fault_of_ours_is_tried_again(tmp_path: Path) -> None:
    with Store(tmp_path, writing=True) as store:
        store.take([handed("a")], [])
        store.assign(work_of)
        (job,) = store.pending()
        store.put(fault(job.work, "the process that graded it ended, twice"))

        assert store.pending() == [job]
        (one,) = store.standings()
        assert (one.status, one.score, one.reason) == ("fault", None, "the process that graded it ended, twice")


def test_one_student_is_graded_again_and_an_unknown_one_is_refused(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("a", b"x"), RIGHT), (handed("b", b"x"), RIGHT)])

    with Store(folder, writing=True) as store:
        store.again("b")
        store.assign(work_of)

        assert [job.student for job in store.pending()] == ["b"]
        with pytest.raises(UsageError, match="no student 'zoe'"):
            key_of(store, "zoe")


def test_a_result_comes_back_under_the_name_of_each_ones_file(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("a", b"da = -x"), HALF), (handed("b", b"da = -x", file="other.py"), HALF)])

    with Store(folder) as store:
        found = [store.result(one) for one in store.standings()]

    assert [(one.student, one.submission, one.steps[0].where.file) for one in found if one and one.steps[0].where] == [
        ("a", "mine.py", "mine.py"), ("b", "other.py", "other.py")
    ]  # fmt: skip
    assert found[0] is not None
    assert [cell.text for cell in found[0].sources] == ["da = -x"]


def test_two_writers_are_refused_and_a_reader_is_not(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("a"), RIGHT)])

    with Store(folder, writing=True), Store(folder) as reader:
        with pytest.raises(UsageError, match="is writing into"):
            Store(folder, writing=True)
        assert len(list(reader.standings())) == 1


def test_a_folder_of_an_earlier_version_without_a_table_of_today_is_read_and_goes_on(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("a"), RIGHT)])
    with sqlite3.connect(folder / FILE) as database:
        database.execute("DROP TABLE overrides")
    with Store(folder) as store:
        read = [one.score for one in store.standings()]
    with Store(folder, writing=True) as store:
        store.take([handed("b", b"x = 3")], [])
        store.assign(work_of)
        written = [one.score for one in store.standings()]

    assert (read, written) == ([2.0], [2.0, None])


@pytest.mark.parametrize("writing", [False, True])
def test_a_folder_of_a_newer_version_is_refused_with_the_way_out(tmp_path: Path, writing: bool) -> None:
    folder = filled(tmp_path, [(handed("a"), RIGHT)])
    with Store(folder, writing=True) as store:
        store.tell(version="2")

    with pytest.raises(UsageError, match="use that one, or name another folder with -o"):
        Store(folder, writing)


def test_a_folder_without_results_is_said_to_have_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There are no results in"):
        Store(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.sqlite").write_bytes(b"not a database" * 100)

    with pytest.raises(UsageError, match="cannot be used as a store"):
        Store(tmp_path)


def test_what_was_not_written_to_its_end_is_not_there(tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed("a"), None)])
    with Store(folder, writing=True) as store:
        (job,) = store.pending()
        record = record_of(job.work, RIGHT)
        broken = type(record)(record.work, record.facts, record.packed, (*record.steps, record.steps[0]))
        with pytest.raises(sqlite3.IntegrityError):
            store.put(broken)

        assert store.pending() == [job]
        assert store.query("SELECT COUNT(*) FROM steps") == [(0,)]


@settings(deadline=None, max_examples=40)
@given(st.text(max_size=30), st.text(max_size=30))
def test_a_record_crosses_a_pipe_as_it_is(work: str, message: str) -> None:
    for made in (record_of(work, HALF), fault(work, message), record_of(work, result(problem=message or "x"))):
        line = to_line(made)

        assert line.count(b"\n") == 1
        assert from_line(line) == made


def test_a_result_is_encoded_whole() -> None:
    assert decode(encode(HALF), type(HALF)) == HALF


def test_a_changed_data_file_is_a_changed_exercise(tmp_path: Path) -> None:
    exercise = load(find("tanh-chain"))
    path = str(tmp_path / "e.yaml")
    reading = replace(exercise, path=path, policy=replace(exercise.policy, files=("names.txt",)))
    (tmp_path / "names.txt").write_text("anna")
    before = digest_of(reading)
    (tmp_path / "names.txt").write_text("anna, ben")

    assert digest_of(reading) != before
    assert digest_of(exercise) == exercise.digest
