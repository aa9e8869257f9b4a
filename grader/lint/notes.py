"""Findings on the fitness of an exercise: refusals, which an author may allow by name, and warnings."""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import Fault
from grader.exercise.findings import Findings
from grader.exercise.types import Allowance, Exercise, Step
from grader.exercise.yaml_nodes import Document, Route
from grader.formula.syntax import Place


@dataclass(frozen=True, slots=True)
class LintReport:
    """The findings in file order. `refused` must be fixed or allowed before the exercise can be used."""

    refused: tuple[Fault, ...]
    warned: tuple[Fault, ...]


class Notes:
    """Collects findings about one exercise, each with its place in the file."""

    def __init__(self, exercise: Exercise, document: Document) -> None:
        self.exercise = exercise
        self.document = document
        self.refused = Findings(document)
        self.warned = Findings(document)

    def refuse(self, kind: Allowance | None, where: Route | Place, field: str, found: str, expected: str) -> None:
        """Record a refusal, unless the exercise allows its kind."""
        if kind is None:
            self._add(self.refused, where, field, found, expected)
        elif kind not in self.exercise.allow:
            self._add(self.refused, where, field, found, f"{expected}; or `allow: [{kind}]`")

    def warn(self, where: Route | Place, field: str, found: str, expected: str) -> None:
        self._add(self.warned, where, field, found, expected)

    def of_quantity(self, name: str) -> tuple[Route | Place, str]:
        """Place and field of an input, a forward quantity or a step."""
        forward = {step.name: step for step in self.exercise.forward_steps}
        steps: dict[str, Step] = {step.name: step for step in self.exercise.steps}
        if name in forward and (place := forward[name].place) is not None:
            return place, "forward"
        if name in steps:
            place = steps[name].place
            return place if place is not None else ("steps", name), f"steps.{name}"
        return ("given", name), f"given.{name}"

    def result(self) -> LintReport:
        return LintReport(_ordered(self.refused.faults), _ordered(self.warned.faults))

    def _add(self, to: Findings, where: Route | Place, field: str, found: str, expected: str) -> None:
        line, column = (where.line, where.column) if isinstance(where, Place) else to.document.mark(where)
        to.faults.append(Fault(to.document.path, line, column, field, found, expected))


def _ordered(faults: list[Fault]) -> tuple[Fault, ...]:
    return tuple(dict.fromkeys(sorted(faults, key=lambda fault: (fault.line, fault.column))))
