"""Commands on a starter need no exercise name."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.arguments import CheckTarget, chosen
from grader.errors import UsageError


def starter(folder: Path, *commands: str) -> str:
    file = folder / "mine.py"
    file.write_text("\n".join(("a = 1", *(f"#     grader check {one}" for one in commands))))
    return str(file)


def test_both_arguments_are_taken_as_they_are(tmp_path: Path) -> None:
    mine = starter(tmp_path, "tanh-chain a.py --variant 0123456789")

    assert chosen("softmax", mine, "check") == CheckTarget("softmax", mine)


def test_the_exercise_of_a_starter(tmp_path: Path) -> None:
    mine = starter(tmp_path, "tanh-chain a.py --variant 0123456789")

    assert chosen(mine, None, "check") == CheckTarget("tanh-chain", mine, "0123456789")


def test_an_exercise_in_a_file_is_found_beside_the_starter(tmp_path: Path) -> None:
    mine = starter(tmp_path, "own.yaml a.py")
    (tmp_path / "own.yaml").write_text("exercise: own")

    assert chosen(mine, None, "check").exercise == str(tmp_path / "own.yaml")


@pytest.mark.parametrize(
    ("commands", "said"),
    [
        ((), "does not say which exercise it answers: `grader hint EXERCISE "),
        (("a a.py", "b b.py"), "names several exercises, a and b: say which"),
    ],
)
def test_a_file_that_does_not_name_one_exercise(commands: tuple[str, ...], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        chosen(starter(tmp_path, *commands), None, "hint")

    assert said in str(error.value)


def test_an_exercise_alone() -> None:
    with pytest.raises(UsageError, match="Name the file to be graded too: `grader check tanh-chain FILE`"):
        chosen("tanh-chain", None, "check")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    mine = starter(tmp_path)

    with pytest.raises(UsageError, match=r"There is no file .*Did you mean .*mine\.py"):
        chosen(f"{mine[:-7]}mien.py", None, "check")
