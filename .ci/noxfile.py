"""Named sessions for contributors; they use the virtual environment that nox itself is installed in.

    .venv/bin/nox -f .ci/noxfile.py --list
    .venv/bin/nox -f .ci/noxfile.py -s lint tests

What follows `--` goes to the program that the session runs: `-s tests -- tests/formula -x`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import nox

ROOT = Path(__file__).resolve().parents[1]
WORKFLOWS = tuple(map(str, sorted(ROOT.glob(".github/workflows/*.yml"))))

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "tests"]
nox.options.default_venv_backend = "none"


def _python(session: nox.Session, *arguments: str, then: tuple[str, ...] = ()) -> None:
    """Runs Python at the top of the repository, with what the caller gave after `--`, or else `then`."""
    session.chdir(ROOT)
    session.run(sys.executable, *arguments, *(session.posargs or then))


@nox.session
def tests(session: nox.Session) -> None:
    """The tests of the README's command, on one process."""
    _python(session, "-m", "pytest")


@nox.session
def slow(session: nox.Session) -> None:
    """The long suites."""
    _python(session, "-m", "pytest", "-m", "slow")


@nox.session
def pythons(session: nox.Session) -> None:
    """The tests that need no torch, on every other supported Python that is found."""
    _python(session, ".ci/pythons.py")


@nox.session
def lint(session: nox.Session) -> None:
    """The linters, the formatter, the types, and the workflow for GitHub."""
    _python(session, "-m", "ruff", "check", ".")
    _python(session, "-m", "ruff", "format", "--check", ".")
    _python(session, "-m", "mypy")
    _python(session, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", *WORKFLOWS)
    session.run(str(Path(sys.executable).with_name("zizmor")), "--offline", "--quiet", *WORKFLOWS)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """The speeds that `grader docs speed` has, as ratios."""
    _python(session, "-m", "pytest", "--benchmark-only", "-s", then=("tests/benchmarks",))


@nox.session
def mutation(session: nox.Session) -> None:
    """Which faults put into a module its tests do not notice: `-s mutation -- grader/judge/score.py --count 20`."""
    _python(session, ".ci/mutation.py")


@nox.session
def picture(session: nox.Session) -> None:
    """The picture of a report in the README, made anew."""
    _python(session, ".ci/picture.py")
