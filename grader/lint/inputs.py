"""Find what is wrong with the inputs of an exercise: numbers that hide mistakes from a student who compares only there,
although the probes would show them; inputs that nothing reads, and steps that are 0 for every input.

Two quantities that happen to be equal, or each other's inverse, square or small multiple, can be confused; a 0 removes
its factor, and all powers of 1 are 1. Relations that hold at every point belong to the exercise and are not a fault of
the numbers.
"""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from grader.exercise import yaml_nodes
from grader.exercise.types import Step
from grader.exercise.yaml_nodes import Listing, Node, Route, Scalar, dotted
from grader.formula.check import unrolled
from grader.formula.syntax import Derivative, Expression, Index, Name, Number, names, statements, text, walk
from grader.judge.matching.compare import largest, measure
from grader.lint.notes import Notes
from grader.model import Value
from grader.reference.point_selection import Saturation
from grader.reference.points import Reference
from grader.report.numbers import number
from grader.syntax_trees import tree_of


def examine_use(notes: Notes, reference: Reference) -> None:
    """Warn of inputs that are not used, and of steps that are 0 at every point; refuse answers that hand in nothing,
    and files that are not there."""
    _unused(notes)
    _answers(notes)
    _files(notes)
    for step in notes.exercise.steps:
        if any(number for values in reference.values for number in values[step.name].numbers()):
            continue
        if isinstance(step.quantity, Derivative) and _is_before(notes, reference, step.quantity.by, step.quantity.of):
            continue  # terms that cancel, which `numbers` tells of, or a function with a flat part
        found = f"`{step.text}`, which is 0 for every input"
        notes.warn(*notes.of_quantity(step.name), found, _instead(notes, step, reference))


def _unused(notes: Notes) -> None:
    exercise = notes.exercise
    read: set[str] = set()
    for statement in statements(exercise.program):
        read |= names(statement.value).union(*map(names, statement.keys))
    for step in exercise.steps:
        read |= names(step.quantity)
    # Sizes, loops, code that hands in the answer, and everything else that is not a formula.
    elsewhere = set()
    for field, (_, node) in notes.document.root.entries.items():
        if field not in ("title", "text"):
            elsewhere |= _words(node, are_inputs=field == "given")
    for one in exercise.inputs:
        if one.name not in read and one.name not in elsewhere:
            found = f"`{one.name}`, which nothing reads"
            notes.warn(*notes.of_quantity(one.name), found, "an input that the program or a step uses")


def _answers(notes: Notes) -> None:
    """Refuse a way to hand in that binds no name of a step. A call of a method may keep its results in an object."""
    steps = notes.exercise.steps
    wanted = {name.partition("[")[0] for step in steps for name in (step.name, *step.aliases)}
    listed = isinstance(notes.document.at(("answer",)), Listing)
    for at, source in enumerate(notes.exercise.answers or (notes.exercise.answer,)):
        route: Route = ("answer", at) if listed else ("answer",)
        if isinstance(notes.document.at(route), yaml_nodes.Mapping):
            route = (*route, "call")
        tree = tree_of(source or "pass")
        if source is None or not all(isinstance(one, ast.Expr | ast.Assign | ast.AnnAssign) for one in tree.body):
            continue
        calls = [one.value for one in tree.body if isinstance(one, ast.Expr)]
        bound = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}
        if any(not isinstance(one, ast.Call) or isinstance(one.func, ast.Attribute) for one in calls):
            continue
        if not bound & wanted and not any(isinstance(one, ast.Attribute | ast.Subscript) for one in _targets(tree)):
            listed_names = ", ".join(f"`{name}`" for name in sorted(bound))
            found = f"{listed_names}, which no step is called" if bound else f"`{source.strip()}`, which binds no name"
            field = dotted(route)
            example = next(iter(steps)).name.partition("[")[0]
            notes.refuse(None, route, field, found, f"names of steps before the call: `{example} = ...`")


def _targets(tree: ast.Module) -> Iterator[ast.expr]:
    for one in tree.body:
        if isinstance(one, ast.Assign):
            yield from one.targets


def _files(notes: Notes) -> None:
    home = Path(notes.document.path).parent
    if not Path(notes.document.path).is_file():
        return  # a text that is not in a file
    for at, name in enumerate(notes.exercise.policy.files):
        if not (home / name).is_file():
            expected = "the name of a file beside the exercise"
            if near := difflib.get_close_matches(name, [one.name for one in home.glob("*.*")], n=1):
                expected = f"`{near[0]}`, or another file beside the exercise"
            notes.refuse(None, ("files", at), f"files[{at}]", f"`{name}`, which is not there", expected)


def _words(node: Node, are_inputs: bool = False) -> set[str]:
    """Every word in the values of a part of the file; `are_inputs`: its keys are the inputs themselves."""
    match node:
        case Scalar(text=words):
            return set(re.findall(r"\w+", words))
        case Listing(items=items):
            return set().union(*(_words(item) for item in items))
        case yaml_nodes.Mapping(entries=entries):
            inside = set().union(*(_words(value) for _, value in entries.values()))
            return inside if are_inputs else inside | set(entries)


def _instead(notes: Notes, step: Step, reference: Reference) -> str:
    match step.quantity:
        case Derivative(of=of, by=by, via=None) if _is_before(notes, reference, of, by):
            return f"a derivative of what is computed from the other: `d({text(by)})/d({text(of)})`"
        case _:
            return "a step that depends on the inputs"


def _is_before(notes: Notes, reference: Reference, of: Expression, by: Expression) -> bool:
    """Whether `by` is computed from `of`, so that the derivative was asked for the wrong way round."""
    exercise = notes.exercise
    constants = {
        one.name: int(reference.points[0].inputs[one.name].numbers()[0])
        for one in exercise.inputs
        if one.whole and not one.shape
    }
    reached = {text(of)}
    for statement in unrolled(exercise.program, constants):
        read = {text(part) for part in _quantities(statement.value)}
        if read & reached:
            made = text(Name(statement.name, statement.place))
            keyed = f"{made}[{', '.join(map(text, statement.keys))}]" if statement.keys else made
            reached |= {made, keyed}
    return text(by) in reached and text(by) != text(of)


def _quantities(node: Expression) -> list[Expression]:
    return [
        part
        for part in walk(node)
        if isinstance(part, Name)
        or (isinstance(part, Index) and isinstance(part.base, Name) and isinstance(part.keys[0], Number))
    ]


MULTIPLES = (2, 3, 4)
"""Factors that a formula may wrongly contain or lack: exponents, the 2 of a square."""

DIGITS = 9
"""Numbers that agree in this many digits count as equal here."""

_MIN_MAGNITUDE = 1e-150
"""Below this a square underflows to 0, and an inverse cannot be squared."""

_NOISE = 1e-19, 1e-13
"""A value in this range, relative to the largest value of its point, is 0 up to rounding and meant to be 0."""

UNRELATED = "numbers that are not related: at these one passes for the other"
ALWAYS = "at every point"
Fact = tuple[str, ...]


def examine_numbers(notes: Notes, reference: Reference, saturated: Sequence[Sequence[Saturation]]) -> None:
    """Warn of relations that hold at the given numbers and not at the probes. `saturated`: by point."""
    points = [{**point.inputs, **values} for point, values in zip(reference.points, reference.values, strict=True)]
    # Names with equal values at every point are one quantity, represented by the first name.
    first = {tuple(_key(at[name]) for at in points): name for name in reversed(points[0])}
    kept = [name for name in points[0] if name in first.values()]
    given, *probes = [facts({name: at[name] for name in kept}) for at in points]
    told: set[Fact] = set()
    for fact, words in given.items():
        # One warning per pair: equal numbers need no further warning that one is the other's square.
        if fact[:3] not in told and not all(fact in other for other in probes):
            told.add(fact[:3])
            _warn(notes, fact, words, "at the given numbers")
    for one in notes.exercise.inputs:
        if one.fixed and not one.whole and _special(reference.points[0].inputs[one.name]) is not None:
            _warn(
                notes, ("number", one.name), f"`{one.name}` = {_special(reference.points[0].inputs[one.name])}", ALWAYS
            )
    _of_saturation(notes, saturated)
    _of_lost_steps(notes, reference)
    _of_cancelled_steps(notes, reference)


def _warn(notes: Notes, fact: Fact, words: str, when: str) -> None:
    expected = UNRELATED
    if fact[0] == "number":
        expected = "a number other than 0, 1 and -1: with these, wrong factors and powers come out right"
    elif fact[0] == "entries":
        expected = "entries that differ: at equal ones a wrong axis, or a mean for a sum, may come out right"
    notes.warn(*notes.of_quantity(fact[1]), f"{words} {when}", expected)


def facts(values: Mapping[str, Value]) -> dict[Fact, str]:
    """What is special about the numbers of a point, with a description."""
    found: dict[Fact, str] = {}
    plain: dict[str, Value] = {}
    for name, value in values.items():
        special = _special(value)
        if special is not None:
            found["number", name, special] = f"`{name}` = {special}" if not value.shape else f"`{name}`, all {special},"
        elif value.shape and value.size > 1 and len(set(value.numbers())) == 1:
            found["entries", name] = f"`{name}`, all of whose entries are {number(value.numbers()[0])},"
        else:
            plain[name] = value
    for first, second, form, words in _relations(plain):
        found["pair", first, second, form] = words
    return found


def _special(value: Value) -> str | None:
    """The text "0.0", "1.0" or "-1.0" if all entries have this value, otherwise None."""
    numbers = set(value.numbers())
    if len(numbers) != 1:
        return None
    (only,) = numbers
    return number(only) if only in (0.0, 1.0, -1.0) else None


def _relations(values: Mapping[str, Value]) -> Iterator[tuple[str, str, str, str]]:
    """Pairs of names, the relation between them, and a description with the numbers."""
    order = {name: place for place, name in enumerate(values)}
    by_value: dict[object, list[str]] = {}
    for name, value in values.items():
        by_value.setdefault(_key(value), []).append(name)
    for equal in by_value.values():
        for second, first in pairwise(equal):
            yield first, second, "=", f"`{first}` = `{second}`{_numbers(values, first)}"
    for second, value in values.items():
        for made, form in _made_of(value):
            for first in by_value.get(_key(Value.of(made, value.shape)), ()):
                if first != second:
                    later, earlier = sorted((first, second), key=order.__getitem__, reverse=True)
                    words = f"`{first}` = {form.format(f'`{second}`')}"
                    yield later, earlier, f"{first}={form}", f"{words}{_numbers(values, first, second)}"


def _made_of(value: Value) -> Iterator[tuple[list[float], str]]:
    """The values that a quantity may be confused with."""
    numbers = value.numbers()
    yield [-one for one in numbers], "-{}"
    if value.shape:
        return
    (only,) = numbers
    if _MIN_MAGNITUDE < abs(only) < 1 / _MIN_MAGNITUDE:
        yield [1 / only], "1 / {}"
        yield [only**2], "{}**2"
    for factor in MULTIPLES:
        yield [factor * only], f"{factor} * {{}}"


def _key(value: Value) -> object:
    return value.shape, tuple(format(one + 0.0, f".{DIGITS}e") for one in value.numbers())


def _numbers(values: Mapping[str, Value], *names: str) -> str:
    """The numbers themselves, if they are scalars."""
    if values[names[0]].shape:
        return ""
    return f" ({' and '.join(number(values[name].numbers()[0]) for name in names)})"


def _of_saturation(notes: Notes, saturated: Sequence[Sequence[Saturation]]) -> None:
    given, *probes = [{one.place: one for one in at if one.share > 0.5} for at in saturated]
    expected = "smaller numbers: where the slope is nearly 0, what is multiplied with it hardly shows"
    for place, one in given.items():
        notes.warn(place, "forward", f"`{one.operation}` saturated at the given numbers", expected)
    for place, one in (probes[0] if probes else {}).items():
        if all(place in other for other in probes):
            notes.warn(place, "forward", f"`{one.operation}` saturated at every probe", expected)


def _of_lost_steps(notes: Notes, reference: Reference) -> None:
    """Steps that the tolerance cannot distinguish from 0, although they are not 0."""
    tolerance = notes.exercise.policy.tolerance
    scales = [largest(list(at.values())) for at in reference.values]
    limits = [measure(tolerance, False, scale, frozenset()).atol for scale in scales]
    for step in notes.exercise.steps:
        sizes = [largest([at[step.name]]) for at in reference.values]
        rounding = all(_NOISE[0] * scale < size < _NOISE[1] * scale for size, scale in zip(sizes, scales, strict=True))
        if any(sizes) and not rounding and all(size <= limit for size, limit in zip(sizes, limits, strict=True)):
            words = f"`{step.name}` of at most {number(max(sizes), 3)}, which cannot be told from 0 beside the others"
            notes.warn(*notes.of_quantity(step.name), words, "values of comparable size")


def _of_cancelled_steps(notes: Notes, reference: Reference) -> None:
    """Steps that are 0 only because terms cancel: a student cannot check them by comparison."""
    for step in dict.fromkeys(one.step for one in reference.disturbances):
        words = f"`{step}`, which is 0 at every point only because terms cancel"
        expected = (
            "a step that is not 0: a typed 0 and a wrong sign look right here, and only runs in which its line is fed "
            "other values tell them apart"
        )
        notes.warn(*notes.of_quantity(step), words, expected)
