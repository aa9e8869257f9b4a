"""A Classroom 50 autograder: grades the checkout it is run in, and writes ./result.json.

It installs what the grader needs once, beside itself. A submission that could not be graded ends with status 1, which
Classroom 50 takes for a fault of the infrastructure, and gets no score."""

import datetime
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent / "grader_package"
INSTALLED = Path(os.environ.get("GRADER_VENV", PACKAGE.parent / "grader_venv"))


def main() -> int:
    done = subprocess.run(
        [str(python()), "-I", str(PACKAGE / "grade.py"), "."], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    if done.returncode != 0:
        return 1
    found = json.loads(done.stdout)
    if not found["graded"]:
        print(found["summary"], file=sys.stderr)
        return 1
    Path("release-body.md").write_text(found["summary"], encoding="utf-8")
    Path("result.json").write_text(json.dumps(result(found), indent=1) + "\n", encoding="utf-8")
    return 0


def python() -> Path:
    """The interpreter that has what the grader needs."""
    made = INSTALLED / "bin" / "python"
    if not made.exists():
        venv.create(INSTALLED, with_pip=True)
        for file in sorted(PACKAGE.glob("requirements*.txt")):
            subprocess.run([str(made), "-m", "pip", "install", "--quiet", "--requirement", str(file)], check=True)
    return made


def result(found: dict) -> dict:
    """The object of classroom50/result/v1. Its scores are whole numbers, so everything is counted in hundredths of a
    point where some step earned a part of one."""
    numbers = [found["score"], found["max_score"], *(one["score"] for one in found["tests"])]
    unit = 1 if all(float(number).is_integer() for number in numbers) else 100
    env = os.environ.get
    return {
        "schema": "classroom50/result/v1",
        "classroom": env("CLASSROOM", ""),
        "assignment": env("ASSIGNMENT", ""),
        "assignment_type": env("ASSIGNMENT_TYPE", "individual"),
        "owner": env("OWNER") or env("USERNAME", ""),
        "submission": env("SUBMISSION_TAG", ""),
        "commit": env("COMMIT_URL", ""),
        "release": env("RELEASE_URL", ""),
        "review": env("REVIEW_URL", ""),
        "datetime": committed(),
        "graded_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "score": round(found["score"] * unit),
        "max-score": round(found["max_score"] * unit),
        "tests": [
            {
                **one,
                "score": round(one["score"] * unit),
                "max-score": round(one["max-score"] * unit),
            }
            for one in found["tests"]
        ],
    }


def committed() -> str:
    """When the commit was made, in UTC."""
    command = ["git", "log", "-1", "--format=%ct"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if done.returncode != 0 or not done.stdout.strip():
        return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return datetime.datetime.fromtimestamp(int(done.stdout), datetime.UTC).isoformat(timespec="seconds")


sys.exit(main())
