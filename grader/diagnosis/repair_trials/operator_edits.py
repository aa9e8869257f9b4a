"""Small changes of operators, of the order of their operands, of signs and of brackets."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeGuard

from grader.diagnosis.repair_search.subtree_edits import equations
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.python_trees import SIGN, bracketed, strength_of
from grader.formula.syntax import STRENGTH, Place

_SIGNS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-", "*"),
    ast.Sub: ("+", "*"),
    ast.Mult: ("@", "/", "+", "-"),
    ast.MatMult: ("*",),
    ast.Div: ("*",),
    ast.FloorDiv: ("/",),
    ast.BitXor: ("**",),
    ast.Pow: ("*",),
}


_OPPOSITE: dict[type[ast.cmpop], str] = {ast.Lt: ">", ast.Gt: "<", ast.LtE: ">=", ast.GtE: "<="}


_STRICT: dict[type[ast.cmpop], str] = {ast.LtE: "<", ast.GtE: ">"}


def turned_round(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of operators, operand order, comparisons, the letters of `einsum`, and signs."""
    for node in nodes:
        match node:
            case ast.BinOp(left, operator, right):
                if isinstance(operator, ast.BitXor):
                    yield _powered(writer, left, right)
                for sign in _SIGNS.get(type(operator), ()):
                    if not (sign == "*" and _is_one(left)):  # `1 * z` is z
                        yield _joined(writer, node, left, sign, right)
                if isinstance(operator, ast.Mult):  # the value of a relu was taken for its slope
                    for one in (left, right):
                        if isinstance(one, ast.Name) and one.id not in writer.counters:
                            yield writer.instead(one, f"({one.id} > 0)", STRENGTH["x"])
                if isinstance(operator, ast.Sub) and _is_one(left):
                    yield writer.instead(node, writer.text(right), strength_of(right))
                if isinstance(operator, ast.MatMult):
                    for one in (left, right):
                        yield writer.instead(one, f"{writer.operand(one, 'x')}.T", STRENGTH["x"])
                if isinstance(operator, ast.Sub | ast.Div | ast.MatMult):
                    yield _joined(writer, node, right, SIGN[type(operator)], left)
            case ast.Compare(left, [operator], [right]) if type(operator) in _OPPOSITE:
                for sign in (_OPPOSITE[type(operator)], *_STRICT.get(type(operator), ())):
                    text = f"{writer.text(left)} {sign} {writer.text(right)}"
                    yield writer.instead(node, text, STRENGTH["<"])
            case ast.Call(function, [ast.Constant(str() as equation) as letters, *_]) if _name_of(function) == "einsum":
                mark = writer.text(letters)[0]
                for other in equations(equation):
                    yield writer.instead(letters, f"{mark}{other}{mark}", STRENGTH["x"])
    yield from _slopes_exchanged(writer, nodes)
    yield from _negated(writer, nodes)


def _slopes_exchanged(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield the slope of tanh in place of that of a sigmoid, `1 - h**2` for `h * (1 - h)`, and the reverse."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Sub(), out)):
                around, factor = (left.left, left.right) if _is_product(left) else (None, left)
                if writer.text(factor) == writer.text(out):
                    slope = f"1 - {writer.operand(out, '**')}**2"
                    if around is None:
                        yield writer.instead(node, slope, STRENGTH["-"])
                    else:
                        yield writer.instead(node, f"{writer.operand(around, '*')} * ({slope})", STRENGTH["*"])
            case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(out, ast.Pow(), ast.Constant(2))):
                slope = f"{writer.operand(out, '*')} * (1 - {writer.operand(out, '-', True)})"
                yield writer.instead(node, slope, STRENGTH["*"])


def _is_product(node: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _negated(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that put a minus sign: outer expressions first, but `[-a for ...]` before `-np.array([a for ...])`,
    and `-a * b` for `-(a * b)`."""
    apart = counting(nodes).union(_later_factors(nodes))
    signed = [one for one in nodes if _takes_sign(one) and one not in apart and not writer.is_of_something(one)]
    for node in sorted(signed, key=is_made):
        text = f"-{bracketed(writer.text(node), strength_of(node), STRENGTH['-x'])}"
        message = f"The sign of `{writer.text(node)}` is wrong."
        yield replace(writer.instead(node, text, STRENGTH["-x"]), message=message)


def counting(nodes: Sequence[ast.expr]) -> set[ast.AST]:
    """Return the nodes inside indices, axes, arguments of `range` and comparisons, which count or choose entries."""
    found: set[ast.AST] = set()
    for node in nodes:
        match node:
            case ast.Subscript(slice=inner):
                found |= set(ast.walk(inner))
            case ast.Call(ast.Name("range")) | ast.Compare():
                found |= set(ast.walk(node))
            case ast.Call(ast.Attribute(attr="sum" | "mean" | "max" | "min"), keywords=keywords):
                axes = [one.value for one in keywords if one.arg in ("axis", "dim")]
                found |= {part for one in axes for part in ast.walk(one)}
    return found


def _later_factors(nodes: Sequence[ast.expr]) -> Iterator[ast.AST]:
    """Yield the factors of products but the first, at which the sign of a product stands."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Mult() | ast.Div() | ast.MatMult(), right):
                while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult | ast.Div | ast.MatMult):
                    left = left.left
                if _takes_sign(left):
                    yield right


def _takes_sign(node: ast.expr) -> bool:
    """Whether a sign may be put before an expression; that of a product stands at its first factor."""
    match node:
        case ast.BinOp(op=ast.Mult() | ast.Div() | ast.FloorDiv() | ast.MatMult()):
            return False
        case ast.BinOp() | ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call():
            return True
        case _:
            return False


def is_made(node: ast.expr) -> bool:
    """Whether this is a call that makes an array of a list."""
    match node:
        case ast.Call(args=[ast.List() | ast.Tuple() | ast.ListComp() | ast.GeneratorExp(), *_]):
            return _name_of(node.func) in ("array", "asarray", "tensor", "stack", "vstack", "hstack", "list", "tuple")
        case _:
            return False


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _powered(writer: SourceWriter, left: ast.expr, right: ast.expr) -> SourceEdit:
    """Return the edit from `^` to `**`. Only the operator is replaced, as `^` has a lower precedence than intended."""
    start, end = writer.place(left), writer.place(right)
    place = Place(start.end_line, start.end_column, end.line, end.column)
    text = writer.between(left, right).replace("^", "**")
    return SourceEdit(place, text, "`^` is no power in Python: `**` is needed.")


def _joined(writer: SourceWriter, node: ast.expr, left: ast.expr, sign: str, right: ast.expr) -> SourceEdit:
    text = f"{writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)}"
    return writer.instead(node, text, STRENGTH[sign])


def regrouped(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that move brackets.

    Brackets around too much: `a * (b + c)` as `b + a * c` or `a * b + c`, `f(b + c)` as `b + f(c)` or `f(b) + c`.
    Missing brackets: `a * b + c` as `a * (b + c)`, `a + b / c` as `(a + b) / c`. A power of too much: `(a - b)**2` as
    `a - b**2`."""
    match node:
        case ast.BinOp(
            ast.BinOp(outer, ast.Mult() | ast.Div() as product, left), ast.Add() | ast.Sub() as operator, right
        ):
            outer_sign, sign = SIGN[type(product)], SIGN[type(operator)]
            inner = f"({writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)})"
            text = f"{writer.operand(outer, outer_sign)} {outer_sign} {inner}"
            yield writer.instead(node, text, STRENGTH["*"])
            return
        case ast.BinOp(
            left, ast.Add() | ast.Sub() as operator, ast.BinOp(right, ast.Mult() | ast.Div() as product, outer)
        ):
            outer_sign, sign = SIGN[type(product)], SIGN[type(operator)]
            inner = f"({writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)})"
            text = f"{inner} {outer_sign} {writer.operand(outer, outer_sign, True)}"
            yield writer.instead(node, text, STRENGTH["*"])
            return
        case ast.BinOp(ast.BinOp(left, ast.Add() | ast.Sub() as operator, right), ast.Pow(), power):
            sign = SIGN[type(operator)]
            powered = f"{writer.operand(right, '**')}**{writer.text(power)}"
            yield writer.instead(node, f"{writer.operand(left, sign)} {sign} {powered}", STRENGTH[sign])
            return
        case ast.BinOp(outer, ast.Mult(), ast.BinOp(left, ast.Add() | ast.Sub() as operator, right)) | ast.BinOp(
            ast.BinOp(left, ast.Add() | ast.Sub() as operator, right), ast.Mult(), outer
        ):
            texts = [f"{writer.operand(outer, '*')} * {writer.operand(one, '*', True)}" for one in (left, right)]
        case ast.Call(function, [ast.BinOp(left, ast.Add() | ast.Sub() as operator, right)], []):
            texts = [f"{writer.text(function)}({writer.text(one)})" for one in (left, right)]
        case _:
            return
    sign = SIGN[type(operator)]
    yield writer.instead(node, f"{writer.operand(left, sign)} {sign} {texts[1]}", STRENGTH[sign])
    yield writer.instead(node, f"{texts[0]} {sign} {writer.operand(right, sign, True)}", STRENGTH[sign])


def taken_into_a_call(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield `f(b + c)` in place of `f(b) + c`, and `a / f(b + c)` in place of `a / f(b) + c`."""
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
            call = left.right if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult | ast.Div) else left
            if isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords:
                sign = SIGN[type(operator)]
                inner = f"{writer.text(call.args[0])} {sign} {writer.operand(right, sign, True)}"
                text = f"{writer.text(left).removesuffix(writer.text(call))}{writer.text(call.func)}({inner})"
                yield writer.instead(node, text, strength_of(left))
