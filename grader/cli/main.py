"""The command `grader`. Commands import their dependencies when they run, so that help and completion stay instant."""

from __future__ import annotations

import errno
import gc
import importlib
import sys
from collections.abc import Sequence
from itertools import pairwise

import click

from grader import __version__
from grader.cli import exits
from grader.cli.exits import EndedBySignal, end_by_exception, end_process
from grader.errors import EnvironmentProblem, ExerciseError, GraderError, InternalError, IsolationMissing
from grader.nearest import did_you_mean, near

MODULES = {
    "check": "student_commands",
    "hint": "student_commands",
    "dispute": "student_commands",
    "numcheck": "student_commands",
    "lsp": "student_commands",
    "show": "student_commands",
    "list": "student_commands",
    "explain": "student_commands",
    "docs": "student_commands",
    "lint": "instructor_commands",
    "handout": "instructor_commands",
    "variants": "instructor_commands",
    "values": "instructor_commands",
    "new": "instructor_commands",
    "package": "instructor_commands",
    "batch": "instructor_commands",
    "results": "instructor_commands",
    "gradebook": "instructor_commands",
    "serve": "serve_command",
}
"""The module of `grader.cli` that has each command."""


class _Commands(click.Group):
    """The commands, each imported when it is asked for; similar ones are suggested for a mistyped one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module = importlib.import_module(f"grader.cli.{MODULES[cmd_name]}")
        name = "list_" if cmd_name == "list" else cmd_name  # the function that Python has already
        command: click.Command = getattr(module, name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"There is no command {args[0]!r}.{did_you_mean(args[0], MODULES)}")
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None:
            _refuse_option_as_value(ctx, command, rest)
        return name, command, rest


def _refuse_option_as_value(ctx: click.Context, command: click.Command, words: Sequence[str]) -> None:
    """Fail if an option stands where another one needs a value: `--anonymous -o FILE`."""
    options = {word: one for one in command.params if isinstance(one, click.Option) for word in one.opts}
    for word, after in pairwise(words):
        if word == "--":
            return
        option = options.get(word)
        if option is not None and not option.is_flag and after in options:
            ctx.fail(f"{word} needs a value: `{word} {option.make_metavar(ctx)}`.")


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


GARBAGE = 100_000
"""Threshold of the cyclic garbage collector, in allocations. Importing a command makes tens of thousands of objects and
hardly any garbage: with Python's default of 700, looking for it takes a sixth of a check."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its status; without `arguments` with those of this process, which then ends."""
    gc.set_threshold(GARBAGE)
    end_by_exception()
    try:
        code = run(list(sys.argv[1:] if arguments is None else arguments))
    except EndedBySignal as ended:  # before or after the command itself
        code = ended.status
    if arguments is None:
        end_process(code)
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
        return exits.UNREADABLE
    except click.ClickException as error:
        return _refused(error)
    except (click.Abort, KeyboardInterrupt):
        return exits.INTERRUPTED
    except ExerciseError as error:
        complain(f"The exercise cannot be used; nothing was graded.\n{error}")
        return exits.UNREADABLE
    except InternalError as error:
        return _failed(error, arguments)
    except IsolationMissing as error:
        complain(f"grader: {error}")
        return exits.UNREADABLE
    except GraderError as error:
        complain(f"grader: {error}")
        return exits.FAULT if isinstance(error, EnvironmentProblem) else exits.UNREADABLE
    except EndedBySignal as ended:
        complain(f"grader: {ended}")
        return ended.status
    except OSError as error:
        if error.errno not in _OF_THE_SYSTEM:
            return _failed(error, arguments)
        complain(f"grader: {error.strerror}{f': {error.filename}' if error.filename else ''}")
        return exits.UNREADABLE
    except Exception as error:  # a bug of ours: told in a sentence, with a file for its developers
        return _failed(error, arguments)
    return code if isinstance(code, int) else exits.ALL_RIGHT


_OF_THE_SYSTEM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC), errno.EROFS, errno.EACCES, errno.EPERM,
                  errno.EIO, errno.EMFILE, errno.ENFILE)  # fmt: skip
"""What the system refuses to anyone: a full or broken disk, a folder that cannot be written, too many open files."""


def _refused(error: click.ClickException) -> int:
    """Says what is wrong with the words of the command."""
    from grader.cli.output import complain

    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message()
    if isinstance(error, click.NoSuchOption):
        meant = near(error.option_name, error.possibilities or ())
        message = click.NoSuchOption(error.option_name, possibilities=meant).format_message()
    elif isinstance(error, click.MissingParameter) and context is not None:
        needed = [piece for piece in context.command.collect_usage_pieces(context) if not piece.startswith("[")]
        message = f"The command needs {' and '.join(needed)}."
    if context is not None:
        complain(f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n")
    complain(f"Error: {message}")
    return exits.UNREADABLE


def _failed(error: Exception, arguments: list[str]) -> int:
    from grader.cli.output import complain
    from grader.crash import sentence

    complain(sentence(error, arguments))
    return exits.FAULT
