"""Files that attack whoever reads them: refused or read within bounds, with a reason, and nothing of them run."""

from __future__ import annotations

import json
import os
import resource
import stat
import sys
import time
from pathlib import Path

import pytest

import grader
from grader.errors import ExerciseError, SubmissionError
from grader.exercise.load import load as load_exercise
from grader.report import terminal
from grader.report.json import render as render_json
from grader.submission.load import load, load_bytes
from tests.hostile.attacks import DERIVATION
from tests.hostile.test_attacks import EXERCISE

SECONDS, MEBIBYTES = 10.0, 400


def notebook(*sources: str, **more: object) -> bytes:
    cells = [{"cell_type": "code", "source": one, "metadata": {}, "outputs": []} for one in sources]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells, **more}).encode()


READ = {
    "many lines": (b"x = 1\n" * 40_000, "mine.py"),
    "a chain": (b"x = 1" + b"+1" * 120_000, "mine.py"),
    "brackets": (b"x = " + b"[" * 100_000, "mine.py"),
    "brackets in JSON": (b'{"cells":' + b"[" * 1_000_000, "mine.ipynb"),
    "objects in JSON": (b'{"cells":' + b'{"a":' * 200_000, "mine.ipynb"),
    "many cells": (notebook(*["x = 1"] * 100_000), "mine.ipynb"),
    "a large output": (notebook("x = 1", metadata={"image": "A" * 15_000_000}), "mine.ipynb"),
    "a long number in JSON": (b'{"cells": [], "nbformat": ' + b"9" * 1_000_000 + b"}", "mine.ipynb"),
    "no number in JSON": (b'{"cells": [], "nbformat": NaN, "nbformat_minor": Infinity}', "mine.ipynb"),
    "keys twice": (b'{"cells": [], "cells": {"a": 1}, "nbformat": 4}', "mine.ipynb"),
    "NUL": (b"x = 1\0\n", "mine.py"),
    "utf-7": (b"# coding: utf-7\nx = 1\n+AGkAbQBwAG8AcgB0-", "mine.py"),
    "rot13": (b"# coding: rot13\nk = 1\n", "mine.py"),
    "utf-16": ("x = 1\n".encode("utf-16"), "mine.py"),
    "surrogates in JSON": (notebook("x = '\\ud800'") .replace(b"\\\\ud800", b"\\ud800"), "mine.ipynb"),
    "line separators": ("x = 1\u2028y = 2\u0085z\n".encode(), "mine.py"),
    "other letters": ("h1 = 1\nｈ１ = 2\n".encode(), "mine.py"),
    "random": (bytes(range(256)) * 900, "mine.py"),
}  # fmt: skip
"""Attacks 90 to 93, and what else there is of their kind."""


@pytest.mark.slow
@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_within_bounds(name: str) -> None:
    """Attacks 90, 91, 92, 93."""
    began, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    submission = load_bytes(*READ[name])

    assert submission.cells or submission.problems
    assert time.process_time() - began < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEBIBYTES * 1024


@pytest.mark.parametrize(
    ("data", "name"), [(b"x" * 262_145, "a.py"), (b" " * 20_971_521, "a.ipynb")], ids=["script", "notebook"]
)
def test_a_file_that_is_too_long_is_refused(data: bytes, name: str) -> None:
    """Attacks 90, 93."""
    with pytest.raises(SubmissionError, match="too large"):
        load_bytes(data, name)


def test_magics_are_listed_and_not_run(tmp_path: Path) -> None:
    """Attack 94."""
    lines = [f"!touch {tmp_path}/ran", f"%%bash\ntouch {tmp_path}/ran", f"get_ipython().system('touch {tmp_path}/ran')"]
    submission = load_bytes(notebook(*lines, f"%load {tmp_path}/other.py", DERIVATION), "mine.ipynb")
    result = grader.check(EXERCISE, submission)

    assert result.score == 3.0
    assert not list(tmp_path.iterdir())
    assert "touch" in " ".join(problem.message for problem in result.problems)


def test_what_a_notebook_shows_is_not_shown() -> None:
    """Attack 95."""
    shown = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "<script>evil()</script>"}}
    content = json.loads(notebook(DERIVATION))
    content["cells"][0]["outputs"] = [shown]
    content["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "<img onerror=evil()>"})
    result = grader.check(EXERCISE, load_bytes(json.dumps(content).encode(), "mine.ipynb"))

    assert result.score == 3.0
    assert "evil" not in render_json(result) + terminal.render(result, 100).plain


YAML = {
    "aliases": "a: &a [1, 1, 1, 1, 1, 1, 1, 1]\n"
    + "".join(f"{c}: &{c} [{', '.join([f'*{p}'] * 8)}]\n" for p, c in zip("abcdefgh", "bcdefghi", strict=True)),
    "python objects": "exercise: !!python/object/apply:os.system ['touch ran']\n",
    "depth": "a: " + "[" * 5000 + "]" * 5000,
    "itself": "a: &a [*a]\n",
    "length": "a: " + "x" * 10_000_000,
    "many": "a: [" + "1, " * 200_000 + "1]",
    "bytes": "exercise: \x00\x1b[2J",
}


@pytest.mark.parametrize("name", YAML)
def test_an_exercise_that_attacks_its_reader_is_refused(name: str, tmp_path: Path) -> None:
    """Attack 96."""
    path = tmp_path / "evil.yaml"
    path.write_text(YAML[name])
    began = time.process_time()

    with pytest.raises(ExerciseError):
        load_exercise(path)
    assert time.process_time() - began < SECONDS
    assert [one.name for one in tmp_path.iterdir()] == ["evil.yaml"]


SHADOWS = ("numpy.py", "json.py", "random.py", "torch.py", "math.py", "conftest.py", "sitecustomize.py", "grader.py")


def test_modules_beside_the_submission_are_not_the_graders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Attacks 62, 63, 67."""
    for name in SHADOWS:
        (tmp_path / name).write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nraise SystemExit('shadow')\n")
    for name in ("pytest.ini", "setup.cfg", "jupyter_config.py", "matplotlibrc", ".git/hooks/post-checkout"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("[pytest]\naddopts = --evil\n")
    (tmp_path / "mine.py").write_text("import json, random, numpy\n" + DERIVATION)
    monkeypatch.chdir(tmp_path)

    assert grader.check(EXERCISE, "mine.py").score == 3.0
    assert not (tmp_path / "ran").exists()


def test_a_file_is_read_once_and_what_was_read_is_what_runs(tmp_path: Path) -> None:
    """Attack 68."""
    path = tmp_path / "mine.py"
    path.write_text(DERIVATION)
    submission = load(path)
    path.write_text("raise SystemExit('another file')")

    assert grader.check(EXERCISE, submission).score == 3.0


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files there")
@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a socket", "a device"])
def test_what_is_no_regular_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    """Attack 69."""
    import socket

    path = tmp_path / "mine.py"
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a folder":
        path.mkdir()
    elif kind == "a socket":
        os.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as one:
            one.bind("mine.py")
    else:
        path = Path("/dev/zero")
    assert not stat.S_ISREG(path.stat().st_mode)

    with pytest.raises(SubmissionError):
        load(path)


@pytest.mark.parametrize(
    "name", ["\x1b[2Jmine.py", "a\nPASS.py", "\u202eyp.py", "é.py", "=cmd.py", "<b>.py", "x" * 240 + ".py", "\udcff.py"]
)
def test_a_name_of_a_file_is_shown_and_not_obeyed(name: str, tmp_path: Path) -> None:
    """Attacks 70, 105, 106, 107, 108."""
    path = tmp_path / name
    path.write_text(DERIVATION.replace("2 * h", "3 * h"))
    result = grader.check(EXERCISE, path)
    shown = terminal.render(result, 100).plain

    assert result.score == 2.0
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert "\nPASS" not in shown
    shown.encode("utf-8")
    json.loads(render_json(result).encode("utf-8"))


@pytest.mark.parametrize("name", ["data.npz", "model.pt", "data.pkl"])
def test_data_that_holds_objects_is_no_submission(name: str, tmp_path: Path) -> None:
    """Attack 100."""
    (tmp_path / name).write_bytes(b"\x80\x04\x95cposix\nsystem\n(S'touch ran'\ntR.")
    submission = load(tmp_path / name)

    assert submission.cells == ()
    assert [problem.kind for problem in submission.problems][-1:] == ["unreadable"]
