"""Which exercise a document answers; None for everything that is no submission."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from grader.editor.documents import Document
from grader.editor.settings import FILE, Rule, Settings, rules_in
from grader.errors import UsageError
from grader.exercise.load import find
from grader.handout.marker import LARGEST, Marker, markers_in, markers_of
from grader.model import Submission
from grader.submission.language import FENCED


@dataclass(frozen=True, slots=True)
class Chosen:
    """An exercise, as an id or a path, and the key of its given numbers. `doubtful`: only a document that computes some
    of what is asked for is a submission."""

    exercise: str
    variant: str | None = None
    doubtful: bool = False


def chosen(document: Document, settings: Settings, roots: Sequence[str]) -> Chosen | None:
    """What the document itself says, then the nearest file `.grader` up to one of the `roots`, then the settings."""
    path = document.path
    folder = os.path.dirname(path) if path is not None else None
    if (own := _named(document, path)) is not None:
        # A page of documentation quotes commands too.
        return _placed(own, folder, document.name.lower().endswith(FENCED))
    if path is None or folder is None:
        return next((_placed(one.marker, None, True) for one in settings.rules if one.pattern is None), None)
    for place in _folders(folder, roots):
        for rule in _rules(place):
            if rule.fits(PurePath(path)):
                return _placed(rule.marker, place, False)
    for rule in settings.rules:
        if rule.fits(PurePath(path)):
            return _placed(rule.marker, folder, rule.pattern is None)
    return None


def answers(submission: Submission, asked: frozenset[str]) -> bool:
    """Whether the code has one of the names asked for, in lower case."""
    return any(not asked.isdisjoint(re.findall(r"\w+", cell.text.lower())) for cell in submission.cells)


def _named(document: Document, path: str | None) -> Marker | None:
    """The exercise that a document names; None also where it names several."""
    found = markers_in(document.content, document.name)
    if not found and path is not None and not document.is_notebook and path.lower().endswith(".ipynb"):
        found = markers_of(path)  # JupyterLab shows the notebook as one text, without the command in its last cell
    return found[0] if len(found) == 1 else None


def _placed(marker: Marker, folder: str | None, doubtful: bool) -> Chosen:
    beside = None if folder is None else os.path.join(folder, marker.exercise)
    exercise = beside if beside is not None and not _is_known(marker.exercise) and os.path.isfile(beside) else None
    return Chosen(exercise or marker.exercise, marker.variant, doubtful)


def _is_known(name: str) -> bool:
    try:
        find(name)
    except UsageError:
        return False
    return True


def _folders(folder: str, roots: Sequence[str]) -> list[str]:
    """The folder and those above it within the root that contains it; the folder alone where none does."""
    inside = [root for root in roots if Path(folder).is_relative_to(root)]
    if not inside:
        return [folder]
    top = Path(min(inside, key=len))
    return [str(one) for one in (Path(folder), *Path(folder).parents) if one.is_relative_to(top)]


def _rules(folder: str) -> tuple[Rule, ...]:
    try:
        with open(os.path.join(folder, FILE), "rb") as file:
            return rules_in(file.read(LARGEST).decode("utf-8-sig", "replace"))
    except OSError:
        return ()
