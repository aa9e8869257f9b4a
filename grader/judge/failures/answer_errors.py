"""Explain errors between the exercise's own lines and the functions handed in: by the function, not by a line that the
student never wrote."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import Literal

from grader.judge.evidence import Evidence
from grader.runner.types import Raised
from grader.syntax_trees import tree_of

_BEGINNING = "__answer__ = None\n"
"""A binding before the exercise's own lines: what functions bind after it belongs to the answer, and not to the
submission's own calls."""

_UNKNOWN = re.compile(r"NameError: name '(\w+)' is not defined")


@dataclass(frozen=True, slots=True)
class Gap:
    """What does not fit between an exercise's line and a function.

    `absent`: the function does not exist; `nothing`: it returned None; `unwritten`: it raised NotImplementedError;
    `held_up`: an argument was not bound; `misfit`: the call, or its result, does not fit. `message` says which."""

    kind: Literal["absent", "nothing", "unwritten", "held_up", "misfit"]
    message: str


def source_of(answer: str) -> str:
    """The source that is run for the exercise's own lines."""
    return _BEGINNING + answer


def gap_of(evidence: Evidence, raised: Raised) -> Gap | None:
    """Return the gap behind an error; None for an error of the student's own code."""
    exercise, sites = evidence.scene.exercise, evidence.scene.sites.all
    if exercise.answer is None or raised.cell != max(site.cell for site in sites):
        return None
    statement = tree_of(source_of(exercise.answer)).body[raised.statement]
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    call = ast.unparse(calls[0]) if calls else ast.unparse(statement)
    name = calls[0].func.id if calls and isinstance(calls[0].func, ast.Name) else ""
    if raised.error.startswith("NotImplementedError"):
        return Gap("unwritten", f"`{call}` raised NotImplementedError: it is not filled in yet")
    if raised.at_cell != raised.cell:
        return None
    unknown = _UNKNOWN.match(raised.error)
    if unknown and unknown[1] == name:
        return Gap("absent", f"the exercise calls `{call}`, and there is no function `{name}` here")
    if unknown:
        return Gap("held_up", f"`{call}` could not be called, because there is no `{unknown[1]}` yet")
    if calls and "NoneType" in raised.error:
        wanted = ast.unparse(statement.targets[0]).strip("()") if isinstance(statement, ast.Assign) else "a value"
        return Gap("nothing", f"`{call}` gave None where `{wanted}` is to come: does it end in a `return`?")
    return Gap("misfit", f"the exercise's line `{ast.unparse(statement)}` raised {raised.error}")
