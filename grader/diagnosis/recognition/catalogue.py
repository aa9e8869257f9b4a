"""The catalogue of misconceptions: the texts of each, and the rule that recognises it in a proven repair.

A rule never depends on the spelling of a student's names. It gets the edit that repairs the step and the context, which
maps names to quantities, and decides whether a student with the misconception needs this edit. A good rule is narrow:
if it matches, no other misconception fits better. A wrong code is worse than none.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.recognition.sight import Sight
from grader.diagnosis.repair_search.edits import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Expression


@dataclass(frozen=True, slots=True)
class Example:
    """An example in an exercise: the step's line is `wrong` instead of `right`."""

    exercise: str
    step: str
    right: str
    wrong: str


@dataclass(frozen=True, slots=True)
class Misconception:
    """A misconception with its texts and rules.

    `what`: a self-contained sentence about the student's line. `why`: the mathematics. `instead`: the next step.
    `instructor`: where the mistake usually comes from. `recognises`: whether an edit is the one that repairs it.
    `hit` is an example that must be recognised, `miss` one that must not. `predicts`: the wrong formulas for a step
    with this chain rule, used for lines that cannot be read. `shows`: whether the values of a step are those of a
    student with the misconception, also if the step goes through several lines of the program."""

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
    """Return all misconceptions, sorted by code."""
    from grader.diagnosis import misconceptions

    found = []
    for module in pkgutil.iter_modules(misconceptions.__path__):
        rule = importlib.import_module(f"{misconceptions.__name__}.{module.name}").RULE
        found.append(rule)
    return tuple(sorted(found, key=lambda rule: rule.code))


def by_code(code: str) -> Misconception | None:
    return next((rule for rule in catalogue() if rule.code == code), None)
