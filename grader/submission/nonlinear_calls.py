"""Find nonlinear functions that may get values around a given one, whatever expression these come from.

`sum([w, e])`, `A @ [w, 1]` and an inverse Fourier transform shift an input as `w + e` does. So nothing is asked here of
the expression: any use counts in a text with a number that a shift can be made of. Formulas are made of whole numbers,
halves, and the constants of the exercise.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence, Set

from grader.submission.shifted import Statements, calls_of_inputs
from grader.syntax_trees import nodes_of

# fmt: off
NONLINEAR = frozenset({
    "**", "__ipow__", "__pow__", "__rpow__", "arcsinh", "arctan", "asinh", "atan", "cos", "cosh", "elu", "erf", "erfc",
    "exp", "exp2", "expit", "expm1", "float_power", "gelu", "inv", "ipow", "log", "log10", "log1p", "log2",
    "log_softmax", "logistic", "logsigmoid", "logsumexp", "mish", "pinv", "pow", "power", "reciprocal", "rsqrt",
    "sigmoid", "silu", "sin", "sinh", "softmax", "softplus", "sqrt", "square", "tan", "tanh",
})
# fmt: on
"""Names of nonlinear functions. `**` is the operator; the names with underscores are its methods."""

End = tuple[int, int, int]
"""Where the name of a function ends: the cell, from 0, the line, and the column as counted by `ast`."""

Node = tuple[int, ast.AST]
"""A node and its cell."""

_TYPED_AS_TEXT = frozenset({"float", "Decimal", "Fraction", "mpf"})
_WITH_NUMBERS = frozenset({ast.Constant, ast.BinOp, ast.Attribute, ast.Call})
_LOOKED_AT = (ast.Call, ast.Constant, ast.BinOp, ast.AugAssign, ast.Attribute, ast.Name, ast.alias, ast.arg)


def has_shifting_number(statements: Statements, constants: Set[float]) -> bool:
    """Whether the text has a number that is none of formulas; `constants` are the exercise's."""
    return any(_is_of_no_formula(node, constants) for one in statements for node in one.nodes)


def nonlinear_functions(
    statements: Statements, explained: Set[tuple[int, int]], inputs: Set[str], constants: Set[float]
) -> tuple[End, ...]:
    """The uses of these functions that may depend on the inputs, except on lines (cell, line) that are `explained`, if
    any line that is not has a number that is none of formulas. `inputs` are names of given values, `constants` the
    exercise's."""
    nodes = [
        (one.cell, node)
        for one in statements
        for node in one.nodes
        if isinstance(node, _LOOKED_AT) and (one.cell, getattr(node, "lineno", 0)) not in explained
    ]
    used = _uses(nodes)
    if not used or not any(_is_of_no_formula(node, constants) for _, node in nodes):
        return ()
    calls = {id(node.func): node for _, node in nodes if isinstance(node, ast.Call)}
    direct = [calls[id(node)] for _, node in used if id(node) in calls]
    depending = {id(node.func) for _, node in calls_of_inputs(statements, direct, inputs)}
    meant = [(cell, node) for cell, node in used if id(node) not in calls or id(node) in depending]
    return tuple((cell, node.end_lineno or 0, node.end_col_offset or 0) for cell, node in meant)


def _uses(nodes: Sequence[Node]) -> list[tuple[int, ast.expr]]:
    """The expressions that are such a function: `np.tanh`, names for it, and powers with a variable exponent
    (`np.e**x`); and what is called without being named in the text, as it may be one (`table["exp"](x)`)."""
    names = NONLINEAR | _renamed([node for _, node in nodes])
    held = _holding([node for _, node in nodes])
    found: list[tuple[int, ast.expr]] = []
    for cell, node in nodes:
        match node:
            case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()) if name in names:
                found.append((cell, node))
            case ast.BinOp(op=ast.Pow(), right=exponent) if _is_variable(exponent):
                found.append((cell, node))
            case ast.AugAssign(op=ast.Pow(), target=ast.Name(), value=exponent) if _is_variable(exponent):
                found.append((cell, exponent))
            case ast.Call(func=ast.Call() | ast.Subscript() as function):
                found.append((cell, function))
            case ast.Call(func=ast.Name(id=name) as function) if name in held:
                found.append((cell, function))
    return found


def _is_variable(exponent: ast.expr) -> bool:
    return any(isinstance(one, ast.Name) for one in nodes_of(exponent))


def _holding(nodes: Sequence[ast.AST]) -> set[str]:
    """Variables and parameters, each of which may hold a function, unless it has the name of one."""
    stored = (node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return {*stored, *(node.arg for node in nodes if isinstance(node, ast.arg))} - NONLINEAR


def _renamed(nodes: Sequence[ast.AST]) -> set[str]:
    """Other names for such functions: `from math import tanh as f`."""
    return {node.asname for node in nodes if isinstance(node, ast.alias) and node.asname and node.name in NONLINEAR}


def _is_of_no_formula(node: ast.AST, constants: Set[float]) -> bool:
    if type(node) not in _WITH_NUMBERS:
        return False  # most nodes
    match node:
        case ast.Constant(value=complex()):
            return True
        case ast.Constant(value=float() as number):
            return not (number * 2).is_integer() and number not in constants
        case ast.BinOp(op=ast.Pow(), left=ast.Constant() | ast.UnaryOp(), right=ast.Constant() | ast.UnaryOp()):
            return True  # `2**-40`, `(-1)**0.5`
        case ast.Attribute(attr="pi" | "e" | "eps" | "tau"):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str()), *_]):
            return name in _TYPED_AS_TEXT
        case _:
            return False
