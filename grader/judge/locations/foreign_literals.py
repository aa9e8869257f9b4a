"""Find typed-in given numbers that are not those of the exercise: of another variant, or more or fewer than it has."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from grader.instrument.nodes import position_of
from grader.instrument.site import Site
from grader.judge.evidence import Evidence
from grader.judge.locations.places import span_of
from grader.model import Problem, Submission, Value
from grader.syntax_trees import tree_of

CLOSE = 1e-6


def foreign_numbers(evidence: Evidence, submission: Submission) -> Iterator[Problem]:
    """Yield a note for each given number that is typed in and differs; numbers that are not typed in get none.

    No verdict changes: every run replaces the typed-in numbers by the point's."""
    own = dict(evidence.scene.exercise.variant)
    for (number, _), name in evidence.decisions.items():
        site = evidence.scene.sites[number]
        value = own.get(name)
        if value is None or not site.literal or site.cell >= len(submission.cells):
            continue
        typed = _typed(submission, site)
        if typed is not None and len(typed) == value.size and not _equal(typed, value):
            yield Problem("note", _message(name, typed, value), span_of(submission, site.cell, site.value))


def other_sizes(evidence: Evidence, submission: Submission) -> Iterator[Problem]:
    """Yield a note for each given array that is typed in with more or fewer numbers than the exercise has: code that
    counts on their number may crash with those of the exercise."""
    given = evidence.scene.reference.points[0].inputs
    for (number, _), name in evidence.decisions.items():
        site = evidence.scene.sites[number]
        if site.literal and site.cell < len(submission.cells) and given[name].shape:
            typed = _typed(submission, site)
            if typed is not None and len(typed) != given[name].size:
                count = f"{len(typed)} number{'s' * (len(typed) != 1)}"
                told = f"`{name}` has {count} here and {given[name].size} in the exercise, with which the code is run"
                yield Problem("note", told, span_of(submission, site.cell, site.value))


def _message(name: str, typed: list[float], value: Value) -> str:
    if value.shape:
        return f"the numbers of `{name}` are not those of this variant of the exercise; it was judged with its own"
    mine = f"`{name}` is {typed[0]:g} here and {value.numbers()[0]:g} in this variant of the exercise"
    return f"{mine}; it was judged with the latter"


def _typed(submission: Submission, site: Site) -> list[float] | None:
    """The numbers of `0.5`, `[1, 2]` or `torch.tensor([1.0, 2.0], requires_grad=True)`."""
    tree = tree_of(submission.cells[site.cell].source)
    for node in ast.walk(tree):
        if isinstance(node, ast.expr) and position_of(node) == site.value:
            literal = node.args[0] if isinstance(node, ast.Call) and len(node.args) == 1 else node
            try:
                return list(_flat(ast.literal_eval(literal)))
            except (ValueError, TypeError):
                return None
    return None


def _flat(value: object) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for one in value:
            yield from _flat(one)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield float(value)
    else:
        raise TypeError("no number")


def _equal(typed: list[float], value: Value) -> bool:
    return all(
        abs(one - other) <= CLOSE * max(abs(one), abs(other)) for one, other in zip(typed, value.numbers(), strict=True)
    )
