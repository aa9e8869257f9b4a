"""`grader serve`: the web application, and the learning platforms that may launch it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from grader.cli.serving import ServeOptions
    from grader.service.settings import Settings


_NUMBER = click.argument("number", type=int)


@click.group(short_help="Say which learning platforms may launch it.")
def platform() -> None:
    """Register learning platforms: Canvas, Moodle, Brightspace, Blackboard, Sakai. `grader docs platforms` says what
    each of their screens asks for."""


@platform.command(short_help="Register a platform, or change it.")
@click.option("--product", type=click.Choice(["canvas", "moodle", "brightspace", "blackboard"]),
              help="Fills in the addresses below.")  # fmt: skip
@click.option("--site", metavar="URL", default="", help="The platform's own address, with --product.")
@click.option("--issuer", metavar="URL", help="The platform's issuer (platform id).")
@click.option("--client-id", metavar="ID", required=True, help="Our client id there.")
@click.option("--deployment", metavar="ID", multiple=True, help="A deployment id; more than one may be given.  "
              "[default: the first that launches]")  # fmt: skip
@click.option("--auth-url", metavar="URL", help="Its authentication request URL (OIDC).")
@click.option("--token-url", metavar="URL", help="Its access token URL.")
@click.option("--jwks-url", metavar="URL", help="Its public keyset URL.")
@click.option("--audience", metavar="TEXT", help="The audience of token requests.  [default: the token URL]")
@click.option("--origin", metavar="URL", multiple=True, help="A further host of its pages or services.")
@click.option("--algorithm", type=click.Choice(["ES256", "PS256"]), multiple=True, help="How it signs its id_tokens, "
              "besides RS256; only if its configuration says so.")  # fmt: skip
@click.option("--name", metavar="TEXT", help="What it is called in lists.")
@click.pass_context
def add(context: click.Context, /, **given: Any) -> None:
    """Register a platform, or change its registration (same issuer and client id)."""
    from grader.cli.serving import PlatformOptions, details_of, warn_of_own_address
    from grader.errors import UsageError
    from grader.service.admin import registered
    from grader.service.lti.claims import Refused
    from grader.service.store.tables import now

    details = details_of(PlatformOptions(**given))
    missing = [f"--{one.replace('_', '-')}" for one in ("issuer", "auth_url", "token_url", "jwks_url")
               if not getattr(details, one)]  # fmt: skip
    if missing:
        raise UsageError(f"{', '.join(missing)}: needed, or --product with --site.")
    options = context.find_object(_options())
    assert options is not None
    with _session(options) as (session, settings):
        warn_of_own_address(options)
        try:
            row = registered(session, details, now(), "the command line")
        except Refused as refused:
            raise UsageError(str(refused)) from None
        click.echo(f"Platform {row.id}: {row.issuer}, client id {row.client_id}. It launches {settings.url}/lti/login.")


@platform.command(name="list", short_help="Show all platforms.")
@click.pass_context
def list_(context: click.Context) -> None:
    """Show all platforms, and the address by which one registers itself."""
    from grader.cli.serving import warn_of_own_address
    from grader.service.admin import platforms

    options = context.find_object(_options())
    assert options is not None
    with _session(options) as (session, settings):
        for one in platforms(session):
            row = one.platform
            click.echo(f"{row.id}  {row.name}{'' if row.active else '  (off)'}")
            click.echo(f"   issuer {row.issuer}  client id {row.client_id}  courses {one.courses}")
            click.echo(f"   deployments {', '.join(one.deployments) or 'the first that launches'}")
        if settings.registration:
            warn_of_own_address(options)
            click.echo(f"A platform registers itself by {settings.url}/lti/register/{settings.registration}")
        else:
            click.echo("With --registration-file, a platform can register itself by one address.")


@platform.command(short_help="Let another deployment launch.")
@_NUMBER
@click.argument("deployment_id")
@click.pass_context
def deployment(context: click.Context, number: int, deployment_id: str) -> None:
    """Let another deployment of platform NUMBER launch."""
    from grader.service.admin import deployment_added
    from grader.service.store.tables import now

    with _session(context.find_object(_options())) as (session, _):
        deployment_added(session, number, deployment_id, now())


@platform.command(short_help="Take one more host as one of a platform.")
@_NUMBER
@click.argument("url")
@click.pass_context
def origin(context: click.Context, number: int, url: str) -> None:
    """Take the host of URL as one of platform NUMBER: for its services, and for pages that show ours."""
    from grader.service.admin import origin_added
    from grader.service.store.tables import now

    with _session(context.find_object(_options())) as (session, _):
        origin_added(session, number, url, now())


@platform.command(short_help="Let a platform launch, or no longer.")
@_NUMBER
@click.argument("state", type=click.Choice(["on", "off"]))
@click.pass_context
def switch(context: click.Context, number: int, state: Literal["on", "off"]) -> None:
    """Let platform NUMBER launch (on), or no longer (off). Its courses stay."""
    from grader.service.admin import switched
    from grader.service.store.tables import now

    with _session(context.find_object(_options())) as (session, _):
        switched(session, number, state, now())


@platform.command(short_help="Show or change the keys to sign with.")
@click.option("--rotate", "how", flag_value="rotate", help="Add a key. It signs after a day; the earlier one stays "
              "published for 30 days.")  # fmt: skip
@click.option("--replace", "how", flag_value="replace", help="Add a key that signs at once, and withdraw all others: "
              "for a key that somebody else may know.")  # fmt: skip
@click.pass_context
def keys(context: click.Context, how: Literal["rotate", "replace"] | None) -> None:
    """Show the keys that this server signs with, or change them."""
    from sqlalchemy import select

    from grader.service.admin import key_added
    from grader.service.store.tables import ToolKey, now

    with _session(context.find_object(_options())) as (session, settings):
        if how is not None:
            key_added(session, settings.secret, now(), how)
        for row in session.scalars(select(ToolKey).where(ToolKey.retired_at.is_(None)).order_by(ToolKey.created_at)):
            click.echo(f"{row.kid}  made {row.created_at:%Y-%m-%d %H:%M} UTC")


def _options() -> type[ServeOptions]:
    from grader.cli.serving import ServeOptions

    return ServeOptions


@contextmanager
def _session(options: ServeOptions | None) -> Iterator[tuple[Session, Settings]]:
    """The database of the options, up to date, and the settings."""
    from grader.cli.serving import settings_of
    from grader.service.store.database import opened, sessions, upgrade

    assert options is not None
    settings = settings_of(options)
    engine = opened(settings.database)
    try:
        upgrade(engine)
        with sessions(engine).begin() as session:
            yield session, settings
    finally:
        engine.dispose()


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
def serve(context: click.Context, /, check: bool, **options: Any) -> None:
    """Serve a course in the browser: students read exercises, hand in and see their reports, instructors see the class.

    It is launched from an LMS by LTI 1.3 (Canvas, Moodle, Blackboard, Brightspace, Sakai), or runs by itself with links
    for its people. It needs `pip install 'grader[lms]'`."""
    from grader.cli import serving

    chosen = serving.ServeOptions(**options)
    context.obj = chosen
    if context.invoked_subcommand is None:
        context.exit(serving.check(chosen) if check else serving.serve(chosen))


@serve.command(short_help="Add people to a course, with a link for each.")
@click.argument("course")
@click.argument("names", metavar="NAME...", nargs=-1, required=True)
@click.option("--role", type=click.Choice(["student", "instructor", "assistant"]), default="student",
              show_default=True, help="What they are in the course.")  # fmt: skip
@click.pass_context
def invite(context: click.Context, course: str, names: tuple[str, ...], role: str) -> None:
    """Add people to COURSE (its title, or number; made if there is none of this title), and print a link for each that
    lets in once. Somebody of this name who is in the course already gets a new link."""
    from grader.cli import serving

    context.exit(serving.invite(context.obj, course, names, role))


@serve.command("work", short_help="Grade for a server, in a process of its own.")
@click.option("--cluster", metavar="ADDRESS", help="Grade on the workers of a dask.distributed cluster, as `grader "
              "batch --cluster` does: tcp://host:8786.")  # fmt: skip
@click.pass_context
def work(context: click.Context, cluster: str | None) -> None:
    """Grade for a server, in a process of its own: on the same machine, or on one that reaches its PostgreSQL.

    It takes --database, --workers and --isolation from `grader serve`, and serves no pages. With --cluster, --workers
    says how many files are graded at a time."""
    from grader.cli import serving

    context.exit(serving.work(context.obj, cluster))


@serve.command("backup", short_help="Write a copy of the database.")
@click.argument("file")
@click.pass_context
def backup(context: click.Context, file: str) -> None:
    """Write a copy of the database to FILE, while the server runs. The server's secret is not in it."""
    from grader.cli import serving

    context.exit(serving.backup(context.obj, file))


@serve.command("restore", short_help="Put a copy in place of the database.")
@click.argument("file")
@click.pass_context
def restore(context: click.Context, file: str) -> None:
    """Put a copy that `backup` has written in place of the database. The server has to be stopped."""
    from grader.cli import serving

    context.exit(serving.restore(context.obj, file))


@serve.command("audit", short_help="Show what these commands changed.")
@click.pass_context
def audit(context: click.Context) -> None:
    """Show what was changed by these commands: platforms, keys, restored backups. What concerns a course is in the
    course's own audit trail."""
    from grader.cli import serving

    context.exit(serving.audit(context.obj))


serve.add_command(platform)
