"""What is in a package before any system sees it."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli.main import run
from grader.errors import EnvironmentProblem, UsageError
from grader.exercise.load import find, load
from grader.packages import contents
from grader.packages.contents import built, zipped
from grader.packages.scripts import filled
from grader.packages.targets import (
    TARGETS,
    PackageFile,
    PackagePart,
    PackageRequest,
    PackageSettings,
    Target,
    single,
    target,
)

SCRIPTS = Path(contents.__file__).parent / "scripts"


@pytest.mark.parametrize("script", sorted(SCRIPTS.glob("*.py.txt")), ids=lambda path: path.name)
def test_each_program_is_python(script: Path) -> None:
    text = script.read_text("utf-8").replace("@points@", "1").replace("@mark@", "# here")

    assert ast.parse(text).body


def test_a_zip_of_the_same_files_is_the_same_and_keeps_what_is_a_program() -> None:
    one = (PackageFile("b", b"1"), PackageFile("run", b"2", executable=True))

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
    request = single(load(find("tanh-chain")), PackageSettings(one.name, "fix"))

    paths = [file.path for file in one.files(request)]

    assert not [path for path in paths if path.endswith(".py.txt")]
    assert len(set(paths)) == len(paths)


@pytest.fixture
def course(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], PackageRequest]:
    """A request for a course of two exercises of 32 and 10 points, for a target, without the grader's own code."""
    monkeypatch.setattr(contents, "code", lambda: ())
    parts = tuple(
        PackagePart(load(find(name)), points, name) for name, points in (("tanh-chain", 32.0), ("sigmoid", 10.0))
    )
    return lambda name: PackageRequest(parts, PackageSettings(name, "fix"), id="calculus", title="Calculus")


def test_a_package_holds_the_exercises_of_a_course_and_what_they_are_worth(
    course: Callable[[str], PackageRequest],
) -> None:
    files = {file.path: file.data for file in target("gradescope").files(course("gradescope"))}

    assert json.loads(files["grader_package/parts.json"]) == [
        {"folder": "exercises/tanh-chain", "points": 32.0},
        {"folder": "exercises/sigmoid", "points": 10.0},
    ]
    assert {"grader_package/exercises/tanh-chain/exercise.yaml", "grader_package/exercises/sigmoid/exercise.yaml"} <= (
        files.keys()
    )
    assert len([path for path in files if path.startswith("grader_package/values/")]) == 2


def test_an_assignment_of_nbgrader_has_a_notebook_for_each_exercise_of_a_course(
    course: Callable[[str], PackageRequest],
) -> None:
    files = {file.path: file.data for file in target("nbgrader").files(course("nbgrader"))}

    for name, points in (("tanh-chain", 32), ("sigmoid", 10)):
        cells = json.loads(files[f"source/calculus/{name}.ipynb"])["cells"]
        assert sum(cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in cells) == points
        assert json.loads(files[f"grader_packages/{name}/parts.json"]) == [{"folder": ".", "points": points}]


@pytest.mark.parametrize("name", [one.name for one in TARGETS if one.course is None])
def test_a_target_for_one_exercise_says_how_to_package_a_course(
    course: Callable[[str], PackageRequest], name: str
) -> None:
    with pytest.raises(UsageError, match=f"grader package {name} tanh-chain\n.*grader package {name} sigmoid"):
        built(target(name), course(name))


def test_a_placeholder_is_filled() -> None:
    assert b"tanh-chain" in filled("xqueue_conf.json", name="tanh-chain")


@pytest.mark.parametrize("there", [True, False], ids=["that is there", "that is made"])
def test_a_package_is_written_into_a_folder(there: bool, tmp_path: Path) -> None:
    folder = tmp_path / "for moodle"
    if there:
        folder.mkdir()

    assert run(["package", "vpl", "tanh-chain", "-o", f"{folder}/"]) == 0

    assert [one.name for one in folder.iterdir()] == ["tanh-chain-vpl.zip"]
