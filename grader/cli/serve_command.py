"""`grader serve`: the web application."""

from __future__ import annotations

import click

from grader.cli.platform_commands import platform

_URL = "Where browsers and platforms reach the server: https://grader.example.edu.  [default: its own address]"


@click.group(
    invoke_without_command=True,
    short_help="Serve a course: hand in, grade, see.",
    epilog="`grader docs serve` says how it runs behind nginx or Caddy. With --check the exit status is 1 if something "
    "is missing.",
)
@click.option("--demo", is_flag=True, help="Try it out: a course with a student and an instructor, in a temporary "
              "folder, and a link for each.")  # fmt: skip
@click.option(
    "--check", is_flag=True, help="Say what is missing (https, secret, database, isolation, clock), and stop."
)
@click.option("--url", metavar="URL", envvar="GRADER_URL", help=_URL)
@click.option("--database", metavar="URL", envvar="GRADER_DATABASE", help="The database, as a URL: "
              "postgresql+psycopg://grader@localhost/grader.  [default: SQLite in the folder --data]")  # fmt: skip
@click.option("--data", metavar="DIR", envvar="GRADER_DATA", help="The folder for the database and what else is kept.  "
              "[default: grader-data; --demo: a temporary one]")  # fmt: skip
@click.option("--secret-file", metavar="FILE", envvar="GRADER_SERVE_SECRET_FILE", help="File with the server's secret, "
              "at least 32 characters.  [default: one that is made in the folder --data]")  # fmt: skip
@click.option("--host", metavar="ADDRESS", envvar="GRADER_HOST", default="127.0.0.1", show_default=True,
              help="The address to listen on.")  # fmt: skip
@click.option("--port", metavar="N", envvar="GRADER_PORT", type=click.IntRange(0, 65535), default=8000,
              show_default=True, help="The port to listen on; 0: a free one.")  # fmt: skip
@click.option("--workers", metavar="N", envvar="GRADER_WORKERS", type=click.IntRange(0, 256), help="How many "
              "submissions are graded at a time; 0: only by other processes.  [default: one per core]")  # fmt: skip
@click.option("--isolation", envvar="GRADER_ISOLATION", type=click.Choice(["strict", "portable", "process"]),
              help="How submissions are kept from this machine and from one another.  [default: strict where it works, "
              "else portable]")  # fmt: skip
@click.option("--upload-limit", metavar="MIB", envvar="GRADER_UPLOAD_LIMIT", type=click.FloatRange(0.1, 100),
              default=2.0, show_default=True, help="The largest file that is taken.")  # fmt: skip
@click.option("--registration-file", metavar="FILE", envvar="GRADER_REGISTRATION_FILE", help="File with the token that "
              "lets platforms register themselves (LTI dynamic registration).  [default: none may]")  # fmt: skip
@click.option("--log-level", envvar="GRADER_LOG_LEVEL", type=click.Choice(["debug", "info", "warning", "error"]),
              help="What is logged, as lines of JSON on standard error.  [default: info; --demo: warning]")  # fmt: skip
@click.pass_context
def serve(context: click.Context, /, demo: bool, check: bool, **options: object) -> None:
    """Serve a course in the browser: students read exercises, hand in and see their reports, instructors see the class.

    It is launched from an LMS by LTI 1.3 (Canvas, Moodle, Blackboard, Brightspace, Sakai), or runs by itself with links
    for its people. It needs `pip install 'grader[lms]'`."""
    from grader.cli import serving

    chosen = serving.Options(demo=demo, **options)  # type: ignore[arg-type]  # by name
    context.obj = chosen
    if context.invoked_subcommand is None:
        context.exit(serving.check(chosen) if check else serving.serve(chosen))


@serve.command()
@click.argument("course")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--role", type=click.Choice(["student", "instructor", "assistant"]), default="student",
              show_default=True, help="What they are in the course.")  # fmt: skip
@click.pass_context
def invite(context: click.Context, course: str, names: tuple[str, ...], role: str) -> None:
    """Add people to COURSE (its title, or number; made if there is none of this title), and print a link for each that
    lets in once."""
    from grader.cli import serving

    context.exit(serving.invite(context.obj, course, names, role))


@serve.command("work")
@click.option("--cluster", metavar="ADDRESS", help="Grade on the workers of a dask.distributed cluster, as `grader "
              "batch --cluster` does: tcp://host:8786.")  # fmt: skip
@click.pass_context
def work(context: click.Context, cluster: str | None) -> None:
    """Grade for a server, in a process of its own: on the same machine, or on one that reaches its PostgreSQL.

    It takes --database, --workers and --isolation from `grader serve`, and serves no pages. With --cluster, --workers
    says how many files are graded at a time."""
    from grader.cli import serving_data

    context.exit(serving_data.work(context.obj, cluster))


@serve.command("backup")
@click.argument("file")
@click.pass_context
def backup(context: click.Context, file: str) -> None:
    """Write a copy of the database to FILE, while the server runs. The server's secret is not in it."""
    from grader.cli import serving_data

    context.exit(serving_data.backup(context.obj, file))


@serve.command("restore")
@click.argument("file")
@click.pass_context
def restore(context: click.Context, file: str) -> None:
    """Put a copy that `backup` has written in place of the database. The server has to be stopped."""
    from grader.cli import serving_data

    context.exit(serving_data.restore(context.obj, file))


@serve.command("audit")
@click.pass_context
def audit(context: click.Context) -> None:
    """Show what was changed by these commands: platforms, keys, restored backups. What concerns a course is in the
    course's own audit trail."""
    from grader.cli import serving_data

    context.exit(serving_data.audit(context.obj))


serve.add_command(platform)
