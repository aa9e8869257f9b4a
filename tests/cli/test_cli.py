"""The command: what it prints, where, and its exit status. Grading itself is faked."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from grader import __version__
from grader.__main__ import without_current_folder
from grader.cli.main import MODULES, run
from grader.errors import EnvironmentProblem, ExerciseError, Fault, InternalError, SubmissionError
from grader.exercise.load import collection
from grader.model import Result

from ..report.cases import correct_case, forum_case, unreadable_case


@pytest.fixture
def graded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Makes grading return a result, or raise an error; the calls are kept."""
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []

    def set_(outcome: Result | BaseException) -> list[tuple[tuple[Any, ...], dict[str, Any]]]:
        def check(*args: Any, **options: Any) -> Result:
            calls.append((args, options))
            if isinstance(outcome, BaseException):
                raise outcome
            return outcome

        fake: Any = types.ModuleType("grader.pipeline")
        fake.check = check
        monkeypatch.setitem(sys.modules, "grader.pipeline", fake)
        return calls

    return set_


@pytest.mark.parametrize(
    ("result", "status"), [(correct_case(), 0), (forum_case(), 1), (unreadable_case(), 2)], ids=["right", "not", "none"]
)
def test_the_exit_status_tells_the_verdict(graded: Any, result: Result, status: int) -> None:
    graded(result)

    assert status == run(["check", "tanh-chain", "mine.py"])


def test_the_report_goes_to_standard_output(graded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    calls = graded(forum_case())
    run(["check", "tanh-chain", "mine.py", "--student", "s1", "--reveal", "hint"])
    printed = capsys.readouterr()

    options = {"student": "s1", "reveal": "hint", "secret": "", "variant": None, "isolation": "process"}
    assert calls[0] == (("tanh-chain", "mine.py"), options)
    assert "1. `dh1_dwh` = d(h1)/d(w_h) is the first wrong step" in printed.out
    assert "\x1b" not in printed.out
    assert printed.err == ""


def test_json(graded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    graded(forum_case())
    run(["check", "tanh-chain", "mine.py", "--format", "json"])

    assert json.loads(capsys.readouterr().out)["first_error"] == "dh1_dwh"


def test_a_report_can_go_to_a_file(graded: Any, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    graded(forum_case())
    file = tmp_path / "report.txt"

    assert run(["check", "tanh-chain", "mine.py", "-o", str(file)]) == 1
    assert "first wrong step" in file.read_text("utf-8")
    assert capsys.readouterr().out == ""
    assert run(["check", "tanh-chain", "mine.py", "-o", str(tmp_path)]) == 2


FAULT = Fault("x.yaml", 3, 5, "steps", "a list", "a mapping\x1b")


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (SubmissionError("there is no file \x1b[2Jmine.py"), 2, r"there is no file \x1b[2Jmine.py"),
        (ExerciseError((FAULT,)), 2, r"x.yaml:3:5: steps: found a list; expected a mapping\x1b"),
        (EnvironmentProblem("torch is missing"), 3, "torch is missing"),
    ],
    ids=["submission", "exercise", "environment"],
)
def test_errors_are_sentences_on_standard_error(
    graded: Any, capsys: pytest.CaptureFixture[str], error: Exception, status: int, said: str
) -> None:
    graded(error)

    assert status == run(["check", "tanh-chain", "mine.py"])
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert printed.out == ""


@pytest.mark.parametrize("error", [ZeroDivisionError("oops"), InternalError("oops"), RecursionError("oops")])
def test_a_fault_of_ours_is_one_calm_sentence_and_a_file(
    graded: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    error: Exception,
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    graded(error)

    assert run(["check", "tanh-chain", "mine.py"]) == 3
    (report,) = tmp_path.iterdir()
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "costs no points" in said
    assert str(report) in said
    assert "Traceback" in report.read_text("utf-8")


def test_an_interrupt_is_quiet(graded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    graded(KeyboardInterrupt())

    assert run(["check", "tanh-chain", "mine.py"]) == 130
    assert capsys.readouterr().err.strip() == ""


@pytest.mark.parametrize(
    "arguments", [[], ["check"], ["nonsense"], ["check", "a", "b", "--format", "xml"], ["lint"], ["check", "none", "x"]]
)
def test_a_wrong_call_is_refused(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("command", [[], *[[name] for name in MODULES]])
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_has_help(command: list[str], option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*command, option]) == 0
    assert "Usage: grader" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert f"grader {__version__}\n" == capsys.readouterr().out


VALID = """\
exercise: square
title: "One \\x1B square"
text: Derive it.
given: {x: 3.0}
forward: |
  y = x * x
steps:
  dx: d(y)/d(x)
"""


def test_lint_names_every_fault_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(VALID)
    bad.write_text(VALID.replace("d(y)/d(x)", "d(z)/d(x)").replace("x * x", "x * wrong"))

    assert run(["lint", str(good)]) == 0
    assert f"{good}: ok (1 step, 1 point, " in capsys.readouterr().out
    assert run(["lint", str(good), str(bad)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith(f"{bad}:6:") and "; expected " in line for line in lines)
    assert run(["lint", str(good), str(tmp_path / "none.yaml")]) == 2
    printed = capsys.readouterr()
    assert "ok" in printed.out
    assert "none.yaml" in printed.err


def test_lint_warns_of_numbers_and_refuses_what_hides_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    warned, refused = tmp_path / "warned.yaml", tmp_path / "refused.yaml"
    warned.write_text(VALID.replace("3.0", "1.0"))
    refused.write_text(VALID.replace("{x: 3.0}", "{x: [[1.3, 0.7]]}").replace("x * x", "sum(x * x)"))

    assert run(["lint", str(warned)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{warned}:4:12: warning: given.x: found `x` = 1.0 at the given numbers; expected ")
    assert lines[-1].startswith(f"{warned}: ok (1 step, 1 point, ")
    assert run(["lint", str(refused)]) == 2
    printed = capsys.readouterr().out
    assert printed.startswith(f"{refused}:4:")
    assert ": given.x: found axis 0 of `x` of size 1; expected " in printed
    assert "ok" not in printed
    refused.write_text(refused.read_text() + "allow: [size-one]\n")
    assert run(["lint", str(refused)]) == 0


def test_lint_prints_the_schema(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--schema"]) == 0
    assert "properties" in json.loads(capsys.readouterr().out)


def test_show_and_list(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "square.yaml"
    file.write_text(VALID)

    assert run(["show", str(file)]) == 0
    shown = capsys.readouterr().out
    assert "One \\x1b square" in shown
    assert "6.0" not in shown
    assert run(["show", str(file), "--values"]) == 0
    assert "6.0" in capsys.readouterr().out


def test_list_has_one_whole_line_for_each_exercise(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert lines[0].split() == ["id", "steps", "points", "after", "title"]
    assert [line.split()[:5] for line in lines if " tanh-chain " in line] == [["4", "tanh-chain", "16", "16", "3"]]
    chapters = [line for line in lines if re.match(r"\d+\. ", line)]
    assert (chapters[0], chapters[-1]) == ("1. The chain rule", "8. Probability")
    assert len(lines) == 1 + len(chapters) + len(collection())


def test_the_list_keeps_its_points_where_the_terminal_is_narrow(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("grader.cli.listing.width", lambda: 56)

    assert run(["list"]) == 0
    heading, *rows = capsys.readouterr().out.splitlines()
    assert heading.split()[:3] == ["id", "steps", "points"]
    assert next(row.split()[2:4] for row in rows if " tanh-chain-forward " in row) == ["9", "9"]


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom grader.cli.main import run\nrun(['--help'])\n"
        "heavy = {'numpy', 'torch', 'pydantic', 'rich', 'IPython', 'nbformat', 'yaml'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "heavy: []" in done.stdout


@pytest.mark.slow
def test_a_check_of_plain_python_imports_nothing_for_pages_exercises_and_arrays(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom grader.cli.main import run\nrun(sys.argv[1:])\n"
        "heavy = {'torch', 'numpy', 'pydantic', 'yaml', 'IPython', 'nbformat', 'jinja2', 'latex2mathml', 'html5lib'}\n"
        "heavy |= {'grader.html', 'grader.notebook', 'grader.cli.watch', 'grader.cli.hint'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    submission = Path(__file__).parents[1] / "cases" / "correct" / "plain.py"
    command = [sys.executable, "-c", code, "check", "tanh-chain", str(submission)]
    environment = {**os.environ, "GRADER_CACHE": str(tmp_path)}

    said = [subprocess.run(command, capture_output=True, text=True, env=environment).stdout for _ in range(2)]

    assert "heavy: ['pydantic', 'yaml']" in said[0]  # the exercise is read, and cached
    assert "heavy: []" in said[1]


def test_a_module_of_the_student_is_not_imported_into_the_grader(tmp_path: Path) -> None:
    for name in ("numpy", "click", "rich", "yaml"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('the wrong one')")
    done = subprocess.run([sys.executable, "-m", "grader", "list"], cwd=tmp_path, capture_output=True, text=True)

    assert done.stderr == ""
    assert done.returncode == 0


def test_run_from_its_own_folder_the_grader_keeps_it() -> None:
    here = os.getcwd()

    assert without_current_folder(["", here, "/x"], "/y") == ["/x"]
    assert ["", here] == without_current_folder(["", here], here)


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    command = f"{sys.executable} -m grader lint --schema | true; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True)

    assert done.stderr == ""
    assert done.returncode == 0


def test_every_mistake_is_told_whole_where_all_are_asked_for(graded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    graded(forum_case())
    run(["check", "tanh-chain", "mine.py"])
    first = capsys.readouterr().out
    run(["check", "tanh-chain", "mine.py", "--all"])
    everything = capsys.readouterr().out

    assert (first.count("-->"), everything.count("-->")) == (1, 3)
    assert "`--all` shows each of them in full" in first
    assert "`--all`" not in everything


def test_the_formats_for_ci_name_the_file_as_the_repository_does(
    graded: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    graded(forum_case())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))

    assert run(["check", "tanh-chain", str(tmp_path / "week1" / "mine.py"), "--format", "github"]) == 1

    assert capsys.readouterr().out.startswith("::error file=week1/mine.py,line=")
    assert (tmp_path / "summary.md").read_text().startswith("## ")


@pytest.mark.parametrize(("form", "begin"), [("junit", '<?xml version="1.0"'), ("sarif", '{\n  "$schema"')])
def test_other_formats_for_ci(graded: Any, form: str, begin: str, capsys: pytest.CaptureFixture[str]) -> None:
    graded(forum_case())

    run(["check", "tanh-chain", "mine.py", "--format", form])

    assert capsys.readouterr().out.startswith(begin)
