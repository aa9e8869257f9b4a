"""A batch for which no secret was named judges at points of its own, which stay the same as long as its folder does."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grader.batch.jobs import Works
from grader.batch.secrets import FILE, Secrets, secrets_for
from grader.errors import UsageError
from grader.exercise.load import find, load
from grader.reference.cache import reference_for
from grader.reference.points import draw_points
from grader.reference.variants import for_student
from tests.batch.classes import RIGHT, WRONG
from tests.batch.making import write
from tests.batch.test_run import batch, grader, scores

SIGN = RIGHT.replace(*WRONG["sign-flipped"])


def test_without_a_secret_one_is_drawn_kept_for_the_owner_alone_and_drawn_once(tmp_path: Path) -> None:
    first = secrets_for(tmp_path, "")

    assert len(first.points) == 64
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert secrets_for(tmp_path, "") == first
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_every_folder_has_another_one(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        folder.mkdir()

    assert len({secrets_for(folder, "").points for folder in folders}) == 2


def test_a_drawn_one_moves_the_probe_points_and_no_students_numbers(tmp_path: Path) -> None:
    exercise = load(find("tanh-chain"))
    drawn = secrets_for(tmp_path, "")

    assert drawn.numbers == ""
    assert draw_points(exercise, drawn.points)[0] == draw_points(exercise)[0]
    assert draw_points(exercise, drawn.points)[1] != draw_points(exercise)[1]
    assert for_student(exercise, "anna", drawn.numbers) == for_student(exercise, "anna")


def test_a_course_secret_is_for_both_and_draws_none(tmp_path: Path) -> None:
    assert secrets_for(tmp_path, "of the course") == Secrets("of the course", "of the course")
    assert not list(tmp_path.iterdir())


def test_one_that_was_copied_for_all_to_read_is_private_again(tmp_path: Path) -> None:
    drawn = secrets_for(tmp_path, "")
    (tmp_path / FILE).chmod(0o644)

    assert secrets_for(tmp_path, "") == drawn
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_what_a_stopped_process_left_half_written_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / FILE).with_suffix(".new").write_text("ab")

    assert len(secrets_for(tmp_path, "").points) == 64


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_one_that_cannot_be_used_is_said_to_be_so(tmp_path: Path, content: bytes | None) -> None:
    if content is None:
        (tmp_path / FILE).mkdir()
    else:
        (tmp_path / FILE).write_bytes(content)

    with pytest.raises(UsageError, match="secret of the probe points"):
        secrets_for(tmp_path, "")


def test_results_at_other_points_are_other_work() -> None:
    exercise = load(find("tanh-chain"))
    works = {Works(exercise, "c", Secrets("", points))("anna", "f", 0) for points in ("", "one", "another")}

    assert len(works) == 3


@pytest.mark.slow
@pytest.mark.torch
def test_a_batch_says_that_it_drew_one_and_keeps_it_when_it_starts_over(tmp_path: Path) -> None:
    download, out = write(tmp_path / "in", {"anna.py": RIGHT.encode(), "ben.py": SIGN.encode()}), tmp_path / "out"

    first = batch(download, out)
    drawn = (out / FILE).read_text()
    again = batch(download, out)
    fresh = batch(download, out, "--fresh")

    assert "no course secret was named" in first.stdout
    assert FILE in first.stdout
    assert drawn.strip() not in first.stdout + first.stderr
    assert "graded: 0; 2 results of before kept" in again.stdout
    assert "secret" not in again.stdout + fresh.stdout
    assert "graded: 2" in fresh.stdout
    assert (out / FILE).read_text() == drawn
    assert scores(out) == {"anna": 16.0, "ben": 15.0}


@pytest.mark.slow
def test_a_table_of_right_answers_made_without_the_secret_earns_nothing_in_a_class(tmp_path: Path) -> None:
    known = reference_for(load(find("tanh-chain"))).points
    points = [[one.numbers()[0] for one in point.inputs.values()] for point in known]
    table = write(tmp_path / "in", {"anna.py": replaying(points).encode()})

    alone = grader("check", "tanh-chain", table / "anna.py", "--format", "json")
    batch(table, tmp_path / "out")

    assert '"score": 0.0' not in alone.stdout
    assert scores(tmp_path / "out") == {"anna": 0.0}


def replaying(points: list[list[float]]) -> str:
    """A submission that looks `dh2`, d(y2)/d(h2) = w_y, up by the numbers of known points."""
    answers = {round(h0, 9): w_y for h0, _, w_y in points}
    return f"h0 = 0.5\nw_h = 2.0\nw_y = 40.0\ndh2 = {answers}.get(round(h0, 9), 0.0)\n"
