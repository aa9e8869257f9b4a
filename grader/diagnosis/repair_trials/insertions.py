"""Inserts what is missing in the expressions of a statement: a factor, a term, a matrix, a call or an axis."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import permutations

from grader.diagnosis.repair_trials.expression_edits import expressions
from grader.diagnosis.repair_trials.index_edits import lists_swapped
from grader.diagnosis.repair_trials.name_edits import (
    MOST_FIELDS,
    fields,
)
from grader.diagnosis.repair_trials.operator_edits import is_made
from grader.diagnosis.repair_trials.part_edits import beside, factors_of, parts_put_in
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.syntax import STRENGTH


def insertions(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes that insert something missing into its expressions."""
    nodes = list(expressions(statement))
    yield from _summed(writer, statement)
    yield from _other_term_of_a_product(writer, nodes)
    yield from _by_product_rule(writer, nodes)
    yield from _handed_and_unread(writer, nodes)
    yield from _left_out_of_a_sum(writer, statement, nodes, names)
    yield from _grown(writer, nodes)
    listed = bool(nodes) and is_made(nodes[0])  # `[d * c for ...]` comes before `np.array([d for ...]) * c`
    around = list(_scaled(writer, statement, nodes, names))
    yield from () if listed else around
    yield from _times_a_matrix(writer, statement, nodes, names)
    yield from _put_between(writer, nodes, names)
    yield from _for_a_divisor(writer, nodes, names)
    yield from _on_the_diagonal(writer, statement)
    yield from _lacking_a_summand(writer, statement, nodes)
    yield from lists_swapped(writer, nodes)
    yield from parts_put_in(writer, statement, nodes, names)
    yield from around if listed else ()


def _left_out_of_a_sum(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that add what was computed before and is read nowhere, also divided by another name: `dmean / n`."""
    if not nodes or not isinstance(statement, ast.Assign | ast.Return):
        return
    scope = list(ast.walk(writer.function_of(statement) or writer.tree))
    made = [one for one in scope if isinstance(one, ast.Assign) and one.lineno < statement.lineno]
    read = {one.id for one in scope if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    targets = (one.targets[0] for one in sorted(made, key=lambda one: -one.lineno))
    bound = [target.id for target in targets if isinstance(target, ast.Name)]
    whole = writer.operand(nodes[0], "+")
    for name in [one for one in dict.fromkeys(bound) if one not in read][:MOST_UNREAD]:
        for sign in ("+", "-"):
            yield writer.instead(nodes[0], f"{whole} {sign} {name}", STRENGTH["+"])
        for divisor in names:
            yield writer.instead(nodes[0], f"{whole} + {name} / {divisor}", STRENGTH["+"])


MOST_UNREAD = 3
"""How many names that are read nowhere are tried as summands."""


def _summed(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that add up what a line keeps or returns over an axis: `self.db = dout.sum(axis=0)`."""
    if writer.library is None:
        return
    match statement:
        case ast.Assign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            if isinstance(value, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp | ast.Call):
                axis = "dim" if writer.library == "torch" else "axis"
                for taken in (f"{axis}=0", f"{axis}=1", f"{axis}=-1", ""):
                    yield writer.instead(value, f"{writer.operand(value, 'x')}.sum({taken})", STRENGTH["x"])


def _other_term_of_a_product(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that complete the product rule: `a.v * b.d + a.d * b.v` for `a.v * b.d`."""
    for node in nodes:
        match node:
            case ast.BinOp(
                ast.Attribute(ast.Name(one), left) as first, ast.Mult(), ast.Attribute(ast.Name(other), right) as second
            ) if one != other and left != right:
                text = f"{writer.text(first)} * {writer.text(second)} + {one}.{right} * {other}.{left}"
                yield writer.instead(node, text, STRENGTH["+"])


def _by_product_rule(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of a product of derivatives that is meant for the derivative of a product: `du * v + u * dv` for
    `du * dv`, where the function is handed `u` and `v` too; `a.d * b.v + a.v * b.d` for `a.d * b.d`."""
    for node in nodes:
        match node:
            case ast.BinOp(ast.Name(left), ast.Mult(), ast.Name(right)) if left != right:
                handed = writer.parameters_of(node)
                others = [one for one in handed if one not in (left, right)][:MOST_FIELDS]
                for one, other in permutations(others if {left, right} <= {*handed} else (), 2):
                    yield writer.instead(node, f"{left} * {one} + {other} * {right}", STRENGTH["+"])
            case ast.BinOp(ast.Attribute(ast.Name(one), left), ast.Mult(), ast.Attribute(ast.Name(other), right)) if (
                one != other and left == right
            ):
                within = fields([*ast.walk(writer.function_of(node) or node)])
                for name in dict.fromkeys(field.attr for field in within if field.attr != left):
                    text = f"{one}.{left} * {other}.{name} + {one}.{name} * {other}.{left}"
                    yield writer.instead(node, text, STRENGTH["+"])


def _handed_and_unread(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of a lambda that read the parameters which it is handed and does not read: `d * f + u` and `d * f *
    u` for `lambda u, d, f: d * f`."""
    for node in nodes:
        if isinstance(node, ast.Lambda):
            read = {one.id for one in ast.walk(node.body) if isinstance(one, ast.Name)}
            for name in (one.arg for one in node.args.args if one.arg not in read):
                for sign in ("+", "*", "/", "-"):
                    text = f"{writer.operand(node.body, sign)} {sign} {name}"
                    yield writer.instead(node.body, text, STRENGTH[sign])


def _grown(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing `1 -`, transpose, copy or axis."""
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            for one in (node.left, node.right):
                if isinstance(one, ast.Name | ast.Subscript) and not writer.is_of_something(one):
                    yield writer.instead(one, f"1 - {writer.text(one)}", STRENGTH["-"])
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            yield writer.instead(node, f"{writer.text(node)}.T", STRENGTH["x"])
        if isinstance(node, ast.Subscript):
            yield writer.instead(node, f"{writer.text(node)}.copy()", STRENGTH["x"])
    for node in _stretched(nodes) if writer.library is not None else ():
        yield writer.instead(node, f"{writer.text(node)}[:, None]", STRENGTH["x"])


def _scaled(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing factor or divisor of the whole."""
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    whole = nodes[0]
    above = set(map(writer.text, factors_of(whole)))
    for name in beside(writer, statement, nodes, names):
        for sign in ("*", "@") if name in above else ("*", "/", "@"):  # `x / n / x` is written `1 / n`
            yield writer.instead(whole, f"{writer.operand(whole, sign)} {sign} {name}", STRENGTH[sign])


def _lacking_a_summand(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing summand that the loop around reads."""
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    summands = dict.fromkeys(writer.text(node) for node in _parts_near(writer, statement))
    for node in nodes:
        if isinstance(node, ast.Name | ast.Subscript) or _is_negative(node):
            inner, negative = (node.operand, True) if isinstance(node, ast.UnaryOp) else (node, False)
            for part in summands:
                text = writer.operand(inner, "-", True)
                yield writer.instead(node, f"{part} - {text}" if negative else f"{text} - {part}", STRENGTH["-"])
                if not negative:
                    yield writer.instead(node, f"{text} + {part}", STRENGTH["+"])


def _put_between(writer: SourceWriter, nodes: Sequence[ast.expr], names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield edits that put a matrix between the two of a product: `P @ A @ D` for `P @ D`."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.MatMult(), _):
                yield from (
                    writer.instead(left, f"{writer.operand(left, '@')} @ {name}", STRENGTH["@"]) for name in names
                )
            case ast.Call(ast.Attribute(left, "dot" | "mm" | "matmul" as product), [_], []):
                yield from (
                    writer.instead(left, f"{writer.operand(left, 'x')}.{product}({name})", STRENGTH["x"])
                    for name in names
                    if name != writer.library
                )


def _times_a_matrix(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that multiply by a missing matrix: what is appended, an element of a list, or the whole value."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(attr="append"), [appended], [])):
            roots = [appended]
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.Return(value=ast.expr() as value):
            roots = [value]
        case _:
            return
    roots += [node.elt for node in nodes if isinstance(node, ast.ListComp | ast.GeneratorExp)]
    dotted = "@" not in writer.everything and f"{writer.library}.dot(" in writer.everything
    for root in roots if writer.library is not None else ():
        if isinstance(root, ast.Constant | ast.List | ast.Tuple | ast.ListComp) or is_made(root):
            continue
        read = {part.id for part in ast.walk(root) if isinstance(part, ast.Name)}
        for name in (one for one in names if one not in read | writer.counters):
            for left, right in ((name, ""), (f"{name}.T", ""), ("", name), ("", f"{name}.T")):
                if dotted:
                    text = f"{writer.library}.dot({left or writer.text(root)}, {right or writer.text(root)})"
                    yield writer.instead(root, text, STRENGTH["x"])
                else:
                    text = f"{left or writer.operand(root, '@')} @ {right or writer.operand(root, '@', True)}"
                    yield writer.instead(root, text, STRENGTH["@"])


def _for_a_divisor(writer: SourceWriter, nodes: Sequence[ast.expr], names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield a factor in place of the number that something is divided by: `dp * mask` for `dp / 4`, as a maximum passes
    on what a mean would share out."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Div(), ast.Constant()):
                for name in names:
                    yield writer.instead(node, f"{writer.operand(left, '*')} * {name}", STRENGTH["*"])


def _on_the_diagonal(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield `H += lam * np.eye(len(H))` for `H += lam`, which adds to every entry."""
    match statement:
        case ast.AugAssign(ast.Name(array), ast.Add() | ast.Sub(), value) if writer.library is not None:
            sizes = [*writer.lengths, f"len({array})"]
            for size in sizes:
                text = f"{writer.operand(value, 'x')} * {writer.library}.eye({size})"
                yield writer.instead(value, text, STRENGTH["*"])


def _stretched(nodes: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield the operands that may be one number per row, to be stretched over its columns."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Mult() | ast.Div() | ast.Add() | ast.Sub(), right):
                yield from (one for one in (left, right) if isinstance(one, ast.Name | ast.Attribute))


def _is_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _parts_near(writer: SourceWriter, statement: ast.stmt) -> list[ast.expr]:
    """Return the array entries that the loop around a statement reads: candidates for a missing summand."""
    around = next(writer.loops(statement), None)
    if around is None:
        return []
    entries = (node for node in ast.walk(around) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load))
    return [node for node in entries if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Name)]
