"""What is in a package before any system sees it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.load import find, load
from grader.packages import contents
from grader.packages.archive import zipped
from grader.packages.scripts import filled
from grader.packages.targets import TARGETS, target
from grader.packages.types import File, Request, Settings, Target

SCRIPTS = Path(contents.__file__).parent / "scripts"


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py.txt")), ids=lambda path: path.name)
def test_each_program_is_python(script: Path) -> None:
    text = script.read_text("utf-8").replace("@points@", "1").replace("@mark@", "# here")

    assert ast.parse(text).body


def test_a_zip_of_the_same_files_is_the_same_and_keeps_what_is_a_program() -> None:
    one = (File("b", b"1"), File("run", b"2", executable=True))

    assert zipped(one) == zipped(tuple(reversed(one)))


def test_no_torch_is_among_the_requirements() -> None:
    named = dict(contents.requirements())

    assert {"numpy", "pyyaml", "click"} <= named.keys()
    assert named.keys().isdisjoint({"torch", "triton", "grader"})


def test_where_the_grader_was_not_installed_no_versions_are_pinned(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise contents.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(contents.metadata, "distribution", absent)

    with pytest.raises(EnvironmentProblem, match="not installed with pip"):
        contents.requirements()


def test_the_code_in_a_package_is_the_graders_own() -> None:
    paths = {file.path for file in contents.code()}

    assert {"grader/grading.py", "grader/packages/grade.py", "grader/html/templates/report.css"} <= paths
    assert not [path for path in paths if "__pycache__" in path or "_exercises" in path]


def test_an_unknown_target_suggests_a_near_one() -> None:
    with pytest.raises(UsageError, match="gradescope"):
        target("gradscope")


def test_every_target_says_what_it_lacks() -> None:
    assert all(one.needs and one.shows and one.lacks for one in TARGETS)


@pytest.mark.parametrize("one", TARGETS, ids=lambda one: one.name)
def test_every_file_of_a_package_is_found_and_carries_its_final_name(
    monkeypatch: pytest.MonkeyPatch, one: Target
) -> None:
    monkeypatch.setattr(contents, "code", lambda: ())
    request = Request(load(find("tanh-chain")), Settings(one.name, "fix"))

    paths = [file.path for file in one.files(request)]

    assert not [path for path in paths if path.endswith(".py.txt")]
    assert len(set(paths)) == len(paths)


def test_a_placeholder_is_filled() -> None:
    assert b"tanh-chain" in filled("xqueue_conf.json", name="tanh-chain")
