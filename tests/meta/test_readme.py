"""The README's commands, run as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


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


def test_the_second_command_is_the_one_ci_runs() -> None:
    assert "pytest" in blocks()[1]
    assert "block == 2" in (ROOT / ".ci" / "run").read_text()


def test_every_command_of_the_command_line_is_in_the_readme() -> None:
    from grader.cli.main import cli

    readme = (ROOT / "README.md").read_text()

    assert [name for name in cli.commands if f"grader {name}" not in readme] == []


@pytest.mark.slow
def test_an_installed_wheel_finds_the_shipped_exercises(tmp_path: Path) -> None:
    home = clone(tmp_path / "source")
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(["python3", "-m", "venv", str(tmp_path / "venv")], check=True)
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", "build"], check=True)
    subprocess.run([str(python), "-m", "build", "--wheel", "--outdir", str(tmp_path), str(home)], check=True)
    wheel = next(tmp_path.glob("*.whl"))
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", str(wheel)], check=True)

    done = subprocess.run([str(python), "-m", "grader", "list"], cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "tanh-chain-reverse" in done.stdout
