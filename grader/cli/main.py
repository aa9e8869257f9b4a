"""The command `grader`. Commands import their dependencies when they run, so that help and completion stay instant."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from grader import __version__
from grader.cli import batch_commands, status
from grader.cli.batch_commands import SECRET
from grader.cli.ended import Ended, end_by_exception
from grader.errors import EnvironmentProblem, ExerciseError, GraderError, InternalError, IsolationMissing
from grader.model import REVEAL_LEVELS
from grader.nearest import did_you_mean, near

if TYPE_CHECKING:
    from grader.report.terminal import Detail

_EXERCISE = "EXERCISE is an id or a number of the shipped collection (see `grader list`), or the path of a YAML file."


class _Commands(click.Group):
    """A command group that suggests similar commands for a mistyped one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"There is no command {args[0]!r}.{did_you_mean(args[0], self.commands)}")
        return super().resolve_command(ctx, args)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`grader list` shows the exercises, `grader COMMAND --help` the options of a command, `grader docs` all "
    "else. Exit status: 0 all steps are correct, 1 something is not, 2 the command, the exercise or the submission "
    "could not be read, 3 a fault of the grader itself, which costs no points.",
)
@click.version_option(__version__, message="grader %(version)s")
def cli() -> None:
    """Grade derivations done by hand: every step is compared with autograd, and the first wrong one is named."""


def _is_course(name: str) -> bool:
    """Whether this names a course file; those of the shipped exercises that have no path do not."""
    if not name.endswith((".yaml", ".yml")):
        return False
    from grader.course.course_file import is_course

    return is_course(name)


@cli.command(epilog=f"{_EXERCISE} A starter names its exercise: `grader check mine.py`.",
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
    exercise: str,
    submission: str | None,
    form: str,
    output: str | None,
    reveal: str | None,
    student: str | None,
    whole: bool,
    step: str | None,
    watched: bool,
    secret_file: str | None,
    variant: str | None,
    isolation: str,
) -> None:
    """Grade SUBMISSION, a script (.py), a notebook (.ipynb) or Markdown with Python code (.md, .Rmd, .qmd):
    `grader check tanh-chain mine.py`.

    The code is run as written, and again with every wrong step put right, so that one mistake costs one step."""
    from grader.cli.chosen import chosen

    detail: Detail = "all" if whole else "first"
    named = chosen(exercise, submission, "check", variant, student)
    if _is_course(named.exercise):
        if watched or step is not None or named.variant is not None:
            raise click.UsageError("--watch, --step and --variant are for one exercise of a course: name it.")
        from grader.cli.course import check_file

        own = {"reveal": reveal, "student": student, "secret_file": secret_file, "isolation": isolation}
        context.exit(check_file(named.exercise, named.submission, form, output, own))
    if (watched or step is not None) and (form != "text" or output is not None):
        raise click.UsageError(f"{'--watch' if watched else '--step'} shows text: leave out --format and -o.")
    if watched:
        if step is not None:
            raise click.UsageError("--watch shows all steps: leave out --step.")
        from grader.cli.watch import Watched, watch

        how = (student, reveal, secret_file, named.variant, isolation, detail)
        context.exit(watch(Watched(named.exercise, named.submission, *how)))
    from grader.cli.commands import check_one

    options = (form, output, reveal, student, secret_file, named.variant, isolation, detail, step)
    context.exit(check_one(named.exercise, named.submission, *options))


@cli.command(epilog=f"{_EXERCISE} A starter names its exercise: `grader hint mine.py`.",
             short_help="Show the next hint for the first mistake.")  # fmt: skip
@click.argument("exercise", metavar="[EXERCISE]")
@click.argument("submission", required=False, metavar="SUBMISSION")
@click.option("--student", metavar="ID", help="Whose submission it is, where the exercise has variants.")
@SECRET
@click.option("--variant", metavar="KEY", help="The key of the given numbers, as a handout names it.")
@click.option("-y", "--yes", "agreed", is_flag=True, help="Show the hint without asking, whatever it costs.")
@click.pass_context
def hint(
    context: click.Context,
    exercise: str,
    submission: str | None,
    student: str | None,
    secret_file: str | None,
    variant: str | None,
    agreed: bool,
) -> None:
    """Show a little more about the first mistake in SUBMISSION each time: its place, a hint, the rule, the fix.

    Never more than the exercise reveals. Where a hint costs points, you are asked first. What you have seen is
    remembered in a small file beside SUBMISSION."""
    from grader.cli.chosen import chosen
    from grader.cli.hint import hint_one

    context.exit(hint_one(chosen(exercise, submission, "hint", variant, student), student, secret_file, agreed))


@cli.command(epilog=f"{_EXERCISE} A starter names its exercise: `grader dispute mine.py STEP`. Exit status of "
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
def dispute(
    context: click.Context,
    words: tuple[str, ...],
    because: str,
    output: str | None,
    variant: str | None,
    isolation: str | None,
    trusted: bool,
) -> None:
    """Write a file from which the verdict on STEP can be judged again, without your name in it.

    `grader dispute FILE.json` judges such a file again, and says whether the verdict is the same."""
    if len(words) == 1 and words[0].lower().endswith(".json"):
        from grader.batch.isolation import isolation_for
        from grader.cli.dispute import judge_again

        context.exit(judge_again(words[0], isolation_for(isolation, trusted).mode))
    if len(words) not in (2, 3):
        raise click.UsageError("Name the submission and the step: `grader dispute mine.py dh1`.")
    from grader.cli.chosen import chosen
    from grader.cli.dispute import write_dispute

    first, second = (words[0], None) if len(words) == 2 else (words[0], words[1])
    context.exit(write_dispute(chosen(first, second, "dispute", variant), words[-1], because, output))


@cli.command(epilog=f"{_EXERCISE} A starter names its exercise: `grader numcheck mine.py STEP`.",
             short_help="Compare a step with a numerical slope.")  # fmt: skip
@click.argument("exercise", metavar="[EXERCISE]")
@click.argument("submission", metavar="SUBMISSION")
@click.argument("step", required=False, metavar="STEP")
@click.option("--student", metavar="ID", help="Whose submission it is, where the exercise has variants.")
@SECRET
@click.option("--variant", metavar="KEY", help="The key of the given numbers, as a handout names it.")
@click.pass_context
def numcheck(
    context: click.Context,
    exercise: str,
    submission: str,
    step: str | None,
    student: str | None,
    secret_file: str | None,
    variant: str | None,
) -> None:
    """Compare STEP, a derivative, with the slope of your own forward pass, found by shifting a value up and down.

    Exit status: 0 they agree, 1 they differ."""
    from grader.cli.chosen import chosen
    from grader.cli.numcheck import numcheck_one

    first, second, name = (exercise, None, submission) if step is None else (exercise, submission, step)
    context.exit(numcheck_one(chosen(first, second, "numcheck", variant, student), name, student, secret_file))


@cli.command(short_help="Serve an editor: verdicts while you type.")
@click.option("--stdio", is_flag=True, hidden=True, help="What editors add; there is no other way.")
@click.pass_context
def lsp(context: click.Context, stdio: bool) -> None:
    """Serve an editor by the Language Server Protocol, on standard input and output.

    The wrong range is underlined while you type, with the explanation when you point at it, the repair as a quick fix
    where the exercise reveals it, and the verdict after each step's line; in notebooks too. `grader docs editor` says
    how VS Code, Neovim and JupyterLab are told to start it. It needs `pip install 'grader[editor]'`."""
    from grader.cli.lsp import serve_editor

    context.exit(serve_editor())


@cli.command(epilog=_EXERCISE, short_help="Show what an exercise asks for.")
@click.argument("exercise")
@click.option("--values", is_flag=True, help="Also the right values at the given numbers (own exercises need torch).")
@click.option("--hints", is_flag=True, help="Also the hint for each step.")
def show(exercise: str, values: bool, hints: bool) -> None:
    """Show EXERCISE: its text, what is given, the program, and what is asked for."""
    from grader.cli.commands import show_one

    show_one(exercise, values, hints)


@cli.command(name="list")
def list_() -> None:
    """List the shipped exercises."""
    from grader.cli.listing import list_all

    list_all()


@cli.command(
    epilog=f"{_EXERCISE} Exit status: 0 no faults (there may be warnings), 2 faults, or a file that cannot be read.",
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
        from grader.cli.operations import list_operations

        list_operations()
        context.exit()
    if not exercises and not schema:
        raise click.UsageError("Missing argument 'EXERCISE...'.", context)
    from grader.cli.commands import lint_all, print_schema

    context.exit(print_schema() if schema else lint_all(exercises))


@cli.command(epilog=_EXERCISE, short_help="Write the starter file of an exercise.")
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
def handout(
    exercise: str,
    output: str,
    form: str,
    library: str | None,
    student: str | None,
    secret_file: str | None,
    hints: bool,
    solution: str | None,
) -> None:
    """Write the starter of EXERCISE: its text, the given numbers, the forward pass, and one blank per step."""
    from grader.cli.authoring import hand_out, hand_out_solution

    if _is_course(exercise):
        if student or solution is not None:
            raise click.UsageError("--student and --from are for one exercise of a course: name it.")
        from grader.cli.course import hand_out_course

        hand_out_course(exercise, output, form, library, hints)
        return
    if solution is not None:
        if student or library or hints or form == "notebook":
            raise click.UsageError("--from takes everything from FILE: leave out the other options but -o.")
        hand_out_solution(exercise, output, solution)
    else:
        hand_out(exercise, output, form, library, student, secret_file, hints)


@cli.command(epilog=_EXERCISE, short_help="List the given numbers of each student.")
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


@cli.command(epilog=_EXERCISE, short_help="Write reference values to files.")
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


@cli.command(short_help="Begin a new exercise file.")
@click.argument("id", metavar="ID")
@click.option("-o", "--output", metavar="DIR", default=".", help="The folder for ID.yaml.  "
              "[default: the current folder]")  # fmt: skip
@click.option("--from", "solution", metavar="SOLUTION", help="A worked script or notebook to read the exercise from.")
def new(id: str, output: str, solution: str | None) -> None:
    """Write ID.yaml, a small exercise with a comment on every field, to be changed into your own.

    With --from, the exercise is read from SOLUTION, which is run (isolated, as any submission is): what it starts from,
    its forward pass, and its derivatives as steps, in their order. Each step is confirmed by grading SOLUTION with the
    new exercise; what could not be read or confirmed is a comment with its line."""
    from grader.cli.authoring import write_new

    write_new(id, output, solution)


@cli.command(short_help="Explain a misconception by its code.")
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain the misconception CODE, as a report names it: what it is, why it is wrong, what to do, and an example.

    Without CODE, list all of them."""
    from grader.cli.output import width, write
    from grader.report.explain import find, render, render_all

    write(render_all(width()) if code is None else render(find(code), width()))


@cli.command(short_help="Show the documentation.")
@click.argument("page", required=False)
@click.option("--open", "opened", is_flag=True, help="Open the page with what this system opens Markdown with.")
@click.pass_context
def docs(context: click.Context, page: str | None, opened: bool) -> None:
    """Print a page of the documentation: what a report says, grading a class, the exercise language, and more.

    Without PAGE, list all of them."""
    from grader.cli.docs import list_pages, open_page, print_page

    if page is not None:
        (open_page if opened else print_page)(page)
    elif opened:
        raise click.UsageError("Missing argument 'PAGE': `grader docs` lists all pages.", context)
    else:
        list_pages()


@cli.command(short_help="Make a grader for an LMS.", epilog=_EXERCISE)
@click.argument("target", required=False)
@click.argument("exercise", required=False)
@click.option("--list", "listed", is_flag=True, help="Show for each TARGET what it needs, shows and cannot do.")
@click.option("-o", "--output", metavar="FILE", help="The file to write.  [default: EXERCISE-TARGET.zip]")
@click.option("--reveal", type=click.Choice(REVEAL_LEVELS), help="How much the reports give away.  "
              "[default: what the exercise says]")  # fmt: skip
@click.option("--isolation", type=click.Choice(["strict", "portable", "process"]), help="How submissions are kept from "
              "the grader's files.  [default: strict where it works, else portable; where neither works, nothing is "
              "graded]")  # fmt: skip
@click.option("--torch", default="", metavar="REQUIREMENT", help="Also install this torch, for submissions that import "
              "it: 'torch>=2.6'.")  # fmt: skip
@SECRET
@click.pass_context
def package(context: click.Context, target: str | None, exercise: str | None, listed: bool, output: str | None,
            reveal: str | None, isolation: str | None, torch: str, secret_file: str | None) -> None:  # fmt: skip
    """Write a file that makes another system grade EXERCISE: Gradescope, Moodle, GitHub and others.

    It holds the grader, the exercise and its right values, so that grading needs neither torch nor network."""
    from grader.cli.package import build_package, list_targets

    if listed:
        list_targets()
    elif target is None or exercise is None:
        raise click.UsageError("Say for which TARGET, and which EXERCISE; --list shows the targets.", context)
    else:
        build_package(target, exercise, output, (reveal, isolation), secret_file, torch)


for _command in batch_commands.COMMANDS:
    cli.add_command(_command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its status."""
    end_by_exception()
    try:
        code = run(list(sys.argv[1:] if arguments is None else arguments))
    except Ended as ended:  # before or after the command itself
        code = ended.status
    sys.exit(code)


def run(arguments: list[str]) -> int:
    """Run the command and return the exit status; every failure is reported as a sentence."""
    import warnings

    from grader.cli.output import complain, encode_anything
    from grader.errors import ExplanationFailed

    warnings.simplefilter("ignore", ExplanationFailed)
    encode_anything()
    try:
        code = cli.main(arguments, prog_name="grader", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return status.UNREADABLE
    except click.NoSuchOption as error:
        meant = near(error.option_name, error.possibilities or ())
        click.NoSuchOption(error.option_name, possibilities=meant, ctx=error.ctx).show()
        return status.UNREADABLE
    except click.ClickException as error:
        error.show()
        return status.UNREADABLE
    except (click.Abort, KeyboardInterrupt):
        return status.INTERRUPTED
    except ExerciseError as error:
        complain(f"The exercise cannot be used; nothing was graded.\n{error}")
        return status.UNREADABLE
    except InternalError as error:
        return _failed(error, arguments)
    except IsolationMissing as error:
        complain(f"grader: {error}")
        return status.UNREADABLE
    except GraderError as error:
        complain(f"grader: {error}")
        return status.FAULT if isinstance(error, EnvironmentProblem) else status.UNREADABLE
    except Ended as ended:
        complain(f"grader: {ended}")
        return ended.status
    except OSError as error:
        if error.errno not in _OF_THE_SYSTEM:
            return _failed(error, arguments)
        complain(f"grader: {error.strerror}{f': {error.filename}' if error.filename else ''}")
        return status.UNREADABLE
    except Exception as error:
        return _failed(error, arguments)
    return code if isinstance(code, int) else status.ALL_RIGHT


_OF_THE_SYSTEM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EACCES, errno.EPERM,
                  errno.EIO, errno.EMFILE, errno.ENFILE)  # fmt: skip
"""What the system refuses to anyone: a full or broken disk, a folder that cannot be written, too many open files."""


def _failed(error: Exception, arguments: list[str]) -> int:
    from grader.cli.crash import sentence
    from grader.cli.output import complain

    complain(sentence(error, arguments))
    return status.FAULT
