"""The README's commands, run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import grader
from grader.cli.listing import pages

ROOT = Path(__file__).parents[2]

SCREEN = 40
"""Lines that a reader sees at once."""

SESSIONS = {"tests", "slow", "pythons", "lint", "benchmarks", "mutation", "picture"}


def blocks() -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)


def clone(folder: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    return folder


@pytest.mark.slow
def test_the_first_command_installs_and_grades_the_forum_case(tmp_path: Path) -> None:
    home = clone(tmp_path / "grader")
    environment = {**os.environ, "GRADER_CACHE": str(tmp_path / "cache")}

    done = subprocess.run(["bash", "-c", blocks()[0]], cwd=home, env=environment, capture_output=True, text=True)

    assert done.returncode == 1, done.stderr
    assert "12 / 16 points" in done.stdout
    assert "`dh1_dwh` = d(h1)/d(w_h) is the first wrong step" in done.stdout


@pytest.mark.slow
def test_the_second_command_and_the_set_up_of_a_contributor_need_nothing_but_a_clone(tmp_path: Path) -> None:
    home = clone(tmp_path / "grader")
    few = {**os.environ, "PYTEST_ADDOPTS": "tests/formula/test_parse.py"}  # all of them are what runs this

    tested = subprocess.run(["bash", "-c", blocks()[1]], cwd=home, env=few, capture_output=True, text=True)
    set_up = subprocess.run([".ci/setup"], cwd=home, capture_output=True, text=True)
    sessions = [".venv/bin/nox", "-f", ".ci/noxfile.py", "--list"]
    listed = subprocess.run(sessions, cwd=home, capture_output=True, text=True)

    assert (tested.returncode, set_up.returncode, listed.returncode) == (0, 0, 0), tested.stderr + set_up.stderr
    assert "[100%]" in tested.stdout
    assert (home / ".git" / "hooks" / "pre-commit").exists()
    assert set(re.findall(r"^[*-] (\w+) ->", listed.stdout, re.M)) >= SESSIONS


def test_every_session_is_told_to_contributors() -> None:
    guide = (ROOT / ".github" / "CONTRIBUTING.md").read_text()
    told = set(re.findall(r"^\| `(\w+)` \|", guide, re.M))

    assert (
        told == SESSIONS == set(re.findall(r"^@nox\.session\ndef (\w+)", (ROOT / ".ci/noxfile.py").read_text(), re.M))
    )


@pytest.mark.parametrize("reader", ["students", "instructors", "authors of exercises", "operators"])
def test_what_a_reader_needs_is_one_screen(reader: str) -> None:
    readme = (ROOT / "README.md").read_text()
    section = readme.partition(f"\n## For {reader}\n")[2].partition("\n## ")[0]

    assert 15 < len(section.split("\n")) <= SCREEN


def test_the_second_command_is_the_one_ci_runs() -> None:
    assert "pytest" in blocks()[1]
    assert "block == 2" in (ROOT / ".ci" / "run").read_text()


def test_every_command_of_the_command_line_is_in_the_readme() -> None:
    from grader.cli.main import MODULES

    readme = (ROOT / "README.md").read_text()

    assert [name for name in MODULES if f"grader {name}" not in readme] == []


@pytest.mark.slow
def test_an_installed_wheel_finds_the_shipped_exercises_and_the_documentation(tmp_path: Path) -> None:
    home = clone(tmp_path / "source")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(["python3", "-m", "venv", str(tmp_path / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "build"], check=True)
    subprocess.run([str(python), "-m", "build", "--wheel", "--outdir", str(tmp_path), str(home)], check=True)
    wheel = next(tmp_path.glob("*.whl"))
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], check=True)

    told = [
        subprocess.run([str(python), "-m", "grader", command], cwd=tmp_path, capture_output=True, text=True)
        for command in ("list", "docs")
    ]

    assert [one.returncode for one in told] == [0, 0], told
    assert "tanh-chain-reverse" in told[0].stdout
    assert [line.split()[0] for line in told[1].stdout.splitlines()[: len(pages())]] == list(pages())


def test_the_version_stands_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert "version" not in project
    assert project["dynamic"] == ["version"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that is built of what is here, with the build backend as it is installed."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(ROOT)]
    subprocess.run(build, check=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


@pytest.mark.slow
def test_the_wheel_carries_every_page_of_the_documentation_and_the_picture(wheel: zipfile.ZipFile) -> None:
    pages = {path.relative_to(ROOT).as_posix() for path in (ROOT / "grader" / "docs").iterdir()}

    assert pages | {"grader/ARCHITECTURE.md", "grader/_exercises/README.md"} <= set(wheel.namelist())


@pytest.mark.slow
def test_the_wheel_is_typed_and_has_the_license_and_the_version(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    (metadata,) = (name for name in names if name.endswith("dist-info/METADATA"))

    assert "grader/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert f"\nVersion: {grader.__version__}\n" in wheel.read(metadata).decode()
