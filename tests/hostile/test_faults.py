"""A fault of ours in the child is ours: it costs nobody a point, and is said to be ours."""

from __future__ import annotations

import base64
import io
import json
import tempfile
from pathlib import Path

import pytest

import grader
from grader.batch.jobs import from_line
from grader.batch.worker import serve
from grader.cli.main import run
from grader.errors import InternalError
from grader.runner import preloader_pool, process
from grader.runner.protocols import Children
from grader.submission.load import load_bytes
from tests.hostile.attacks import DERIVATION, HERE
from tests.hostile.test_attacks import EXERCISE

TORN = (
    "import grader.runner.child.{module} as ours; "
    "ours.{name} = lambda *a, **k: (_ for _ in ()).throw(KeyError('a bug of ours')); main("
)


def tear(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug of ours in every child that starts now: `bug` names the function that raises, always."""
    module, _, name = bug.partition(".")
    for place in (process, preloader_pool):
        torn = TORN.format(module=module, name=name)
        monkeypatch.setattr(place, "_START", place._START.replace("main(", torn))


def check(code: str, bug: str, children: Children, monkeypatch: pytest.MonkeyPatch) -> grader.Result:
    tear(bug, monkeypatch)
    return grader.check(EXERCISE, load_bytes(code.encode(), "mine.py"), isolation=children.isolation)


@pytest.mark.parametrize(
    "bug",
    [
        "recorder.Recorder._report",
        "recorder.Recorder.ended",
        "recorder.Recorder.flush",
        "worker.Worker._reset_surroundings",
    ],
)
def test_an_exception_of_ours_is_no_error_of_the_students(
    bug: str, children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InternalError, match=r"KeyError at <string>:1: 'a bug of ours'"):
        check(DERIVATION, bug, children, monkeypatch)


def test_a_submission_that_catches_it_is_not_judged_by_what_it_does_instead(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught = "x = 0.7\ntry:\n    dh = 1.0\nexcept BaseException:\n    dh = 2.0\n" + DERIVATION

    with pytest.raises(InternalError):
        check(caught, "recorder.Recorder._report", children, monkeypatch)


ODD = """
class Odd(dict):
    def __setitem__(self, key, value):
        if key in self:
            raise ValueError("a thing is put in once")
        super().__setitem__(key, value)
import math
x, w = 0.7, 1.2
h = math.tanh(w * x)
y = h**2
grads = Odd()
grads["dh"] = 3 * h
dw = grads["dh"] * (1 - h**2) * x
dx = grads["dh"] * (1 - h**2) * w
"""
"""What would be put in the place of its wrong step is refused by an object of its own."""

DEEP = "import sys\ndef f(n):\n    h = n\n    return f(n + 1)\nf(0)\n" + DERIVATION


def test_an_object_that_refuses_what_is_put_into_it_is_the_submissions(children: Children) -> None:
    result = grader.check(EXERCISE, load_bytes(ODD.encode(), "mine.py"), children=children)

    assert [step.outcome for step in result.steps] == ["wrong", "carried", "carried"]


def test_recursion_that_ends_in_our_code_is_the_submissions(children: Children) -> None:
    result = grader.check(EXERCISE, load_bytes(DEEP.encode(), "mine.py"), children=children)

    assert result.score == 3.0
    assert ["RecursionError" in problem.message for problem in result.problems] == [True]


@pytest.mark.parametrize(
    "changes",
    [
        "import builtins, struct\nbuiltins.len = struct.pack = None\n",
        "import sys\nours = sys.modules['grader.runner.child.recorder']\nours.encode = ours.normal = None\n",
    ],
    ids=["Python", "ours"],
)
def test_code_that_changes_what_ours_stands_on_has_itself_to_thank(changes: str, children: Children) -> None:
    result = grader.check(EXERCISE, load_bytes((changes + DERIVATION).encode(), "mine.py"), children=children)

    assert result.score is None
    assert "killed" in {problem.kind for problem in result.problems}
    assert {step.outcome for step in result.steps} == {"unjudged"}


def test_a_batch_keeps_it_as_a_fault_without_a_score(monkeypatch: pytest.MonkeyPatch) -> None:
    tear("recorder.Recorder._report", monkeypatch)
    job = {"work": "w", "student": "s", "file": "mine.py", "content": base64.b64encode(DERIVATION.encode()).decode()}
    first = {
        "exercise": str(HERE / "exercise.yaml"),
        "secrets": {"numbers": "", "points": ""},
        "mode": "process",
        "core": None,
    }
    answers = io.BytesIO()
    serve(io.BytesIO(b"".join(json.dumps(line).encode() + b"\n" for line in (first, job))), answers)
    record = from_line(answers.getvalue())

    assert (record.facts[0], record.facts[1]) == ("fault", None)
    assert "KeyError" in str(record.facts[5])


def test_the_command_says_so_and_ends_with_status_3(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    tear("recorder.Recorder._report", monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "mine.py").write_text(DERIVATION)

    assert run(["check", str(HERE / "exercise.yaml"), str(tmp_path / "mine.py")]) == 3
    assert "a fault of the grader, not of the submission, and costs no points" in capsys.readouterr().err
