"""Run a worked script in a process of its own, and see everything it binds, in order."""

from __future__ import annotations

from dataclasses import dataclass, replace

from grader.diagnosis.lines.expressions import entries, read
from grader.exercise.load import loads
from grader.exercise.types import Exercise
from grader.formula.syntax import Expression
from grader.instrument.site import Site
from grader.judge.matching.naming import names_of
from grader.model import Submission
from grader.preparation import prepare
from grader.reference.points import given_inputs
from grader.runner.session import Session
from grader.runner.types import Event, Order, Trace
from grader.submission.imports import slow_libraries

MOST = 4000
"""How many bindings are looked at: the forward pass and the derivation come before checks and training."""

_NOTHING_ASKED = """\
exercise: nothing-asked
title: Nothing is asked
given: {input_of_no_script: 1.0}
forward: quantity_of_no_script = 2 * input_of_no_script
steps: {step_of_no_script: d(quantity_of_no_script)/d(input_of_no_script)}
"""


@dataclass(frozen=True, slots=True)
class Binding:
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
class Run:
    """What a run of a script showed."""

    submission: Submission
    bindings: tuple[Binding, ...]
    trace: Trace


def observe(submission: Submission, functions: frozenset[str], then: str = "pass") -> Run:
    """Run a script as it is and, after it, the code `then`. `functions` are those the script defines; a formula may
    call them."""
    exercise: Exercise = replace(loads(_NOTHING_ASKED), answer=then)
    given = given_inputs(exercise)
    with Session(None, slow_libraries(submission)) as session:
        setup, sites, _, submission = prepare(exercise, submission, names_of(exercise), given)
        session.prepare(setup)
        trace = session.run(Order(given, {}, observe=True))
    bindings = []
    for event in trace.events[:MOST]:
        site = sites[event.site]
        if site.cell < len(submission.cells):
            cell = submission.cells[site.cell]
            formula = read(cell.source, site, functions)
            line = cell.first_line + site.statement[0] - 1
            changed = entries(cell.source, site, functions) if site.kind == "whole" else None
            keys = () if changed is None else changed[1]
            bindings.append(Binding(event, site, cell.number, line, formula, keys))
    return Run(submission, tuple(bindings), trace)
