"""Sentences about one step, built from the verdict's data and shared by all renderers.

Names and code are in backticks. Escaping for a terminal or a page is left to the renderer. Data that the reveal level
hides is never read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from grader.diagnosis.repair_words import REWRITTEN
from grader.model import Opaque, Result, StepResult, Value
from grader.report.crashes import bound, crash_before, crash_of, error_of
from grader.report.mathematics import plain
from grader.report.numbers import describe, difference, number, pair
from grader.report.places import lines_of, marked
from grader.report.text import one_line
from grader.submission.wording import SHADOWED, SPOILT, listed

INPUTS = 6
"""Maximum number of inputs listed when a point other than the given one is described."""

RULE = 100
"""Maximum number of characters of a chain rule that is shown: a longer one is not read."""

_UNJUDGED = {
    "raised": "this line crashed",
    "timeout": "your code was stopped before it got there, because it took too long",
    "killed": "your code ended before it got there",
    "not_finite": "its value is not a finite number",
    "type": "it is neither a number nor an array of numbers",
    "nameless": "your code could not be run with other numbers",
    "not_reached": "your code ended before it got there",
    "not_shown": "when what it may be taken from was made to give other numbers, your code did not get there",
    "unreadable": "the file could not be read",
    "package": "your code needs a package that is not installed here",
}


def names(steps: Sequence[StepResult] | Sequence[str], shown: int = 6) -> str:
    """Format names as "`a`, `b` and `c`"."""
    plain = [step if isinstance(step, str) else step.name for step in steps]
    return listed([f"`{name}`" for name in plain], shown)


def shares_mistake(step: StepResult) -> bool:
    """Whether a step is wrong by the mistake of another step, with which it is counted."""
    return step.outcome == "carried" and step.reason == "same_mistake"


def wrong(result: Result, step: StepResult, forward: bool, first: bool) -> Iterator[str]:
    """Yield why this step is wrong, as measured. Before the `first` wrong step everything is right."""
    source = "the program" if forward else "autograd"
    match step.reason:
        case "constant":
            yield _stays(step)
        case "cancelled":
            yield "its terms cancel to 0 here, so its value is right"
            yield "with other values in them, this line does not give the derivative"
            return
        case "shape":
            yield step.remark or "its shape is not the right one"
            if misconception(result, step) != "result-transposed":
                yield from _transposed(result, step)
            return
        case "tuple" if explained(result, step):
            return
        case "raised" if (crash := crash_of(result, step)) is not None:
            yield f"{lines_of([crash.where] if crash.where else [])} crashes because of this: {error_of(crash)}"
            return
        case "raised" | "tuple":
            yield step.remark or "this line crashed"
            return
        case "switched_off":
            yield step.remark or "this condition is never true"
            return
        case "given_point_only" if not (step.at and result.shows("at")):
            yield "it is right at the given numbers only"
        case _ if step.at and result.shows("at"):
            yield _coincidence(result, step)
    if _spoils_a_value(step):
        yield step.remark or ""
    yield from _seen(result, step)
    if (found := measured(result, step, source)) is not None:
        yield found if first or step.at else f"with everything before it right, {found}"
    elif step.reason not in ("constant", "given_point_only"):
        yield (
            f"its value is not the one {source} gives" if first else "it is wrong even with everything before it right"
        )
    if step.remark and not _spoils_a_value(step):
        yield step.remark
    if (crash := crash_before(result, step)) is not None:
        yield f"at your own values this line crashes, because of an earlier mistake: {error_of(crash)}"


def _stays(step: StepResult) -> str:
    typed = (step.code or "").partition("=")[2].strip()
    if is_number(typed):
        return f"you typed the number {typed}; with other given numbers it has to change"
    return "it stays the same when the given numbers change"


def _coincidence(result: Result, step: StepResult) -> str:
    """For a step right at the given numbers and wrong at others: name the variable whose value was typed in, if the
    repair shows it."""
    if _is_typed_value(result, step) and step.diagnosis is not None:
        return f"`{marked(result, step)}` is only the value `{step.diagnosis.replace_with}` has here"
    return "it is right at the given numbers and wrong at others"


def _is_typed_value(result: Result, step: StepResult) -> bool:
    """Whether the repair, which may be shown, puts a name for a typed number that is right at the given numbers."""
    put = step.diagnosis.replace_with if step.diagnosis is not None and result.shows("diagnosis.replace_with") else None
    shown = bool(step.at) and result.shows("at")
    return shown and put is not None and put.isidentifier() and is_number(marked(result, step))


_CHANGED = re.compile(rf"line (\d+){re.escape(SPOILT)}$")


def _spoils_a_value(step: StepResult) -> bool:
    """Whether the marked line is the one that changes a right value before it is used. Repairing that line would only
    undo what it is for."""
    found = _CHANGED.search(step.remark or "")
    return found is not None and step.where is not None and int(found[1]) == step.where.line


_SEEN = re.compile(r"\. (Its? .*)\.$", re.S)


def _seen(result: Result, step: StepResult) -> Iterator[str]:
    """Yield what the value alone shows if the line is unexplained: twice the right value, another step's value."""
    found = step.diagnosis
    if found is None or found.confidence != "unexplained" or not result.shows("diagnosis.message"):
        return
    if (fact := _SEEN.search(found.message)) is not None:
        yield phrase(f"{fact[1].replace(', at every point', '').replace(' at every point', '')}.")


def is_number(text: str) -> bool:
    """Whether a piece of code is only a number."""
    try:
        return isinstance(ast.literal_eval(text.strip()), int | float)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return False


def measured(result: Result, step: StepResult, source: str) -> str | None:
    """Format "it gave 0.0 where autograd gives 0.2099871708"; None if hidden or not comparable."""
    if not (result.shows("got") and result.shows("expected")):
        return None
    worst = difference(step.got, step.expected)
    if worst is None or worst.largest == 0:
        return None
    got, expected = pair(worst.got, worst.expected)
    at = f"at {point(step.at)} " if step.at and result.shows("at") else ""
    here = bound(result, step.where)
    other = bool(here) and not {step.name.partition("[")[0], step.bound_as} & set(here)
    if not isinstance(step.got, Value) or step.got.shape == ():
        return f"{at}{f'`{step.name}` was' if other else 'it gave'} {got} where {source} gives {expected}"
    entry = f"entry [{', '.join(map(str, worst.index))}]"
    whose = f"{entry} of `{step.name}`" if other else f"its {entry}"
    return f"{at}{whose} is {got} where {source} gives {expected}{_of_others(step)}"


def _of_others(step: StepResult) -> str:
    """The number of wrong entries, if some entries are right."""
    if not isinstance(step.got, Value) or step.expected is None or step.got.size < 2:
        return ""
    right = step.expected.numbers()
    close = 1e-5 * max(map(abs, right), default=0.0)
    off = sum(not abs(one - other) <= close for one, other in zip(step.got.numbers(), right, strict=True))
    if not 0 < off < len(right):
        return ""
    return "; no other entry is wrong" if off == 1 else f"; {off} of its {len(right)} entries are wrong"


def point(inputs: Sequence[tuple[str, Value]]) -> str:
    """Format a point as "h0 = 0.73, w_h = 1.31 and another `W`"."""
    scalars = [f"{name} = {number(value.numbers()[0], 4)}" for name, value in inputs if value.shape == ()]
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
    """Whether two values are equal within single precision."""
    worst = difference(one, other)
    largest = max((abs(number) for number in other.numbers()), default=0.0)
    return worst is not None and worst.largest <= 1e-5 * largest


def unjudged(result: Result, step: StepResult) -> Iterator[str]:
    """Yield why no verdict was possible."""
    said = _UNJUDGED.get(step.reason or "", "there is nothing to compare")
    if step.reason == "not_finite" and result.shows("got") and isinstance(step.got, Value) and step.got.shape == ():
        said = f"its value is {describe(step.got)}, not a finite number"
    if step.reason == "type" and isinstance(step.got, Opaque) and not step.remark:
        said = f"it is {describe(step.got)}, neither a number nor an array of numbers"
    if step.reason not in ("raised", "type", "nameless") or not step.remark:
        yield said
    if step.remark:
        yield step.remark


SWAPPED = ("other-layers-quantity", "time-index-off-by-one")
"""Misconceptions that state only that one name was used in place of another."""

_PLAIN = (*SWAPPED, "summand-constant-wrong")
"""Misconceptions whose message in names says no more than the change, which is verified."""

_IN_NAMES = dict.fromkeys(_PLAIN, "`{old}` stands where `{new}` is needed") | {
    "gradient-not-passed-through-activation": "`{old}` stands where `{new}` is needed: an activation is between them",
    "gradient-for-value": "`{old}` is a gradient; `{new}` is needed",
    "value-for-gradient": "`{old}` is a value of the program; its gradient `{new}` is needed",
    "pre-activation-for-activation": "`{old}` is the value before the activation; `{new}` is needed",
    "tanh-derivative-on-pre-activation": "You squared `{old}`. tanh' is 1 - (output)**2, so square `{new}`.",
}
"""Messages for misconceptions when both names may be shown: `old` was typed, `new` is needed."""


_NAME = re.compile(r"[A-Za-z_][\w.]*(\[[^\[\]]*\])*")


def explained(result: Result, step: StepResult) -> str | None:
    """The diagnosis in a sentence; None if it is unexplained, since the measured facts then say more."""
    found = step.diagnosis
    if found is None or found.confidence == "unexplained" or step.reason == "constant":
        return None
    old = marked(result, step)
    if step.reason == "raised" and (found.message == REWRITTEN or f"name '{old}' " in (step.remark or "")):
        return None  # that the line crashed says more
    if _is_typed_value(result, step) or _spoils_a_value(step):
        return None  # the facts say the same
    if not result.shows_message(found):
        return "the mistake is in the marked part" if found.replace_with is not None and step.where else None
    new = found.replace_with
    certain = found.confidence == "certain" or (found.confidence == "likely" and found.code in _PLAIN)
    in_names = _IN_NAMES.get(found.code or "") if certain else None
    if in_names and _NAME.fullmatch(old) and new and _NAME.fullmatch(new) and result.shows("diagnosis.replace_with"):
        return in_names.format(old=old, new=new)
    if (
        found.code == "factor-two"
        and new
        and result.shows("diagnosis.replace_with")
        and (twos := _twos(new) - _twos(old))
    ):
        return "a factor 2 is missing here" if twos > 0 else "there is a factor 2 too many here"
    # The change is verified; uncertain is only its name, or which of several changes was meant.
    hedged = found.confidence == "one_of" or (found.confidence == "likely" and found.code is not None)
    return f"likely cause: {phrase(found.message)}" if hedged else phrase(found.message)


def _twos(text: str) -> int:
    """How often a text has the number 2, not as an exponent or index."""
    return len(re.findall(r"(?<![\w.\[])(?<!\*\*)(?<!\*\* )2(?:\.0*)?(?![\w.\]])", text))


def phrase(sentence: str) -> str:
    """A sentence in the style of facts: without initial capital and full stop, unless there are several sentences."""
    body = sentence.removesuffix(".")
    if ". " in body or not sentence.endswith("."):
        return sentence
    word = re.match(r"[A-Z][a-z]*\b", body)
    return body if word is None or word[0] == "I" else body[0].lower() + body[1:]


def misconception(result: Result, step: StepResult) -> str | None:
    """The code of the misconception behind a step; None if there is none or the reveal level hides it."""
    found = step.diagnosis
    return found.code if found is not None and result.shows("diagnosis.code") else None


def rule(result: Result, step: StepResult) -> str | None:
    """The chain rule of a step, if it is known and shown."""
    found = step.diagnosis
    if found is None or not result.shows("diagnosis.rule"):
        return None
    told = found.rule or ""
    # If a local derivative has no formula, the rule would only repeat that it exists.
    return None if not told or "partial(" in told.partition(" = ")[2] or len(told) > RULE else told


def next_step(result: Result, step: StepResult, forward: bool) -> tuple[str, tuple[str, ...]]:
    """The single next action, and lines of code that belong to it."""
    found = step.diagnosis
    if _spoils_a_value(step):
        return "use another name in this line, or move it down", ()
    if forward and is_number((step.code or "").partition("=")[2]):
        return "write the formula, not the number", ()
    if found is not None and found.confidence != "unexplained":
        if found.alternatives and result.shows("diagnosis.alternatives"):
            return "one of these makes it right:", (found.fix or "", *found.alternatives)
        if found.fix is not None and result.shows("diagnosis.fix"):
            return _change(step, found.message, found.replace_with), _lines(step, found.fix)
        if (told := rule(result, step)) is not None:
            return f"use the chain rule: {told}", ()
    if step.reason == "constant":
        return "write the formula that leads to the number, not the number", ()
    if step.reason == "switched_off":
        return "change this condition, or move the lines out from under it", ()
    if step.remark and SHADOWED in step.remark:
        return "give the loop variable another name", ()
    if step.reason == "raised":
        return _imported(step.remark or "") or "fix this line, then run again", ()
    if step.remark and step.remark.endswith(SPOILT):
        return "copy the value before it is changed, or change it later", ()
    if step.hint and result.shows("hint"):
        return plain(one_line(step.hint)), ()
    if step.reason == "cancelled":
        return "check the sign of this line and each of its terms", ()
    if step.reason == "shape":
        return f"work out the shape {step.quantity} must have, and compare", ()
    what = f"compute {step.quantity}" if forward else f"derive {step.quantity}"
    return f"{what} again on this line", ()


_IMPORTS = {
    "np": "import numpy as np",
    "numpy": "import numpy",
    "torch": "import torch",
    "math": "import math",
    "F": "import torch.nn.functional as F",
    "jnp": "import jax.numpy as jnp",
}


def _imported(error: str) -> str | None:
    """The import to add if a line crashed because a library was not imported."""
    found = re.search(r"name '(\w+)' is not defined", error)
    line = _IMPORTS.get(found[1]) if found is not None else None
    return None if line is None else f"put `{line}` at the top"


def _lines(step: StepResult, fix: str) -> tuple[str, ...]:
    """The lines of a repair. Where whole lines are put in, they stand one below the other."""
    first, *rest = fix.split("\n")
    put = "" if step.diagnosis is None else step.diagnosis.replace_with or ""
    if rest and step.where is not None and (not put or "\n" in put):
        indent = min(step.where.column - 1, *(len(line) - len(line.lstrip()) for line in rest))
        rest = [line[indent:] for line in rest]
    return (first, *rest) if fix else ()


def _change(step: StepResult, message: str, put: str | None) -> str:
    if step.diagnosis is not None and not step.diagnosis.fix:
        return "leave this line out"
    if step.reason == "constant":
        return "write the formula:"
    if message == REWRITTEN:
        return "the chain rule gives this line:"
    return f"write `{put}` where the line is marked:" if put and "\n" not in put else "change it to:"
