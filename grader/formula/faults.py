"""What is wrong with a formula, as data: the author's loader and the student's diagnosis word it for their readers."""

from __future__ import annotations

from dataclasses import dataclass

from grader.formula.syntax import Place


@dataclass(frozen=True, slots=True)
class FormulaFault:
    """`found` stood at `place` of the formula's own text; `expected` is what could stand there."""

    place: Place
    found: str
    expected: str


class FormulaError(Exception):
    """A text that is no formula of the language; all faults found, in the order of the text."""

    def __init__(self, faults: tuple[FormulaFault, ...]) -> None:
        super().__init__("; ".join(f"line {f.place.line}: found {f.found}, expected {f.expected}" for f in faults))
        self.faults = faults
