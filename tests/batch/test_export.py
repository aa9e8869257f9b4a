"""Results for other programs and for people."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from grader.batch.export import Wanted, chosen, csv_lines, json_lines, markdown, text
from grader.batch.feedback import pages
from grader.batch.instructor_tables import history, take_overrides
from grader.batch.run import keep_policy
from grader.batch.store import Store, key_of
from grader.batch.student_row import LatePolicy
from grader.errors import UsageError
from grader.submission.load import MAX_SCRIPT
from tests.batch.making_results import HALF, RIGHT, filled, handed, result

Lines = Callable[[Store, Wanted], Iterator[str]]


def klass(folder: Path) -> Path:
    late = handed("b", name="=cmd|'/c calc'!A1", submitted=datetime(2026, 1, 3, 12), identities=(("email", "b@x"),))
    broken = result(*RIGHT.steps, problem="it ran for ever")
    return filled(folder, [(handed("a", name="Ana | *Lee*"), RIGHT), (late, HALF), (handed("c"), broken)])


def rows(folder: Path) -> list[dict[str, str]]:
    with Store(folder) as store:
        return list(csv.DictReader(io.StringIO("".join(csv_lines(store, Wanted())))))


def test_a_table_has_a_column_per_step_and_lost_points_in_sight(tmp_path: Path) -> None:
    found = rows(klass(tmp_path))

    assert [(row["student"], row["raw_score"], row["points_lost"], row["score"]) for row in found] == [
        ("a", "2", "0", "2"), ("b", "1", "1", "1"), ("c", "", "", "")
    ]  # fmt: skip
    assert [(row["da:outcome"], row["da:points"], row["da:misconception"]) for row in found][:2] == [
        ("correct", "1", ""), ("wrong", "0", "sign-flipped")
    ]  # fmt: skip
    assert (found[2]["status"], found[2]["reason"]) == ("ungradable", "it ran for ever")


@pytest.mark.parametrize(("written", "students"), [(csv_lines, 4_000), (json_lines, 800)], ids=["csv", "jsonl"])
def test_a_class_is_written_in_less_memory_than_its_text_takes(written: Lines, students: int, tmp_path: Path) -> None:
    folder = filled(tmp_path, [(handed(f"s{n:05}"), HALF) for n in range(students)])
    with Store(folder) as store:
        tracemalloc.start()
        try:
            length = sum(map(len, written(store, Wanted())))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    assert length > 300_000
    assert peak < 250_000


def test_a_name_that_is_a_formula_is_none_in_a_table(tmp_path: Path) -> None:
    assert rows(klass(tmp_path))[1]["name"] == "'=cmd|'/c calc'!A1"


def test_lateness_is_a_column_of_its_own_and_leaves_the_raw_score(tmp_path: Path) -> None:
    folder = klass(tmp_path)
    with Store(folder, writing=True) as store:
        keep_policy(store, LatePolicy(datetime(2026, 1, 2, 12), penalty=25))

    row = rows(folder)[1]

    assert (row["raw_score"], row["late"], row["deducted"], row["score"]) == ("1", "late by 1 d", "0.5", "0.5")


def test_json_lines_are_result_objects_with_what_the_batch_knows(tmp_path: Path) -> None:
    with Store(klass(tmp_path)) as store:
        found = [json.loads(line) for line in json_lines(store, Wanted())]

    assert [(one["schema"], one["student"], one["score"], one["batch"]["final_score"]) for one in found] == [
        ("grader.result/1", "a", 2.0, 2.0), ("grader.result/1", "b", 1.0, 1.0), ("grader.result/1", "c", None, None)
    ]  # fmt: skip


def test_every_student_has_the_same_fields(tmp_path: Path) -> None:
    nothing, pending = handed("n", content=None), handed("p", b"not graded yet")
    with Store(filled(tmp_path, [(handed("a"), RIGHT), (nothing, None), (pending, None)])) as store:
        graded, *without = (json.loads(line) for line in json_lines(store, Wanted()))

    assert all(list(one) == list(graded) for one in without)
    assert [(one["schema"], one["score"], one["max_score"], one["steps"], one["isolation"]) for one in without] == [
        ("grader.result/1", None, 2.0, [], None)
    ] * 2  # fmt: skip
    assert [one["problems"][0]["message"] for one in without] == [
        "nothing was handed in as a file", "it is not graded yet"
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_is_one_student_without_a_score(tmp_path: Path) -> None:
    large = handed("large", b"#" * (MAX_SCRIPT + 1))
    with Store(filled(tmp_path, [(large, result(problem="too large")), (handed("b"), RIGHT)])) as store:
        found = [json.loads(line) for line in json_lines(store, Wanted())]
        alone = text(store, Wanted(frozenset({"large"})), 100).plain
        pages(store, tmp_path / "pages")

    assert [one["score"] for one in found] == [None, 2.0]
    assert "too large" in alone
    assert len(list((tmp_path / "pages").iterdir())) == 2


def test_a_damaged_result_is_one_student_without_steps(tmp_path: Path) -> None:
    filled(tmp_path, [(handed("a"), RIGHT), (handed("b"), HALF)])
    with Store(tmp_path, writing=True) as store:
        store.query("UPDATE results SET result = x'00' WHERE work = (SELECT MIN(work) FROM results)")

        found = sorted((json.loads(line) for line in json_lines(store, Wanted())), key=lambda one: len(one["steps"]))

    assert [len(one["steps"]) for one in found] == [0, 2]
    assert found[0]["problems"][0]["message"].startswith("its stored result cannot be read; `grader batch`")


def test_lines_are_made_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    plain = Store.result
    monkeypatch.setattr(Store, "result", lambda self, one: asked.append(one.student) or plain(self, one))

    with Store(klass(tmp_path)) as store:
        next(json_lines(store, Wanted()))

    assert asked == ["a"]


def test_markdown_shows_what_others_wrote_as_text(tmp_path: Path) -> None:
    with Store(klass(tmp_path)) as store:
        text = markdown(store, Wanted())

    assert "Ana \\| \\*Lee\\*" in text
    assert "| c | c |  |  |  | not graded |" in text


@pytest.mark.parametrize(
    ("wanted", "students"),
    [
        (Wanted(frozenset({"b"})), ["b"]),
        (Wanted(misconception="sign-flipped"), ["b"]),
        (Wanted(misconception="sign-flipped", step="db"), []),
        (Wanted(step="da"), ["b"]),
        (Wanted(ungraded=True), ["c"]),
    ],
)
def test_questions_about_the_class(wanted: Wanted, students: list[str], tmp_path: Path) -> None:
    with Store(klass(tmp_path)) as store:
        assert [one.student for one in chosen(store, wanted)] == students


def override(folder: Path, text: str) -> str:
    (folder / "by_hand.csv").write_text(text)
    with Store(folder, writing=True) as store:
        return take_overrides(store, folder / "by_hand.csv")


def test_a_student_is_found_by_an_address(tmp_path: Path) -> None:
    with Store(klass(tmp_path)) as store:
        assert key_of(store, "B@x") == "b"


def test_scores_given_by_hand_stand_and_can_be_taken_back(tmp_path: Path) -> None:
    folder = klass(tmp_path)

    assert override(folder, "student;score;reason\nb;1,5;spoke to me\nc;;excused\n") == (
        "2 taken over by hand, 0 given back to grading"
    )
    found = [(row["score"], row["reason"]) for row in rows(folder)]
    assert found == [("2", ""), ("1.5", "spoke to me"), ("", "excused")]
    with Store(folder) as store:
        assert [one.student for one in chosen(store, Wanted(ungraded=True))] == ["c"]
    override(folder, "student,score\nb,\nc,1\n")
    with Store(folder) as store:
        assert list(chosen(store, Wanted(ungraded=True))) == []
    assert rows(folder)[1]["score"] == "1"


@pytest.mark.parametrize("called", ["b", "B@x", "Ana | *Lee*"])
def test_a_student_is_meant_by_everything_that_names_one_alone(called: str, tmp_path: Path) -> None:
    folder = klass(tmp_path)

    assert override(folder, f"student,score\n{called},0.5\n") == "1 taken over by hand, 0 given back to grading"
    assert [row["score"] for row in rows(folder)].count("0.5") == 1


def test_points_of_a_step_stand_with_their_comment_in_every_format(tmp_path: Path) -> None:
    folder = klass(tmp_path)

    override(folder, "student,step,score,comment,by\nb,da,0.5,sign only,Dr. Who\nb,db,0,copied,\n")

    with Store(folder) as store:
        (entry,) = [json.loads(line)["batch"] for line in json_lines(store, Wanted(frozenset({"b"})))]
        assert [entry[key] for key in ("raw", "deducted", "overridden", "final_score")] == [1.0, 0.0, 0.5, 0.5]
        assert entry["overrides"] == [
            {"step": "da", "score": 0.5, "comment": "sign only"}, {"step": "db", "score": 0.0, "comment": "copied"}
        ]  # fmt: skip
        assert "1 |  | 0\\.5 | 0\\.5 / 2" in markdown(store, Wanted())
        assert "`da` given by hand: 0.5 instead of 0 sign only" in text(store, Wanted(frozenset({"b"})), 100).plain
        assert (
            "b        =cmd|'/c calc'!A1  1              0.5         0.5 / 2"
            in text(store, Wanted(step="da"), 200).plain
        )
    row = rows(folder)[1]
    assert (row["raw_score"], row["overridden"], row["score"], row["reason"]) == (
        "1", "0.5", "0.5", "da: sign only; db: copied"
    )  # fmt: skip


def test_who_gave_and_took_back_what_is_kept(tmp_path: Path) -> None:
    folder = klass(tmp_path)

    override(folder, "student,step,score,comment,by\nb,da,0.5,sign only,Dr. Who\nb,,2,late night,Ann\n")
    override(folder, "student,step,score\nb,da,\nb,,\n")

    with Store(folder) as store:
        kept = [(one.step, one.score, one.taken_back, one.comment, one.who) for one in history(store)]
    assert kept[:2] == [("da", 0.5, False, "sign only", "Dr. Who"), ("", 2.0, False, "late night", "Ann")]
    assert [(step, score, back) for step, score, back, _, _ in kept[2:]] == [("da", None, True), ("", None, True)]
    assert rows(folder)[1]["score"] == "1"


def test_more_points_than_there_are_count_and_are_told(tmp_path: Path) -> None:
    told = override(klass(tmp_path), "student,step,score\na,,3\nb,da,4\nb,db,1\n")

    assert told.split("\n")[1:] == [
        "a: 3 is more than all there is (2 points); it counts all the same",
        "b: 4 for `da` is more than all there is (1 point); it counts all the same",
    ]


def test_a_file_handed_in_after_an_override_is_flagged(tmp_path: Path) -> None:
    folder = klass(tmp_path)
    override(folder, "student,score,comment\nb,1.5,spoke to me\n")

    with Store(folder, writing=True) as store:
        store.take([handed("b", b"# another\n")], [])

    assert rows(folder)[1]["reason"] == (
        "spoke to me; something else was handed in after the override, which still counts; it is not graded"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("student,step,score\na,dz,1\n", "line 2: there is no step 'dz' in these results. There are da, db"),
        ("student,score\nzoe,1\n", "line 2: there is no student 'zoe'"),
        ("student,score\na,much\n", "line 2: the score is 'much'"),
        ("student,score\na,nan\n", "line 2: the score is 'nan'"),
        ("name,score\na,1\n", "there is no column 'student'"),
        ("student,score\na,1\nb,1\na,2\n", "line 4: 'a' a second time, after line 2"),
        ("student,step,score\na,da,1\na,,2\na,da,0\n", "line 4: `da` of 'a' a second time, after line 2"),
    ],
)
def test_a_fault_in_the_file_names_its_line_and_nothing_is_taken(content: str, said: str, tmp_path: Path) -> None:
    folder = klass(tmp_path)

    with pytest.raises(UsageError, match=said):
        override(folder, content)
    assert rows(folder)[0]["overridden"] == ""
