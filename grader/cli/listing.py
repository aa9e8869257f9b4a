"""`grader list`: the shipped exercises as a course. `grader lint --operations`: every operation of the formula
language.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from grader.cli.output import width, write
from grader.errors import ExerciseError

if TYPE_CHECKING:
    from grader.exercise.types import Exercise


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


INTRODUCTION = """\
# Operations

What a formula in `forward` and `steps` may use, and what a student's line may use to be repaired. Names are those of
torch; NumPy's names and the prefixes `np.`, `torch.`, `F.`, `torch.linalg.` and `math.` are read too. The value is
torch's. A parameter such as `dim=` may be left out; `axis=` is `dim=`. `pi`, `e` and `inf` are numbers. An index may be
a condition (`x[x > 0]`), and a slice may go backwards (`x[::-1]`).

Where libraries differ, a name alone is read as torch's, or refused: `max(x, 1)`, `repeat(x, 2)`, `split(x, 2)`.

`grader lint --operations` prints this list.
"""


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
