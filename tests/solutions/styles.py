"""Worked solutions rewritten into the manners in which learners hand in.

`flat` takes a solution apart into one list of statements, whatever its own manner; `STYLES` puts such a list together
again: as names, as a function, as forward and backward with a cache, as a class, with gradients in a dict or a list.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

Body = list[ast.stmt]


@dataclass(frozen=True)
class Derivation:
    """`before` brings in libraries, helpers and the given numbers, `forward` ends before the first step asked for."""

    before: Body
    forward: Body
    backward: Body
    inputs: tuple[str, ...]
    asked: tuple[str, ...]

    def planted(self, step: str) -> Derivation:
        """With half as much again in the last line that binds a step."""
        changed = ast.parse("\n".join(map(ast.unparse, self.backward))).body
        last = _lines(changed)[step][-1]
        last.value = ast.BinOp(ast.Constant(1.5), ast.Mult(), last.value)
        return replace(self, backward=changed)

    def plantable(self) -> list[str]:
        """Steps a mistake can be planted in: those whose last change is a line that computes them from something."""
        lines = _lines(self.backward)
        added = {
            _root(part.target) for one in self.backward for part in ast.walk(one) if isinstance(part, ast.AugAssign)
        }
        made = [name for name in self.asked if name in lines and name not in added]
        return [name for name in made if isinstance(lines[name][-1].value, ast.BinOp | ast.Call)]


def _lines(body: Body) -> dict[str, list[ast.Assign]]:
    """The assignments to each name, or to an entry of it."""
    found: dict[str, list[ast.Assign]] = {}
    for statement in body:
        for part in ast.walk(statement):
            if isinstance(part, ast.Assign) and (name := _root(part.targets[0])):
                found.setdefault(name, []).append(part)
    return found


def _root(target: ast.expr) -> str:
    target = target.value if isinstance(target, ast.Subscript) else target
    return target.id if isinstance(target, ast.Name) else ""


def flat(source: str, inputs: Sequence[str], asked: Sequence[str]) -> Derivation:
    """The statements of a solution up to the last step, out of its functions, classes and dicts."""
    tree = _Unfolded(asked).visit(ast.parse(source))
    # A check in the middle would keep all that follows a planted mistake from being run.
    functions: dict[str, ast.FunctionDef] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            functions[node.name] = node
    body: Body = []
    for statement in (one for one in tree.body if not isinstance(one, ast.Assert)):
        body += _inlined(statement, functions)
    last = max(place for place, one in enumerate(body) if (_written(one) | _called_on(one)) & set(asked))
    body = ast.parse("\n".join(ast.unparse(ast.fix_missing_locations(one)) for one in body[: last + 1])).body
    last_input = max(next(k for k, one in enumerate(body) if name in _written(one)) for name in inputs)
    first_step = min(place for place, one in enumerate(body) if place > last_input and _written(one) & set(asked))
    return Derivation(
        body[: last_input + 1], body[last_input + 1 : first_step], body[first_step:], tuple(inputs), tuple(asked)
    )


class _Unfolded(ast.NodeTransformer):
    """`self.dh`, `network.dh` and `grads["dh"]` are `dh`; `grads["W1"]` is `dW1`."""

    def __init__(self, asked: Sequence[str]) -> None:
        self.asked = asked

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            return ast.Name(node.attr, node.ctx)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Subscript(value=ast.Name(id="grads"), slice=ast.Constant(value=str(name))):
                return ast.Name(name if name in self.asked else f"d{name}", node.ctx)
        return node


def _inlined(statement: ast.stmt, functions: dict[str, ast.FunctionDef]) -> Body:
    call = getattr(statement, "value", None)
    if isinstance(statement, ast.FunctionDef):
        return [statement] if len(statement.body) == 1 else []
    if isinstance(statement, ast.ClassDef) or not isinstance(call, ast.Call):
        empty = isinstance(call, ast.Dict) and not call.keys
        return [] if isinstance(statement, ast.ClassDef) or empty else [statement]
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    called = functions.get(name)
    if called is None or len(called.body) == 1:
        # `network = Network(...)` only keeps what it is given.
        return [] if name[:1].isupper() and isinstance(statement, ast.Assign) else [statement]
    *body, last = called.body
    if not isinstance(last, ast.Return):
        return called.body
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    body = [one for one in body if not (isinstance(one, ast.Assign) and isinstance(one.value, ast.Dict))]
    returned = last.value
    if not targets or returned is None or isinstance(returned, ast.Dict | ast.Name):
        return body
    same = ast.unparse(targets[0]) == ast.unparse(returned)
    return body if same else [*body, ast.Assign(targets, returned)]


def _bound(statement: ast.stmt) -> set[str]:
    return {
        part.id for part in ast.walk(statement) if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
    }


def _written(statement: ast.stmt) -> set[str]:
    """Names that are bound, or have entries bound."""
    if isinstance(statement, ast.FunctionDef):
        return set()
    entries = {
        part.value.id
        for part in ast.walk(statement)
        if isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load) and isinstance(part.value, ast.Name)
    }
    return _bound(statement) | entries


def _called_on(statement: ast.stmt) -> set[str]:
    """Of `dC.index_add_(...)`, dC."""
    match statement:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name)))):
            return {name}
    return set()


def _passing(body: Body) -> set[str]:
    """Variables of loops and comprehensions."""
    loops = [part for one in body for part in ast.walk(one) if isinstance(part, ast.For | ast.comprehension)]
    return {name.id for loop in loops for name in ast.walk(loop.target) if isinstance(name, ast.Name)}


class _Renamed(ast.NodeTransformer):
    def __init__(self, names: set[str], made: Callable[[str], str]) -> None:
        self.names, self.made = names, made

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.names:
            return node
        new = ast.parse(self.made(node.id), mode="eval").body
        new.ctx = node.ctx  # type: ignore[attr-defined]  # an attribute or a subscript
        return new


def _text(body: Body, renamed: set[str] | None = None, made: Callable[[str], str] = str) -> list[str]:
    copies = ast.parse("\n".join(map(ast.unparse, body)))
    if renamed:
        copies = _Renamed(renamed, made).visit(copies)
    return ast.unparse(copies).split("\n")


def _indented(lines: list[str], depth: int = 1) -> list[str]:
    return ["    " * depth + line for line in lines]


def names(one: Derivation) -> list[str]:
    return _text([*one.before, *one.forward, *one.backward])


def function_with_a_tuple(one: Derivation) -> list[str]:
    results = ", ".join(one.asked)
    given = ", ".join(one.inputs)
    inside = [*_text([*one.forward, *one.backward]), f"return {results},"]
    return [*_text(one.before), f"def derive({given}):", *_indented(inside), f"{results}, = derive({given})"]


def function_with_a_dict(one: Derivation) -> list[str]:
    given = ", ".join(one.inputs)
    results = ", ".join(f"{name!r}: {name}" for name in one.asked)
    inside = [*_text([*one.forward, *one.backward]), f"return {{{results}}}"]
    return [*_text(one.before), f"def derive({given}):", *_indented(inside), f"found = derive({given})"]


def forward_and_backward(one: Derivation) -> list[str]:
    kept = sorted({name for statement in one.forward for name in _bound(statement)} - _passing(one.forward))
    cache = ", ".join((*one.inputs, *kept))
    results, given = ", ".join(one.asked), ", ".join(one.inputs)
    return [
        *_text(one.before),
        f"def forward({given}):",
        *_indented([*_text(one.forward), f"return {kept[-1]}, ({cache},)"]),
        "def backward(cache):",
        *_indented([f"{cache}, = cache", *_text(one.backward), f"return {results},"]),
        f"_, cache = forward({given})",
        f"{results}, = backward(cache)",
    ]


def network_class(one: Derivation) -> list[str]:
    whole = [*one.forward, *one.backward]
    kept = {name for statement in whole for name in _bound(statement)} | set(one.inputs)
    kept -= _passing(whole)
    given = ", ".join(one.inputs)
    return [
        *_text(one.before),
        "class Network:",
        *_indented([f"def __init__(self, {given}):"]),
        *_indented([f"self.{name} = {name}" for name in one.inputs], 2),
        *_indented(["def forward(self):"]),
        *_indented(_text(one.forward, kept, lambda name: f"self.{name}"), 2),
        *_indented(["def backward(self):"]),
        *_indented(_text(one.backward, kept, lambda name: f"self.{name}"), 2),
        f"network = Network({given})",
        "network.forward()",
        "network.backward()",
    ]


def gradients_in_a_dict(one: Derivation) -> list[str]:
    backward = _text(one.backward, set(one.asked), lambda name: f"grads[{name!r}]")
    return [*_text([*one.before, *one.forward]), "grads = {}", *backward]


def gradients_in_a_list(one: Derivation) -> list[str]:
    place = {name: number for number, name in enumerate(one.asked)}
    backward = _text(one.backward, set(one.asked), lambda name: f"grads[{place[name]}]")
    return [
        *_text([*one.before, *one.forward]),
        f"grads = [None] * {len(place)}",
        *backward,
        f"{', '.join(one.asked)}, = grads",
    ]


STYLES: dict[str, Callable[[Derivation], list[str]]] = {
    one.__name__: one
    for one in (
        names,
        function_with_a_tuple,
        function_with_a_dict,
        forward_and_backward,
        network_class,
        gradients_in_a_dict,
        gradients_in_a_list,
    )
}
