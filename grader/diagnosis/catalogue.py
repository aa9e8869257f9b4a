"""What a misconception is: its text, and how it is recognised in a proven repair.

A rule never looks at the spelling of a student's names. It is handed the edit that mends the step, and the context
that says which quantity each name holds, and says whether this edit is what somebody with the misconception needs.
A good rule is narrow: where it says yes, no other name would be truer. A wrong name is worse than none.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from grader.diagnosis.context import Context
from grader.diagnosis.edits import Edit
from grader.diagnosis.rule import Rule
from grader.diagnosis.sight import Sight
from grader.formula.syntax import Expression


@dataclass(frozen=True, slots=True)
class Example:
    """A line for the exercise `exercise`: `wrong` in the place of `right`, at the step `step`."""

    exercise: str
    step: str
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Misconception:
    """`what` stands alone as a sentence about the student's line; `why` is the mathematics, `instead` the next step;
    `instructor` says what it usually comes from. `hit` must be recognised, `miss` must not. `predicts` gives the wrong
    formulas somebody with it would use for a step with this chain rule, for lines that cannot be read; `shows` says
    whether the values of a step are those of somebody with it, whatever lies between the step and the next one."""

    code: str
    title: str
    what: str
    why: str
    instead: str
    instructor: str
    recognises: Callable[[Edit, Context], bool]
    hit: Example
    miss: Example
    predicts: Callable[[Rule], Iterable[Expression]] = lambda rule: ()
    shows: Callable[[Sight], bool] = lambda sight: False


@cache
def catalogue() -> tuple[Misconception, ...]:
    """Every misconception, by code."""
    from grader.diagnosis import misconceptions

    found = []
    for module in pkgutil.iter_modules(misconceptions.__path__):
        rule = importlib.import_module(f"{misconceptions.__name__}.{module.name}").RULE
        found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.code))


def by_code(code: str) -> Misconception | None:
    return next((rule for rule in catalogue() if rule.code == code), None)
