"""The commands for a whole class: `batch`, `results`, `gradebook`."""

from __future__ import annotations

import click

LAYOUTS = ("gradescope", "moodle", "brightspace", "blackboard", "canvas", "nbgrader", "git", "folders", "files")
BOOKS = ("canvas", "moodle", "moodle-feedback", "brightspace", "blackboard", "nbgrader", "csv", "feedback")
FORMATS = ("text", "jsonl", "csv", "markdown", "html")

SECRET = click.option(
    "--secret-file",
    metavar="FILE",
    envvar="GRADER_SECRET_FILE",
    help="File with the course secret: from it come each student's numbers, and the further numbers that every step is "
    "tried with.  "
    "[default: the file that GRADER_SECRET_FILE names, if any]",
)

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
@click.option("--student", metavar="ID", help="Grade this one student again.")
@click.option("--fresh", is_flag=True, help="Start over: grade everything again. Earlier results are kept aside.")
@click.option("--workers", metavar="N", type=click.IntRange(1), help="How many are graded at a time.  "
              "[default: one per core]")  # fmt: skip
@click.option("--cluster", metavar="ADDRESS", help="Grade on a dask.distributed cluster: tcp://host:8786, or local:2 "
              "for one of two workers on this machine.")  # fmt: skip
@click.option("--isolation", type=click.Choice(["strict", "portable", "process"]), help="How submissions are kept "
              "from this machine and from one another.  [default: strict where it works, else portable]")  # fmt: skip
@click.option(_TRUST, "trusted", is_flag=True, help="Needed for --isolation process, in which every submission can "
              "read and change whatever you can.")  # fmt: skip
@click.option("--due", metavar="TIME", help="When it was due: '2026-11-23 23:59'.")
@click.option("--late-penalty", metavar="PERCENT", type=click.FloatRange(0, 100), help="Percent of all points "
              "that each day begun costs.")  # fmt: skip
@click.option("--grace", metavar="MINUTES", type=click.FloatRange(0), help="How late costs nothing.")
@SECRET
@click.pass_context
def batch(context: click.Context, /, **options: object) -> None:
    """Grade everything in PATH..., and keep the results in DIR.

    Folders of files or of students, zips, and the downloads of Canvas, Moodle, Blackboard, Brightspace, Gradescope and
    nbgrader are recognised. With a course file in place of EXERCISE, each of its exercises is graded into a folder of
    its own in DIR, by its own due date, and DIR/course.csv has the weighted points of all. After an interruption, the
    same command goes on where it stopped; of a changed download it grades only what changed."""
    from grader.cli.batch import run_batch
    from grader.course.course_file import is_course

    if is_course(str(options["exercise"])):
        from grader.cli.course import run_course_batch

        context.exit(run_course_batch(options))
    context.exit(run_batch(options))


@click.command(short_help="Show, query and export the results of a class.")
@click.argument("folder", metavar="DIR")
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True,
              help="text: an overview of the class; jsonl: one result per line; csv and markdown: one student per "
              "line, with a column per step; html: a page on who made which mistake where.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write to FILE instead of the terminal.")
@click.option("--student", "students", metavar="ID", multiple=True, help="Only this student; may be repeated.")
@click.option("--misconception", metavar="CODE", help="Only students who made this mistake.")
@click.option("--step", metavar="NAME", help="Only students whose step NAME is not right; with --misconception, who "
              "made the mistake there.")  # fmt: skip
@click.option("--ungraded", is_flag=True, help="Only students without a score.")
@click.option("--overrides", metavar="FILE", help="Read scores given by hand from a CSV file with the columns student, "
              "score and reason. They stay when the class is graded again; an empty score takes one back.")  # fmt: skip
def results(**options: object) -> None:
    """Show the results that `grader batch` wrote to DIR.

    With --student alone, and as text, the whole report of that student."""
    from grader.cli.batch import show_results

    show_results(options)


@click.command(short_help="Enter scores into a gradebook.")
@click.argument("folder", metavar="DIR")
@click.option("--for", "book", type=click.Choice(BOOKS), required=True, help="The system whose gradebook "
              "it is; moodle-feedback: a zip of feedback files for Moodle; feedback: a page per student.")  # fmt: skip
@click.option("--fill", metavar="FILE", help="Your own export of the gradebook: one column is filled, every "
              "other cell stays as it is.")  # fmt: skip
@click.option("--column", metavar="TITLE", help="The column to fill.  [default: the only one that fits]")
@click.option("--match", "matches", metavar="FILE", help="CSV with the columns student and row, for students who "
              "could not be matched.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="The file to write; for feedback, a folder. Without it "
              "nothing is written, only shown.")  # fmt: skip
@click.pass_context
def gradebook(context: click.Context, /, **options: object) -> None:
    """Match the students of a batch with a gradebook, show how, and write the filled gradebook.

    Students who could not be graded get no score and are listed: never a 0."""
    from grader.cli.batch import fill_gradebook

    context.exit(fill_gradebook(options))


COMMANDS = (batch, results, gradebook)
