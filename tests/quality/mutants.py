"""Systematic mistakes: every small change of every formula of a script, made by Python's own syntax tree.

A mutant is the script with one piece of one formula changed and all else as it was typed. Independent of the grader:
mutants are made here, and what they do is found out elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


@dataclass(frozen=True)
class Spot:
    """A node of a statement: `owner` holds it in its `field`, at `index` where that is a list. `around` are the nodes
    it stands in, innermost first, the statement last."""

    node: ast.expr
    owner: ast.AST
    field: str
    index: int | None
    around: tuple[ast.AST, ...]

    def put(self, new: ast.AST) -> None:
        if self.index is None:
            setattr(self.owner, self.field, new)
        else:
            getattr(self.owner, self.field)[self.index] = new


@dataclass(frozen=True)
class Mutant:
    """`new` stands where `old` stood in `statement`; `operator` says what kind of change that is. `source` is the
    whole script, `start` and `end` the range of the statement in the script that was right."""

    operator: str
    old: ast.AST
    new: ast.AST
    statement: ast.stmt
    around: tuple[ast.AST, ...]
    lines: Lines
    written: str

    @cached_property
    def source(self) -> str:
        return self.lines.with_statement(self.statement, self.written)

    def __str__(self) -> str:
        return f"{self.operator}: line {self.statement.lineno}: {ast.unparse(self.statement)}  ->  {self.written}"


class Lines:
    """A script's text, by the places of its syntax tree."""

    def __init__(self, source: str) -> None:
        self.starts = [0]
        data = source.encode()
        for line in data.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.data = data

    def range(self, node: Any) -> tuple[int, int]:
        return (
            self.starts[node.lineno - 1] + node.col_offset,
            self.starts[node.end_lineno - 1] + node.end_col_offset,
        )

    def with_statement(self, statement: ast.stmt, written: str) -> str:
        start, end = self.range(statement)
        return (self.data[:start] + written.encode() + self.data[end:]).decode()

    def written(self, statement: ast.stmt, node: ast.AST, new: str) -> str:
        """The statement's text with `new` where `node` stands."""
        (first, last), (start, end) = self.range(statement), self.range(node)
        return (self.data[first:start] + new.encode() + self.data[end:last]).decode()


def mutants(source: str, until: int | None = None, inputs: frozenset[str] = frozenset()) -> Iterator[Mutant]:
    """Every single mutant of the formulas before line `until`; where an input gets its value nothing is changed."""
    tree, lines = ast.parse(source), Lines(source)
    for statement, known in formulas(tree, inputs):
        if until is None or statement.lineno < until:
            yield from _of_statement(statement, known, lines)


def formulas(tree: ast.Module, inputs: frozenset[str]) -> Iterator[tuple[ast.stmt, tuple[str, ...]]]:
    """The statements that compute something, each with the names that may stand in it: those bound before it."""
    yield from _block(tree.body, [], inputs)


def _block(
    body: Sequence[ast.stmt], known: list[str], inputs: frozenset[str]
) -> Iterator[tuple[ast.stmt, tuple[str, ...]]]:
    for statement in body:
        if isinstance(statement, ast.FunctionDef):
            own = [*known, *(argument.arg for argument in statement.args.args if argument.arg != "self")]
            yield from _block(statement.body, own, inputs)
            continue
        if isinstance(statement, ast.ClassDef):
            attributes = list(known)
            for method in statement.body:
                yield from _block([method], attributes, inputs)
                attributes += [name for name in _bound(method) if name.startswith("self.")]
            continue
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(statement, field, None)
            if inner and isinstance(inner, list):
                if isinstance(statement, ast.For) and field == "body":
                    known += [name for name in _names(statement.target) if name not in known]
                yield from _block(inner, known, inputs)
        targets = _names_bound(statement)
        if _computes(statement) and not set(targets) & inputs:
            yield statement, tuple(known)
        known += [name for name in targets if name not in known]


def _bound(function: ast.stmt) -> list[str]:
    return [name for one in ast.walk(function) if isinstance(one, ast.stmt) for name in _names_bound(one)]


def _names_bound(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.Assign(targets=targets):
            return [name for target in targets for name in _names(target)]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
            return _names(target)
        case _:
            return []


def _names(target: ast.expr) -> list[str]:
    match target:
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return [name for part in parts for name in _names(part)]
        case ast.Name(id=name):
            return [name]
        case _ if is_atom(target):
            return [ast.unparse(target)]
        case _:
            return []


def is_atom(node: ast.AST) -> bool:
    """Whether a node is what a quantity is called: `h1`, `self.h1`, `grads["h1"]`, `h[t]`."""
    match node:
        case ast.Name() | ast.Attribute(value=ast.Name()):
            return not (isinstance(node, ast.Attribute) and node.attr in ("T", "mT", "shape", "size", "data", "grad"))
        case ast.Subscript(value=ast.Name() | ast.Attribute(value=ast.Name()), slice=ast.Constant(value=str())):
            return True
        case _:
            return False


_MAKERS = frozenset(
    [
        "zeros",
        "zeros_like",
        "empty",
        "empty_like",
        "ones",
        "ones_like",
        "eye",
        "array",
        "asarray",
        "tensor",
        "arange",
        "default_rng",
        "copy",
        "clone",
        "dict",
        "list",
        "Generator",
        "manual_seed_",
        "normal",
        "uniform",
        "randn",
        "rand",
        "randint",
        "integers",
        "view",
        "reshape",
    ]
)
"""Functions that make room, or the numbers one starts with: there is no formula in their arguments."""


def _computes(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(value=ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name))) if name in _MAKERS:
            return False
        case ast.Assign(value=value) | ast.Return(value=ast.expr() as value) | ast.AnnAssign(value=ast.expr() as value):
            return not isinstance(value, ast.Lambda | ast.Dict | ast.List | ast.Tuple | ast.JoinedStr)
        case ast.AugAssign():
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="at"))):
            return True
        case _:
            return False


def _of_statement(statement: ast.stmt, known: tuple[str, ...], lines: Lines) -> Iterator[Mutant]:
    seen = {ast.dump(statement)}
    for operator, new in _of_assignment(statement, known):
        yield Mutant(operator, statement, new, statement, (), lines, ast.unparse(new))
    for spot in spots(statement):
        for operator, new in changes(spot, known):
            spot.put(new)
            wanted = ast.dump(statement)
            spot.put(spot.node)
            if wanted in seen:
                continue
            seen.add(wanted)
            written = ast.unparse(new)
            for text in (written, f"({written})"):
                whole = lines.written(statement, spot.node, text)
                if ast.dump(ast.parse(whole).body[0]) == wanted:
                    yield Mutant(operator, spot.node, new, statement, spot.around, lines, whole)
                    break


def spots(statement: ast.stmt) -> Iterator[Spot]:
    """Every expression of a statement's formula, those inside of others after them."""
    value = getattr(statement, "value", None)
    if isinstance(value, ast.expr):
        yield from _within(value, statement, "value", None, (statement,))


def _within(
    node: ast.expr, owner: ast.AST, field: str, index: int | None, around: tuple[ast.AST, ...]
) -> Iterator[Spot]:
    yield Spot(node, owner, field, index, around)
    if is_atom(node) or isinstance(node, ast.Lambda | ast.comprehension):
        return
    for name, value in ast.iter_fields(node):
        if name in ("slice", "keywords", "ctx") or (name == "func" and not isinstance(value, ast.Attribute)):
            continue
        if name == "func" and isinstance(value.value, ast.Name) and value.value.id in _LIBRARIES:
            continue
        if name == "func":
            yield from _within(value.value, value, "value", None, (value, node, *around))
        elif isinstance(value, ast.expr):
            yield from _within(value, node, name, None, (node, *around))
        elif isinstance(value, list):
            for place, one in enumerate(value):
                if isinstance(one, ast.expr):
                    yield from _within(one, node, name, place, (node, *around))


_LIBRARIES = frozenset({"np", "numpy", "torch", "math", "F", "nn", "special", "scipy"})

Change = tuple[str, ast.expr]


def changes(spot: Spot, known: tuple[str, ...]) -> Iterator[Change]:
    """What may stand in a node's place, and what kind of mistake that is."""
    node = spot.node
    if (
        spot.field == "value"
        and isinstance(spot.owner, ast.Attribute)
        and spot.owner.attr in ("shape", "size", "dtype")
    ):
        return
    match node:
        case _ if is_atom(node):
            written = ast.unparse(node)
            for name in known:
                if name != written:
                    yield "name", _parsed(name)
        case ast.Subscript():
            yield from _moved(node)
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            yield from _of_number(number, spot)
        case ast.BinOp():
            yield from _of_operation(node)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            yield "sign", operand
        case ast.Attribute(value=inner, attr="T" | "mT"):
            yield "transpose", inner
        case ast.Call():
            yield from _of_call(node)
    if _is_value(spot):
        yield from _around(node, spot)


def _of_number(number: float, spot: Spot) -> Iterator[Change]:
    exponent = isinstance(spot.owner, ast.BinOp) and isinstance(spot.owner.op, ast.Pow) and spot.field == "right"
    for other in (0, 1, 2, 3, 4) if not exponent else (1, 2, 3, -1, number - 1, number + 1):
        if other != number:
            yield (
                "power" if exponent else "constant",
                ast.Constant(other) if other >= 0 else _negative(ast.Constant(-other)),
            )


def _of_operation(node: ast.BinOp) -> Iterator[Change]:
    left, right = node.left, node.right
    match node.op:
        case ast.Add() | ast.Sub():
            yield "term missing", left
            yield "term missing", right if isinstance(node.op, ast.Add) else _negative(right)
            if isinstance(node.op, ast.Sub):
                yield "minus missing", right
            yield "term doubled", ast.BinOp(node, node.op, right)
        case ast.Mult() | ast.Div() | ast.MatMult():
            yield "factor missing", left
            if not isinstance(node.op, ast.Div):
                yield "factor missing", right
            if not isinstance(node.op, ast.MatMult):
                yield "factor doubled", ast.BinOp(node, node.op, right)
        case ast.Pow():
            yield "power", left
    if isinstance(node.op, OPERATORS):
        yield from (
            ("operator", ast.BinOp(left, other(), right)) for other in OPERATORS if not isinstance(node.op, other)
        )
    if isinstance(node.op, ast.Sub | ast.Div | ast.MatMult):
        yield "order", ast.BinOp(right, node.op, left)
    if isinstance(node.op, ast.MatMult):
        yield "matmul", ast.BinOp(left, ast.Mult(), right)
        yield from (("transpose", ast.BinOp(*pair)) for pair in _one_transposed(left, node.op, right))
    if isinstance(node.op, ast.Mult):
        yield "matmul", ast.BinOp(left, ast.MatMult(), right)


def _one_transposed(
    left: ast.expr, op: ast.operator, right: ast.expr
) -> Iterator[tuple[ast.expr, ast.operator, ast.expr]]:
    yield _transposed(left), op, right
    yield left, op, _transposed(right)


def _transposed(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Attribute) and node.attr == "T" else ast.Attribute(node, "T", ast.Load())


_ELEMENTWISE = ("tanh", "sigmoid", "exp", "log", "sqrt", "relu")
_REDUCING = ("sum", "mean")


def _of_call(node: ast.Call) -> Iterator[Change]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    of_library = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in _LIBRARIES
    operand = (
        node.args[0] if of_library and node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
    )
    if name in _REDUCING and operand is not None:
        yield "reduction missing", operand
        other = "mean" if name == "sum" else "sum"
        yield f"{other} for {name}", _with_function(node, other)
        yield from _axes(node, of_library)
    elif name in _ELEMENTWISE and len(node.args) <= 1:
        inner = node.args[0] if node.args else operand
        if inner is not None:
            yield "function missing", inner
            again = (
                ast.Call(node.func, [node], [])
                if node.args
                else ast.Call(ast.Attribute(node, name, ast.Load()), [], [])
            )
            yield "function twice", again
            if of_library or node.args == []:
                yield from (
                    ("function", _with_function(node, other))
                    for other in ("tanh", "exp", "log", "sqrt")
                    if other != name and isinstance(node.func, ast.Attribute)
                )
    elif name in ("outer", "dot", "matmul", "maximum", "minimum") and len(node.args) == 2:
        yield "order", ast.Call(node.func, node.args[::-1], node.keywords)


def _with_function(node: ast.Call, name: str) -> ast.expr:
    assert isinstance(node.func, ast.Attribute)
    return ast.Call(ast.Attribute(node.func.value, name, ast.Load()), node.args, node.keywords)


def _axes(node: ast.Call, of_library: bool) -> Iterator[Change]:
    """Another axis, no axis, and an axis kept or lost."""
    places = node.args[1:] if of_library else node.args
    named = [word for word in node.keywords if word.arg in ("axis", "dim")]
    kept = [word for word in node.keywords if word.arg in ("keepdims", "keepdim")]
    had = places[0] if places else named[0].value if named else None
    spelled = named[0].arg if named else "dim" if ast.unparse(node.func).startswith("torch.") else "axis"
    front = node.args[:1] if of_library else []
    others = [word for word in node.keywords if word not in named]
    for axis in (0, 1):
        if had is None or ast.unparse(had) != str(axis):
            yield "axis", ast.Call(node.func, front, [ast.keyword(spelled, ast.Constant(axis)), *others])
    if had is not None and not kept:
        yield "axis", ast.Call(node.func, front, [])
    if kept:
        yield "keepdims", ast.Call(node.func, node.args, [word for word in node.keywords if word not in kept])
    elif had is not None:
        word = "keepdim" if spelled == "dim" else "keepdims"
        yield "keepdims", ast.Call(node.func, node.args, [*node.keywords, ast.keyword(word, ast.Constant(True))])


def _moved(node: ast.Subscript) -> Iterator[Change]:
    """An index one too high or too low."""
    key = node.slice
    if isinstance(key, ast.Name | ast.Constant | ast.BinOp) and not (
        isinstance(key, ast.Constant) and not isinstance(key.value, int)
    ):
        for op in (ast.Add(), ast.Sub()):
            yield "index", ast.Subscript(node.value, _plain(ast.BinOp(key, op, ast.Constant(1))), ast.Load())


def _plain(node: ast.BinOp) -> ast.expr:
    """`t` for `t - 1 + 1`."""
    match node:
        case ast.BinOp(left=ast.BinOp(left=inner, op=op, right=ast.Constant(value=1)), op=other) if type(
            op
        ) is not type(other):
            return inner
        case ast.BinOp(left=ast.Constant(value=int() as key), op=ast.Add()):
            return ast.Constant(key + 1)
        case ast.BinOp(left=ast.Constant(value=int() as key), op=ast.Sub()) if key > 0:
            return ast.Constant(key - 1)
        case _:
            return node


def _is_value(spot: Spot) -> bool:
    """Whether a node can be a number: no exponent, no shape, no function's name."""
    if isinstance(spot.node, ast.Constant | ast.Tuple | ast.List | ast.Slice | ast.Starred | ast.Compare):
        return False
    return not isinstance(spot.owner, ast.Starred | ast.Tuple | ast.List)


def _around(node: ast.expr, spot: Spot) -> Iterator[Change]:
    if not (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)):
        yield "sign", _negative(node)
    if spot.field == "value" and isinstance(spot.owner, ast.stmt):
        yield "factor too many", ast.BinOp(ast.Constant(2), ast.Mult(), node)
        yield "transpose", _transposed(node)


def _negative(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.USub(), node)


def _parsed(name: str) -> ast.expr:
    found = ast.parse(name, mode="eval").body
    assert isinstance(found, ast.expr)
    return found


def _of_assignment(statement: ast.stmt, known: tuple[str, ...]) -> Iterator[tuple[str, ast.stmt]]:
    match statement:
        case ast.AugAssign(target=target, op=op, value=value):
            load = _parsed(ast.unparse(target))
            del load
            yield "= for +=", ast.Assign([target], value, lineno=0)
            if isinstance(op, ast.Add | ast.Sub):
                yield "-= for +=", ast.AugAssign(target, ast.Sub() if isinstance(op, ast.Add) else ast.Add(), value)
            yield "statement missing", ast.Pass()
        case ast.Assign(targets=[target], value=value) if ast.unparse(target) in known:
            yield "+= for =", ast.AugAssign(target, ast.Add(), value)
