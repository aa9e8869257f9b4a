"""Several changes of one submission, run together."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

from grader.diagnosis.diagnose import right_after
from grader.formula.syntax import Place
from grader.judge.verdicts import Verdict
from grader.model import Submission
from grader.submission.load import load

WHOLE, PART = (0, Place(1, 5, 1, 11), "x * a"), (0, Place(1, 5, 1, 7), "a")
BEHIND, OTHER_LINE = (0, Place(1, 10, 1, 11), "y"), (0, Place(2, 5, 2, 6), "2")


def run_with(changes: tuple[tuple[int, Place, str], ...], folder: Path) -> str:
    """The source that is run with the changes."""
    (folder / "mine.py").write_text("b = -a * x\nc = 1\n")
    ran: list[Submission] = []

    def rerun(submission: Submission) -> tuple[Verdict, ...]:
        ran.append(submission)
        return ()

    right_after(dict.fromkeys(changes).keys(), load(folder / "mine.py"), rerun)
    return ran[0].cells[0].source


@pytest.mark.parametrize("changes", list(permutations((WHOLE, PART))))
def test_of_two_changes_that_begin_together_the_shorter_is_run(
    changes: tuple[tuple[int, Place, str], ...], tmp_path: Path
) -> None:
    assert run_with(changes, tmp_path) == "b = a * x\nc = 1\n"


@pytest.mark.parametrize("changes", list(permutations((PART, BEHIND, OTHER_LINE))))
def test_changes_of_different_parts_are_run_together(
    changes: tuple[tuple[int, Place, str], ...], tmp_path: Path
) -> None:
    assert run_with(changes, tmp_path) == "b = a * y\nc = 2\n"


@pytest.mark.parametrize("changes", list(permutations((WHOLE, BEHIND))))
def test_of_two_changes_one_within_the_other_the_later_is_run(
    changes: tuple[tuple[int, Place, str], ...], tmp_path: Path
) -> None:
    assert run_with(changes, tmp_path) == "b = -a * y\nc = 1\n"
