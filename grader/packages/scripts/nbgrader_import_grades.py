"""Write the scores of `grader batch` into nbgrader's gradebook: `python import_grades.py ASSIGNMENT scores.jsonl`.

`scores.jsonl` is what `grader results class --format jsonl -o scores.jsonl` writes. Run it in the course folder.
Who has no score keeps what the gradebook says."""

import json
import re
import sys

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import NbGrader


def main(assignment: str, path: str) -> int:
    app = NbGrader()
    app.load_config_file()
    database = app.config.CourseDirectory.get("db_url", "sqlite:///gradebook.db")
    missing, written = [], 0
    with (
        Gradebook(database, app.config.CourseDirectory.get("course_id", "")) as book,
        open(path, encoding="utf-8") as lines,
    ):
        for line in lines:
            one = json.loads(line)
            result = one.get("result") or one
            if one.get("score") is None or not result.get("steps"):
                continue
            try:
                submission = book.find_submission(assignment, one["student"])
            except MissingEntry:
                missing.append(one["student"])
                continue
            points = {cell_id(step["name"]): step["points"] for step in result["steps"]}
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    step = grade.cell.name.partition("--")[2]
                    if step in points:
                        grade.auto_score = points[step]
                        grade.needs_manual_grade = grade.manual_score is not None
            book.db.commit()
            written += 1
    print(f"{written} submissions written")
    if missing:
        print(f"{len(missing)} have no submission in the gradebook: {', '.join(missing)}")
    return 0


def cell_id(step: str) -> str:
    """A step's name as it is written in the ids of cells."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", step).strip("-")


if len(sys.argv) != 3:
    sys.exit(__doc__)
sys.exit(main(*sys.argv[1:]))
