"""What is said of one step: sentences from the verdict's data, for every renderer alike.

Names and code stand in backticks. Nothing here is made safe for a terminal or a page: that is the renderer's part.
What the reveal level hides is never looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.model import Opaque, Result, StepResult, Value
from grader.report.numbers import describe, difference, number, pair, shape
from grader.report.text import one_line
from grader.submission.wording import listed

INPUTS = 6
"""Inputs whose numbers are named when another point than the given one is meant."""

_UNJUDGED = {
    "raised": "the statement that should bind it raised an error",
    "timeout": "your code was stopped before it got there, because it took too long",
    "killed": "your code ended before it got there",
    "not_finite": "its value is not a finite number",
    "type": "it is not a number or an array of numbers",
    "nameless": "it could not be tried at the numbers that it is to be judged at",
    "not_reached": "your code ended before it got there",
    "not_shown": "your code did not bind it when the library's derivatives were changed, to see what depends on them",
    "unreadable": "the submission could not be read",
}


def names(steps: Sequence[StepResult] | Sequence[str], shown: int = 6) -> str:
    """ "`a`, `b` and `c`"."""
    plain = [step if isinstance(step, str) else step.name for step in steps]
    return listed([f"`{name}`" for name in plain], shown)


def wrong(result: Result, step: StepResult, forward: bool) -> Iterator[str]:
    """Why this step is wrong, from what was measured."""
    source = "the exercise" if forward else "autograd"
    before = "with everything before it right" if forward else "with every step before it right"
    match step.reason:
        case "constant":
            yield "it does not follow what it is made from: it stays the same when the given numbers change"
        case "cancelled":
            yield (
                "its value is right only because terms cancel to 0: with other values in the place of those it is made "
                "from, this line does not give the derivative; look at its sign and at each of its terms"
            )
            return
        case "shape":
            yield step.remark or "its shape is not that of the quantity"
            yield from _transposed(result, step)
            return
        case "tuple" if explained(result, step):
            return
        case "raised" | "tuple":
            yield step.remark or "the statement that should bind it raised an error"
            return
        case "given_point_only" if not (step.at and result.shows("at")):
            yield f"it agrees with {source} at the given numbers only, by coincidence; at other numbers it does not"
        case _ if step.at and result.shows("at"):
            yield f"at the given numbers it agrees with {source}, by coincidence"
    found = measured(result, step, source)
    if found is not None:
        yield f"{found}, {before}"
    elif step.reason not in ("constant", "given_point_only"):
        yield f"its value is not the one {source} gives, {before}"
    if step.remark:
        yield step.remark


def measured(result: Result, step: StepResult, source: str) -> str | None:
    """ "it gave 0.0 where autograd gives 0.2099871708"; None where the reveal level hides it or nothing compares."""
    if not (result.shows("got") and result.shows("expected")):
        return None
    worst = difference(step.got, step.expected)
    if worst is None or worst.largest == 0:
        return None
    got, expected = pair(worst.got, worst.expected)
    at = f"at {point(step.at)} " if step.at and result.shows("at") else ""
    if not isinstance(step.got, Value) or step.got.shape == ():
        return f"{at}it gave {got} where {source} gives {expected}"
    entry = ", ".join(map(str, worst.index))
    off = f"of shape {shape(step.got.shape)}, {at}it is off by up to {number(worst.largest, 3)}"
    return f"{off}: entry [{entry}] is {got} where {source} gives {expected}"


def point(inputs: Sequence[tuple[str, Value]]) -> str:
    """ "h0 = 0.73, w_h = 1.31 and another `W`"."""
    scalars = [f"{name} = {number(value.numbers()[0])}" for name, value in inputs if value.shape == ()]
    arrays = [f"another `{name}`" for name, value in inputs if value.shape != ()]
    return listed([*scalars, *arrays], INPUTS)


def _transposed(result: Result, step: StepResult) -> Iterator[str]:
    got, expected = step.got, step.expected
    if not (result.shows("got") and isinstance(got, Value) and expected is not None):
        return
    if len(got.shape) == 2 and got.shape == expected.shape[::-1] and _close(_transpose(got), expected):
        yield "its numbers are right, but rows and columns are exchanged"


def _transpose(value: Value) -> Value:
    rows, columns = value.shape
    flat = value.numbers()
    return Value.of([flat[row * columns + column] for column in range(columns) for row in range(rows)], (columns, rows))


def _close(one: Value, other: Value) -> bool:
    """Equal as far as single precision tells."""
    worst = difference(one, other)
    largest = max((abs(number) for number in other.numbers()), default=0.0)
    return worst is not None and worst.largest <= 1e-5 * largest


def unjudged(result: Result, step: StepResult) -> Iterator[str]:
    """Why no verdict was possible."""
    said = _UNJUDGED.get(step.reason or "", "there is nothing to compare")
    if step.reason == "not_finite" and result.shows("got") and isinstance(step.got, Value) and step.got.shape == ():
        said = f"its value is {describe(step.got)}, not a finite number"
    if step.reason == "type" and isinstance(step.got, Opaque) and not step.remark:
        said = f"it is {describe(step.got)}, not a number or an array of numbers"
    if step.reason not in ("raised", "type") or not step.remark:
        yield said
    if step.remark:
        yield step.remark


def explained(result: Result, step: StepResult) -> str | None:
    """The diagnosis in a sentence; the bare facts of an unexplained one are said better by what was measured."""
    found = step.diagnosis
    if found is None or found.confidence == "unexplained" or not result.shows("diagnosis.message"):
        return None
    # A change is proven; what is not certain is a name for it, or which of several changes is meant.
    hedged = found.confidence == "one_of" or (found.confidence == "likely" and found.code is not None)
    return f"this looks like it: {found.message}" if hedged else found.message


def misconception(result: Result, step: StepResult) -> str | None:
    """The code of the misconception behind a step; None where there is none, or the reveal level hides it."""
    found = step.diagnosis
    return found.code if found is not None and result.shows("diagnosis.code") else None


def rule(result: Result, step: StepResult) -> str | None:
    """The chain rule of a step, where it is known and shown."""
    found = step.diagnosis
    return found.rule if found is not None and result.shows("diagnosis.rule") else None


def next_step(result: Result, step: StepResult, first: bool, forward: bool) -> tuple[str, tuple[str, ...]]:
    """The one thing to do now, and lines of code that belong to it."""
    found = step.diagnosis
    if found is not None and found.confidence != "unexplained":
        if found.alternatives and result.shows("diagnosis.alternatives"):
            return "one of these makes it right:", found.alternatives
        if found.fix and result.shows("diagnosis.fix"):
            change = f"put `{found.replace_with}` where the line is marked:" if found.replace_with else "change it to:"
            return change, tuple(found.fix.split("\n"))
        if (told := rule(result, step)) is not None:
            return told, ()
    if step.reason == "constant":
        return "write the formula that leads to the number, not the number", ()
    if step.hint and result.shows("hint"):
        return one_line(step.hint), ()
    if step.reason == "shape":
        return f"derive what shape {step.quantity} must have, and compare", ()
    what = f"compute {step.quantity}" if forward else f"derive {step.quantity}"
    return f"{what} again on this line{': it is the earliest wrong one' if first else ''}", ()
