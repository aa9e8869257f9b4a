"""What the editor's settings say: which exercise a file answers, the reveal level, the isolation, the delay."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import TypeVar, get_args

from grader.editor.documents import OpenDocument
from grader.errors import UsageError
from grader.exercise.load import find
from grader.handout.render import MAX_FILE_BYTES, Marker, markers_in, markers_of
from grader.model import REVEAL_LEVELS, Isolation, Reveal, Submission
from grader.submission.syntax import FENCED

_T = TypeVar("_T")

ISOLATIONS: tuple[Isolation, ...] = get_args(Isolation)

FILE = ".grader"
"""The file that says which exercises the files of its folder answer."""

DELAY, LONGEST_DELAY = 0.3, 60.0
"""Seconds without an edit after which a text is checked: as usual, and at most."""


@dataclass(frozen=True, slots=True)
class ExerciseRule:
    """Files whose path ends like `pattern` answer this exercise. Without a pattern: every file that computes some of
    what the exercise asks for."""

    pattern: str | None
    marker: Marker

    def fits(self, path: PurePath) -> bool:
        return self.pattern is None or path.match(self.pattern)


@dataclass(frozen=True, slots=True)
class EditorSettings:
    """`isolation` None: the strictest that works here. `delay` in seconds."""

    rules: tuple[ExerciseRule, ...] = ()
    reveal: Reveal | None = None
    isolation: Isolation | None = None
    delay: float = DELAY


def settings(told: object) -> tuple[EditorSettings, tuple[str, ...]]:
    """The settings in an editor's options, and a sentence for each that cannot be used."""
    if told is None:
        return EditorSettings(), ()
    if not isinstance(told, Mapping):
        return EditorSettings(), (f"the options of grader lsp are an object, not {told!r:.40}",)
    within = told["grader"] if isinstance(told.get("grader"), Mapping) else told
    own = {str(name).removeprefix("grader."): value for name, value in within.items()}
    rules, delay = _rules(own.get("exercise")), _delay(own)
    reveal, isolation = _one_of(own, "reveal", REVEAL_LEVELS), _one_of(own, "isolation", ISOLATIONS)
    used = {"exercise": rules or None, "reveal": reveal, "isolation": isolation, "delay": delay}
    wrong = (name for name, value in used.items() if own.get(name) is not None and value is None)
    made = EditorSettings(rules, reveal, isolation, DELAY if delay is None else delay)
    return made, tuple(f"`{name}` is {_EXPECTED[name]}, not {own[name]!r:.40}" for name in wrong)


_EXPECTED = {
    "exercise": "the name of an exercise, or an object from patterns of files to such names",
    "reveal": f"one of {', '.join(REVEAL_LEVELS)}",
    "isolation": f"one of {', '.join(ISOLATIONS)}",
    "delay": f"a number of seconds up to {LONGEST_DELAY:g}",
}


def _rules(told: object) -> tuple[ExerciseRule, ...]:
    pairs = told.items() if isinstance(told, Mapping) else [(None, told)]
    return tuple(
        ExerciseRule(pattern, marker)
        for pattern, value in pairs
        if isinstance(value, str) and (pattern is None or pattern) and (marker := _marker(value)) is not None
    )


def _delay(told: Mapping[str, object]) -> float | None:
    delay = told.get("delay")
    return float(delay) if isinstance(delay, int | float) and 0 <= delay <= LONGEST_DELAY else None


def _one_of(told: Mapping[str, object], name: str, allowed: Iterable[_T]) -> _T | None:
    value = told.get(name)
    return next((one for one in allowed if one == value), None)


def rules_in(text: str) -> tuple[ExerciseRule, ...]:
    """The rules of a file `.grader`: lines such as `week3/*.py: tanh-chain`, after a `#` comments. Lines that are none
    are left out."""
    found = []
    for line in text.split("\n"):
        pattern, colon, named = line.partition("#")[0].partition(":")
        marker = _marker(named) if colon and pattern.strip() else None
        if marker is not None:
            found.append(ExerciseRule(pattern.strip(), marker))
    return tuple(found)


def _marker(named: str) -> Marker | None:
    """`tanh-chain`, or `tanh-chain --variant KEY` for a student's own given numbers."""
    try:
        words = shlex.split(named)
    except ValueError:
        return None
    match words:
        case [exercise]:
            return Marker(exercise)
        case [exercise, "--variant", key]:
            return Marker(exercise, key)
    return None


@dataclass(frozen=True, slots=True)
class ChosenExercise:
    """An exercise, as an id or a path, and the key of its given numbers. `doubtful`: only a document that computes some
    of what is asked for is a submission."""

    exercise: str
    variant: str | None = None
    doubtful: bool = False


def chosen(document: OpenDocument, settings: EditorSettings, roots: Sequence[str]) -> ChosenExercise | None:
    """What the document itself says, then the nearest file `.grader` up to one of the `roots`, then the settings."""
    path = document.path
    folder = os.path.dirname(path) if path is not None else None
    if (own := _named(document, path)) is not None:
        # A page of documentation quotes commands too.
        return _placed(own, folder, document.name.lower().endswith(FENCED))
    if path is None or folder is None:
        return next((_placed(one.marker, None, True) for one in settings.rules if one.pattern is None), None)
    for place in _folders(folder, roots):
        for rule in _rule_of(place):
            if rule.fits(PurePath(path)):
                return _placed(rule.marker, place, False)
    for rule in settings.rules:
        if rule.fits(PurePath(path)):
            return _placed(rule.marker, folder, rule.pattern is None)
    return None


def answers(submission: Submission, asked: frozenset[str]) -> bool:
    """Whether the code has one of the names asked for, in lower case."""
    return any(not asked.isdisjoint(re.findall(r"\w+", cell.text.lower())) for cell in submission.cells)


def _named(document: OpenDocument, path: str | None) -> Marker | None:
    """The exercise that a document names; None also where it names several."""
    found = markers_in(document.content, document.name)
    if not found and path is not None and not document.is_notebook and path.lower().endswith(".ipynb"):
        found = markers_of(path)  # JupyterLab shows the notebook as one text, without the command in its last cell
    return found[0] if len(found) == 1 else None


def _placed(marker: Marker, folder: str | None, doubtful: bool) -> ChosenExercise:
    beside = None if folder is None else os.path.join(folder, marker.exercise)
    exercise = beside if beside is not None and not _is_known(marker.exercise) and os.path.isfile(beside) else None
    return ChosenExercise(exercise or marker.exercise, marker.variant, doubtful)


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


def _rule_of(folder: str) -> tuple[ExerciseRule, ...]:
    try:
        with open(os.path.join(folder, FILE), "rb") as file:
            return rules_in(file.read(MAX_FILE_BYTES).decode("utf-8-sig", "replace"))
    except OSError:
        return ()
