"""Functions that a text may evaluate away from the point of the derivation, as a difference quotient does.

A function is included if it is passed as an argument (`interpolate(f, ...)`), or called with a shifted argument (`f(w +
e)`, `for z in nodes: f(z)`); a library function only if differences of its own values are taken (`tanh(z + e) - tanh(z
- e)`).
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass

from grader.submission.shifted import Statements
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
