"""`grader docs`: the documentation pages shipped with the package."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

import click

from grader.cli.output import write
from grader.errors import EnvironmentProblem, UsageError

_PACKAGE = Path(__file__).resolve().parent.parent


def pages() -> Mapping[str, Path]:
    """The Markdown file of each page, by page name, sorted."""
    from grader.exercise.load import folder

    found = {path.stem: path for path in (_PACKAGE / "docs").glob("*.md")}
    elsewhere = {"architecture": _PACKAGE / "ARCHITECTURE.md", "exercises": folder() / "README.md"}
    return dict(sorted((found | elsewhere).items()))


def list_pages() -> None:
    """Print each page's name and title."""
    named = pages()
    widest = max(map(len, named))
    lines = [f"{name:{widest}}  {_title(path)}" for name, path in named.items()]
    write("\n".join([*lines, "", "grader docs PAGE prints a page, grader docs --open PAGE opens it.", ""]))


def print_page(name: str) -> None:
    """Print a page as Markdown. Raises `UsageError` for an unknown page."""
    write(_find(name).read_text("utf-8"))


def open_page(name: str) -> None:
    """Open a page in the system's application for Markdown.

    Raises `UsageError` for an unknown page, `EnvironmentProblem` if no application opens it."""
    path = _find(name)
    if click.launch(str(path)) != 0:
        raise EnvironmentProblem(f"nothing here opens Markdown; the page is the file {path}")


def _find(name: str) -> Path:
    named = pages()
    if name in named:
        return named[name]
    near = difflib.get_close_matches(name[:80].lower(), named, n=3, cutoff=0.6)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    raise UsageError(f"There is no page {name[:80]!r}.{meant} `grader docs` lists all.")


def _title(path: Path) -> str:
    return path.read_text("utf-8").partition("\n")[0].removeprefix("# ")
