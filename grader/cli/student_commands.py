"""The commands for students: check, hints, doubts, exercises and their explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from grader.cli.arguments import EXERCISE, SECRET
from grader.errors import UsageError
from grader.reveal import REVEAL_LEVELS

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


def serve_editor() -> int:
    """Serve an editor on standard input and output. Raises `UsageError` where the extra is not installed."""
    try:
        from grader.editor.server import Outside, serve
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("pygls", "lsprotocol"):
            raise
        raise UsageError("`grader lsp` needs pygls: `pip install 'grader[editor]'` installs it.") from None
    from grader.cli.arguments import not_own
    from grader.crash import sentence

    return serve(Outside(not_own, lambda error: sentence(error, ["lsp"])))


@click.command(epilog=f"{EXERCISE} A starter names its exercise: `grader hint mine.py`.",
             short_help="Show the next hint for the first mistake.")  # fmt: skip
@click.argument("exercise", metavar="[EXERCISE]")
@click.argument("submission", required=False, metavar="SUBMISSION")
@click.option("--student", metavar="ID", help="Whose submission it is: only needed for an exercise with variants.")
@SECRET
@click.option("--variant", metavar="KEY", help="The key of the given numbers, as a handout names it.")
@click.option("-y", "--yes", "agreed", is_flag=True, help="Show the hint without asking, whatever it costs.")
@click.pass_context
def hint(context: click.Context, /, exercise: str, submission: str | None, variant: str | None, **options: Any) -> None:
    """Show a little more about the first mistake in SUBMISSION each time: its place, a hint, the rule, the fix.

    Never more than the exercise reveals. Where a hint costs points, you are asked first. What you have seen is
    remembered in a small file beside SUBMISSION."""
    from grader.cli.arguments import chosen
    from grader.cli.hint import HintOptions, hint_one

    named = chosen(exercise, submission, "hint", variant, options["student"])
    context.exit(hint_one(named, HintOptions(**options)))


@click.command(epilog=f"{EXERCISE} A starter names its exercise: `grader dispute mine.py STEP`. Exit status of "
             "`grader dispute FILE.json`: 0 the verdict is the same, 1 it is another.",
             short_help="Pass a doubtful verdict on, or judge one again.")  # fmt: skip
@click.argument("words", metavar="[EXERCISE] SUBMISSION STEP", nargs=-1, required=True)
@click.option("--because", metavar="TEXT", default="", help="Why you think that the step is right.")
@click.option("-o", "--output", metavar="FILE", help="The file to write.  [default: dispute-STEP.json]")
@click.option("--variant", metavar="KEY", help="The key of the given numbers, as a handout names it.")
@click.option("--isolation", type=click.Choice(["strict", "portable", "process"]), help="For FILE.json: how the code "
              "in it is kept from your files.  [default: strict where it works, else portable]")  # fmt: skip
@click.option("--i-trust-these-files", "trusted", is_flag=True, help="Needed for --isolation process.")
@click.pass_context
def dispute(context: click.Context, /, words: tuple[str, ...], variant: str | None, **options: Any) -> None:
    """Write a file from which the verdict on STEP can be judged again, without your name in it.

    `grader dispute FILE.json` judges such a file again, and says whether the verdict is the same."""
    from grader.cli.one_step import DisputeOptions, judge_again, write_dispute

    call = DisputeOptions(**options)
    if len(words) == 1 and words[0].lower().endswith(".json"):
        context.exit(judge_again(words[0], call))
    if len(words) not in (2, 3):
        raise click.UsageError("Name the submission and the step: `grader dispute mine.py dh1`.")
    from grader.cli.arguments import chosen, refuse_without_step

    first, second = (words[0], None) if len(words) == 2 else (words[0], words[1])
    if second is None:
        refuse_without_step(first, words[1], "dispute")
    context.exit(write_dispute(chosen(first, second, "dispute", variant), words[-1], call))


@click.command(epilog=f"{EXERCISE} A starter names its exercise: `grader numcheck mine.py STEP`.",
             short_help="Compare a step with a numerical slope.")  # fmt: skip
@click.argument("exercise", metavar="[EXERCISE]")
@click.argument("submission", metavar="SUBMISSION")
@click.argument("step", required=False, metavar="STEP")
@click.option("--student", metavar="ID", help="Whose submission it is: only needed for an exercise with variants.")
@SECRET
@click.option("--variant", metavar="KEY", help="The key of the given numbers, as a handout names it.")
@click.pass_context
def numcheck(
    context: click.Context, /, exercise: str, submission: str, step: str | None, variant: str | None, **options: Any
) -> None:
    """Compare STEP, a derivative, with the slope of your own forward pass, found by shifting a value up and down.

    Exit status: 0 they agree, 1 they differ."""
    from grader.cli.arguments import chosen, refuse_without_step
    from grader.cli.one_step import NumcheckOptions, numcheck_one

    if step is None:
        refuse_without_step(exercise, submission, "numcheck")
    first, second, name = (exercise, None, submission) if step is None else (exercise, submission, step)
    call = NumcheckOptions(**options)
    context.exit(numcheck_one(chosen(first, second, "numcheck", variant, call.student), name, call))


@click.command(short_help="Serve an editor: verdicts while you type.")
@click.option("--stdio", is_flag=True, hidden=True, help="What editors add; there is no other way.")
@click.pass_context
def lsp(context: click.Context, stdio: bool) -> None:
    """Serve an editor by the Language Server Protocol, on standard input and output.

    The wrong range is underlined while you type, with the explanation when you point at it, the repair as a quick fix
    where the exercise reveals it, and the verdict after each step's line; in notebooks too. `grader docs editor` says
    how VS Code, Neovim and JupyterLab are told to start it. It needs `pip install 'grader[editor]'`."""

    context.exit(serve_editor())


@click.command(epilog=EXERCISE, short_help="Show what an exercise asks for.")
@click.argument("exercise")
@click.option("--values", is_flag=True, help="Also the right values at the given numbers (own exercises need torch).")
@click.option("--hints", is_flag=True, help="Also the hint for each step.")
def show(exercise: str, values: bool, hints: bool) -> None:
    """Show EXERCISE: its text, what is given, the program, and what is asked for."""
    from grader.cli.commands import show_one

    show_one(exercise, values, hints)


@click.command(name="list")
def list_() -> None:
    """List the shipped exercises."""
    from grader.cli.listing import list_all

    list_all()


@click.command(short_help="Explain a misconception by its code.")
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain the misconception CODE, as a report names it: what it is, why it is wrong, what to do, and an example.

    Without CODE, list all of them."""
    from grader.cli.output import width, write
    from grader.report.explain import find, render, render_all

    write(render_all(width()) if code is None else render(find(code), width()))


@click.command(short_help="Show the documentation.")
@click.argument("page", required=False)
@click.option("--open", "opened", is_flag=True, help="Open the page with what this system opens Markdown with.")
@click.pass_context
def docs(context: click.Context, page: str | None, opened: bool) -> None:
    """Print a page of the documentation: what a report says, grading a class, the exercise language, and more.

    Without PAGE, list all of them."""
    from grader.cli.listing import list_pages, open_page, print_page

    if page is not None:
        (open_page if opened else print_page)(page)
    elif opened:
        raise click.UsageError("Missing argument 'PAGE': `grader docs` lists all pages.", context)
    else:
        list_pages()
