"""Run a worked script in a process of its own, see everything it binds, in order, and compare it with what a formula
computes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from grader.diagnosis.chain_rule.arithmetic import NumpyMeaning
from grader.diagnosis.chain_rule.numbers import alike
from grader.diagnosis.expressions import entries, read
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.formula.build import number
from grader.formula.evaluate import Environment, EvaluationError, evaluate
from grader.formula.syntax import Call, Expression, Index
from grader.instrument.site import Site
from grader.judge.matching.naming import names_of
from grader.model import Submission, Value
from grader.preparation import prepare
from grader.reference.points import given_inputs
from grader.runner.session import Session
from grader.runner.types import Event, Order, Raised
from grader.submission.imports import libraries_needed

UNABLE = (EvaluationError, ArithmeticError, ValueError, TypeError, KeyError, IndexError)
"""What evaluating a formula may raise."""


class _Meaning(NumpyMeaning):
    """NumPy's meaning of formulas, with assignments to entries."""

    def put(self, whole: Any, key: Any, part: Any) -> Any:
        changed = whole.astype(float)
        changed[key] = part
        return changed


MEANING = _Meaning()


def proven(formula: Expression, value: Value, environment: Environment) -> Expression | None:
    """The formula, if it has this value; with what its library divides a variance by, where that is left open."""
    for way in (_with_correction(formula, 0), _with_correction(formula, 1)):
        try:
            if _same(evaluate(way, environment, MEANING), value):
                return way
        except UNABLE:
            return None
        if way is formula:
            break
    return None


def equal(left: Expression, right: Expression, environment: Environment) -> bool:
    """Whether two formulas have the same value."""
    try:
        return alike(*(evaluate(side, environment, MEANING) for side in (left, right)))
    except UNABLE:
        return False


def _with_correction(node: Expression, correction: int) -> Expression:
    """A formula in which every variance says how it is divided: torch and NumPy differ where it does not."""
    match node:
        case Call("var" | "std", arguments, options) if "correction" not in dict(options):
            own = tuple(sorted([*options, ("correction", number(correction))], key=lambda option: option[0]))
            return replace(node, arguments=tuple(_with_correction(one, correction) for one in arguments), options=own)
        case Call(arguments=arguments):
            made = tuple(_with_correction(one, correction) for one in arguments)
            same = all(one is other for one, other in zip(made, arguments, strict=True))
            return node if same else replace(node, arguments=made)
        case Index(base=base):
            inner = _with_correction(base, correction)
            return node if inner is base else replace(node, base=inner)
        case _:
            return node


def _same(made: object, value: Value) -> bool:
    shape = tuple(getattr(made, "shape", ()))
    if shape != value.shape:
        return False
    numbers = value.numbers()
    flat = [float(made)] if not shape else [float(one) for one in made.ravel()]  # type: ignore[arg-type, attr-defined]
    most = max(map(abs, numbers), default=0.0)
    loose = 1e-4 if value.dtype in ("float32", "float16", "bfloat16") else 1e-9
    return all(
        math.isfinite(own) and abs(own - one) <= loose * most + 1e-12 for own, one in zip(flat, numbers, strict=True)
    )


MAX_BINDINGS = 4000
"""How many bindings are looked at: the forward pass and the derivation come before checks and training."""

_NOTHING_ASKED = """\
exercise: nothing-asked
title: Nothing is asked
given: {input_of_no_script: 1.0}
forward: quantity_of_no_script = 2 * input_of_no_script
steps: {step_of_no_script: d(quantity_of_no_script)/d(input_of_no_script)}
"""


@dataclass(frozen=True, slots=True)
class ScriptBinding:
    """One binding, its place in the file (`line` of the cell `cell`, or of a script), and the formula of its line as
    typed, None where the formula language cannot express it. `keys` are the entries that the line changes."""

    event: Event
    site: Site
    cell: int | None
    line: int
    formula: Expression | None
    keys: tuple[Expression, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The names that are bound."""
        if self.event.label:
            return (self.event.label,)
        return self.site.names or ((self.site.owner,) if self.site.kind in ("item", "appended") else ())


@dataclass(frozen=True, slots=True)
class ScriptRun:
    """What a run of a script showed."""

    submission: Submission
    bindings: tuple[ScriptBinding, ...]
    results: tuple[ScriptBinding, ...]
    """What the code after the script binds."""
    stopped: Raised | None = None
    """The first statement of the script that raised, or ended it early."""


def observe(submission: Submission, functions: frozenset[str], then: str = "pass") -> ScriptRun:
    """Run a script as it is and, after it, the code `then`. `functions` are those the script defines; a formula may
    call them."""
    exercise: Exercise = replace(loads(_NOTHING_ASKED), answer=then)
    given = given_inputs(exercise)
    with Session(None, libraries_needed(submission)) as session:
        made = prepare(exercise, submission, names_of(exercise), given)
        session.prepare(made.setup)
        trace = session.run(Order(given, {}, observe=True))
    bindings, results = [], []
    for event in trace.events[:MAX_BINDINGS]:
        site = made.sites[event.site]
        if site.cell >= len(made.submission.cells):
            results.append(ScriptBinding(event, site, None, 0, None))
        else:
            cell = made.submission.cells[site.cell]
            formula = read(cell.source, site, functions)
            line = cell.first_line + site.statement[0] - 1
            changed = entries(cell.source, site, functions) if site.kind == "whole" else None
            keys = () if changed is None else changed[1]
            bindings.append(ScriptBinding(event, site, cell.number, line, formula, keys))
    # What the code after the script raises, which only calls its functions, is no mistake of the script.
    ends = (one for one in (*trace.raised, trace.left) if one is not None and one.cell < len(made.submission.cells))
    return ScriptRun(made.submission, tuple(bindings), tuple(results), next(ends, None))
