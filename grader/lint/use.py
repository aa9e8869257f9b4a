"""Find what an exercise gives or asks for in vain: inputs that nothing reads, steps that are 0 for every input."""

from __future__ import annotations

import re

from grader.exercise.types import Step
from grader.exercise.yaml_nodes import Listing, Mapping, Node, Scalar
from grader.formula.check import unrolled
from grader.formula.syntax import Derivative, Expression, Index, Name, Number, names, statements, text, walk
from grader.lint.notes import Notes
from grader.reference.types import Reference


def examine_use(notes: Notes, reference: Reference) -> None:
    """Warn of inputs that are not used, and of steps that are 0 at every point."""
    _unused(notes)
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


def _words(node: Node, are_inputs: bool = False) -> set[str]:
    """Every word in the values of a part of the file; `are_inputs`: its keys are the inputs themselves."""
    match node:
        case Scalar(text=words):
            return set(re.findall(r"\w+", words))
        case Listing(items=items):
            return set().union(*(_words(item) for item in items))
        case Mapping(entries=entries):
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
