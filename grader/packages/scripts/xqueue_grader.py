"""A grader of derivations for xqueue-watcher: one process per submission, in the package beside this module."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from xqueue_watcher.grader import Grader

PACKAGE = Path(__file__).resolve().parent / "grader_package"


class DerivationGrader(Grader):
    """Grades with the package; the watcher's own sandbox is not used, since the package brings its own."""

    def grade(self, grader_path, grader_config, student_response, *_):
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "submission").mkdir()
            name = "answer.ipynb" if student_response.lstrip().startswith("{") else "answer.py"
            Path(folder, "submission", name).write_text(student_response, encoding="utf-8")
            command = [
                sys.executable,
                "-I",
                str(PACKAGE / "grade.py"),
                f"{folder}/submission",
                "-o",
                f"{folder}/result",
            ]
            subprocess.run(command, check=True, timeout=300, stdout=subprocess.DEVNULL)
            found = json.loads(Path(folder, "result").read_text("utf-8"))
        if found["score"] is None:
            # Raised, so that the watcher sends no score: a submission that could not be graded has not failed.
            raise RuntimeError("; ".join(found["errors"]))
        return found
