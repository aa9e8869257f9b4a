"""Files to exercises, and text that is none refused in one way only."""

from __future__ import annotations

import contextlib
import hashlib
import pathlib
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import ExerciseError, UsageError
from grader.exercise.load import load, loads

from .conftest import HEAD, LOOP, STEPS


def test_the_head_of_an_exercise(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(HEAD + STEPS + "text: |\n  Find $dz$.\nprerequisites: [other]\n")

    exercise = load(path)

    assert (exercise.id, exercise.title, exercise.text) == ("small", "Small", "Find $dz$.\n")
    assert exercise.prerequisites == ("other",)
    assert exercise.path == str(path)
    assert [one.name for one in exercise.inputs] == ["x", "w"]


def test_the_digest_is_that_of_the_bytes(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(HEAD + STEPS)

    assert load(path).digest == hashlib.sha256(path.read_bytes()).hexdigest() == loads(HEAD + STEPS).digest


def test_a_byte_order_mark_and_windows_line_ends_are_taken(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "steps:\r\n  dz: d(y)/d(q)\r\n").replace("\n", "\r\n").encode())

    with pytest.raises(ExerciseError) as caught:
        load(path)
    assert (caught.value.faults[0].field, caught.value.faults[0].found) == ("steps.dz", "the unknown name `q`")


def test_a_fault_reads_as_one_line() -> None:
    with pytest.raises(ExerciseError) as caught:
        loads(HEAD + "steps: {dz: d(y)/d(q)}\n", "small.yaml")

    assert str(caught.value) == ("small.yaml:9:20: steps.dz: found the unknown name `q`; expected `w`, `x`, `y`, `z`")


def test_bytes_that_are_no_utf_8(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes("exercise: a\ntitle: é".encode("latin-1"))

    with pytest.raises(ExerciseError) as caught:
        load(path)
    fault = caught.value.faults[0]
    assert (fault.line, fault.column, fault.found, fault.expected) == (2, 8, "the byte 0xe9", "text in UTF-8")


def test_a_large_file_is_not_read(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as stream:
        stream.truncate(10**9)

    with pytest.raises(ExerciseError, match="more than 256 KiB"):
        load(path)


@pytest.mark.parametrize("name", ["nothing.yaml", "."])
def test_a_file_that_cannot_be_read(tmp_path: pathlib.Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path / name)


def test_loading_needs_neither_torch_nor_numpy() -> None:
    code = "import sys, grader.exercise.load; sys.exit(bool({'torch', 'numpy'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@given(st.text())
def test_any_text_is_an_exercise_or_an_exercise_error(text: str) -> None:
    with contextlib.suppress(ExerciseError):
        loads(text)


WORDS = st.sampled_from(
    [
        "x",
        "w",
        "z",
        "y",
        "h",
        "T",
        "dz",
        "dh[t]",
        "d(y)/d(z)",
        "d(h[t])/d(w)",
        "range(1,T+1)",
        "for",
        "is",
        "of",
        "by",
        "given",
        "steps",
        "forward",
        "derive",
        "value",
        "shape",
        "draw",
        "fixed",
        "probe",
        "points",
        "aliases",
        "normal",
        "uniform(0,",
        "1)",
        "integers(0,",
        "3)",
        "[1,",
        "[2]]",
        "{}",
        "[]",
        ":",
        "-",
        "|",
        ">",
        "'",
        '"',
        "&",
        "*",
        "!",
        "#",
        "%",
        "@",
        "\t",
        "null",
        "true",
        "1e-6",
        ".nan",
        "-1",
        "0",
        "[t]",
        "(",
        ")",
        ",",
        "**",
        "@",
        "é",
        "\u2028",
        "\ufeff",
        "😀",
        "answer:",
        "call:",
        "misconceptions:",
    ]
)


@given(
    base=st.sampled_from(
        [HEAD + STEPS, LOOP + "derive: {of: loss}\n", LOOP + "steps:\n  dh[t]: {is: d(loss)/d(h[t])}\n"]
    ),
    edits=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 12), WORDS | st.text(max_size=6)), max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_a_spoilt_exercise_is_an_exercise_or_an_exercise_error(base: str, edits: list[tuple[int, int, str]]) -> None:
    for start, length, new in edits:
        base = base[:start] + new + base[start + length :]

    with contextlib.suppress(ExerciseError):
        loads(base)
