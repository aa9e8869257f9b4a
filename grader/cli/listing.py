"""What is shipped: the exercises as a course (`grader list`), and the documentation pages (`grader docs`)."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from grader.cli.output import width, write
from grader.errors import EnvironmentProblem, ExerciseError, UsageError

if TYPE_CHECKING:
    from grader.exercise.types import Exercise


INTRODUCTION = """\
# Operations

What a formula in `forward` and `steps` may use, and what a student's line may use to be repaired. Names are those of
torch; NumPy's names and the prefixes `np.`, `torch.`, `F.`, `torch.linalg.` and `math.` are read too. The value is
torch's. A parameter such as `dim=` may be left out; `axis=` is `dim=`. `pi`, `e` and `inf` are numbers. An index may be
a condition (`x[x > 0]`), and a slice may go backwards (`x[::-1]`).

Where libraries differ, a name alone is read as torch's, or refused: `max(x, 1)`, `repeat(x, 2)`, `split(x, 2)`.

`grader lint --operations` prints this list.
"""

_PACKAGE = Path(__file__).resolve().parent.parent


def list_all() -> None:
    """Print the shipped exercises, one line each, grouped by chapter, with the numbers of their prerequisites."""
    from grader.exercise.load import collection
    from grader.report.page import Page

    page = Page(width())
    paths = collection()
    numbers = {path.stem: number for number, path in enumerate(paths, 1)}
    rows = [[(word, "dim") for word in ("", "id", "steps", "points", "after", "title")]]
    chapter: str | None = None
    for path in paths:
        exercise = _loaded(path)
        if not isinstance(exercise, ExerciseError) and exercise.chapter not in (None, chapter):
            chapter = exercise.chapter
            rows.append([(chapter or "", "bold cyan")])
        rows.append([(str(numbers[path.stem]), "dim"), *_listed(path.stem, exercise, numbers)])
    page.table(rows, indent=0)
    write(page.text())


def _loaded(path: Path) -> Exercise | ExerciseError:
    from grader.exercise.load import load

    try:
        return load(path)
    except ExerciseError as error:
        return error


def _listed(name: str, exercise: Exercise | ExerciseError, numbers: Mapping[str, int]) -> list[tuple[str, str]]:
    from grader.report.numbers import count

    if isinstance(exercise, ExerciseError):
        faults = f"{len(exercise.faults)} fault{'' if len(exercise.faults) == 1 else 's'}"
        told = f"cannot be used: {faults}, see `grader lint {name}`"
        return [(name, "bold"), ("", ""), ("", ""), ("", ""), (told, "red")]
    after = ", ".join(str(number) for number in sorted(numbers.get(one, 0) for one in exercise.prerequisites) if number)
    # The title is last because a narrow terminal may cut off its end.
    return [
        (name, "bold"),
        (str(len(exercise.steps)), ""),
        (count(exercise.points), ""),
        (after, "dim"),
        (exercise.title, ""),
    ]


def list_operations() -> None:
    """Print every operation with its description, grouped by kind."""
    from grader.formula.catalogue import listing
    from grader.report.page import Page

    page = Page(width())
    for kind, operations in listing():
        page.pieces((kind, "bold cyan"))
        for called, words in operations:
            page.pieces((f"  {called}  ", ""), (words, "dim"))
    write(page.text())


def markdown() -> str:
    """The same list as a page: `exercises/OPERATIONS.md`."""
    from grader.formula.catalogue import listing

    parts = [INTRODUCTION]
    for kind, operations in listing():
        rows = [f"| `{called}` | {words.replace('|', chr(92) + '|')} |" for called, words in operations]
        parts.append("\n".join([f"## {kind}\n", "| operation | |", "|---|---|", *rows, ""]))
    return "\n".join(parts)


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
