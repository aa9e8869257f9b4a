"""The commands for a whole class: `batch`, `results`, `gradebook`."""

from __future__ import annotations

from typing import Any

import click

from grader.cli.arguments import SECRET

LAYOUTS = (
    "gradescope", "moodle", "brightspace", "blackboard", "canvas", "sakai", "nbgrader", "git", "folders", "files",
)  # fmt: skip
BOOKS = (
    "canvas", "canvas-comments", "moodle", "moodle-feedback", "brightspace", "blackboard", "nbgrader", "csv",
    "feedback", "mail-merge",
)  # fmt: skip
FORMATS = ("text", "jsonl", "csv", "markdown", "html")

_TRUST = "--i-trust-these-files"


@click.command(
    short_help="Grade a whole class.",
    epilog="EXERCISE is an id or a number of the shipped collection (see `grader list`), or the path of a YAML file; "
    "PATH is a folder, an archive, or an LMS's download as it is. Exit status: 0 all graded, 1 something could not be "
    "graded, 2 the command could not be read, 3 a fault of the grader itself, which costs no points.",
)
@click.argument("exercise")
@click.argument("paths", metavar="PATH...", nargs=-1)
@click.option("-o", "--output", metavar="DIR", help="The folder for the results. With the same folder a batch goes on: "
              "what has a result is not graded again.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Show who handed in what, what is left out and why, and stop.")
@click.option("--layout", type=click.Choice(LAYOUTS), help="How the download is laid out.  [default: recognised]")
@click.option("--file", "pattern", metavar="PATTERN", help="Grade only files named like this: 'hw1*.ipynb'.")
@click.option("--attempt", "which", type=click.Choice(["last", "first"]), default="last", show_default=True,
              help="Which of several attempts counts.")  # fmt: skip
@click.option("--student", metavar="ID", help="Grade one student again, given by key or name.")
@click.option("--fresh", is_flag=True, help="Start over: grade everything again. Earlier results are kept aside.")
@click.option("--workers", metavar="N", type=click.IntRange(1), help="How many are graded at a time.  "
              "[default: one per core]")  # fmt: skip
@click.option("--add", is_flag=True, help="Add this download to the class in DIR, also one of another system or "
              "course. Without it, students who are not in the download are set aside.")  # fmt: skip
@click.option("--roster", metavar="FILE", help="CSV with the columns id (or email, username) and name: everybody in "
              "it is listed.  [default: one at the top of a folder of students]")  # fmt: skip
@click.option("--diff", is_flag=True, help="Show whose score the last run changed, and why.")
@click.option("--cluster", metavar="ADDRESS", help="Grade on a dask.distributed cluster: tcp://host:8786, or local:2 "
              "for one of two workers on this machine.")  # fmt: skip
@click.option("--isolation", type=click.Choice(["strict", "portable", "process"]), help="How submissions are kept "
              "from this machine and from one another.  [default: strict where it works, else portable; "
              "outside Linux process, if you allow it]")  # fmt: skip
@click.option(_TRUST, "trusted", is_flag=True, help="Needed for --isolation process, in which every submission can "
              "read and change whatever you can.")  # fmt: skip
@click.option("--due", metavar="TIME", help="When it was due: '2026-11-23 23:59'.")
@click.option("--late-penalty", metavar="PERCENT", type=click.FloatRange(0, 100), help="Percent of all points "
              "that each day begun costs.")  # fmt: skip
@click.option("--late-cap", metavar="PERCENT", type=click.FloatRange(0, 100), help="The most percent that lateness "
              "costs.")  # fmt: skip
@click.option("--grace", metavar="MINUTES", type=click.FloatRange(0), help="How late costs nothing.")
@click.option("--free-days", metavar="N", type=click.IntRange(0), help="How many days late cost nothing.")
@click.option("--extensions", metavar="FILE", help="CSV with the columns student and until: those students have until "
              "then.")  # fmt: skip
@click.option("--times", metavar="FILE", help="When each student handed in, for downloads that do not say: Moodle's "
              "grading worksheet, or a CSV with the columns student and submitted.")  # fmt: skip
@click.option("--file-times", is_flag=True, help="Where the download says no time, take that of the file's last "
              "change.")  # fmt: skip
@SECRET
@click.pass_context
def batch(context: click.Context, /, **options: Any) -> None:
    """Grade everything in PATH..., and keep the results in DIR.

    Folders of files or of students, zips, and the downloads of Canvas, Moodle, Blackboard, Brightspace, Gradescope,
    Sakai and nbgrader are recognised. With a course file in place of EXERCISE, each of its exercises is graded into a
    folder of its own in DIR, by its own due date, and DIR/course.csv has the weighted points of all. After an
    interruption, the same command goes on where it stopped; of a changed download it grades only what changed."""
    from grader.cli.batch import BatchCall, run_batch
    from grader.course import is_course

    call = BatchCall(**options)
    if is_course(call.exercise):
        from grader.cli.course import run_course_batch

        context.exit(run_course_batch(call))
    context.exit(run_batch(call))


@click.command(short_help="Show, query and export the results of a class.")
@click.argument("folder", metavar="DIR")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text: an overview of the class; jsonl: one result per line; csv and markdown: one student per "
              "line, with a column per step; html: a page on who made which mistake where.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of the terminal.")
@click.option(
    "--student",
    "students",
    metavar="ID",
    multiple=True,
    help="Only this student, given by key or name; may be repeated.",
)
@click.option("--misconception", metavar="CODE", help="Only students who made this mistake.")
@click.option("--step", metavar="NAME", help="Only students whose step NAME is not right; with --misconception, who "
              "made the mistake there.")  # fmt: skip
@click.option("--ungraded", is_flag=True, help="Only students without a score.")
@click.option("--anonymous", metavar="KEYS", help="With jsonl, csv or markdown: pseudonyms instead of names, keys and "
              "file names. The file KEYS says who is who; if it exists, its pseudonyms are used again.")  # fmt: skip
@click.option("--feedback", metavar="FOLDER", help="With --format html: write every student's feedback page to FOLDER, "
              "and link the names of the class page to them.")  # fmt: skip
@click.option("--overrides", metavar="FILE", help="Read scores given by hand from a CSV file with the columns student, "
              "score, step (for the points of one step) and comment. They stay when the class is graded again; an "
              "empty score takes one back.")  # fmt: skip
@click.option("--by", metavar="NAME", help="Who gives the overrides, for their history.  [default: your user name]")
@click.option("--history", is_flag=True, help="Show every override, also those taken back: who, when, why.")
def results(**options: Any) -> None:
    """Show the results that `grader batch` wrote to DIR.

    With --student alone, and as text, the whole report of that student. Of a course the points of every exercise and
    their totals; of one exercise of it, name its folder in DIR."""
    from grader.cli.batch import ResultsCall, show_results

    show_results(ResultsCall(**options))


@click.command(short_help="Enter scores into a gradebook.")
@click.argument("folder", metavar="DIR")
@click.option("--for", "book", type=click.Choice(BOOKS), required=True, help="The system whose gradebook "
              "it is; moodle-feedback, canvas-comments: a zip of feedback files to upload there; feedback: a page per "
              "student; mail-merge: a CSV table for letters.")  # fmt: skip
@click.option("--fill", metavar="FILE", help="Your own export of the gradebook: one column is filled, every "
              "other cell stays as it is.")  # fmt: skip
@click.option("--column", metavar="TITLE", help="The column to fill.  [default: the only one that fits]")
@click.option("--comments", type=click.Choice(["keep", "fill", "replace"]), default="keep", show_default=True,
              help="Feedback comments of Moodle's worksheet: keep all as they are; fill those that are empty; replace "
              "all.")  # fmt: skip
@click.option("--match", "matches", metavar="FILE", help="CSV with the columns student and row, for students who "
              "could not be matched.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="The file to write; for feedback, a folder. Without it "
              "nothing is written, only shown.")  # fmt: skip
@click.pass_context
def gradebook(context: click.Context, /, folder: str, **options: Any) -> None:
    """Match the students of a batch with a gradebook, show how, and write the filled gradebook. Of a course the totals
    are entered.

    Students who could not be graded get no score and are listed: never a 0."""
    from grader.batch.gradebooks.fill import GradebookOptions
    from grader.cli.batch import fill_gradebook

    context.exit(fill_gradebook(folder, GradebookOptions(**options)))
