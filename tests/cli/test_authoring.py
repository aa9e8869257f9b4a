"""What instructors do before a course, by the command: handout, variants, new, lint of folders."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path

import nbformat
import pytest

from grader.cli.main import run

VARIED = """
exercise: varied
title: Varied
given: {x: 0.7, w: 1.2}
forward: |
  h = tanh(w * x)
  y = 3.0 * h
steps: {dw: d(y)/d(w), dx: d(y)/d(x)}
variants: {x: "uniform(0.2, 0.9)", w: "uniform(0.5, 2.5)"}
"""
SOLVED = {"dw = ...": "dw = 3.0 * (1 - h**2) * x", "dx = ...": "dx = 3.0 * (1 - h**2) * w"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRADER_SECRET_FILE", raising=False)
    (tmp_path / "varied.yaml").write_text(VARIED)
    (tmp_path / "secret").write_text("long and random\n")
    (tmp_path / "roster.txt").write_text("# the course\nanna\n\nben\n")
    return tmp_path


def given_in(text: str) -> tuple[float, float]:
    x, w = (re.search(rf"^{name} = (.*)$", text, re.M) for name in "xw")
    assert x is not None
    assert w is not None
    return float(x[1]), float(w[1])


def test_a_handout_is_checked_by_the_command_in_it(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["handout", "tanh-chain", "-o", "out"]) == 0
    assert capsys.readouterr().out == "out/tanh-chain.py\n"
    text = (home / "out" / "tanh-chain.py").read_text()

    assert text.endswith("#     grader check tanh-chain tanh-chain.py\n")
    assert run(["check", "tanh-chain", "out/tanh-chain.py"]) == 1
    assert "16 steps: 16 not there yet" in capsys.readouterr().out


def test_a_handout_can_be_a_notebook(home: Path) -> None:
    assert run(["handout", "tanh-chain", "--notebook", "-o", "."]) == 0

    nbformat.validate(nbformat.read(home / "tanh-chain.ipynb", as_version=4))  # type: ignore[no-untyped-call]


def test_what_is_there_already_is_never_overwritten(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "tanh-chain.py").write_text("my work")

    assert run(["handout", "tanh-chain", "-o", "."]) == 2
    assert "There is a file 'tanh-chain.py' already; it was left as it is." in capsys.readouterr().err
    assert (home / "tanh-chain.py").read_text() == "my work"


def test_handout_check_and_list_agree_on_the_numbers_of_a_student(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["handout", "varied.yaml", "--student", "anna", "--secret-file", "secret", "-o", "."]) == 0
    text = (home / "varied-anna.py").read_text()
    command = text.split("#     grader ")[1].split()
    run(["variants", "varied.yaml", "--students", "roster.txt", "--secret-file", "secret", "--format", "csv",
         "-o", "list.csv"])  # fmt: skip
    anna, ben = csv.DictReader((home / "list.csv").read_text().splitlines())

    assert command == ["check", "varied.yaml", "varied-anna.py", "--variant", anna["key"]]
    assert given_in(text) == (float(anna["x"]), float(anna["w"]))
    assert (anna["x"], anna["w"]) != (ben["x"], ben["w"])
    for blank, formula in SOLVED.items():
        text = text.replace(blank, formula if blank.startswith("dx") else "dw = 0.0")
    (home / "varied-anna.py").write_text(text)
    capsys.readouterr()
    by_key = graded(capsys, command)
    by_student = graded(
        capsys, ["check", "varied.yaml", "varied-anna.py", "--student", "anna", "--secret-file", "secret"]
    )
    x, w = given_in(text)
    assert by_key["steps"][0]["expected"] == pytest.approx(3 * (1 - math.tanh(w * x) ** 2) * x)
    assert by_key["problems"] == by_student["problems"] == []
    assert by_student["student"] == "anna"
    assert by_student["steps"][0]["expected"] == by_key["steps"][0]["expected"]


def graded(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> dict[str, list[dict[str, object]]]:
    assert run([*arguments, "--format", "json"]) == 1
    found: dict[str, list[dict[str, object]]] = json.loads(capsys.readouterr().out)
    return found


def test_numbers_of_another_variant_are_named_and_cost_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["handout", "varied.yaml", "--student", "anna", "-o", "."])
    text = (home / "varied-anna.py").read_text()
    for blank, formula in SOLVED.items():
        text = text.replace(blank, formula)
    (home / "mine.py").write_text(text)
    capsys.readouterr()

    assert run(["check", "varied.yaml", "mine.py", "--student", "anna", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["problems"] == []
    assert run(["check", "varied.yaml", "mine.py", "--student", "ben", "--format", "json"]) == 0
    notes = json.loads(capsys.readouterr().out)["problems"]
    x, _ = given_in(text)
    assert [note["kind"] for note in notes] == ["note", "note"]
    assert notes[0]["message"].startswith(f"`x` is {x:g} here and ")
    assert notes[0]["where"]["line"] == text.split("\n").index(f"x = {x}") + 1


def test_the_secret_file_can_be_named_by_the_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["variants", "varied.yaml", "--students", "roster.txt", "--secret-file", "secret", "-o", "named.txt"])
    run(["variants", "varied.yaml", "--students", "roster.txt", "-o", "without.txt"])
    monkeypatch.setenv("GRADER_SECRET_FILE", "secret")
    run(["variants", "varied.yaml", "--students", "roster.txt", "-o", "by-environment.txt"])

    assert (home / "named.txt").read_text() == (home / "by-environment.txt").read_text()
    assert (home / "named.txt").read_text() != (home / "without.txt").read_text()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["check", "varied.yaml", "mine.py", "--secret-file", "none"], "The secret file 'none' cannot be read"),
        (["check", "varied.yaml", "mine.py", "--secret-file", "empty"], "The secret file 'empty' is empty."),
        (["variants", "tanh-chain", "--students", "roster.txt"], "has no `variants`"),
        (["variants", "varied.yaml", "--students", "none"], "The list of students 'none' cannot be read"),
        (["variants", "varied.yaml", "--students", "empty"], "There is no student in 'empty'."),
        (["handout", "varied.yaml", "--from", "wrong.py", "-o", "o"], "`dw` is not right in wrong.py"),
        (["handout", "varied.yaml", "--from", "wrong.py", "--hints", "-o", "o"], "leave out the other options"),
        (["handout", "arrays.yaml", "--library", "python", "-o", "o"], "NumPy or torch, not plain Python"),
        (["new", "My Own"], "'My Own' cannot be the id of an exercise"),
        (["lint", "folder"], "There is no exercise file in 'folder'."),
    ],
    ids=lambda value: "_".join(value) if isinstance(value, list) else "",
)
def test_what_cannot_be_done_is_said(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (home / "empty").write_text("\n")
    (home / "folder").mkdir()
    (home / "mine.py").write_text("x = 1")
    (home / "wrong.py").write_text("dw = 1\ndx = 2\n")
    (home / "arrays.yaml").write_text(
        "exercise: arrays\ntitle: A\ngiven: {x: [0.5, 1.5]}\nforward: y = sum(x)\nsteps: {dx: d(y)/d(x)}\n"
    )

    assert run(arguments) == 2
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_worked_solution_becomes_a_starter(home: Path) -> None:
    solution = Path(__file__).parents[2] / "solutions" / "tanh-chain.py"

    assert run(["handout", "tanh-chain", "--from", str(solution), "-o", "."]) == 0
    assert "\ndh1_dwh = ...\n" in (home / "tanh-chain.py").read_text()


def test_a_new_exercise_is_fit_as_it_stands(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["new", "my-own"]) == 0
    assert run(["lint", "my-own.yaml"]) == 0
    assert "my-own.yaml: ok (4 steps, 5 points" in capsys.readouterr().out
    assert run(["new", "my-own"]) == 2


def test_a_folder_is_linted_file_by_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "bad.yaml").write_text("exercise: bad\n")

    assert run(["lint", "."]) == 2
    printed = capsys.readouterr().out
    assert "bad.yaml:" in printed
    assert "varied.yaml: ok (2 steps" in printed
