"""Names for repairs that have none yet: what misconceptions are recognised by in a change of the source itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.diagnosis.catalogue import by_code
from grader.diagnosis.finding import Finding, change_of
from grader.diagnosis.repair_text import spliced
from grader.model import Submission
from grader.syntax_trees import tree_of


@dataclass(frozen=True, slots=True)
class SourceChange:
    """The innermost expression or statement that changes, before and after, with what it stands in, innermost first."""

    before: ast.AST
    after: ast.AST
    around: tuple[ast.AST, ...]


def named_by_change(submission: Submission, findings: Mapping[str, Finding]) -> dict[str, Finding]:
    """The findings; those with a change and without a name under that of the misconception that it shows."""
    found = dict(findings)
    for step, finding in findings.items():
        change = change_of(finding)
        if change is None or finding.diagnosis.code is not None or change[0] >= len(submission.cells):
            continue
        source = submission.cells[change[0]].source
        code = _name_of(source, spliced(source, change[1], change[2]))
        known = None if code is None else by_code(code)
        if known is not None:
            diagnosis = replace(finding.diagnosis, code=known.code, message=known.what, confidence="likely")
            found[step] = replace(finding, diagnosis=diagnosis)
    return found


def _name_of(before: str, after: str) -> str | None:
    try:
        change = changed(tree_of(before), tree_of(after))
    except (SyntaxError, ValueError, RecursionError):
        return None
    if change is None:
        return None
    fitting = [code for code, holds in _RECOGNISED.items() if holds(change)]
    return fitting[0] if len(fitting) == 1 else None


def changed(before: ast.AST, after: ast.AST, around: tuple[ast.AST, ...] = ()) -> SourceChange | None:
    """The innermost node all of a change is in; None where nothing changes."""
    if ast.dump(before) == ast.dump(after):
        return None
    old_parts, new_parts = list(ast.iter_child_nodes(before)), list(ast.iter_child_nodes(after))
    same = type(before) is type(after) and len(old_parts) == len(new_parts)
    pairs = zip(old_parts, new_parts, strict=True) if same else ()
    other = [(old, new) for old, new in pairs if ast.dump(old) != ast.dump(new)]
    operator = any(isinstance(old, ast.operator) for old, _ in other)
    if not same or operator or len(other) != 1 or _is_leaf(before, after):
        return SourceChange(before, after, around)
    return changed(*other[0], (before, *around))


def _is_leaf(before: ast.AST, after: ast.AST) -> bool:
    return isinstance(before, ast.Name | ast.Constant) or isinstance(after, ast.Name | ast.Constant)


def _is_quotient_with_plus(change: SourceChange) -> bool:
    """`(f' * g + f * g') / g**2` becomes the same with a minus."""
    match change.before, change.after:
        case ast.BinOp(left, ast.Add(), right), ast.BinOp(_, ast.Sub(), _):
            base = _squared_below(change)
            sides = [[ast.dump(one) for one in _factors(side)] for side in (left, right)]
            products = all(len(side) > 1 for side in sides)
            return base is not None and products and any(ast.dump(base) in side for side in sides)
        case _:
            return False


def _squared_below(change: SourceChange) -> ast.expr | None:
    """g where what changes is a factor above a line with g**2 below it."""
    inner = change.before
    for node in change.around:
        match node:
            case ast.BinOp(above, ast.Div(), ast.BinOp(base, ast.Pow(), ast.Constant(2))) if above is inner:
                return base
            case ast.BinOp(op=ast.Mult()):
                inner = node
            case _:
                return None
    return None


def _factors(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            return [*_factors(left), *_factors(right)]
        case _:
            return [node]


def _is_bound(change: SourceChange) -> bool:
    """What `range` counts to, or from, moves by one."""
    for node in (change.before, *change.around):
        match node:
            case ast.Call(ast.Name("range")) if node is not change.before or isinstance(change.after, ast.Call):
                return _is_moved_by_one(change)
            case ast.stmt():
                return False
    return False


def _is_moved_by_one(change: SourceChange) -> bool:
    """Whether 1 is added or taken away, or a 0 stands for a 1."""
    match change.before, change.after:
        case ast.Constant(int() as before), ast.Constant(int() as after):
            return abs(before - after) == 1
        case ast.BinOp(left, ast.Add() | ast.Sub(), ast.Constant(1)), other if ast.dump(left) == ast.dump(other):
            return True
        case other, ast.BinOp(left, ast.Add() | ast.Sub(), ast.Constant(1)) if ast.dump(left) == ast.dump(other):
            return True
        case ast.Call(args=before), ast.Call(args=after):
            left_out = (len(before), len(after)) in ((1, 2), (2, 1))
            longer, shorter = (before, after) if len(before) > len(after) else (after, before)
            first = longer[0] if left_out else None
            same = left_out and ast.dump(longer[1]) == ast.dump(shorter[0])
            return same and isinstance(first, ast.Constant) and first.value == 1
        case _:
            return False


def _in_index(change: SourceChange) -> bool:
    """Whether a place in an array changes."""
    inner = change.before
    for node in change.around:
        if isinstance(node, ast.Subscript):
            return node.slice is inner
        if isinstance(node, ast.stmt):
            return False
        inner = node
    return False


def _is_stride(change: SourceChange) -> bool:
    """A count in an index is multiplied by a name or a number above 1."""
    match change.after:
        case ast.BinOp(left, ast.Mult(), right) if _in_index(change):
            old = ast.dump(change.before)
            other = right if ast.dump(left) == old else left if ast.dump(right) == old else None
            return isinstance(other, ast.Name | ast.Attribute) or (isinstance(other, ast.Constant) and other.value != 1)
        case _:
            return False


def _is_padding(change: SourceChange) -> bool:
    """A name is added to a place in an index, or taken from it: 1 would be any neighbour."""
    match change.after:
        case ast.BinOp(left, ast.Add() | ast.Sub(), ast.Name() | ast.Attribute() as right) if _in_index(change):
            return ast.dump(left) == ast.dump(change.before) and "pad" in ast.unparse(right).lower()
        case _:
            return False


def _is_update_moved(change: SourceChange) -> bool:
    """An update of a name, `w -= lr * dw`, is moved behind the statement that reads it."""
    old, new = getattr(change.before, "body", None), getattr(change.after, "body", None)
    if not isinstance(old, list) or not isinstance(new, list) or len(old) != len(new):
        return False
    at = [place for place, pair in enumerate(zip(old, new, strict=True)) if ast.dump(pair[0]) != ast.dump(pair[1])]
    if len(at) != 2 or ast.dump(old[at[0]]) != ast.dump(new[at[1]]) or ast.dump(old[at[1]]) != ast.dump(new[at[0]]):
        return False
    name = _updated(old[at[0]])
    read = (node.id for node in ast.walk(old[at[1]]) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return name is not None and name in read


def _updated(statement: ast.stmt) -> str | None:
    """The name a statement makes anew of what it held."""
    match statement:
        case ast.AugAssign(target):
            while isinstance(target, ast.Subscript | ast.Attribute):
                target = target.value  # type: ignore[assignment]
            return target.id if isinstance(target, ast.Name) else None
        case ast.Assign([ast.Name(name)], ast.BinOp(op=ast.Add() | ast.Sub()) as value):
            return name if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value)) else None
        case _:
            return None


_RECOGNISED = {
    "loop-bound-off-by-one": _is_bound,
    "padding-forgotten": _is_padding,
    "quotient-rule-with-plus": _is_quotient_with_plus,
    "stride-forgotten": _is_stride,
    "updated-value-used": _is_update_moved,
}
