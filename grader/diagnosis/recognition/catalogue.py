"""The catalogue of misconceptions: the texts of each, and the rule that recognises it in a proven repair; and those
that a course defines in its own YAML (`misconceptions:`), each a wrong expression with a message.

A rule never depends on the spelling of a student's names. It gets the edit that repairs the step and the context, which
maps names to quantities, and decides whether a student with the misconception needs this edit. A good rule is narrow:
if it matches, no other misconception fits better. A wrong code is worse than none.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from grader.diagnosis.chain_rule.chain import Derivation
from grader.diagnosis.chain_rule.numbers import is_right
from grader.diagnosis.chain_rule.rule import Rule
from grader.diagnosis.finding import Finding
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.exercise.types import Step
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
    with this chain rule, used for lines that cannot be read. `fits_values`: whether the values of a step are those of a
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
    fits_values: Callable[[StepValues], bool] = lambda step_values: False


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


def named_by_course(derivation: Derivation, step: Step, own: Sequence[Any], finding: Finding) -> Finding:
    """Return the finding with the course's code and message, if the student's values equal those of one of the course's
    wrong expressions.

    A course knows its own students, so its names take precedence over the catalogue's."""
    for known in derivation.exercise.policy.misconceptions:
        if known.step not in (step.name, step.family):
            continue
        wrong = [derivation.value(known.wrong, k) for k in range(len(own))]
        if all(
            value is not None and is_right(mine, value, derivation.measures[k])
            for k, (mine, value) in enumerate(zip(own, wrong, strict=True))
        ):
            diagnosis = replace(
                finding.diagnosis, code=known.code, message=known.message, confidence="certain", alternatives=()
            )
            facts = finding.facts and replace(diagnosis, replace_with=None, fix=None)
            return replace(finding, diagnosis=diagnosis, facts=facts)
    return finding
