"""The commands for those who write and hand out exercises."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from grader.cli.arguments import EXERCISE, SECRET
from grader.model import REVEAL_LEVELS

if TYPE_CHECKING:
    pass


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
