"""How a command ends that is not let to its end: by a signal, or because its output goes nowhere."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.cli import main, output
from grader.cli.exits import EndedBySignal, end_by_exception
from grader.errors import UsageError

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def handlers() -> Iterator[None]:
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, signal.SIG_DFL) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", None)])
def test_a_signal_ends_the_command_by_an_exception_once(handlers: None, number: signal.Signals) -> None:
    end_by_exception()

    with pytest.raises(EndedBySignal, match=f"ended by {number.name}") as ended:
        os.kill(os.getpid(), number)
    assert ended.value.status == 128 + number
    os.kill(os.getpid(), number)  # it would disturb the cleanup


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (EndedBySignal(signal.SIGTERM), 143, "grader: ended by SIGTERM\n"),
        (OSError(28, "No space left on device", "/tmp/x"), 2, "grader: No space left on device: /tmp/x\n"),
        (OSError(30, "Read-only file system"), 2, "grader: Read-only file system\n"),
    ],
)
def test_what_the_system_does_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: BaseException, status: int, said: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("grader.cli.listing.list_all", fail)

    assert main.run(["list"]) == status
    assert capsys.readouterr() == ("", said)


class Stream:
    """A standard output that fails as a closed pipe, a full disk or a closed terminal does."""

    def __init__(self, path: Path, error: OSError) -> None:
        self._file = path.open("w")
        self._error = error

    def writelines(self, lines: Iterator[str]) -> None:
        next(lines)
        raise self._error

    def fileno(self) -> int:
        return self._file.fileno()


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OSError(5, "Input/output error")])
def test_output_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tmp_path / "out", error))

    with pytest.raises(UsageError, match=f"The output cannot be written: {error.strerror}"):
        output.write_lines(["one\n", "two\n"].__iter__())


def test_after_a_closed_pipe_no_further_line_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", Stream(tmp_path / "out", BrokenPipeError()))
    lines = iter(["one\n", "two\n", "three\n"])

    output.write_lines(lines)

    assert list(lines) == ["two\n", "three\n"]


def test_lines_go_to_a_file_as_they_are_made(tmp_path: Path) -> None:
    output.write_lines((f"{number}\n" for number in range(3)), str(tmp_path / "out"))

    assert (tmp_path / "out").read_text() == "0\n1\n2\n"
