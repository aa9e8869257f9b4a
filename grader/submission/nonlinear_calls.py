"""Find nonlinear functions that may get values around a given one, whatever expression these come from.

`sum([w, e])`, `A @ [w, 1]` and an inverse Fourier transform shift an input as `w + e` does. So nothing is asked here of
the expression: any use counts in a text with a number that a shift can be made of. Formulas are made of whole numbers,
halves, and the constants of the exercise.

A function of the text's own is one of them if it may be a series, that is, if it repeats something. What a program
executes as text counts without being read.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Mapping, Sequence, Set

from grader.submission.shifted import Statements, calls_of_inputs
from grader.syntax_trees import nodes_of

# fmt: off
NONLINEAR = frozenset({
    "**", "__ipow__", "__pow__", "__rpow__", "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctanh", "asin", "asinh", "atan", "atanh", "cbrt", "cos", "cosh", "digamma", "elu", "erf", "erfc", "erfinv",
    "exp", "exp2", "expit", "expm", "expm1", "float_power", "gammaln", "gelu", "inv", "ipow", "lgamma", "log", "log10",
    "log1p", "log2", "log_softmax", "logistic", "logit", "logm", "logsigmoid", "logsumexp", "matrix_exp", "mish",
    "ndtri", "pinv", "polyval", "pow", "power", "reciprocal", "rs_atan", "rs_atanh", "rs_cos", "rs_cosh", "rs_exp",
    "rs_log", "rs_series_inversion", "rs_sin", "rs_sinh", "rs_tan", "rs_tanh", "rsqrt", "sigmoid", "silu", "sin",
    "sinc", "sinh", "softmax", "softplus", "sqrt", "sqrtm", "square", "tan", "tanh",
})
# fmt: on
"""Names of nonlinear functions. `**` is the operator; the names with underscores are its methods."""

End = tuple[int, int, int]
"""Where the name of a function ends: the cell, from 0, the line, and the column as counted by `ast`."""

Node = tuple[int, ast.AST]
"""A node and its cell."""

_EXECUTING = frozenset(
    {"exec", "eval", "compile", "FunctionType", "CompilationUnit", "ForwardRef", "define", "get_annotations"}
    | {"get_type_hints", "parse_expr", "sympify"}
)
"""Names of what carries out a text."""
_CARRYING_OUT = frozenset(
    {"bdb", "cProfile", "code", "codeop", "doctest", "pdb", "profile", "runpy", "timeit", "trace"}
)
"""Modules that do, where they are imported."""
_AS_FORMULA = re.compile(r"[-+*/] ?\w*\(")
"""What a text has that sympy is given to read; any of its functions may be given one."""
_OF_ALGEBRAS = frozenset(
    {"Matrix", "Poly", "Polynomial", "coeff", "expm", "logm", "matrix", "matrix_exp", "poly1d", "ring", "ring_series"}
    | {"sqrtm"}
)
"""Names for numbers with a direction, or for functions of these; see `runner.child.algebras`."""

_REPEATING = (ast.For, ast.While, ast.comprehension)
_REPEATING_NAMES = frozenset({"accumulate", "cumprod", "fsum", "polyval", "prod", "reduce"})
_TYPED_AS_TEXT = frozenset({"float", "Decimal", "Fraction", "mpf"})
_NAMED_IN: Mapping[type[ast.AST], str] = {ast.Name: "id", ast.Attribute: "attr", ast.alias: "name"}
_WITH_NUMBERS = frozenset({ast.Constant, ast.BinOp, ast.Attribute, ast.Call})
_LOOKED_AT = (
    *(ast.Call, ast.Constant, ast.BinOp, ast.AugAssign, ast.Attribute, ast.Name, ast.alias, ast.arg),
    *(ast.FunctionDef, ast.ClassDef, ast.ImportFrom),
)


def may_shift(nodes: Iterable[ast.AST], constants: Set[float]) -> bool:
    """Whether a text has a number that is none of formulas, executes another text, or computes with polynomials or
    matrices of a library; `constants` are the exercise's numbers."""
    nodes = list(nodes)
    return any(
        _is_of_no_formula(node, constants) or _is_named(node, _OF_ALGEBRAS) or _is_executing(node) for node in nodes
    ) or _has_sympy_read(nodes)


def executes_text(statements: Statements) -> bool:
    """Whether the program executes a text of its own."""
    nodes = [node for one in statements for node in one.nodes]
    return any(map(_is_executing, nodes)) or _has_sympy_read(nodes)


def _is_executing(node: ast.AST) -> bool:
    return _is_named(node, _EXECUTING) or _module(node) in _CARRYING_OUT


def _module(node: ast.AST) -> str:
    """What an import statement names first; "" for any other node."""
    kind = type(node)
    if kind is not ast.alias and kind is not ast.ImportFrom:
        return ""  # most nodes
    name = getattr(node, "name", None) or getattr(node, "module", None) or ""
    return str(name).partition(".")[0]


def _has_sympy_read(nodes: Sequence[ast.AST]) -> bool:
    return any(_module(node) == "sympy" for node in nodes) and any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and _AS_FORMULA.search(node.value)
        for node in nodes
    )


def _is_named(node: ast.AST, names: Set[str]) -> bool:
    field = _NAMED_IN.get(type(node))
    return field is not None and getattr(node, field) in names


def unexplained(statements: Statements, explained: Set[tuple[int, int]]) -> list[Node]:
    """The nodes of the statements, except those on lines (cell, line) that are `explained`, and in assertions that
    bind nothing."""
    asserting = [node for one in statements for node in one.nodes if isinstance(node, ast.Assert)]
    only_checked = {id(part) for one in asserting if not _binds(one) for part in nodes_of(one)}
    return [
        (one.cell, node)
        for one in statements
        for node in one.nodes
        if isinstance(node, _LOOKED_AT)
        and id(node) not in only_checked
        and (one.cell, getattr(node, "lineno", 0)) not in explained
    ]


def _binds(node: ast.Assert) -> bool:
    return any(isinstance(one, ast.NamedExpr) for one in nodes_of(node))


def nonlinear_functions(statements: Statements, nodes: Sequence[Node], inputs: Set[str]) -> tuple[End, ...]:
    """The uses of these functions that may depend on the inputs, among the `nodes`, which are those of the statements
    that are `unexplained`. `inputs` are names of given values."""
    used = _uses(nodes, _series([node for one in statements for node in one.nodes]))
    if not used:
        return ()
    calls = {id(node.func): node for one in statements for node in one.nodes if isinstance(node, ast.Call)}
    direct = [calls[id(node)] for _, node in used if id(node) in calls]
    depending = {id(node.func) for _, node in calls_of_inputs(statements, direct, inputs)}
    meant = [(cell, node) for cell, node in used if id(node) not in calls or id(node) in depending]
    return tuple((cell, node.end_lineno or 0, node.end_col_offset or 0) for cell, node in meant)


def _series(nodes: Sequence[ast.AST]) -> set[str]:
    """The names of functions defined here that repeat something."""
    found: set[str] = set()
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name) if _repeats(node, name):
                found.add(name)
            case ast.Assign(targets=targets, value=ast.Lambda() as function):
                found.update(one.id for one in targets if isinstance(one, ast.Name) and _repeats(function, one.id))
    return found


def _repeats(function: ast.AST, name: str) -> bool:
    parts = nodes_of(function)
    return any(isinstance(one, _REPEATING) or _is_named(one, _REPEATING_NAMES | {name}) for one in parts)


def _uses(nodes: Sequence[Node], series: Set[str]) -> list[tuple[int, ast.expr]]:
    """The expressions that are such a function: `np.tanh`, names for it, and powers with a variable exponent
    (`np.e**x`); and what is called without being named in the text, as it may be one (`table["exp"](x)`)."""
    names = NONLINEAR | series | _renamed([node for _, node in nodes])
    held = _holding([node for _, node in nodes])
    if any(_is_executing(node) for _, node in nodes):
        held |= _undefined([node for _, node in nodes])
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


def _undefined(nodes: Sequence[ast.AST]) -> set[str]:
    """The names that are called, but defined by nothing except a text that is executed."""
    called = {node.func.id for node in nodes if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    defined = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    imported = {node.asname or node.name for node in nodes if isinstance(node, ast.alias)}
    return called - defined - imported - set(dir(builtins))


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
        case ast.BinOp(op=ast.Div(), left=ast.Constant(value=int() as over), right=ast.Constant(value=int() as under)):
            return under != 0 and not (2 * over / under).is_integer() and over / under not in constants
        case ast.Attribute(attr="pi" | "e" | "eps" | "tau" | "real" | "imag"):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[ast.Constant(value=str()), *_]):
            return name in _TYPED_AS_TEXT
        case _:
            return False
