"""Lists the statements that a wrong value may come from, likeliest first: the statement that bound it, the loops and
conditions around it, the functions it calls, the methods that set a field it reads, the callers of its own function,
and the statements that feed it."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

MOST = 12
"""How many of these statements are returned, at most."""

MOST_ELSEWHERE = 8
"""How many further statements of functions are returned, at most."""


def suspects(tree: ast.Module, statement: ast.stmt, right: Collection[tuple[int, int]]) -> list[ast.stmt]:
    """Return suspects from one cell's tree. Feeding statements that begin at a line and column in `right` are left
    out."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    found: dict[ast.stmt, None] = {statement: None}
    for one in _filling(tree, statement):
        found |= dict.fromkeys((*_around(one, above), one))
    found |= dict.fromkeys(one for one in growing(tree, statement) if (one.lineno, one.col_offset) not in right)
    for one in (statement, *_called(tree, statement)):
        found |= dict.fromkeys(_around(one, above))
        if isinstance(one, ast.FunctionDef | ast.For | ast.While | ast.If):
            found |= dict.fromkeys(_inside(one))
    found |= dict.fromkeys((*_setting(tree, statement), *_calling_on(tree, statement)))
    function = next((one for one in _ancestors(statement, above) if isinstance(one, ast.FunctionDef)), None)
    if function is not None:
        found |= dict.fromkeys(_handing_on(function, statement))
        found |= dict.fromkeys(_calling(tree, function))
    for one in _feeding(function or tree, statement):
        if (one.lineno, one.col_offset) not in right:
            found |= dict.fromkeys((one, *_around(one, above)))
    listed = [one for one in found if not isinstance(one, ast.FunctionDef | ast.ClassDef)][:MOST]
    return listed + [one for one in _in_functions(tree) if one not in listed][: MOST - len(listed) + MOST_ELSEWHERE]


def _calling(tree: ast.Module, function: ast.FunctionDef) -> list[ast.stmt]:
    """Return the top-level statements that mention a function, then the statements of other functions."""
    inner = [one for one in _in_functions(tree) if not isinstance(one, ast.Expr)]
    return [one for one in (*tree.body, *inner) if function.name in _names_read(one) | _methods_called(one)]


def _methods_called(node: ast.AST) -> set[str]:
    calls = (one.func for one in ast.walk(node) if isinstance(one, ast.Call))
    return {one.attr for one in calls if isinstance(one, ast.Attribute)}


def _filling(tree: ast.Module, statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements that change entries of the array that a statement makes: `da = np.zeros(n)` has its values
    from `da[i] = ...` in a loop below."""
    if not isinstance(statement, ast.Assign):
        return []
    made = _bound(statement)
    found = []
    for node in ast.walk(tree):
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        if any(isinstance(one, ast.Subscript) and made.intersection(_owners(one)) for one in targets):
            found.append(node)
    return [one for one in found if isinstance(one, ast.stmt) and one.lineno > statement.lineno]


def growing(tree: ast.Module, statement: ast.stmt) -> Sequence[ast.stmt]:
    """Return the later statements that bind a variable again to which one assigns: the terms of a sum, one of which may
    have been put in its place."""
    if not isinstance(statement, ast.Assign) or len(_bound(statement)) != 1:
        return []
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    same = [one for one in ast.walk(tree) if isinstance(one, ast.Assign | ast.AugAssign) and one is not statement]
    later = [one for one in same if one.lineno > statement.lineno and above.get(one) is above.get(statement)]
    return [one for one in later if _bound(one) == _bound(statement)][:MOST_TERMS]


MOST_TERMS = 4
"""How many of the statements that make one sum are looked at, at most."""


def reading(tree: ast.Module, statement: ast.stmt, names: Collection[str]) -> list[ast.stmt]:
    """Return the later statements that change one of these names and read what a statement binds, with the loops
    around them."""
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    made = _bound(statement)
    inner = [one for one in ast.walk(tree) if isinstance(one, ast.Assign | ast.AugAssign)]
    found = [
        one for one in inner if one.lineno > statement.lineno and _bound(one) & {*names} and _names_read(one) & made
    ]
    return list(dict.fromkeys(each for one in found[:MOST_TERMS] for each in (one, *_around(one, above))))


def _setting(tree: ast.Module, statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements in functions that set or change a field that a statement reads: `self.grad += ...` for
    `dw = weight.grad`."""
    read = {
        node.attr for node in ast.walk(statement) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)
    }
    found = []
    for one in _in_functions(tree) if read else ():
        targets = one.targets if isinstance(one, ast.Assign) else [one.target] if isinstance(one, ast.AugAssign) else []
        if any(isinstance(target, ast.Attribute) and target.attr in read for target in targets):
            found.append(one)
    return found


def _calling_on(tree: ast.Module, statement: ast.stmt) -> list[ast.stmt]:
    """Return the earlier top-level statements that call a method of an object whose field a statement reads, the last
    one first: `dh0 = one.backward(dh1)` for `da = one.da`."""
    owners = {
        node.value.id
        for node in ast.walk(statement)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    found: list[ast.stmt] = []
    for one in reversed(tree.body):
        calls = (node.func for node in ast.walk(one) if isinstance(node, ast.Call))
        called = {
            call.value.id for call in calls if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)
        }
        if isinstance(one, ast.Assign | ast.Expr) and one.lineno < statement.lineno and owners & called:
            found.append(one)
    return found[:MOST_TERMS]


def _in_functions(tree: ast.Module) -> list[ast.stmt]:
    """Return the statements in functions that compute something: which of them lead to a value is not known where
    objects call each other's methods."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = dict.fromkeys(one for function in functions for one in _inside(function))
    return [one for one in inner if isinstance(one, ast.Assign | ast.AugAssign | ast.Return | ast.Expr)]


def _ancestors(node: ast.AST, above: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while (node := above.get(node, _END)) is not _END:
        yield node


_END = ast.Pass()


def _around(statement: ast.stmt, above: dict[ast.AST, ast.AST]) -> Iterator[ast.stmt]:
    """Yield the loops and conditions around a statement, inner ones first."""
    for one in _ancestors(statement, above):
        if isinstance(one, ast.For | ast.While | ast.If):
            yield one


def _called(tree: ast.Module, statement: ast.stmt) -> list[ast.FunctionDef]:
    """Return the functions that a statement calls, directly or through other functions."""
    functions = {one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}
    found: dict[str, ast.FunctionDef] = {}
    ahead: list[ast.AST] = [statement]
    while ahead:
        for node in ast.walk(ahead.pop(0)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                if name in functions and name not in found:
                    found[name] = functions[name]
                    ahead.append(functions[name])
    return list(found.values())


def _inside(outer: ast.stmt) -> list[ast.stmt]:
    """Return the statements inside a function or block, last one first: the last is nearest to the wrong value."""
    inner = (node for node in ast.walk(outer) if isinstance(node, ast.stmt) and node is not outer)
    return sorted(inner, key=lambda node: -node.lineno)


def _feeding(scope: ast.AST, statement: ast.stmt) -> list[ast.stmt]:
    """Return the statements in `scope` that bind or change a name the statement reads, then those that feed these;
    nearest lines first. What a loop goes over feeds the names it binds."""
    wanted = set(_names_read(statement))
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        wanted |= _bound(statement)  # what it changes was made, and may have been changed, above
    found: dict[ast.stmt, None] = {}
    inner = [node for node in ast.walk(scope) if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr)]
    loops = sorted((one for one in ast.walk(scope) if isinstance(one, ast.For)), key=lambda one: -one.lineno)
    for _ in range(2):
        for loop in loops:  # inner ones first
            if any(isinstance(one, ast.Name) and one.id in wanted for one in ast.walk(loop.target)):
                wanted |= _names_read(loop.iter)
        for one in sorted(inner, key=lambda node: abs(node.lineno - statement.lineno)):
            if one is not statement and one not in found and _bound(one) & wanted:
                found[one] = None
        wanted |= {name for one in found for name in _names_read(one)}
    return list(found)


def _handing_on(function: ast.FunctionDef, statement: ast.stmt) -> list[ast.stmt]:
    """Return the later statements of a function that read the names a statement binds."""
    names = _bound(statement)
    inner = [node for node in ast.walk(function) if isinstance(node, ast.Assign | ast.AugAssign | ast.Return)]
    return [one for one in inner if one.lineno > statement.lineno and _names_read(one) & names]


def _bound(statement: ast.stmt) -> set[str]:
    """Return the names a statement binds or whose value it changes."""
    match statement:
        case ast.Assign(targets=targets):
            pass
        case ast.AugAssign(target=target):
            targets = [target]
        case ast.Expr(ast.Call(ast.Attribute(owner, _))):
            targets = [owner]
        case _:
            return set()
    return {name for target in targets for name in _owners(target)}


def _owners(target: ast.expr) -> Iterator[str]:
    """Yield the variables that a target binds or changes, and not those that its indices read: `dh` of `dh[t][i]`."""
    match target:
        case ast.Name(name):
            yield name
        case ast.Subscript(value=inner) | ast.Attribute(value=inner) | ast.Starred(value=inner):
            yield from _owners(inner)
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            for part in parts:
                yield from _owners(part)


def _names_read(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
