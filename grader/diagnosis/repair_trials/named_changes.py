"""Recognises misconceptions in source changes: for proven repairs that no rule has named yet."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace

from grader.diagnosis.finding import Finding, change_of
from grader.diagnosis.recognition.catalogue import by_code
from grader.diagnosis.repair_text import spliced
from grader.model import Submission
from grader.syntax_trees import tree_of


@dataclass(frozen=True, slots=True)
class SourceChange:
    """The innermost expression or statement that changes, before and after, and its ancestors, innermost first."""

    before: ast.AST
    after: ast.AST
    around: tuple[ast.AST, ...]


def named_by_change(submission: Submission, findings: Mapping[str, Finding]) -> dict[str, Finding]:
    """Return the findings; one with a change but no code gets that of the misconception that the change shows."""
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


def agrees(code: str, before: str, after: str) -> bool:
    """Whether a change of the source from `before` to `after` is one that repairs the misconception `code`, as far as
    that can be told: what is missing is added, a constant is changed, an update is moved or changed."""
    try:
        change = changed(tree_of(before), tree_of(after))
    except (SyntaxError, ValueError, RecursionError):
        return True
    if change is None:
        return True
    if _is_of_a_loop(change):
        return code == "loop-bound-off-by-one" and not _is_of_a_shape(change)
    if _is_kept_otherwise(change):
        return False  # the rule is applied where the field is read, and rightly
    if _is_added_again(change):
        return code in ("contribution-overwritten", "repeated-index-counted-once")
    sizes = [sum(1 for _ in ast.walk(one)) for one in (change.before, change.after)]
    match code:
        case "updated-value-used":
            inside = [one for one in (change.before, *change.around) if isinstance(one, ast.stmt)]
            return _is_update_moved(change) or any(_updated(one) for one in inside)
        case "summand-constant-wrong":
            return _constants(change.before) != _constants(change.after)
        case "contribution-counted-twice":
            return sizes[1] < sizes[0]  # something goes
        case _ if code in _OF_FACTORS:
            return sizes[1] > sizes[0] and not _is_term_added(change)
        case _:
            return not code.endswith("missing") or sizes[1] > sizes[0]


_OF_FACTORS = frozenset({
    "missing-one-over-n", "weight-factor-missing", "inner-derivative-missing", "upstream-missing",
    "activation-derivative-missing", "sigmoid-derivative-factor-missing", "normalisation-gain-missing",
    "power-rule-factor-missing", "sqrt-derivative-half-missing", "sqrt-derivative-root-missing",
})  # fmt: skip
"""The misconceptions that leave out a factor: no summand repairs them."""


def _is_kept_otherwise(change: SourceChange) -> bool:
    """Whether a field keeps another value: `self.y = np.tanh(x)` for `self.y = x`."""
    match change.around:
        case [ast.Assign([ast.Attribute()], value), *_]:
            return isinstance(value, ast.Name)
        case _:
            return False


def _is_term_added(change: SourceChange) -> bool:
    """Whether a summand is added to what stands there, which is kept."""
    match change.after:
        case ast.BinOp(left, ast.Add() | ast.Sub(), right):
            return ast.dump(change.before) in (ast.dump(left), ast.dump(right))
        case _:
            return False


def _is_other_term_of_a_product(change: SourceChange) -> bool:
    """Whether `a.v * b.d` becomes `a.v * b.d + a.d * b.v`."""
    match change.before, change.after:
        case (
            ast.BinOp(ast.Attribute(_, left), ast.Mult(), ast.Attribute(_, right)),
            ast.BinOp(_, ast.Add(), ast.BinOp(ast.Attribute(_, third), ast.Mult(), ast.Attribute(_, fourth))),
        ):
            return _is_term_added(change) and (left, right) == (fourth, third)
        case _:
            return False


def _is_added_again(change: SourceChange) -> bool:
    """Whether `x = e` becomes `x += e`."""
    match change.before, change.after:
        case ast.Assign([target], value), ast.AugAssign(same_target, ast.Add(), same_value):
            return ast.dump(value) == ast.dump(same_value) and ast.dump(target) == ast.dump(same_target)
        case _:
            return False


def _is_of_a_loop(change: SourceChange) -> bool:
    """Whether the change is in what a `for` loop runs over."""
    inner = change.before
    for node in change.around:
        if isinstance(node, ast.For):
            return node.iter is inner
        inner = node
    return False


def _is_of_a_shape(change: SourceChange) -> bool:
    """Whether another axis is counted: `x.shape[1]` for `x.shape[0]` may differ by more than one."""
    return bool(change.around) and isinstance(change.around[0], ast.Subscript)


def _constants(node: ast.AST) -> list[str]:
    return sorted(repr(one.value) for one in ast.walk(node) if isinstance(one, ast.Constant))


def changed(before: ast.AST, after: ast.AST, around: tuple[ast.AST, ...] = ()) -> SourceChange | None:
    """Return the innermost node that contains the whole change; None if nothing changes."""
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
    """Whether the plus in `(f' * g + f * g') / g**2` becomes a minus."""
    match change.before, change.after:
        case ast.BinOp(left, ast.Add(), right), ast.BinOp(_, ast.Sub(), _):
            base = _squared_below(change)
            sides = [[ast.dump(one) for one in _factors(side)] for side in (left, right)]
            products = all(len(side) > 1 for side in sides)
            return base is not None and products and any(ast.dump(base) in side for side in sides)
        case _:
            return False


def _squared_below(change: SourceChange) -> ast.expr | None:
    """Return g if the changed node is the numerator, or a factor of it, of a fraction with denominator g**2."""
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
    """Whether an end of a `range` changes by one."""
    if _is_of_a_shape(change):
        return False
    for node in (change.before, *change.around):
        match node:
            case ast.Call(ast.Name("range")) if node is not change.before or isinstance(change.after, ast.Call):
                return _is_moved_by_one(change)
            case ast.stmt():
                return False
    return False


def _is_moved_by_one(change: SourceChange) -> bool:
    """Whether 1 is added or subtracted, or a `range` gains or loses the start 1."""
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
    """Whether the change is in an array index."""
    inner = change.before
    for node in change.around:
        if isinstance(node, ast.Subscript):
            return node.slice is inner
        if isinstance(node, ast.stmt):
            return False
        inner = node
    return False


def _is_stride(change: SourceChange) -> bool:
    """Whether an index is multiplied by a name or a number other than 1."""
    match change.after:
        case ast.BinOp(left, ast.Mult(), right) if _in_index(change):
            old = ast.dump(change.before)
            other = right if ast.dump(left) == old else left if ast.dump(right) == old else None
            return isinstance(other, ast.Name | ast.Attribute) or (isinstance(other, ast.Constant) and other.value != 1)
        case _:
            return False


def _is_padding(change: SourceChange) -> bool:
    """Whether a name with "pad" in it is added to an index or subtracted; a 1 would be just the next entry."""
    match change.after:
        case ast.BinOp(left, ast.Add() | ast.Sub(), ast.Name() | ast.Attribute() as right) if _in_index(change):
            return ast.dump(left) == ast.dump(change.before) and "pad" in ast.unparse(right).lower()
        case _:
            return False


def _is_update_moved(change: SourceChange) -> bool:
    """Whether an update of a name, `w -= lr * dw`, is moved after a statement that reads the name."""
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
    """Return the name that a statement updates from its old value; None if it is no update."""
    match statement:
        case ast.AugAssign(target):
            while isinstance(target, ast.Subscript | ast.Attribute):
                target = target.value  # type: ignore[assignment]  # from a target to what it is of
            return target.id if isinstance(target, ast.Name) else None
        case ast.Assign([ast.Name(name)], ast.BinOp(op=ast.Add() | ast.Sub()) as value):
            return name if any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(value)) else None
        case _:
            return None


def _is_added_at(change: SourceChange) -> bool:
    """Whether `a[i] += d` becomes a call that adds at each of the places in `i`."""
    match change.before, change.after:
        case (
            ast.AugAssign(ast.Subscript(), ast.Add()) | ast.Assign([ast.Subscript()]),
            ast.Expr(ast.Call(ast.Attribute(attr="at" | "index_put_"))),
        ):
            return True
        case _:
            return False


_RECOGNISED = {
    "contribution-overwritten": _is_added_again,
    "loop-bound-off-by-one": _is_bound,
    "padding-forgotten": _is_padding,
    "product-rule-term-missing": _is_other_term_of_a_product,
    "quotient-rule-with-plus": _is_quotient_with_plus,
    "repeated-index-counted-once": _is_added_at,
    "stride-forgotten": _is_stride,
    "updated-value-used": _is_update_moved,
}
