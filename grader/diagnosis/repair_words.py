"""How a message says what a repair changes, from the text before the change and the one after it."""

from __future__ import annotations

import ast
import re
from typing import Literal

from grader.submission.wording import listed
from grader.syntax_trees import same_tree, tree_of

CUT = "`//` cuts the quotient down to a whole number: `/` is needed."
"""Message if `//` stands where `/` is needed."""

REWRITTEN = "I could not find the slip in this line."
"""Message if only the whole line according to the chain rule is right."""

BRACKETS, NO_BRACKETS = "The brackets are in the wrong place here.", "Brackets are missing here."


def moves_brackets(before: str, after: str) -> bool:
    """Whether two texts differ in their round brackets alone."""
    bare, other = (re.sub(r"[()\s]", "", one) for one in (before, after))
    return bare == other and _packed(before) != _packed(after)


def of_brackets(before: str, after: str) -> str:
    """Say what is wrong with the brackets of `before`, if `after` differs in them alone."""
    return NO_BRACKETS if after.count("(") > before.count("(") else BRACKETS


_OPERAND = re.compile(r"((?:[^\W\d][\w.]*)(?:\[[^][]*\])?)")
"""A name, with its attributes and one index: `h1`, `self.W.T`, `h[t - 1]`."""

Part = Literal["factor", "term"]
"""What a formula may lack."""


def lacking(part: Part, before: str) -> str:
    """Say that a factor or a term is missing: in a formula, or beside a single name."""
    return f"A {part} is missing {'beside' if _OPERAND.fullmatch(before) else 'in'} `{before}`."


def part_missing(before: str, after: str) -> Part | None:
    """Return what `after` has more than `before`, if it is `before` with a further factor or term; otherwise None."""
    if _packed(before) not in _packed(after):
        return None
    try:
        old, new = (tree_of(one, "eval").body for one in (before, after))
    except (SyntaxError, ValueError):
        return None
    match new:
        case ast.BinOp(ast.Name(), _, ast.Constant()):
            return None  # `n - 1` for `n`
        case ast.BinOp(left, ast.Mult() | ast.Div() | ast.MatMult(), _):
            part: Part = "factor"
        case ast.BinOp(left, ast.Add() | ast.Sub(), _):
            part = "term"
        case _:
            return None
    return part if same_tree(left, old) and not isinstance(old, ast.Constant) else None


def _put_behind(before: str, after: str) -> str:
    """Return the calls and attributes that `after` puts behind all of `before`: `.sum(axis=0)`; "" if it does not."""
    behind = [one for one in (before, f"({before})") if after.startswith((f"{one}.", f"{one}["))]
    rest = after.removeprefix(behind[0]) if behind else ""
    if rest.startswith("[") and ":" not in rest:
        return ""  # `h[t]` for `h` is another value, and no part of it
    try:
        new, old = (tree_of(one, "eval").body for one in (after, before)) if rest else (None, None)
    except (SyntaxError, ValueError):
        return ""
    while isinstance(new, ast.Call | ast.Attribute | ast.Subscript):
        new = new.func if isinstance(new, ast.Call) else new.value
        if old is not None and same_tree(new, old):
            return rest
    return ""


def _packed(text: str) -> str:
    """A text without its whitespace, of which code may have more or less."""
    return "".join(text.split())


def puts_behind(before: str, after: str) -> bool:
    """Whether `after` is `before` with calls, attributes or indices behind it."""
    return bool(_put_behind(before, after))


def needed(before: str, after: str) -> str:
    """Say that `after` has to replace `before`, or which part it lacks."""
    missing = part_missing(before, after)
    return needed_instead(before, after) if missing is None else lacking(missing, before)


def needed_instead(before: str, after: str) -> str:
    """Say that `after` has to replace `before`: only brackets, only an order, a call put behind it, or other text."""
    if moves_brackets(before, after):
        return of_brackets(before, after)
    parts = before.split(", ")
    if len(parts) > 1 and parts != after.split(", ") and sorted(parts) == sorted(after.split(", ")):
        moved = [f"`{one}`" for one, other in zip(parts, after.split(", "), strict=True) if one != other]
        return f"{listed(moved)} are in the wrong order."
    if pair := _exchanged(before, after):
        return f"{listed([f'`{one}`' for one in pair])} are in the wrong order."
    rest = _put_behind(before, after)
    if rest:
        return f"After `{before}`, `{rest}` is needed."
    return f"`{before}` stands where `{after}` is needed."


def _exchanged(before: str, after: str) -> tuple[str, ...]:
    """Return the two operands of a text that stand in one another's place in another text; empty if these differ in
    anything else."""
    had, has = _OPERAND.split(before), _OPERAND.split(after)
    if len(had) != len(has) or [*map(_packed, had[::2])] != [*map(_packed, has[::2])]:
        return ()
    pairs = [pair for pair in zip(had[1::2], has[1::2], strict=True) if pair[0] != pair[1]]
    first = pairs[0] if pairs else ("", "")
    return first if {*pairs} == {first, first[::-1]} and len({*pairs}) == 2 else ()
