"""Families of steps over a loop: `dh[t]` with `for: t in reversed(range(1, T+1))` is expanded to its members."""

from __future__ import annotations

from grader.exercise.findings import Findings
from grader.exercise.yaml_nodes import Route
from grader.formula.check import integers
from grader.formula.faults import FormulaError, FormulaFault
from grader.formula.parse import parse_program
from grader.formula.syntax import Assign, For, Place, names

_WORDS = "`t in range(...)` or `t in reversed(range(...))`"
_BODY = "_"


def read_loop(
    text: str, variable: str, route: Route, constants: dict[str, int], findings: Findings
) -> tuple[int, ...] | None:
    """The values of `variable` in `for: text`, in order. For any other text, record the faults and return None."""
    opening = "for "
    to = findings.where(route)
    try:
        program = parse_program(f"{opening}{text.strip()}: {_BODY} = 0")
        if len(program) != 1 or not isinstance(program[0], For) or not _is_bare(program[0]):
            findings.add(route, _WORDS)
            return None
        loop = program[0]
        if loop.variable != variable:
            findings.add(route, f"`{variable}`, as in the name of the step", f"the loop variable `{loop.variable}`")
            return None
        values = integers(loop.start, loop.stop, loop.step, loop.backwards, constants)
    except FormulaError as error:
        if "given" in findings.broken:
            return None
        shift = len(opening) - (len(text) - len(text.lstrip()))
        for fault in error.faults:
            line, column = to(fault.place.line, max(fault.place.column - shift, 1))
            findings.placed(route, (FormulaFault(Place(line, column, line, column), fault.found, _expected(fault)),))
        return None
    except (RecursionError, OverflowError):
        findings.add(route, _WORDS)
        return None
    if not values:
        findings.add(route, "at least one pass", "a loop without a pass")
        return None
    return values


def _expected(fault: FormulaFault) -> str:
    return _WORDS if fault.expected.startswith("a formula") else fault.expected


def _is_bare(loop: For) -> bool:
    match loop.body:
        case (Assign(name=name, keys=(), value=value),):
            return name == _BODY and not names(value)
        case _:
            return False
