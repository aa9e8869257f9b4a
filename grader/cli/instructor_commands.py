"""The commands for instructors: those for who writes and hands out exercises, and those for a whole class."""

from __future__ import annotations

from typing import Any

import click

from grader.cli.arguments import EXERCISE, SECRET
from grader.reveal import REVEAL_LEVELS


@click.command(
    epilog=f"{EXERCISE} Exit status: 0 no faults (there may be warnings), 2 faults, or a file that cannot be read.",
    short_help="Check exercise files: faults, and mistakes they would hide.",
)
@click.argument("exercises", metavar="EXERCISE...", nargs=-1)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of exercise files, for editors, and stop.")
@click.option("--operations", is_flag=True, help="Print every operation that a formula may use, and stop.")
@click.pass_context
def lint(context: click.Context, exercises: tuple[str, ...], schema: bool, operations: bool) -> None:
    """Check exercise files, and name every fault with its line and column.

    The program and every step are evaluated, to find wrong shapes and values that are not numbers. Every mistake that
    a known misconception leads to is evaluated too: none may have the right value. Shapes that hide mistakes are
    refused; given numbers that hide them are warned of."""
    if operations:
        from grader.cli.listing import list_operations

        list_operations()
        context.exit()
    if not exercises and not schema:
        raise click.UsageError("Missing argument 'EXERCISE...'.", context)
    from grader.cli.commands import lint_all, print_schema

    context.exit(print_schema() if schema else lint_all(exercises))


@click.command(epilog=EXERCISE, short_help="Write the starter file of an exercise.")
@click.argument("exercise")
@click.option("-o", "--output", metavar="DIR", default=".", help="The folder for the starter; it is made if it does "
              "not exist.  [default: the current folder]")  # fmt: skip
@click.option("--script", "form", flag_value="script", default=True, help="A script (.py).  [default]")
@click.option("--notebook", "form", flag_value="notebook", help="A notebook (.ipynb).")
@click.option("--library", type=click.Choice(["python", "numpy", "torch"]),
              help="The library it is written for.  [default: that of the exercise, or else the simplest "
              "that works]")  # fmt: skip
@click.option("--student", metavar="ID", help="Whose given numbers it has, where the exercise has variants.")
@SECRET
@click.option("--hints", is_flag=True, help="Write each step's hint beside its blank.")
@click.option("--from", "solution", metavar="FILE", help="Make it from this worked solution instead: the right-hand "
              "side of each step becomes a blank, everything else stays.")  # fmt: skip
def handout(exercise: str, output: str, solution: str | None, **given: Any) -> None:
    """Write the starter of EXERCISE: its text, the given numbers, the forward pass, and one blank per step."""
    from grader.cli.arguments import is_course
    from grader.cli.authoring import StarterOptions, hand_out, hand_out_solution

    options = StarterOptions(**given)
    if is_course(exercise):
        if options.student or solution is not None:
            raise click.UsageError("--student and --from are for one exercise of a course: name it.")
        from grader.cli.course import hand_out_course

        hand_out_course(exercise, output, options)
        return
    if solution is not None:
        if options.student or options.library or options.hints or options.form == "notebook":
            raise click.UsageError("--from takes everything from FILE: leave out the other options but -o.")
        hand_out_solution(exercise, output, solution)
    else:
        hand_out(exercise, output, options)


@click.command(epilog=EXERCISE, short_help="List the given numbers of each student.")
@click.argument("exercise")
@click.option("--students", metavar="FILE", required=True, help="One student ID per line; `#` begins a comment.")
@SECRET
@click.option("--format", "form", type=click.Choice(["text", "csv"]), default="text", show_default=True,
              help="How the list is written.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the list to FILE instead of the terminal.")
def variants(exercise: str, students: str, secret_file: str | None, form: str, output: str | None) -> None:
    """List the given numbers of EXERCISE for each student, with the key that a handout names."""
    from grader.cli.authoring import list_variants

    list_variants(exercise, students, secret_file, form, output)


@click.command(epilog=EXERCISE, short_help="Write reference values to files.")
@click.argument("exercises", metavar="[EXERCISE]...", nargs=-1)
@click.option("-o", "--output", metavar="DIR", help="The folder for the files; it is made if it does not exist.  "
              "[default: the folder `values` beside each exercise]")  # fmt: skip
@click.option("--secret-file", metavar="FILE", help="The values at the points drawn from the course secret in FILE, "
              "not at the public ones.")  # fmt: skip
def values(exercises: tuple[str, ...], output: str | None, secret_file: str | None) -> None:
    """Compute the right values of each EXERCISE with torch, and write them to a file, EXERCISE.values; without
    EXERCISE, those of the shipped exercises.

    With the file beside the exercise, or in a folder that the variable GRADER_VALUES names, the grader needs no torch
    for submissions that do not import it."""
    from grader.cli.authoring import write_values_of

    write_values_of(exercises, output, secret_file)


@click.command(short_help="Begin a new exercise file.")
@click.argument("id", metavar="ID")
@click.option("-o", "--output", metavar="DIR", default=".", help="The folder for ID.yaml.  "
              "[default: the current folder]")  # fmt: skip
@click.option("--from", "solution", metavar="SOLUTION", help="A worked script or notebook to read the exercise from.")
@click.option("--forward", metavar="FILE", help="With --from: the forward program, where the script has derivatives "
              "alone, or a forward pass that cannot be read.")  # fmt: skip
def new(id: str, output: str, solution: str | None, forward: str | None) -> None:
    """Write ID.yaml, a small exercise with a comment on every field, to be changed into your own.

    With --from, the exercise is read from SOLUTION, which is run (isolated, as any submission is): what it starts from,
    its forward pass, and its derivatives as steps, in their order. Each step is confirmed by grading SOLUTION with the
    new exercise; what could not be read or confirmed is a comment with its line."""
    from grader.cli.authoring import write_new

    write_new(id, output, solution, forward)


@click.command(short_help="Make a grader for an LMS.", epilog=EXERCISE)
@click.argument("target", required=False)
@click.argument("exercise", required=False)
@click.option("--list", "listed", is_flag=True, help="Show for each TARGET what it needs, shows and cannot do.")
@click.option("-o", "--output", metavar="FILE", help="The file to write.  [default: EXERCISE-TARGET.zip]")
@click.option("--reveal", type=click.Choice(REVEAL_LEVELS), help="How much the reports give away.  "
              "[default: what the exercise says]")  # fmt: skip
@click.option("--reveal-after-due", "after_due", type=click.Choice(REVEAL_LEVELS), help="How much more they give away "
              "after the due date, on Gradescope.")  # fmt: skip
@click.option("--reveal-after-published", "after_published", type=click.Choice(REVEAL_LEVELS), help="The same when "
              "grades are published.")  # fmt: skip
@click.option("--isolation", type=click.Choice(["strict", "portable", "process"]), help="How submissions are kept from "
              "the grader's files.  [default: strict where it works, else portable; where neither works, nothing is "
              "graded]")  # fmt: skip
@click.option("--torch", default="", metavar="REQUIREMENT", help="Also install this torch, for submissions that import "
              "it: 'torch>=2.6'.")  # fmt: skip
@SECRET
@click.pass_context
def package(
    context: click.Context,
    /,
    target: str | None,
    exercise: str | None,
    listed: bool,
    output: str | None,
    **options: Any,
) -> None:
    """Write a file that makes another system grade EXERCISE: Gradescope, Moodle, GitHub and others.

    It holds the grader, the exercise and its right values, so that grading needs neither torch nor network. A course
    file in place of EXERCISE makes one package for all its exercises, where the system can hold several."""
    from grader.cli.authoring import PackageOptions, build_package, list_targets

    if listed:
        list_targets()
    elif target is None or exercise is None:
        raise click.UsageError("Say for which TARGET, and which EXERCISE; --list shows the targets.", context)
    else:
        build_package(target, exercise, output, PackageOptions(**options))


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
