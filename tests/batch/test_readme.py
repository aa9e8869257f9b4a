"""Every command on a class in the README's section for instructors, run as it stands there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.batch.classes import RIGHT
from tests.batch.making import zip_bytes
from tests.batch.test_run import CANVAS

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
SECTION = README.partition("\n## For instructors\n")[2].partition("\n## ")[0]
CLASS = ("    grader batch ", "    grader results ", "    grader gradebook ")
COMMANDS = [line.strip() for line in SECTION.splitlines() if line.startswith(CLASS)]
EXPORT = """Student,ID,SIS Login ID,Section,tanh-chain (4711)
    Points Possible,,,,16
"Bell, Anna",101,abell,1,
"Carr, Ben",102,bcarr,1,
"""


@pytest.mark.slow
def test_every_command_does_what_it_says(tmp_path: Path) -> None:
    here = [command for command in COMMANDS if "--cluster" not in command]
    (tmp_path / "submissions.zip").write_bytes(
        zip_bytes({**dict(list(CANVAS.items())[:2]), "ekdora_103_9_a.py": RIGHT.encode() + b"#"})
    )
    (tmp_path / "export.csv").write_text(EXPORT + '"Ek, Dora",103,dek,1,\n')
    (tmp_path / "by-hand.csv").write_text("student,score,reason\n102,14,spoken to\n")

    for command in here:
        typed = command.replace("grader ", f"{sys.executable} -m grader ", 1)
        done = subprocess.run(typed, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=300)
        assert (done.returncode, "fault of the grader" in done.stderr) == (0, False), (
            command,
            done.stdout,
            done.stderr,
        )

    assert len(here) >= 9
    assert '"Carr, Ben",102,bcarr,1,14\n' in (tmp_path / "filled.csv").read_text()
    assert {one.name for one in tmp_path.iterdir()} >= {
        "class",
        "class.html",
        "class.csv",
        "filled.csv",
        "pages",
    }
