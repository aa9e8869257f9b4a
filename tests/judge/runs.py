"""Submissions as they are observed: what alignment finds in them, and the verdicts, before anything is explained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from grader.exercise.load import loads
from grader.judge.evidence import Evidence, observe
from grader.judge.matching.types import Alignment, Match, Scene
from grader.judge.verdicts import Verdict, judge
from grader.preparation import PreparedExercise, prepare
from grader.runner.session import Session
from grader.runner.types import Key
from grader.submission.imports import libraries_needed
from grader.submission.load import load_bytes
from tests import warm


@cache
def prepared(exercise: str) -> PreparedExercise:
    """An exercise, with its reference computed once."""
    return PreparedExercise(loads(exercise))


@contextmanager
def running(exercise: str, *cells: str) -> Iterator[tuple[Session, Evidence]]:
    """A session in which a submission of these cells was observed."""
    known = prepared(exercise)
    text = "# %%\n".join(cells) if len(cells) > 1 else cells[0]
    submission = load_bytes(text.encode(), "mine.py")
    assert len(submission.cells) == len(cells)
    made = prepare(known.exercise, submission, known.names, known.given)
    with Session(None, libraries_needed(submission), None, warm.children()) as session:
        session.prepare(made.setup)
        yield session, observe(session, known.exercise, known.reference, made.names, made.sites)


def observed(exercise: str, *cells: str) -> Evidence:
    """All that is observed of a submission of these cells."""
    with running(exercise, *cells) as (_, evidence):
        return evidence


def verdicts(exercise: str, *cells: str) -> dict[str, Verdict]:
    """The verdicts on a submission of these cells, by quantity."""
    return {one.step.name: one for one in judge(observed(exercise, *cells))}


def line_at(scene: Scene, place: Key) -> int:
    """The line of a binding, in its cell."""
    return scene.sites[place[0]].statement[0]


def lines_of(scene: Scene, match: Match) -> tuple[int | None, ...]:
    """The line of a quantity's binding at each point; once, where it is the same at all."""
    lines = tuple(None if one is None else line_at(scene, one.place) for one in match.events)
    return lines[:1] if len(set(lines)) == 1 else lines


def bound(evidence: Evidence, alignment: Alignment | None = None) -> dict[str, tuple[str, str, int | None]]:
    """Per quantity the name it was found under, how, and the line of its binding at the given numbers."""
    matches = (alignment or evidence.alignment).matches.items()
    return {name: (one.bound_as, one.how, lines_of(evidence.scene, one)[0]) for name, one in matches}
