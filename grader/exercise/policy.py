"""How an exercise is graded and shown: tolerance, credit, limits, misconceptions, variants, aliases, the answer."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import replace

from grader.exercise.findings import Findings
from grader.exercise.given import constants, read_draw
from grader.exercise.names import is_alias, one_of
from grader.exercise.program import CheckedProgram
from grader.exercise.schema import DRAWS, AnswerForm, ExerciseFile
from grader.exercise.types import CourseMisconception, Credit, Draw, Input, Limits, Policy, Step, Tolerance
from grader.exercise.yaml_nodes import Route, shortened
from grader.formula.syntax import Call, Derivative, Expression, Index, Name, Sequence
from grader.model import REVEAL_LEVELS, Reveal
from grader.syntax_trees import tree_of


def read_policy(model: ExerciseFile, checked: CheckedProgram, steps: tuple[Step, ...]) -> Policy:
    """Read the policy fields of the file."""
    return Policy(
        tolerance=Tolerance(model.tolerance.rtol, model.tolerance.atol),
        shapes=model.shapes,
        credit=Credit(model.credit.carried, model.credit.compensated),
        reveal=model.reveal,
        hint_costs=_hint_costs(model, checked.findings),
        by_hand=model.by_hand,
        limits=_limits(model),
        files=tuple(model.files),
        misconceptions=tuple(_misconceptions(model, checked, steps)),
    )


def _hint_costs(model: ExerciseFile, findings: Findings) -> tuple[tuple[Reveal, float], ...]:
    """What hints cost. A level that is never shown costs nothing."""
    told = model.hint_costs
    costs: dict[Reveal, float] = {"hint": told.hint, "rule": told.rule, "fix": told.fix}
    for level, cost in costs.items():
        if cost and REVEAL_LEVELS.index(level) > REVEAL_LEVELS.index(model.reveal):
            findings.add(
                ("hint_costs", level), f"0, or `reveal: {level}`: the exercise reveals no more than `{model.reveal}`"
            )
    return tuple((level, cost) for level, cost in costs.items() if cost)


def _limits(model: ExerciseFile) -> Limits:
    """The limits. Totals that the file does not set allow for three runs."""
    told = model.limits
    usual = Limits()
    total = max(usual.total, 3 * told.seconds) if told.total is None else told.total
    wall = max(usual.wall, 2 * total) if told.wall is None else told.wall
    return Limits(told.seconds, told.memory, told.output, total, wall)


def _misconceptions(
    model: ExerciseFile, checked: CheckedProgram, steps: tuple[Step, ...]
) -> Iterator[CourseMisconception]:
    quantities = {step.name: step.quantity for step in steps}
    known = (*quantities, *(name for name in checked.findings.document.keys("steps") if name not in quantities))
    codes: set[str] = set()
    for number, one in enumerate(model.misconceptions):
        route: Route = ("misconceptions", number)
        if one.code in codes:
            checked.findings.add((*route, "code"), "each code once", f"`{one.code}` a second time")
        codes.add(one.code)
        if not checked.findings.broken & {"steps", "derive"}:
            checked.require((*route, "step"), one.step, known)
        wrong = checked.findings.expression((*route, "wrong"), one.wrong)
        if wrong is None:
            continue
        wrong = _written_out(wrong, quantities)
        if checked.check((*route, "wrong"), wrong):
            yield CourseMisconception(one.code, one.step, wrong, one.message)


def _written_out(node: Expression, steps: dict[str, Expression]) -> Expression:
    """Replace the names of steps in `node` by their quantities: authors write `(1 - h1_raw**2) * dh1raw_dwh`."""
    match node:
        case Name(id=name):
            return steps.get(name, node)
        case Index(base=Name(id=name), keys=keys) if all(
            f"{name}[{getattr(key, 'value', None)}]" in steps for key in keys
        ):
            return steps[f"{name}[{getattr(keys[0], 'value', None)}]"]
        case Index(base=base):
            return replace(node, base=_written_out(base, steps))
        case Call(arguments=arguments):
            return replace(node, arguments=tuple(_written_out(part, steps) for part in arguments))
        case Sequence(items=items):
            return replace(node, items=tuple(_written_out(part, steps) for part in items))
        case Derivative():
            return node
        case _:
            return node


def read_answers(model: ExerciseFile, findings: Findings) -> tuple[str, ...]:
    """The Python lines run after a submission, in each of the ways that are accepted."""
    if model.answer is None:
        return ()
    if isinstance(model.answer, list):
        return tuple(_answer(one, ("answer", number), findings) for number, one in enumerate(model.answer))
    return (_answer(model.answer, ("answer",), findings),)


def _answer(entry: str | AnswerForm, route: Route, findings: Findings) -> str:
    source = entry.call if isinstance(entry, AnswerForm) else entry
    if isinstance(entry, AnswerForm):
        route = (*route, "call")
    to = findings.where(route)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = tree_of(source)
        if not tree.body:
            findings.add(route, "at least one line of Python", "no statement")
        elif all(isinstance(one, ast.Expr) and not isinstance(one.value, ast.Call) for one in tree.body):
            findings.add(route, "lines that call what is handed in, such as `dx = backward(dout, x)`")
    except SyntaxError as error:
        line, column = to(error.lineno or 1, error.offset or 1)
        lines = source.splitlines() or [""]
        stood = lines[min(error.lineno or 1, len(lines)) - 1]
        findings.at(line, column, route, shortened(stood.strip()), f"Python ({error.msg})")
    except (ValueError, RecursionError, MemoryError) as error:
        findings.add(route, f"Python ({error})")
    return source


def read_variants(model: ExerciseFile, inputs: tuple[Input, ...], findings: Findings) -> tuple[tuple[str, Draw], ...]:
    """The ranges of inputs whose given numbers differ between students."""
    known = {one.name: one for one in inputs}
    there = findings.document.keys("given")
    made = []
    for name, text in model.variants.items():
        route: Route = ("variants", name)
        draw = read_draw(text, route, findings, constants(inputs))
        if name not in there:
            findings.add(route, one_of(name, there), f"the unknown input `{name}`", at_key=True)
        elif draw is not None and name in known:
            if known[name].whole and draw.kind != "integers":
                findings.add(route, f"`integers(low, high)`, as `{name}` is a whole number")
            elif draw.kind == "like":
                findings.add(route, DRAWS)
            elif name in constants((known[name],)):
                # Shapes, loops and the steps of families have already been expanded with this number.
                findings.add(route, "an input that is not a fixed whole number", f"`{name}`", at_key=True)
            made.append((name, draw))
    return tuple(made)


def read_output(model: ExerciseFile, checked: CheckedProgram) -> str:
    """The quantity from which reverse mode starts: that of `derive`, `output`, or the last one of the program."""
    forward = tuple(step for step, _ in ((name, index) for name, index in checked.elements if index is None))
    elements = (*forward, *(f"{name}[{index}]" for name, index in checked.elements if index is not None))
    if model.output is not None:
        checked.require(("output",), model.output, elements)
        if model.derive is not None and model.derive.of != model.output:
            checked.findings.add(("output",), f"`{model.derive.of}`, as in `derive.of`, or no `output`")
        return model.output
    if model.derive is not None:
        return model.derive.of
    if not checked.elements:
        return ""
    name, index = checked.elements[-1]
    return name if index is None else f"{name}[{index}]"


class Aliases:
    """Collects the aliases of inputs, forward quantities and steps, from `aliases` and from the entries themselves."""

    def __init__(
        self, model: ExerciseFile, checked: CheckedProgram, forward: Iterable[Step], steps: Iterable[Step]
    ) -> None:
        self.findings = checked.findings
        self.extra = model.aliases
        named = [*forward, *steps]
        self.names = dict.fromkeys((*checked.given, *(step.name for step in named)))
        self.names |= dict.fromkeys(step.family for step in named if step.family)
        self.owners: dict[str, str] = {}
        steps_written = self.findings.document.keys("steps")
        for name in self.extra:
            if name not in self.names and name not in steps_written and not self.findings.broken:
                found = f"the unknown name `{name}`"
                self.findings.add(("aliases", name), one_of(name, tuple(self.names)), found, at_key=True)

    def of_input(self, one: Input) -> Input:
        return replace(one, aliases=self._all(one.name, one.aliases, ("given", one.name, "aliases")))

    def of_step(self, step: Step, field: str) -> Step:
        """`step` with all its aliases; a family's aliases apply to each member with its index."""
        aliases = self._all(step.name, step.aliases, (field, step.name, "aliases"))
        if step.family is not None:
            of_family = self._all(step.family, (), ("aliases", step.family))
            aliases += tuple(f"{alias}[{step.index}]" for alias in of_family)
        return replace(step, aliases=tuple(dict.fromkeys(aliases)))

    def _all(self, name: str, own: tuple[str, ...], route: Route) -> tuple[str, ...]:
        listed = [(alias, (*route, number)) for number, alias in enumerate(own)]
        listed += [(alias, ("aliases", name, number)) for number, alias in enumerate(self.extra.get(name, ()))]
        for alias, place in listed:
            owner = self.owners.setdefault(alias, name)
            if not is_alias(alias):
                self.findings.add(place, "a name students can bind, such as `dx` or `self.dx`")
            elif alias in self.names and alias != name:
                self.findings.add(place, "a name of its own", f"`{alias}`, which is a quantity itself")
            elif owner != name:
                self.findings.add(place, "a name of its own", f"`{alias}`, which is an alias of `{owner}` too")
        return tuple(dict.fromkeys(alias for alias, _ in listed))
