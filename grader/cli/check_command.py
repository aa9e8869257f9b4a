"""The command `check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import EXERCISE, SECRET
from grader.model import REVEAL_LEVELS

if TYPE_CHECKING:
    from grader.report.terminal import Detail


@click.command(epilog=f"{EXERCISE} A starter names its exercise: `grader check mine.py`.",
             short_help="Grade one submission.")  # fmt: skip
@click.argument("exercise", metavar="[EXERCISE]")
@click.argument("submission", required=False, metavar="SUBMISSION")
@click.option("--format", "form", type=click.Choice(["text", "html", "json", "github", "junit", "sarif"]),
              default="text", show_default=True, help="How the report is written: for people (text, or a page for the "
              "browser), for programs (json), or for CI: annotations of GitHub Actions with a summary of the job, "
              "JUnit XML, SARIF.")  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the report to FILE instead of the terminal.")
@click.option("--reveal", type=click.Choice(REVEAL_LEVELS),
              help="How much the report gives away. Each level adds to the one before: the place, the hint, the "
              "chain rule, the repair, the right values.  [default: what the exercise says]")  # fmt: skip
@click.option("--student", metavar="ID", help="Whose submission it is. Where an exercise has variants, it is judged "
              "at this student's given numbers.")  # fmt: skip
@click.option("--all", "whole", is_flag=True, help="Show every mistake in full, and the table of all steps.")
@click.option("--step", metavar="NAME", help="Show one step alone; the exit status is that of this step.")
@click.option("--watch", "watched", is_flag=True, help="Check again at each save, and say what changed; Ctrl-C ends.")
@SECRET
@click.option("--variant", metavar="KEY", help="For students, in place of --student and --secret-file: the key of "
              "the given numbers, which the starter names.")  # fmt: skip
@click.option("--isolation", type=click.Choice(["process", "portable", "strict"]), default="process",
              show_default=True, help="How the code is kept from your files. process: it is not, for code you trust; "
              "portable and strict: it is, on Linux.")  # fmt: skip
@click.pass_context
def check(
    context: click.Context,
    /,
    exercise: str,
    submission: str | None,
    variant: str | None,
    whole: bool,
    watched: bool,
    **options: Any,
) -> None:
    """Grade SUBMISSION, a script (.py), a notebook (.ipynb) or Markdown with Python code (.md, .Rmd, .qmd):
    `grader check tanh-chain mine.py`.

    The code is run as written, and again with every wrong step put right, so that one mistake costs one step."""
    from grader.cli.arguments import chosen, is_course
    from grader.cli.commands import CheckCall, check_one

    named = chosen(exercise, submission, "check", variant, options["student"])
    detail: Detail = "all" if whole else "first"
    call = CheckCall(named.exercise, named.submission, variant=named.variant, detail=detail, **options)
    if is_course(call.exercise):
        if watched or call.step is not None or call.variant is not None:
            raise click.UsageError("--watch, --step and --variant are for one exercise of a course: name it.")
        from grader.cli.course import check_file

        context.exit(check_file(call))
    if (watched or call.step is not None) and (call.form != "text" or call.output is not None):
        raise click.UsageError(f"{'--watch' if watched else '--step'} shows text: leave out --format and -o.")
    if watched:
        if call.step is not None:
            raise click.UsageError("--watch shows all steps: leave out --step.")
        from grader.cli.watch import watch

        context.exit(watch(call))
    context.exit(check_one(call))
