"""Find columns by their titles."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from grader.errors import UsageError


def find(head: Sequence[str], *names: str) -> int | None:
    """The first column with one of these titles, ignoring case; None if there is none."""
    plain = [title.strip().lower() for title in head]
    return next((plain.index(name) for name in (one.lower() for one in names) if name in plain), None)


def number_of(text: str) -> float | None:
    """Parse a positive number as a platform writes it, such as `100,00`; None if the text is not one."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 < number < math.inf else None


def chosen(head: Sequence[str], candidates: Iterable[int], title: str | None, exercise: str) -> int:
    """Choose the column to fill among those that hold grades: by title (or the number in it), by the exercise's name,
    or because there is only one. Raises `UsageError`, which lists the candidates."""
    columns = list(candidates)
    if title is not None:
        exact = [number for number in columns if head[number].strip() == title.strip()]
        like = exact or [number for number in columns if _plain(title) in _plain(head[number])]
        if len(like) == 1:
            return like[0]
        raise UsageError(f"{'Several' if like else 'No'} columns are called {title!r}; {_listed(head, columns)}")
    named = [number for number in columns if _plain(exercise) in _plain(head[number])]
    if len(named) == 1 or len(columns) == 1:
        return (named or columns)[0]
    raise UsageError(f"Say which column is to be filled (--column); {_listed(head, columns)}")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.lower())


def _listed(head: Sequence[str], columns: Sequence[int]) -> str:
    return "there are " + (", ".join(repr(head[number]) for number in columns[:12]) or "none that hold grades") + "."
