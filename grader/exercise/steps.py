"""Read `steps`: each requested step is parsed, checked, and expanded if it is a family.

A family over a loop, `dh[t]` with `for: t in reversed(range(1, T+1))`, is expanded to its members.
"""

from __future__ import annotations

from dataclasses import replace

from grader.exercise.derive import derived_steps
from grader.exercise.findings import Findings
from grader.exercise.names import complaint, split
from grader.exercise.program import MAX_QUANTITIES, CheckedProgram
from grader.exercise.schema import ExerciseFile, StepForm
from grader.exercise.types import Step
from grader.exercise.yaml_nodes import Route
from grader.formula.check import integers, substitute
from grader.formula.faults import FormulaError, FormulaFault
from grader.formula.parse import parse_program
from grader.formula.syntax import Assign, Expression, For, Place, names, text

_WORDS = "`t in range(...)` or `t in reversed(range(...))`"
_BODY = "_"
_BODY_ADDED = f": {_BODY} = 0"


def read_loop(
    text: str, variable: str, route: Route, constants: dict[str, int], findings: Findings
) -> tuple[int, ...] | None:
    """The values of `variable` in `for: text`, in order. For any other text, record the faults and return None."""
    opening = "for "
    to = findings.where(route)
    try:
        program = parse_program(f"{opening}{text.strip()}{_BODY_ADDED}")
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
            found = findings.stood(route) if _BODY_ADDED in fault.found else fault.found
            findings.placed(route, (FormulaFault(Place(line, column, line, column), found, _expected(fault)),))
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


def read_steps(model: ExerciseFile, checked: CheckedProgram) -> tuple[Step, ...]:
    """All steps in order: those of `derive` come before or after those of `steps`, as in the file."""
    findings = checked.findings
    derived = {step.name: step for step in derived_steps(model.derive, checked)} if model.derive else {}
    own: dict[str, Step] = {}
    for key, entry in model.steps.items():
        form = entry if isinstance(entry, StepForm) else StepForm.model_construct(is_=entry)
        short: bool = form is not entry
        for step in _Reading(checked, key, form, short, derived.get(key)).steps():
            if step.name in own:
                findings.add(("steps", key), "each step once", f"`{step.name}` a second time", at_key=True)
            own[step.name] = step
    document = findings.document
    if not document.keys("steps") and document.at(("derive",)) is None and "steps" not in findings.broken:
        route: Route = ("steps",) if document.at(("steps",)) else ()
        findings.add(route, "at least one step in `steps`, or `derive`", "no steps")
    # An explicit step replaces the derived step of the same name, at the latter's position.
    written = {name: own.get(name, step) for name, step in derived.items()}
    rest = {name: step for name, step in own.items() if name not in derived}
    derived_first = _before(document.keys(), "derive", "steps")
    return (*written.values(), *rest.values()) if derived_first else (*rest.values(), *written.values())


def _before(fields: tuple[str, ...], one: str, other: str) -> bool:
    return one in fields and other in fields and fields.index(one) < fields.index(other)


class _Reading:
    """Reads one entry of `steps`. `short`: the entry is a text; `derived`: the derived step of the same name."""

    def __init__(self, checked: CheckedProgram, key: str, form: StepForm, short: bool, derived: Step | None) -> None:
        self.checked = checked
        self.findings: Findings = checked.findings
        self.key = key
        self.form = form
        self.derived = derived
        self.route: Route = ("steps", key)
        self.formula_route: Route = self.route if short else (*self.route, "is")

    def steps(self) -> tuple[Step, ...]:
        """The step, or the members of the family; empty if there are faults."""
        name, bracket = split(self.key)
        named = self.name_is_good(name)
        formula = self.formula()
        if bracket is None or bracket.isdecimal():
            if self.form.for_ is not None:
                self.findings.add((*self.route, "for"), f"a step named `{name}[t]`", f"`for` in the step `{self.key}`")
            if formula is None or not self.checked.check(self.formula_route, formula) or not named:
                return ()
            family = None if bracket is None else name
            return (self.step(self.key, formula, family, None if bracket is None else int(bracket)),)
        return self.members(name, bracket, formula if named else None)

    def members(self, name: str, variable: str, formula: Expression | None) -> tuple[Step, ...]:
        """Expand a family in the order of its loop."""
        if wrong := complaint(variable):
            self.findings.add(self.route, wrong, f"the loop variable `{variable}`", at_key=True)
            return ()
        if self.form.for_ is None:
            self.findings.add((*self.route, "for"), f"`for: {variable} in range(...)`")
            return ()
        route: Route = (*self.route, "for")
        values = read_loop(self.form.for_, variable, route, self.checked.constants, self.findings)
        if values is None or formula is None:
            return ()
        if len(values) > MAX_QUANTITIES:
            self.findings.add(route, f"at most {MAX_QUANTITIES}", f"a family of {len(values)} steps")
            return ()
        made = []
        for value in values:
            member = substitute(formula, {variable: value})
            if not self.checked.check(self.formula_route, member):
                # The remaining members would only repeat the fault.
                return ()
            step = self.step(f"{name}[{value}]", member, name, value)
            aliases = tuple(f"{alias}[{value}]" for alias in step.aliases)
            made.append(replace(step, text=text(member), points=step.points / len(values), aliases=aliases))
        return tuple(made)

    def step(self, name: str, formula: Expression, family: str | None, index: int | None) -> Step:
        form = self.form
        written = form.is_ if form.is_ is not None else text(formula)
        return Step(
            name=name,
            quantity=formula,
            text=" ".join(written.split()),
            points=form.points,
            aliases=tuple(form.aliases),
            hint=form.hint,
            optional=form.optional,
            family=family,
            index=index,
            place=formula.place,
        )

    def formula(self) -> Expression | None:
        if self.form.is_ is not None:
            formula = self.findings.expression(self.formula_route, self.form.is_)
            return None if formula is None else self.checked.constants_in(formula)
        if self.derived is not None:
            return self.derived.quantity
        if "derive" not in self.findings.broken and not self.findings.spoilt(self.route):
            self.findings.add((*self.route, "is"), "`is:` with a quantity such as `d(y)/d(x)`")
        return None

    def name_is_good(self, name: str) -> bool:
        """Whether the step's name is valid and not the name of another quantity."""
        if wrong := complaint(name):
            self.findings.add(self.route, wrong, f"the name `{name}`", at_key=True)
            return False
        if name not in self.checked.known:
            return True
        kind = "an input" if name in self.checked.given else "a forward quantity (its points: `forward_points`)"
        self.findings.add(self.route, "a name of the step's own", f"`{name}`, which is the name of {kind}", at_key=True)
        return False
