"""The basis of the steps: the inputs, the program, and the known quantities."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from grader.exercise.findings import Findings
from grader.exercise.given import constants, known
from grader.exercise.names import Element, complaint, expression, one_of, spelled
from grader.exercise.schema import ExerciseFile
from grader.exercise.types import Input, Step
from grader.exercise.yaml_nodes import Route
from grader.formula.check import check_expression, check_program, quantities, substitute
from grader.formula.operations import CONSTANTS
from grader.formula.syntax import (
    Assign,
    Call,
    Derivative,
    Expression,
    For,
    FormulaError,
    FormulaFault,
    Index,
    Name,
    Number,
    Place,
    Program,
    Statement,
    names,
    statements,
    text,
    walk,
)

MAX_QUANTITIES = 2_000
"""Maximum number of forward quantities of an exercise, counting each element of a family."""


@dataclass(frozen=True, slots=True)
class CheckedProgram:
    """The checked `given` and `forward`. `known` are all names that quantities may use, `elements` all forward
    quantities, `families` the indices of those assigned element by element. `sound` is False if a part could not be
    read; then an unknown name is not a fault."""

    findings: Findings
    inputs: tuple[Input, ...]
    program: Program
    elements: tuple[Element, ...]
    constants: dict[str, int]
    given: tuple[str, ...]
    known: frozenset[str]
    families: dict[str, list[int]]
    sound: bool

    def check(self, route: Route, formula: Expression) -> bool:
        """Whether `formula` uses only known quantities; otherwise record the faults."""
        if not self.sound:
            return True
        faults = [*check_expression(formula, self.known), *self._elements(formula), *self._by_whole(formula)]
        self.findings.placed(route, faults)
        return not faults

    def _elements(self, formula: Expression) -> list[FormulaFault]:
        """Faults for elements that the program never assigns."""
        faults = []
        for part in walk(formula):
            match part:
                case Index(Name(id=name), (Number(value=int() as index),)) if name in self.families:
                    there = self.families[name]
                    if index not in there:
                        low, high = min(there), max(there)
                        expected = f"`{name}[{low}]` to `{name}[{high}]`"
                        faults.append(FormulaFault(part.place, f"`{text(part)}`, which has no value", expected))
        return faults

    def _by_whole(self, formula: Expression) -> list[FormulaFault]:
        """Faults for derivatives by whole numbers, which do not vary."""
        whole = {one.name for one in self.inputs if one.whole}
        return [
            FormulaFault(
                part.by.place,
                f"a derivative by the whole number `{part.by.id}`",
                f"a number with a decimal point in `given.{part.by.id}`, or `fixed: false`",
            )
            for part in walk(formula)
            if isinstance(part, Derivative) and isinstance(part.by, Name) and part.by.id in whole
        ]

    def constants_in(self, formula: Expression) -> Expression:
        """`formula` with the numbers of `pi`, `e` and `inf`, unless the exercise gives these names a meaning."""
        return _with_numbers(formula, self.known)

    def element(self, name: str) -> Element | None:
        """The input or forward quantity with this name (`h1`, `h[3]`), or None."""
        if name in self.given:
            return name, None
        return next((element for element in self.elements if spelled(element) == name), None)

    def require(self, route: Route, name: str, among: tuple[str, ...]) -> bool:
        """Whether `name` is one of `among`; otherwise record a fault."""
        if name in among:
            return True
        if self.sound:
            self.findings.add(route, one_of(name, among), f"the unknown name `{name}`")
        return False


def read_program(model: ExerciseFile, inputs: tuple[Input, ...], findings: Findings) -> CheckedProgram:
    """Read and check `forward`, given the inputs."""
    route: Route = ("forward",)
    given = findings.document.keys("given")
    findings.known = known(inputs)
    program = findings.program(route, model.forward)
    if program is None:
        findings.broken.add("forward")
    elif not program and "forward" not in findings.broken:
        findings.add(route, "at least one assignment such as `y = w * x`", "an empty program")
    program = _without_several(with_constants(program or (), given))
    assigned = tuple(dict.fromkeys(statement.name for statement in statements(program)))
    whole = constants(inputs)
    elements: tuple[Element, ...] = ()
    try:
        _check_names(program, findings)
        if not findings.broken & {"given", "forward", ""}:
            findings.placed(route, check_program(program, frozenset(given)))
        elements = quantities(program, whole)
    except FormulaError as error:
        if "given" not in findings.broken:
            findings.placed(route, error.faults)
        findings.broken.add("forward")
    except (RecursionError, OverflowError):
        findings.add(route, "a smaller program", "expressions or loops without measure")
        findings.broken.add("forward")
    if len(elements) > MAX_QUANTITIES:
        findings.add(route, f"at most {MAX_QUANTITIES}", f"{len(elements)} forward quantities")
        findings.broken.add("forward")
        elements = ()
    sound = not findings.broken & {"given", "forward", ""}
    names = frozenset(given) | frozenset(assigned)
    return CheckedProgram(findings, inputs, program, elements, whole, given, names, _families(elements), sound)


_SIGNED = {("svd", 0), ("svd", 2), ("eigh", 1)}
"""What is right with either sign, as singular vectors are: NumPy and torch may differ there."""


def _without_several(program: Program) -> Program:
    """The program without the names of values that may be right with either sign, such as eigenvectors: their formulas
    stand in place of the names, since a submission's own value could not be judged."""
    signed: dict[str, Expression] = {}
    kept: list[Statement] = []
    for statement in program:
        match statement:
            case Assign(
                name, (), Index(base=Call(operation=operation), keys=(Number(value=int() as at),)) as value
            ) if (
                operation,
                at,
            ) in _SIGNED:
                signed[name] = substitute(value, signed)
            case _:
                kept.append(_substituted(statement, signed) if signed else statement)
    return tuple(kept)


def _substituted(statement: Statement, put: dict[str, Expression]) -> Statement:
    if isinstance(statement, For):
        return replace(statement, body=tuple(_substituted(one, put) for one in statement.body))
    return replace(statement, value=substitute(statement.value, put))


def with_constants(program: Program, given: tuple[str, ...]) -> Program:
    """The program with the numbers in the place of `pi` and `e`, where these are not names of its own."""
    taken = {*given, *(statement.name for statement in statements(program))}

    def changed(statement: Statement) -> Statement:
        if isinstance(statement, For):
            return replace(statement, body=tuple(map(changed, statement.body)))
        return replace(statement, value=_with_numbers(statement.value, taken))

    if not any(names(one.value) & CONSTANTS.keys() - taken for one in statements(program)):
        return program
    return tuple(map(changed, program))


def _with_numbers(formula: Expression, taken: Collection[str]) -> Expression:
    found = names(formula) & CONSTANTS.keys()
    return substitute(formula, {name: CONSTANTS[name] for name in found if name not in taken})


def _families(elements: tuple[Element, ...]) -> dict[str, list[int]]:
    whole = {name for name, index in elements if index is None}
    made: dict[str, list[int]] = {}
    for name, index in elements:
        if index is not None and name not in whole:
            made.setdefault(name, []).append(index)
    return made


def _check_names(program: Program, findings: Findings) -> None:
    seen: set[str] = set()
    for statement in statements(program):
        wrong = complaint(statement.name)
        if wrong and statement.name not in seen:
            fault = FormulaFault(statement.place, f"the name `{statement.name}`", wrong)
            findings.placed(("forward",), (fault,))
        seen.add(statement.name)


def forward_steps(model: ExerciseFile, checked: CheckedProgram) -> tuple[Step, ...]:
    """One step per forward quantity, in program order; points as in `forward_points`."""
    places: dict[str, Place] = {}
    for statement in statements(checked.program):
        places.setdefault(statement.name, statement.place)
    points = _forward_points(model, checked)
    made = []
    for element in checked.elements:
        name, index = element
        place = places[name]
        made.append(
            Step(
                name=spelled(element),
                quantity=expression(element, place),
                text=spelled(element),
                points=points.get(spelled(element), points.get(name, 0.0) / len(checked.families.get(name, (0,)))),
                family=None if index is None else name,
                index=index,
                place=place,
            )
        )
    return tuple(made)


def _forward_points(model: ExerciseFile, checked: CheckedProgram) -> dict[str, float]:
    """The `forward_points` of quantities, and of families as a whole."""
    names = tuple(dict.fromkeys((*map(spelled, checked.elements), *(name for name, _ in checked.elements))))
    for name in model.forward_points:
        if name not in names and checked.sound:
            checked.findings.add(
                ("forward_points", name), one_of(name, names), f"the unknown forward quantity `{name}`", at_key=True
            )
    return dict(model.forward_points)
