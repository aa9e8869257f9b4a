"""The faults of a formula, as data: the exercise loader and the student's diagnosis word them for their readers."""

from __future__ import annotations

from dataclasses import dataclass

from grader.formula.syntax import Place


@dataclass(frozen=True, slots=True)
class FormulaFault:
    """`found` describes what is at `place` in the formula's own text, `expected` what could be there."""

    place: Place
    found: str
    expected: str


def names_for(values: int) -> str:
    """What was expected where another number of names stands for `values` values."""
    return "one name, as there is one value" if values == 1 else f"{values} names, as there are {values} values"


class FormulaError(Exception):
    """Raised for a text that is no formula of the language; has all faults found, in the order of the text."""

    def __init__(self, faults: tuple[FormulaFault, ...]) -> None:
        super().__init__("; ".join(f"line {f.place.line}: found {f.found}, expected {f.expected}" for f in faults))
        self.faults = faults
