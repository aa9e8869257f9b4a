"""`derive`: the steps of a derivation written by the grader, in the order one derives them."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.exercise.names import Element, expression, spelled
from grader.exercise.program import CheckedProgram
from grader.exercise.schema import DeriveForm
from grader.exercise.types import Step
from grader.exercise.yaml_nodes import Route
from grader.formula.check import unrolled
from grader.formula.syntax import Assign, Call, Derivative, Expression, Index, Name, Number, Place, children, text

_COMPARISONS = {"gt", "ge", "lt", "le", "eq", "ne", "and_", "or_", "isnan"}
_CONSTANT = _COMPARISONS | {"shape_of", "length", "argmax", "one_hot", "sign", "floordiv"}
_CONSTANT |= {"detach", "zeros_like", "ones_like"}
"""Operations no derivative runs through: what is read only inside them is not depended on."""


def derived_steps(form: DeriveForm, checked: CheckedProgram) -> tuple[Step, ...]:
    """The steps of `derive`; none where its names are not known."""
    of, by = _of(form, checked), _by(form, checked)
    if of is None or by is None:
        return ()
    flow = _flow(checked)
    chosen = []
    for one in by:
        if one not in flow.before(of):
            if form.by is not None:
                route: Route = ("derive", "by", form.by.index(spelled(one)))
                checked.findings.add(route, f"a quantity that `{spelled(of)}` depends on", f"`{spelled(one)}`")
            continue
        chosen.append(one)
    place = checked.findings.place(("derive",))
    made: list[Step] = []
    if form.mode in ("forward", "both"):
        made += [_step(quantity, one, True, form, place) for one in chosen for quantity in flow.between(of, [one])]
    if form.mode in ("reverse", "both"):
        made += [_step(of, quantity, False, form, place) for quantity in flow.backwards(of, chosen)]
    known = checked.known
    for name in dict.fromkeys(step.family or step.name for step in made if (step.family or step.name) in known):
        checked.findings.add(("derive",), f"no quantity named `{name}`: a step is named so", at_key=True)
    return tuple({step.name: step for step in made}.values())


def _of(form: DeriveForm, checked: CheckedProgram) -> Element | None:
    forward = tuple(spelled(element) for element in checked.elements)
    if not checked.require(("derive", "of"), form.of, forward):
        return None
    return checked.element(form.of)


def _by(form: DeriveForm, checked: CheckedProgram) -> list[Element] | None:
    """What to derive by: as said, or every input that varies."""
    whole = {one.name for one in checked.inputs if one.whole}
    if form.by is None:
        return [(one.name, None) for one in checked.inputs if one.name not in whole and not one.fixed]
    there = (*checked.given, *map(spelled, checked.elements))
    made: list[Element] = []
    for number, name in enumerate(form.by):
        route: Route = ("derive", "by", number)
        if name in whole:
            expected = f"a number with a decimal point in `given.{name}`, or `fixed: false`"
            checked.findings.add(route, expected, f"a derivative by the whole number `{name}`")
        elif checked.require(route, name, there) and (element := checked.element(name)):
            made.append(element)
    return made if len(made) == len(form.by) else None


@dataclass(slots=True)
class _Flow:
    """What is computed from what: `order` is program order, `reads` what each quantity is directly computed from."""

    order: list[Element] = field(default_factory=list)
    reads: dict[Element, set[Element]] = field(default_factory=dict)
    all_before: dict[Element, set[Element]] = field(default_factory=dict)

    def before(self, element: Element) -> set[Element]:
        """Everything `element` is computed from, directly or not."""
        return self.all_before.get(element, set())

    def between(self, of: Element, by: list[Element]) -> list[Element]:
        """The quantities on the way from any of `by` to `of`, `of` included, in program order."""
        needed = self.before(of) | {of}
        return [one for one in self.order if one in needed and any(start in self.before(one) for start in by)]

    def backwards(self, of: Element, by: list[Element]) -> list[Element]:
        """The same from `of` back, each of `by` as soon as all that is computed from it has been derived."""
        there = {*self.between(of, by), *by}
        way = [one for one in reversed(self.order) if one in there]
        made: list[Element] = []
        users = {start: {one for one in way if start in self.reads[one]} for start in by if start not in way}
        for one in way:
            made.append(one)
            for start, waiting in users.items():
                if one in waiting:
                    waiting.remove(one)
                    made += [] if waiting else [start]
        return made


def _flow(checked: CheckedProgram) -> _Flow:
    flow = _Flow(list(checked.elements))
    there = set(checked.elements)
    for statement in unrolled(checked.program, checked.constants):
        target = _target(statement, there)
        reads = {element for part in (statement.value, *statement.keys) for element in _read(part, there, checked)}
        reads.discard(target)
        flow.reads.setdefault(target, set()).update(reads)
        before = flow.all_before.setdefault(target, set())
        for element in reads:
            before |= {element} | flow.all_before.get(element, set())
    return flow


def _target(statement: Assign, there: set[Element]) -> Element:
    match statement.keys:
        case (Number(value=int() as index),) if (statement.name, index) in there:
            return statement.name, index
        case _:
            return statement.name, None


def _read(node: Expression, there: set[Element], checked: CheckedProgram) -> set[Element]:
    """The inputs and quantities read in `node` where a derivative can run through."""
    match node:
        case Call(operation=operation) if operation in _CONSTANT:
            return set()
        case Index(Name(id=name), (Number(value=int() as index),)) if (name, index) in there:
            return {(name, index)}
        case Name(id=name):
            if (name, None) in there or name in checked.given:
                return {(name, None)}
            return {element for element in there if element[0] == name}
        case _:
            return {element for child in children(node) for element in _read(child, there, checked)}


def _step(of: Element, by: Element, forward: bool, form: DeriveForm, place: Place) -> Step:
    """d(of)/d(by) under its usual name: `dy2_dw_h` in forward mode, `dh2` in reverse mode."""
    quantity = Derivative(expression(of, place), expression(by, place), None, False, place)
    (name, index) = of if forward else by
    base = f"d{name}_d{spelled(by)}" if forward else f"d{name}"
    return Step(
        name=spelled((base, index)),
        quantity=quantity,
        text=text(quantity),
        points=form.points,
        family=None if index is None else base,
        index=index,
        place=place,
    )
