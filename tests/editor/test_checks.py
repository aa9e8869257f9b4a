"""What is run while one types, and how it is stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("lsprotocol")

from grader.editor.checks import Checks, CheckTask, NotRun, StoppableChildren, Superseded
from grader.editor.documents import OpenDocument, file
from grader.editor.settings import EditorSettings, ExerciseRule
from grader.errors import UsageError
from grader.exercise.load import named
from grader.handout.render import Marker
from grader.model import CompanionFile, Isolation
from grader.preparation import PreparedExercise
from grader.runner.protocols import Child, ChildEnded, Frame
from grader.runner.types import Limits

MARKER = "# grader check tanh-chain mine.py\n"


class FakeChild:
    """A child that has been ended, or sends an empty frame."""

    output = ""

    def __init__(self) -> None:
        self.ended = self.closed = False

    def provide(self, files: Sequence[CompanionFile], limits: Limits) -> None: ...

    def begin(self, seconds: float) -> None: ...

    def send(self, kind: int, body: bytes = b"", deadline: float = 0.0) -> None: ...

    def settle(self) -> None: ...

    def receive(self, deadline: float) -> Frame:
        if self.ended:
            raise ChildEnded("killed")
        return 0, 0, b""

    def stop(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.closed = True


class FakeChildren:
    isolation: Isolation = "process"

    def __init__(self) -> None:
        self.made: list[FakeChild] = []

    def child(self, libraries: Sequence[str]) -> Child:
        self.made.append(FakeChild())
        return self.made[-1]

    def close(self) -> None: ...


def test_a_child_that_was_stopped_ends_the_check() -> None:
    children = StoppableChildren(FakeChildren())
    child = children.child(())
    assert child.receive(0.0) == (0, 0, b"")

    children.stop()

    for act in (lambda: child.receive(0.0), lambda: child.begin(1.0), lambda: children.child(())):
        with pytest.raises(Superseded):
            act()


def test_a_child_that_ends_by_itself_is_not_taken_for_one_that_was_stopped() -> None:
    source = FakeChildren()
    child = StoppableChildren(source).child(())
    source.made[0].ended = True

    with pytest.raises(ChildEnded):
        child.receive(0.0)


def test_a_child_that_is_closed_is_not_stopped_any_more() -> None:
    source = FakeChildren()
    children = StoppableChildren(source)
    child = children.child(())
    child.close()
    child.close()

    children.stop()

    assert (source.made[0].closed, source.made[0].ended) == (True, False)


def task(text: str, is_saved: bool = True) -> CheckTask:
    document = replace(file("file:///nowhere/mine.py", text, 1), is_saved=is_saved)
    return CheckTask(document, document.submission(), PreparedExercise(named("tanh-chain")))


def refused(what: CheckTask, not_own: str = "") -> str | None:
    """Why a task is not run as a plain process; None where it is, which is seen by what it asks for."""
    children = StoppableChildren(FakeChildren())
    children.stop()
    try:
        Checks(lambda path: not_own).check(what, EditorSettings(), children)
    except NotRun as reason:
        return str(reason)
    except Superseded:
        return None
    pytest.fail("it was run")


@pytest.mark.parametrize(
    ("text", "is_saved", "reason"),
    [
        ("import math\nh1 = math.tanh(1.0)\n", False, None),
        ("import shutil\nshutil.rmtree('/')\n", False, ""),
        ("import shutil\nshutil.rmtree('build')\n", True, None),
    ],
)
def test_without_isolation_text_that_does_more_than_compute_waits_until_it_is_saved(
    text: str, is_saved: bool, reason: str | None
) -> None:
    assert refused(task(text, is_saved)) == reason


def test_without_isolation_a_file_of_somebody_else_is_not_run() -> None:
    said = refused(task("h1 = 1.0\n"), "was downloaded")

    assert said == "mine.py was downloaded. It is not run: nothing would keep it from your files here."


@pytest.mark.parametrize(("text", "whole"), [("a = 1", True), ("a = (", False), ("", False), ("a = 1\nb = = 2", False)])
def test_a_text_that_cannot_be_read_as_a_whole_is_being_typed(text: str, whole: bool) -> None:
    assert task(text).is_whole == whole


def found(document: OpenDocument, *rules: ExerciseRule) -> str | None:
    made = Checks(lambda path: "").task(document, EditorSettings(rules), ())
    return None if made is None else made.exercise.exercise.id


def test_only_a_submission_is_a_task(tmp_path: Path) -> None:
    everything = ExerciseRule(None, Marker("tanh-chain"))
    mine = (tmp_path / "mine.py").as_uri()

    assert found(file(mine, MARKER, 1)) == "tanh-chain"
    assert found(file(mine, "a = 1", 1)) is None
    assert found(file(mine, "a = 1", 1), everything) is None
    assert found(file(mine, "dh1_dwh = 1", 1), everything) == "tanh-chain"


def test_an_exercise_that_is_not_there_is_an_error() -> None:
    with pytest.raises(UsageError):
        found(file("file:///nowhere/mine.py", "# grader check no-such mine.py", 1))


def test_an_exercise_is_loaded_again_when_its_file_changes(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("exercise: one\ntitle: t\ngiven: {a: 2.0}\nforward: |\n  b = a * a\nsteps:\n  db: d(b)/d(a)\n")
    document = file((tmp_path / "mine.py").as_uri(), "# grader check own.yaml mine.py", 1)
    checks = Checks(lambda path: "")

    def exercise() -> PreparedExercise:
        made = checks.task(document, EditorSettings(), ())
        assert made is not None
        return made.exercise

    first, again = exercise(), exercise()
    own.write_text(own.read_text().replace("title: t", "title: another"))

    assert first is again
    assert exercise().exercise.title == "another"
