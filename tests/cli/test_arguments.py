"""Which exercise and which file a command is about; of calls that are mistyped, what was meant is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.cli.arguments import CheckTarget, chosen
from grader.cli.main import run
from grader.errors import UsageError
from grader.exercise.load import collection

from ..batch.making_results import HALF, RIGHT, filled, handed


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


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("mine.py", "notes.txt", "own.yaml"):
        (tmp_path / name).write_text("x = 1\n")
    (tmp_path / "handed-in").mkdir()
    return tmp_path


SOFTMAX = sorted(path.stem for path in collection() if "softmax" in path.stem)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("check tanh-chian mine.py", "There is no exercise 'tanh-chian'. Did you mean tanh-chain?"),
        ("check own.yml mine.py", "There is no exercise file 'own.yml'. Did you mean own.yaml?"),
        ("check tanhchain.yaml mine.py", "There is no exercise file 'tanhchain.yaml'. Did you mean tanh-chain?"),
        ("check tanh-chain mien.py", "There is no file 'mien.py'. Did you mean mine.py?"),
        ("check tanh-chain min", "There is no file 'min'. Did you mean mine.py?"),
        ("check mine.py tanh-chain", "The exercise comes first: `grader check tanh-chain mine.py`."),
        ("check mine.py 4", "The exercise comes first: `grader check 4 mine.py`."),
        ("check mine.py own.yaml", "The exercise comes first: `grader check own.yaml mine.py`."),
        ("check mine.py notes.txt", "The exercise comes first: `grader check notes.txt mine.py`."),
        ("check mine.py mine.py", "'mine.py' is a file to be graded, not an exercise."),
        ("check handed-in mine.py", "'handed-in' is a folder, not an exercise."),
        ("show mine.py", "'mine.py' is a file to be graded, not an exercise."),
        ("batch handed-in tanh-chain -o out", "The exercise comes first: `grader batch tanh-chain handed-in`."),
        ("batch handedin tanh-chain -o out", "The exercise comes first: `grader batch tanh-chain handedin`."),
        ("check tanh-chain mine.py --revael hint", "Did you mean '--reveal'?"),
        ("check tanh-chain handed-in", "handed-in is a folder. Name the .py or .ipynb file to be graded."),
        ("results hande-din", "There are no results in 'hande-din'"),
        ("batch tanh-chain handedin -o out", "There is no file or folder 'handedin'. Did you mean handed-in?"),
        ("show 0", "There is no exercise 0: `grader list` has the numbers 1 to"),
        ("show 99999999999999999999", "There is no exercise 99999999999999999999: `grader list` has the numbers 1 to"),
        ("chekc tanh-chain mine.py", "There is no command 'chekc'. Did you mean check?"),
        ("explain square-missing", "Did you mean tanh-derivative-square-missing? `grader explain` lists all."),
    ],
)
def test_what_was_meant_is_said(call: str, said: str, here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(call.split()) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


def test_an_option_is_no_value_of_another(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["results", "class", "--anonymous", "-o", "class.csv"]) == 2
    assert "--anonymous needs a value: `--anonymous KEYS`" in capsys.readouterr().err


def test_a_word_finds_every_exercise_with_it_and_no_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["show", "softmax"]) == 2
    offered = capsys.readouterr().err.partition("Did you mean ")[2].partition("?")[0]
    assert sorted(offered.replace(" or ", ", ").split(", ")) == SOFTMAX


def test_an_answer_to_another_exercise_is_recognised(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "other.py").write_text("e, s, p = 1, 2, 3\nds_dz = 0\ndp_de = 0\ndp_dz = 0\ndp_v = 0\ndz = 0\n")

    assert run(["check", "tanh-chain", "other.py"]) == 1
    assert "looks like an answer to softmax-jacobian: `grader check softmax-jacobian other.py`" in (
        capsys.readouterr().err
    )


def test_an_exercise_goes_by_its_number_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    run(["list"])
    number = next(line.split()[0] for line in capsys.readouterr().out.splitlines() if " tanh-chain " in line)

    assert run(["show", number]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "tanh-chain"


def test_a_starter_is_written_into_the_current_folder(here: Path) -> None:
    assert run(["handout", "tanh-chain"]) == 0
    assert (here / "tanh-chain.py").is_file()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("--student anna", "There is no student 'anna' in these results. Did you mean ana?"),
        ("--step d_b", "There is no step 'd_b' in these results. Did you mean db?"),
        ("--step zz", "There is no step 'zz' in these results.\n"),
        ("--misconception sign-fliped", "There is no misconception 'sign-fliped'. Did you mean sign-flipped?"),
    ],
)
def test_results_of_nobody_are_not_shown_for_a_mistyped_name(
    asked: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(tmp_path, [(handed("ana"), RIGHT), (handed("ben"), HALF)])

    assert run(["results", str(tmp_path), *asked.split()]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


def test_results_of_nobody_are_shown_where_nobody_made_a_known_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled(tmp_path, [(handed("ana"), RIGHT)])

    assert run(["results", str(tmp_path), "--misconception", "sign-flipped"]) == 0
    assert run(["results", str(tmp_path), "--step", "da"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", ["numcheck", "dispute"])
def test_a_call_without_a_step_is_told_so(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mine = starter(tmp_path)

    assert run([command, "tanh-chain", mine]) == 2
    assert f"Name the step too: `grader {command} tanh-chain {mine} STEP`." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "needed"),
    [
        (["check"], "SUBMISSION"),
        (["hint"], "SUBMISSION"),
        (["numcheck"], "SUBMISSION and STEP"),
        (["show"], "EXERCISE"),
    ],
)
def test_a_call_without_arguments_names_those_that_are_needed(
    words: list[str], needed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(words) == 2
    assert f"Error: The command needs {needed}.\n" in capsys.readouterr().err
