"""The tests on other Pythons: which are found, what they are given, and what is said of one that is not there."""

from __future__ import annotations

import os
import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HERE = "{}.{}".format(*sys.version_info)


@pytest.fixture(scope="module")
def pythons() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / ".ci" / "pythons.py"))


def pretend(file: Path, script: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_an_interpreter_on_path_is_found(
    pythons: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path / "python3.12", "echo 3.12")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    assert pythons["find"]("3.12") == tmp_path / "python3.12"


def test_one_of_pyenv_is_found_where_the_command_on_path_says_that_it_is_none(
    pythons: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(tmp_path / "shims" / "python3.12", "exit 127")
    pretend(tmp_path / "versions" / "3.12.1" / "bin" / "python", "echo 3.12")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"), prepend=os.pathsep)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert pythons["find"]("3.12") == tmp_path / "versions" / "3.12.1" / "bin" / "python"


def test_one_that_is_not_found_is_said_and_no_failure(
    pythons: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))

    assert pythons["main"](["3.12"]) == 0
    assert "Python 3.12: not found" in capsys.readouterr().out


def test_it_is_given_all_that_the_tests_need_but_torch(pythons: dict[str, Any]) -> None:
    names = {one.partition(">")[0] for one in pythons["without_torch"]()}

    assert {"numpy", "pytest", "distributed", "pyyaml"} <= names
    assert not names & {"torch", "grader[cluster]"}


def test_the_workflow_has_every_supported_python(pythons: dict[str, Any]) -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text("utf-8"))
    tried = {
        str(one)
        for job in workflow["jobs"].values()
        for one in job.get("strategy", {}).get("matrix", {}).get("python", [])
    }

    assert tried == set(pythons["SUPPORTED"])


def test_this_is_a_supported_python(pythons: dict[str, Any]) -> None:
    assert HERE in pythons["SUPPORTED"]
