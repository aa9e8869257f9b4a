"""Whose a file is: said before it is run without isolation, and only then."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from grader.cli.arguments import not_own
from grader.cli.main import run
from tests.cli.test_cli import graded
from tests.report.cases import forum_case

__all__ = ["graded"]

OTHERS = [
    "Downloads/mine.py",
    "downloads/hw1/mine.ipynb",
    "Downloads",
    "course/Ada Lovelace_123456_assignsubmission_file_/hw.py",
    "hw1/lovelaceada_LATE_1234_567890_hw1.py",
    "export/submission_123456/hw1.py",
    "course/12345-67890 - Ada Lovelace - Mar 3, 2026 405 PM/hw.py",
    "course/HW1_ada_attempt_2026-03-03-16-05-00_hw.py",
    "submissions.zip/ada/hw.py",
]
OWN = [
    "mine.py",
    "homework/tanh-chain.ipynb",
    "backprop_2026.py",
    "week_03_part_2.py",
    "my downloads of data.py",
    "hw_12_2026_final.py",
]


@pytest.mark.parametrize("path", OTHERS)
def test_what_may_be_of_others(path: str, tmp_path: Path) -> None:
    assert not_own(str(tmp_path / path)) != ""


@pytest.mark.parametrize("path", OWN)
def test_ones_own(path: str, tmp_path: Path) -> None:
    file = tmp_path / path
    file.parent.mkdir(exist_ok=True)
    file.touch()

    assert not_own(str(file)) == ""


def test_the_folder_a_desktop_downloads_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "user-dirs.dirs").write_text(f'XDG_DOWNLOAD_DIR="{tmp_path}/Herunterladen"\n', "utf-8")

    assert not_own(str(tmp_path / "Herunterladen" / "mine.py")) == "lies in a folder of downloads"
    assert not_own(str(tmp_path / "mine.py")) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="marks of this kind are those of Linux")
def test_what_a_browser_has_marked(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.touch()
    try:
        os.setxattr(file, "user.xdg.origin.url", b"about:blank")
    except OSError:
        pytest.skip("this file system takes no marks")

    assert not_own(str(file)) == "was downloaded"


def test_it_is_said_before_anything_is_run(graded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    graded(ValueError("run"))
    run(["check", "tanh-chain", "Downloads/mine.py"])

    said = capsys.readouterr().err.splitlines()
    assert said[0] == (
        "Downloads/mine.py lies in a folder of downloads. It is run with your rights, limited but not isolated; if it "
        "is not your own, --isolation strict keeps it from your files."
    )


@pytest.mark.parametrize("call", [["mine.py"], ["Downloads/mine.py", "--isolation", "strict"]])
def test_otherwise_nothing_is_said(call: list[str], graded: Any, capsys: pytest.CaptureFixture[str]) -> None:
    graded(forum_case())
    run(["check", "tanh-chain", *call])

    printed = capsys.readouterr()
    assert printed.err == ""
    assert "isolated" not in printed.out
