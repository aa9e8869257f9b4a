"""Find functions that a text may evaluate away from the point of the derivation, as a difference quotient does: its
own, those of libraries, and nonlinear ones that may get values around a given one, whatever expression these come from.

A function is included if it is passed as an argument (`interpolate(f, ...)`), or called with a shifted argument (`f(w +
e)`, `for z in nodes: f(z)`); a library function only if differences of its own values are taken (`tanh(z + e) - tanh(z
- e)`).

`sum([w, e])`, `A @ [w, 1]` and an inverse Fourier transform shift an input as `w + e` does. So for nonlinear functions
nothing is asked of the expression: any use counts in a text with a number that a shift can be made of. Formulas are
made of whole numbers, halves, and the constants of the exercise. A function of the text's own is one of them if it may
be a series, that is, if it repeats something. What a program executes as text counts without being read."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from grader.submission.shifted import Statements, made_of_inputs
from grader.syntax_trees import children_of, nodes_of

Place = tuple[int, int, int]
"""Place of a definition or a call: the cell, from 0, the line, and the column as counted by `ast`."""

_FOR_SHOW = frozenset(
    {"register_hook", "register_forward_hook", "register_full_backward_hook", "sorted", "defaultdict"}
)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A function that may be evaluated elsewhere: where it is defined or, for a library function, where it is called.
    `scope` is the scope of its own bindings, "" for a library function; `within` are its scope and those of all that it
    calls."""

    scope: str
    places: tuple[Place, ...]
    within: frozenset[str] = frozenset()


def evaluated_elsewhere(statements: Statements, is_meant: Callable[[str], bool]) -> tuple[Evaluated, ...]:
    """These functions of top-level statements, in text order, of the scopes that are meant."""
    nodes = [(one.cell, node) for one in statements for node in one.nodes if type(node) in _LOOKED_AT]
    defined = _defined(nodes)
    meant = {name: told for name, told in defined.items() if is_meant(told[0])}
    differing = any(_calls_one_twice(one.nodes, defined) for one in statements)
    shifted = _shifted_names(nodes) if meant or differing else frozenset[str]()
    suspected = set(_called_elsewhere(nodes, meant, shifted)) if meant else ()
    found = [
        Evaluated(scope, (place,), _scopes(nodes, defined, place))
        for name, (scope, place) in meant.items()
        if name in suspected
    ]
    if is_meant("lambda"):
        found += [Evaluated("lambda", (place,)) for place in _handed_on(nodes)]
    found += _of_libraries(nodes, defined, shifted) if differing else ()
    return tuple(found)


def _calls_one_twice(nodes: Sequence[ast.AST], defined: Container[str]) -> bool:
    """Whether a statement may take a difference of two values of a library function."""
    called = [_called(node) for node in nodes if isinstance(node, ast.Call) and node.args]
    return len(called) > 1 and any(n > 1 and name not in defined for name, n in Counter(called).items())


Nodes = Sequence[tuple[int, ast.AST]]


_LOOKED_AT = frozenset(
    {ast.Name, ast.Call, ast.BinOp, ast.Assign, ast.AugAssign, ast.NamedExpr, ast.For, ast.comprehension}
    | {ast.FunctionDef, ast.Lambda}
)
"""Most nodes are others, such as numbers and attributes."""


def _place(cell: int, node: ast.expr | ast.stmt) -> Place:
    return cell, node.lineno, node.col_offset


_BINDING = (ast.Assign, ast.NamedExpr)


def _defined(nodes: Nodes) -> dict[str, tuple[str, Place]]:
    found: dict[str, tuple[str, Place]] = {}
    for cell, node in nodes:
        if type(node) is ast.FunctionDef:
            found[node.name] = (node.name, _place(cell, node))
        elif isinstance(node, _BINDING) and isinstance(node.value, ast.Lambda):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found.update((one.id, ("lambda", _place(cell, node.value))) for one in targets if isinstance(one, ast.Name))
    return found


def _scopes(nodes: Nodes, defined: Mapping[str, tuple[str, Place]], place: Place) -> frozenset[str]:
    """The scopes of a function defined here, and of all functions that it calls."""
    bodies = {_place(cell, node): node for cell, node in nodes if isinstance(node, ast.FunctionDef | ast.Lambda)}
    scopes, seen, waiting = {at: scope for scope, at in defined.values()}, {place}, [place]
    while waiting:
        called = (_called(one) for one in nodes_of(bodies[waiting.pop()]))
        new = {defined[name][1] for name in called if name is not None and name in defined} - seen
        seen |= new
        waiting += new
    return frozenset(scopes[at] for at in seen)


_NAMING = frozenset({ast.Assign, ast.For, ast.comprehension, ast.AugAssign})


def _shifted_names(nodes: Nodes) -> frozenset[str]:
    """Names that are bound to a sum or a difference, or by a loop."""
    found: set[str] = set()
    for _, node in nodes:
        if type(node) not in _NAMING:
            continue  # most nodes
        match node:
            case ast.Assign(targets=targets, value=value) if _is_shifted(value, frozenset()):
                found.update(name for target in targets for name in _names(target))
            case ast.For(target=target) | ast.comprehension(target=target):
                found.update(_names(target))
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub()):
                found.update(_names(target))
    return frozenset(found)


def _names(target: ast.expr) -> Iterator[str]:
    """The names a target binds or modifies, not those of an index."""
    if isinstance(target, ast.Tuple | ast.List):
        for one in target.elts:
            yield from _names(one)
    elif isinstance(target, ast.Subscript | ast.Attribute | ast.Starred):
        yield from _names(target.value)
    else:
        yield from (one.id for one in nodes_of(target) if isinstance(one, ast.Name))


def _is_shifted(node: ast.expr, names: frozenset[str]) -> bool:
    """Whether an expression adds something, except `1 - h`, or reads one of the names."""
    match node:
        case ast.BinOp(op=ast.Sub(), left=ast.Constant()):
            return False
        case ast.BinOp(op=ast.Add() | ast.Sub()):
            return True
        case ast.Name(id=name):
            return name in names
        case ast.Call(args=arguments):
            return any(_is_shifted(one, names) for one in arguments)
        case _:
            return any(_is_shifted(one, names) for one in children_of(node) if isinstance(one, ast.expr))


def _called(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call):
        return None
    function = node.func
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", None)


def _called_elsewhere(nodes: Nodes, defined: Container[str], shifted: frozenset[str]) -> Iterator[str]:
    as_called = {id(node.func) for _, node in nodes if isinstance(node, ast.Call)}
    for _, node in nodes:
        name = _called(node)
        if isinstance(node, ast.Call) and any(isinstance(one, ast.Lambda) for one in node.args):
            continue  # the call evaluates that lambda
        if isinstance(node, ast.Call) and name is not None and name in defined:
            if any(_is_shifted(one, shifted) for one in (*node.args, *(one.value for one in node.keywords))):
                yield name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in defined:
            yield from () if id(node) in as_called else (node.id,)


def _handed_on(nodes: Nodes) -> Iterator[Place]:
    """Lambdas that are passed as an argument."""
    for cell, node in nodes:
        if isinstance(node, ast.Call) and _called(node) not in _FOR_SHOW:
            yield from (_place(cell, one) for one in node.args if isinstance(one, ast.Lambda) and one.args.args)


def _of_libraries(nodes: Nodes, defined: Container[str], shifted: frozenset[str]) -> Iterator[Evaluated]:
    seen: set[str] = set()
    for _, node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            names = _calls_in(node.left, shifted) & _calls_in(node.right, frozenset({"*"}))
            names |= _calls_in(node.right, shifted) & _calls_in(node.left, frozenset({"*"}))
            seen |= {name for name in names if name not in defined}
    for name in sorted(seen):
        calls = [(cell, node) for cell, node in nodes if isinstance(node, ast.Call) and _called(node) == name]
        yield Evaluated("", tuple(_place(cell, node) for cell, node in calls))


def _calls_in(node: ast.AST, shifted: frozenset[str]) -> set[str]:
    """The functions called in an expression with a shifted argument, or (`*`) with any argument."""
    calls = [one for one in nodes_of(node) if isinstance(one, ast.Call) and one.args]
    chosen = calls if "*" in shifted else [one for one in calls if any(_is_shifted(arg, shifted) for arg in one.args)]
    return {name for one in chosen if (name := _called(one)) is not None}


# fmt: off
_FUNCTIONS = frozenset({
    "**", "__ipow__", "__pow__", "__rpow__", "acos", "acosh", "arccos", "arccosh", "arcsin", "arcsinh", "arctan",
    "arctan2", "arctanh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "celu", "cos", "cosh", "cross_entropy",
    "digamma", "elu", "entr", "erf", "erfc", "erfcx", "erfinv", "exp", "exp2", "expit", "expm", "expm1", "float_power",
    "gamma", "gammaln", "gelu", "glu", "gru_cell", "hypot", "inv", "ipow", "lgamma", "log", "log10", "log1p", "log2",
    "log_ndtr", "log_softmax", "logaddexp", "logaddexp2", "logcumsumexp", "logistic", "logit", "logm", "logsigmoid",
    "logsumexp", "lstm_cell", "matrix_exp", "mish", "ndtr", "ndtri", "pinv", "polyval", "pow", "power", "reciprocal",
    "rnn_tanh_cell", "rs_atan", "rs_atanh", "rs_cos", "rs_cosh", "rs_exp", "rs_log", "rs_series_inversion", "rs_sin",
    "rs_sinh", "rs_tan", "rs_tanh", "rsqrt", "selu", "sigmoid", "silu", "sin", "sinc", "sinh", "softmax", "softmin",
    "softplus", "softsign", "sqrt", "sqrtm", "square", "tan", "tanh", "tanhshrink",
})
# fmt: on
_IN_PLACE = frozenset(f"{name}_" for name in _FUNCTIONS if name.isalnum())
_LAYERS = frozenset(
    {"CELU", "ELU", "GELU", "GLU", "GRU", "GRUCell", "LSTM", "LSTMCell", "LogSigmoid", "LogSoftmax", "Mish", "RNN"}
    | {"RNNCell", "SELU", "SiLU", "Sigmoid", "Softmax", "Softmin", "Softplus", "Softsign", "Tanh", "Tanhshrink"}
)
NONLINEAR = _FUNCTIONS | _IN_PLACE | _LAYERS
"""Names of nonlinear functions, and of layers. `**` is the operator; the names with two underscores are its methods."""

End = tuple[int, int, int]
"""Where the name of a function ends: the cell, from 0, the line, and the column as counted by `ast`."""

Node = tuple[int, ast.AST]
"""A node and its cell."""

_EXECUTING = frozenset(
    {"exec", "eval", "compile", "FunctionType", "CompilationUnit", "ForwardRef", "define", "get_annotations"}
    | {"get_type_hints", "parse_expr", "signature", "singledispatch", "singledispatchmethod", "sympify"}
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
_OF_INTEREST = (
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
        if isinstance(node, _OF_INTEREST)
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
    depending = {id(node.func) for _, node in made_of_inputs(statements, direct, inputs)}
    meant = [
        (cell, node)
        for cell, node in used
        if id(node) not in calls or id(node) in depending or _is_named(node, _LAYERS)  # a layer is called later
    ]
    return tuple((cell, node.end_lineno or 0, node.end_col_offset or 0) for cell, node in meant)


def nonlinear_operators(statements: Statements, nodes: Sequence[Node], inputs: Set[str]) -> tuple[End, ...]:
    """The quotients, and the powers with a constant exponent, of what may depend on the inputs, among the `nodes`, as
    in `nonlinear_functions`. Squares are products, and not meant."""
    operands: dict[ast.expr, tuple[int, ast.expr | ast.stmt]] = {}
    for cell, node in nodes:
        match node:
            case ast.BinOp(op=ast.Div(), right=operand) if not _is_length(operand):
                operands[operand] = (cell, node)
            case ast.BinOp(op=ast.Pow(), left=operand, right=exponent) if _is_of_root(exponent):
                operands[operand] = (cell, node)
            case ast.AugAssign(op=ast.Pow(), target=ast.Name() as operand, value=exponent) if _is_of_root(exponent):
                operands[operand] = (cell, node)
    meant = [operands[operand] for _, operand in made_of_inputs(statements, operands, inputs)] if operands else []
    return tuple((cell, node.end_lineno or 0, node.end_col_offset or 0) for cell, node in meant)


def _is_of_root(exponent: ast.expr) -> bool:
    whole = isinstance(exponent, ast.Constant) and isinstance(exponent.value, int)
    return not whole and not _is_variable(exponent)


def _is_length(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="len")) | ast.Subscript(value=ast.Attribute(attr="shape")):
            return True
        case _:
            return False


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
    attributes = _attributes([node for _, node in nodes])
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
            case ast.Call(func=ast.Attribute(attr=name) as function) if name in attributes - names:
                found.append((cell, function))
    return found


def _is_variable(exponent: ast.expr) -> bool:
    return any(isinstance(one, ast.Name) for one in nodes_of(exponent))


def _holding(nodes: Sequence[ast.AST]) -> set[str]:
    """Variables and parameters, each of which may hold a function, unless it has the name of one."""
    stored = (node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return {*stored, *(node.arg for node in nodes if isinstance(node, ast.arg))} - NONLINEAR


def _attributes(nodes: Sequence[ast.AST]) -> set[str]:
    """The attributes that are bound, each of which may hold a function (`self.activation(x)`)."""
    stored = {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    given = (one.arg for node in nodes if isinstance(node, ast.Call) for one in node.keywords)
    return stored.union(name for name in given if name is not None)


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
