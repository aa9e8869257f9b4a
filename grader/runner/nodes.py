"""What can be read off a node of a syntax tree: its names, its place, what it may bind or change."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from grader.runner.site import Position

_NOTHING_BELOW = {ast.Name, ast.Constant}
"""Most of all nodes; below them, there is at most how a name is used."""


def parts_of(node: ast.AST) -> list[ast.AST]:
    """A node and everything below it, but for operators and how names are used; in the order of `ast.walk`, which
    takes three times as long."""
    found = [node]
    for part in found:  # it grows while it is gone through
        if type(part) in _NOTHING_BELOW:
            continue
        for name in part._fields:
            value = getattr(part, name, None)
            if isinstance(value, list):
                found += [one for one in value if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST) and value._fields:
                found.append(value)
    return found


Kinds = frozenset[type[ast.AST]]


def kinds_of(parts: Iterable[ast.AST]) -> Kinds:
    """Of which kinds they are. Most statements are of a few, and what nothing in them can be is not looked for."""
    return frozenset(map(type, parts))


_HARMLESS = frozenset(
    {ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Slice, ast.Tuple}
)


def is_plain(node: ast.expr) -> bool:
    """Whether evaluating `node` a second time changes nothing."""
    return kinds_of(parts_of(node)) <= _HARMLESS


def text_of(node: ast.expr | None) -> str | None:
    """The text that is typed in here; None of all else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def label_of(target: ast.expr) -> str:
    match target:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=container):
            return label_of(container)
        case _:
            return ""


def owner_of(target: ast.expr) -> str:
    return label_of(target.value) if isinstance(target, ast.Attribute) else ""


def names_of(container: ast.expr) -> tuple[str, str]:
    """The name and the owner of what something is put into: of `grads["dC"]` they are `dC` and `grads`, and `vars(o)`
    is `o`."""
    match container:
        case ast.Subscript(value=ast.Subscript() as inner, slice=ast.Constant(value=str(name))) if text_of(inner.slice):
            return name, path_of(inner)
        case ast.Subscript(value=owner, slice=ast.Constant(value=str(name))):
            return name, label_of(owner)
        case ast.Call(func=ast.Name(id="vars"), args=[ast.Name() | ast.Attribute() as held]):
            return label_of(held), owner_of(held)
        case ast.Call(func=function):
            return label_of(function), ""
        case _:
            return label_of(container), owner_of(container)


def path_of(container: ast.expr) -> str:
    """What the names in a container belong to: `grads.layer1` for those in `grads["layer1"]`."""
    label, owner = names_of(container)
    return f"{owner}.{label}" if owner and isinstance(container, ast.Subscript) else label


def base_of(container: ast.expr) -> ast.Name | None:
    """The name of what holds a container by a key that is only known when the code runs: `grads` of `grads[k]`."""
    match container:
        case ast.Subscript(value=ast.Name() as base, slice=key):
            return base if text_of(key) is None else None
        case _:
            return None


def position_of(node: ast.AST) -> Position:
    try:
        line, column, end, end_column = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset  # type: ignore[attr-defined]  # tried, since most nodes have them
    except AttributeError:
        return 1, 0, 1, 0
    return line, column, end or line, end_column or column


def names_read(node: ast.AST) -> frozenset[str]:
    found = set()
    for part in parts_of(node):
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            found.add(part.value)
    return frozenset(found)


_CONVERSIONS = frozenset(
    "tensor array asarray float int float64 float32 Tensor FloatTensor DoubleTensor Variable".split()  # noqa: SIM905  # names read best as a line
)
"""Calls that leave the number typed into them as it is."""


def is_literal(node: ast.AST) -> bool:
    """Numbers typed in, also inside `torch.tensor(2.0, requires_grad=True)`."""
    match node:
        case ast.Constant(value=bool() | int() | float()):
            return True
        case ast.UnaryOp(operand=operand):
            return is_literal(operand)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return bool(parts) and all(map(is_literal, parts))
        case ast.Call(func=function, args=[first, *_]) if _function_name(function) in _CONVERSIONS:
            return is_literal(first)
        case _:
            return False


def _function_name(node: ast.expr) -> str:
    return label_of(node) if isinstance(node, ast.Name | ast.Attribute) else ""


_TAKES_IN = frozenset({"append", "appendleft", "extend", "insert", "add", "update"})
"""Methods that change what they are called on, and not what they are given."""


TAKES_NAMES = frozenset({"dict", "OrderedDict", "SimpleNamespace", "Namespace"})
"""What makes containers whose names are the keywords it is called with."""


def has_its_names(value: ast.expr) -> bool:
    """Whether this is a dictionary written out, all names included."""
    return isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) for key in value.keys)


def may_touch(value: ast.expr) -> list[ast.expr]:
    """What an expression whose result is dropped may have changed in place: the receiver and the arguments of the call
    it is, or of those that a comprehension makes."""
    if isinstance(value, ast.Call):
        return _touched_by(value)
    if not isinstance(value, ast.ListComp | ast.SetComp | ast.DictComp):
        return []
    own = {part.id for part in parts_of(value) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
    calls = [part for part in parts_of(value) if isinstance(part, ast.Call)]
    found = {ast.unparse(one): one for call in calls for one in _touched_by(call) if _base_of(one) not in own}
    return list(found.values())


def _touched_by(call: ast.Call) -> list[ast.expr]:
    if is_for_show(call):
        return []
    found: list[ast.expr] = []
    if isinstance(call.func, ast.Attribute):
        found.append(_holder(call.func.value))
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in _TAKES_IN):
        found += map(_holder, call.args)
    found += outs_of(call)
    return [one for one in found if isinstance(one, ast.Name) or _is_attribute_of_name(one)]


def outs_of(call: ast.Call) -> list[ast.expr]:
    """What a call is told to put its result into: `np.matmul(a, b, out=dW)`."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "out"]
    parts = [part for one in given for part in (one.elts if isinstance(one, ast.Tuple | ast.List) else [one])]
    return [_holder(part) for part in parts]


def _holder(receiver: ast.expr) -> ast.expr:
    """What changes with it: `grads` with `grads["layer1"]`, `o` with `vars(o)`."""
    match receiver:
        case ast.Subscript(value=ast.Name() as container):
            return container
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return owner
        case _:
            return receiver


def _base_of(node: ast.expr) -> str:
    return label_of(node.value) if isinstance(node, ast.Attribute) else label_of(node)


def _is_attribute_of_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def appended(node: ast.expr) -> ast.expr | None:
    """What is computed where it is put at the end of a list: `e` of `hs.append(e)`; None of what only has a name."""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="append"), args=[element], keywords=[]) if is_plain(owner):
            return element if is_computed(element) else None
        case _:
            return None


def is_computed(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp | ast.UnaryOp | ast.Call) and not is_literal(value)


def is_name(value: ast.expr) -> bool:
    """Whether this is text, or made to be."""
    return isinstance(value, ast.JoinedStr) or any(text_of(part) is not None for part in _added(value))


def _added(value: ast.expr) -> list[ast.expr]:
    return [value.left, value.right] if isinstance(value, ast.BinOp) else [value]


def is_for_show(call: ast.Call) -> bool:
    """Whether a call only shows what it is given, or ends the program."""
    return isinstance(call.func, ast.Name) and call.func.id in ("print", "display", "exit", "quit")


MOST_ENTRIES = 16
"""Entries of a dictionary beyond which it is a table."""


def numbered(value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """The entries of `{0: h0, 1: h1}`; none of what is more than a few, or has other keys."""
    if not isinstance(value, ast.Dict) or len(value.keys) > MOST_ENTRIES:
        return []
    pairs = [(key, entry) for key, entry in zip(value.keys, value.values, strict=True) if key is not None]
    return pairs if all(isinstance(key, ast.Constant) and type(key.value) is int for key, _ in pairs) else []


_UNSEEN = {ast.ImportFrom, ast.Call, ast.With}


def binds_unseen(parts: Iterable[ast.AST], kinds: Kinds) -> bool:
    """Whether a statement of these parts may bind top-level names in ways no syntax shows: `exec`, `globals()[...]`,
    an import."""
    if kinds.isdisjoint(_UNSEEN):
        return False
    for part in parts:
        if isinstance(part, ast.ImportFrom):
            return part.module != "__future__"
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            if part.func.id in ("exec", "eval", "globals", "locals", "vars", "setattr"):
                return True
        elif isinstance(part, ast.With) and any(item.optional_vars is not None for item in part.items):
            return True
    return False
