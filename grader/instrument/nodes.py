"""Properties of a syntax tree node: its names, its position, what it may bind or change."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterable
from typing import NamedTuple

from grader.instrument.site import Position
from grader.syntax_trees import nodes_of

_OPERATORS = frozenset(
    {*ast.operator.__subclasses__(), *ast.unaryop.__subclasses__(), *ast.boolop.__subclasses__()},
)


def parts_of(node: ast.AST) -> list[ast.AST]:
    """A node and all its descendants except operators and contexts; in the order of `ast.walk`."""
    return [part for part in nodes_of(node) if type(part) not in _OPERATORS]


Kinds = frozenset[type[ast.AST]]


def kinds_of(parts: Iterable[ast.AST]) -> Kinds:
    """The node types of `parts`. Most statements have few, which lets callers skip searches that cannot succeed."""
    return frozenset(map(type, parts))


_HARMLESS = frozenset(
    {ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Slice, ast.Tuple}
)


def is_plain(node: ast.expr) -> bool:
    """Whether evaluating `node` a second time changes nothing."""
    return kinds_of(parts_of(node)) <= _HARMLESS


def text_of(node: ast.expr | None) -> str | None:
    """The value of a string literal; None for any other node."""
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
    """Name and owner of a container that gets an entry: `dC` and `grads` for `grads["dC"]`; `vars(o)` counts as `o`."""
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
    """The owner of the names in a container: `grads.layer1` for those in `grads["layer1"]`."""
    label, owner = names_of(container)
    return f"{owner}.{label}" if owner and isinstance(container, ast.Subscript) else label


def base_of(container: ast.expr) -> ast.Name | None:
    """The name of the outer container, where the key is known only at run time: `grads` for `grads[k]`."""
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
    """The names, attributes and keys that an expression reads. Text that keys are built of (`f"U_{k}"`, `"W" + k`, and
    the letters a dictionary is made for) is no name."""
    if type(node) is ast.Name:
        return frozenset((node.id,))
    found, built = set[str](), set[int]()
    for part in nodes_of(node):
        kind = type(part)
        if isinstance(part, ast.Name):
            found.add(part.id)
        elif isinstance(part, ast.Attribute):
            found.add(part.attr)
        elif isinstance(part, ast.Constant):
            if isinstance(part.value, str) and id(part) not in built:
                found.add(part.value)
        elif kind in _BUILDING_KEYS:
            built.update(map(id, _builds_keys(part)))
    return frozenset(found)


_BUILDING_KEYS = {ast.JoinedStr, ast.BinOp, ast.DictComp}


def _builds_keys(node: ast.AST) -> Iterable[ast.AST]:
    """The text that keys are built of, directly in `node`."""
    match node:
        case ast.JoinedStr(values=parts):
            return parts
        case ast.BinOp(op=ast.Add() | ast.Mod()):
            return [node.left, node.right]
        case ast.DictComp(value=value, generators=loops):
            chosen = _chosen_by(value)
            return [part for loop in loops if chosen.isdisjoint(_bound_by(loop.target)) for part in parts_of(loop.iter)]
        case _:
            return []


def _chosen_by(value: ast.expr) -> set[str]:
    """The names that decide what an expression reads: `k` in `grads[k]` and `getattr(o, k)`."""
    within = [part.slice for part in parts_of(value) if isinstance(part, ast.Subscript)]
    calls = [part for part in parts_of(value) if isinstance(part, ast.Call)]
    within += [one for call in calls if label_of(call.func) in ("get", "getattr", "pop") for one in call.args]
    return {part.id for one in within for part in parts_of(one) if isinstance(part, ast.Name)}


def _bound_by(target: ast.expr) -> set[str]:
    return {part.id for part in parts_of(target) if isinstance(part, ast.Name)}


_CONVERSIONS = frozenset(
    "tensor array asarray float int float64 float32 Tensor FloatTensor DoubleTensor Variable".split()  # noqa: SIM905  # names read best as a line
)
"""Calls that return the number typed into them unchanged."""


def is_literal(node: ast.AST) -> bool:
    """Whether this is made of typed-in numbers, possibly inside `torch.tensor(2.0, requires_grad=True)`."""
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
"""Methods that change their receiver, and not their arguments."""


TAKES_NAMES = frozenset({"dict", "OrderedDict", "SimpleNamespace", "Namespace"})
"""Calls that make a container whose entries are named by the keyword arguments."""


def records_of(parts: Iterable[ast.AST]) -> dict[str, tuple[str, ...]]:
    """The classes whose fields are the arguments that make an object, each with the fields in their order: data
    classes, named tuples."""
    found: dict[str, tuple[str, ...]] = {}
    for part in parts:
        match part:
            case ast.ClassDef(name=name, body=body) if _is_record(part):
                fields = (one.target for one in body if isinstance(one, ast.AnnAssign))
                found[name] = tuple(one.id for one in fields if isinstance(one, ast.Name))
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="namedtuple") | ast.Attribute(attr="namedtuple"), args=[_, fields, *_]),
            ):
                with contextlib.suppress(ValueError, TypeError):
                    made = ast.literal_eval(fields)
                    found[name] = tuple(made.replace(",", " ").split() if isinstance(made, str) else map(str, made))
    return found


def _is_record(node: ast.ClassDef) -> bool:
    if any(isinstance(one, ast.FunctionDef) and one.name == "__init__" for one in node.body):
        return False
    marks = [one.func if isinstance(one, ast.Call) else one for one in node.decorator_list]
    words = {label_of(one) for one in marks if isinstance(one, ast.Name | ast.Attribute)}
    bases = {label_of(one) for one in node.bases if isinstance(one, ast.Name | ast.Attribute)}
    return "dataclass" in words or "NamedTuple" in bases


def has_its_names(value: ast.expr) -> bool:
    """Whether this is a dictionary display in which all keys are literals."""
    return isinstance(value, ast.Dict) and all(isinstance(key, ast.Constant) for key in value.keys)


def may_touch(value: ast.expr) -> list[ast.expr]:
    """What an expression whose result is dropped may have changed in place: the receiver and the arguments of the call
    it is, or of the calls inside a comprehension."""
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
    """The targets of a call's `out` argument: `dW` for `np.matmul(a, b, out=dW)`."""
    given = [keyword.value for keyword in call.keywords if keyword.arg == "out"]
    parts = [part for one in given for part in (one.elts if isinstance(one, ast.Tuple | ast.List) else [one])]
    return [_holder(part) for part in parts]


def _holder(receiver: ast.expr) -> ast.expr:
    """The object that changes when `receiver` does: `grads` for `grads["layer1"]`, `o` for `vars(o)`."""
    match receiver:
        case ast.Subscript(value=ast.Name() as container):
            return container
        case ast.Call(func=ast.Name(id="vars"), args=[owner]):
            return owner
        case ast.Call(func=ast.Attribute(value=inner)):  # `dx.mul_(g).div_(n)`
            return _holder(inner)
        case _:
            return receiver


def _base_of(node: ast.expr) -> str:
    return label_of(node.value) if isinstance(node, ast.Attribute) else label_of(node)


def _is_attribute_of_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)


def appended_by(call: ast.Call) -> int | None:
    """Which argument of a call goes into a list: `hs.append(e)`, `hs.extend([e])`, `hs.insert(0, e)`; None for any
    other call."""
    match call:
        case ast.Call(func=ast.Attribute(value=owner, attr="append" | "appendleft"), args=[_], keywords=[]):
            place = 0
        case ast.Call(
            func=ast.Attribute(value=owner, attr="extend" | "extendleft"), args=[ast.List() | ast.Tuple()], keywords=[]
        ):
            place = 0
        case ast.Call(func=ast.Attribute(value=owner, attr="insert"), args=[_, _], keywords=[]):
            place = 1
        case _:
            return None
    return place if is_plain(owner) else None


def appends(statement: ast.stmt) -> bool:
    """Whether a statement puts values into a list: `hs.append(e)`, `hs += [e]`, `hs = [e] + hs`, `hs = [e, *hs]`."""
    match statement:
        case ast.Expr(value=ast.Call() as call):
            return appended_by(call) is not None
        case ast.AugAssign(target=target, op=ast.Add(), value=ast.List()):
            return is_plain(target)
        case ast.Assign(targets=[ast.Name() as target], value=value):
            parts = joined_lists(value)
            return any(isinstance(one, ast.List) for one in parts) and any(_is_rest(one, target.id) for one in parts)
        case _:
            return False


def joined_lists(value: ast.expr) -> list[ast.expr]:
    """The lists of which an expression makes one: `[e]` and `hs[1:]` of `[e] + hs[1:]` and of `[e, *hs[1:]]`."""
    match value:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*joined_lists(left), *joined_lists(right)]
        case ast.List(elts=parts):
            return [value, *(one.value for one in parts if isinstance(one, ast.Starred))]
        case _:
            return [value]


def _is_rest(value: ast.expr, name: str) -> bool:
    """Whether this is a list of this name, or a slice of it."""
    inner = value.value if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Slice) else value
    return isinstance(inner, ast.Name) and inner.id == name


class Built(NamedTuple):
    """What a statement gives a value: `holder`; whether it only `continues` to build it, and whether it does so by one
    `element` at a time."""

    holder: ast.expr
    continues: bool
    element: bool


def built_by(statement: ast.stmt) -> Built | None:
    """What a statement gives a value: `x` for `x = e`, and `dw` for `dw[j] = e`, `dw += e`, `dw = dw + e` and
    `dw.append(e)`. None for any other statement."""
    match statement:
        case ast.Assign(targets=[target, *_]):
            continues = False
        case ast.AugAssign(target=target):
            continues = True
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target))) if appends(statement):
            continues = True
        case _:
            return None
    holder = _without_places(target)
    if not isinstance(holder, ast.Name | ast.Attribute | ast.Subscript):
        return None
    if isinstance(statement, ast.Assign) and isinstance(holder, ast.Name):
        continues = any(isinstance(part, ast.Name) and part.id == holder.id for part in parts_of(statement.value))
    return Built(holder, continues or holder is not target, holder is not target)


def _without_places(target: ast.expr) -> ast.expr:
    """The container of an element: `dw` for `dw[i][j]`, `grads["w"]` for `grads["w"][j]`."""
    while isinstance(target, ast.Subscript) and text_of(target.slice) is None:
        target = target.value
    return target


def is_blank(value: ast.AST | None) -> bool:
    """Whether this is `...`, where something is to be filled in."""
    return isinstance(value, ast.Constant) and value.value is Ellipsis


def is_computed(value: ast.expr) -> bool:
    return isinstance(value, ast.BinOp | ast.UnaryOp | ast.Call | ast.IfExp) and not is_literal(value)


def is_name(value: ast.expr) -> bool:
    """Whether this is a string, or an expression that builds one."""
    return isinstance(value, ast.JoinedStr) or any(text_of(part) is not None for part in _added(value))


def _added(value: ast.expr) -> list[ast.expr]:
    return [value.left, value.right] if isinstance(value, ast.BinOp) else [value]


def is_for_show(call: ast.Call) -> bool:
    """Whether a call only shows its arguments, or ends the program."""
    return isinstance(call.func, ast.Name) and call.func.id in ("print", "display", "exit", "quit")


MAX_ENTRIES = 16
"""Maximum number of entries; a larger dictionary is a table."""


def numbered(value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """The entries of `{0: h0, 1: h1}`; empty for a larger dictionary, or one with other keys."""
    if not isinstance(value, ast.Dict) or len(value.keys) > MAX_ENTRIES:
        return []
    pairs = [(key, entry) for key, entry in zip(value.keys, value.values, strict=True) if key is not None]
    return pairs if all(isinstance(key, ast.Constant) and type(key.value) is int for key, _ in pairs) else []


_UNSEEN = {ast.ImportFrom, ast.Call, ast.With}


def binds_unseen(parts: Iterable[ast.AST], kinds: Kinds) -> bool:
    """Whether a statement with these parts may bind top-level names in ways that its syntax does not show: `exec`,
    `globals()[...]`, an import."""
    if kinds.isdisjoint(_UNSEEN):
        return False
    for part in parts:
        if type(part) not in _UNSEEN:
            continue
        if isinstance(part, ast.ImportFrom):
            return part.module != "__future__"
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            if part.func.id in ("exec", "eval", "globals", "locals", "vars", "setattr"):
                return True
        elif isinstance(part, ast.With) and any(item.optional_vars is not None for item in part.items):
            return True
    return False
