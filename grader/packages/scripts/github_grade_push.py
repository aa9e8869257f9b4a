"""Grade what is in this repository: annotations on its lines, a summary, and a result for the autograding reporter."""

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUBMISSION = os.environ.get("SUBMISSION", ".")


def main() -> int:
    command = [sys.executable, "-I", str(HERE / "grader_package" / "grade.py"), SUBMISSION]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=True)
    found = json.loads(done.stdout)
    print(found["annotations"])
    append("GITHUB_STEP_SUMMARY", found["summary"])
    if found["graded"]:
        append("GITHUB_OUTPUT", f"result={found['reporter']}\n")
    # The reporter, which comes next, fails the job where points are missing.
    return 0 if found["graded"] else 1


def append(variable: str, text: str) -> None:
    if os.environ.get(variable):
        with open(os.environ[variable], "a", encoding="utf-8") as file:
            file.write(text)


sys.exit(main())
