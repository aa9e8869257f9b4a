"""A window starts at i instead of i times the stride."""

from __future__ import annotations

from dataclasses import replace

from grader.diagnosis.recognition.catalogue import Example, Misconception
from grader.diagnosis.recognition.step_values import StepValues
from grader.diagnosis.repair_search.edit import Edit
from grader.diagnosis.step.context import Context
from grader.formula.syntax import Assign, Call, Expression, Index, Name, Number, Slice


def recognises(edit: Edit, context: Context) -> bool:
    """Always False here; `repair_trials.named_changes` recognises it in repairs that were found by running."""
    return False


def fits_values(step_values: StepValues) -> bool:
    """Whether the values are the derivative of the program without the strides (integer inputs) in its indices."""
    fixed = {one.name for one in step_values.derivation.exercise.inputs if one.whole and one.fixed and not one.shape}

    def change(one: Assign) -> Assign:
        value = _without_strides(one.value, fixed)
        return one if value is one.value else replace(one, value=value)

    return step_values.is_worth_in(change)


def _without_strides(node: Expression, fixed: set[str]) -> Expression:
    """Return a formula without the strides in its indices."""
    match node:
        case Index(base=base, keys=keys):
            made = tuple(_place(key, fixed) for key in keys)
            inner = _without_strides(base, fixed)
            same = inner is base and all(a is b for a, b in zip(made, keys, strict=True))
            return node if same else replace(node, base=inner, keys=made)
        case Call(arguments=arguments):
            parts = tuple(_without_strides(one, fixed) for one in arguments)
            same = all(a is b for a, b in zip(parts, arguments, strict=True))
            return node if same else replace(node, arguments=parts)
        case _:
            return node


def _place(key: Expression, fixed: set[str]) -> Expression:
    match key:
        case Slice(start, stop, step, place):
            ends = [None if one is None else _place(one, fixed) for one in (start, stop)]
            return key if ends[0] is start and ends[1] is stop else Slice(ends[0], ends[1], step, place)
        case Call("mul", (Number() as count, Name(id=stride))) | Call("mul", (Name(id=stride), Number() as count)):
            return count if stride in fixed else key
        case Call("add" | "sub", (left, right)):
            moved = _place(left, fixed), _place(right, fixed)
            return key if moved[0] is left and moved[1] is right else replace(key, arguments=moved)
        case _:
            return key


RULE = Misconception(
    code="stride-forgotten",
    title="The stride is missing in an index",
    what="The windows are placed one entry apart here; the forward pass moves them by the stride.",
    why=(
        "Output i of a strided window is made of the entries from i * stride on. What arrives at output i goes back "
        "to those very entries."
    ),
    instead="Multiply the index of the output by the stride.",
    instructor=("The backward loop is copied from an exercise with stride 1. Ask which entries output 1 was made of."),
    recognises=recognises,
    hit=Example(
        "windows",
        "dw",
        "u[0] * xp[0:3] + u[1] * xp[2:5] + u[2] * xp[4:7]",
        "u[0] * xp[0:3] + u[1] * xp[1:4] + u[2] * xp[2:5]",
    ),
    miss=Example(
        "windows",
        "dw",
        "u[0] * xp[0:3] + u[1] * xp[2:5] + u[2] * xp[4:7]",
        "u[0] * xp[0:3] + u[1] * xp[2:5] + u[2] * xp[3:6]",
    ),
    fits_values=fits_values,
)
