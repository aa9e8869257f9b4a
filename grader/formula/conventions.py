"""What the libraries say in ways of their own, as the language says it: conversions of type, sizes, and the two arrays
that torch returns together. Python's syntax trees in and out."""

from __future__ import annotations

import ast

from grader.formula.operations import NUMPY_PREFIXES, PREFIXES
from grader.formula.python_trees import located, replaced

_REAL = frozenset(
    [
        "float",
        "float16",
        "float32",
        "float64",
        "float_",
        "half",
        "double",
        "bfloat16",
        "single",
        "dtype",
        "FloatTensor",
        "DoubleTensor",
    ]
)
_WHOLE = frozenset(
    [
        "int",
        "int8",
        "int16",
        "int32",
        "int64",
        "int_",
        "intp",
        "uint8",
        "short",
        "long",
        "byte",
        "LongTensor",
        "IntTensor",
    ]
)
_TRUTH = frozenset(("bool", "bool_", "BoolTensor"))

_SHAPED_AS = {"expand_as": "expand", "view_as": "reshape", "reshape_as": "reshape"}

_OF_TWO = {
    ("add", "reduce"): "sum",
    ("multiply", "reduce"): "prod",
    ("maximum", "reduce"): "max",
    ("minimum", "reduce"): "min",
    ("logaddexp", "reduce"): "logsumexp",
    ("add", "accumulate"): "cumsum",
    ("multiply", "accumulate"): "cumprod",
    ("logaddexp", "accumulate"): "logcumsumexp",
    ("multiply", "outer"): "outer",
}
"""What a function of two numbers makes of the entries along an axis, up to each of them, or of all pairs."""

_TOGETHER = frozenset(("max", "min", "median", "mode", "sort", "topk", "kthvalue"))
"""Operations whose result along an axis torch returns together with its places."""

_TORCH_OPTIONS = frozenset(("dim", "keepdim", "descending", "largest", "k"))


def in_our_words(node: ast.expr) -> ast.expr | str | None:
    """The expression that the language has for `node`; None if it is one already, and what to write instead if its
    reader may take it for something else."""
    match node:
        case ast.Call(
            func=ast.Attribute(ast.Attribute(owner, attr=word), attr="reduce" | "accumulate" | "outer" as way)
        ):
            if _dotted(owner) not in NUMPY_PREFIXES or (word, way) not in _OF_TWO:
                return None
            made = replaced(node, func=located(ast.Attribute(owner, _OF_TWO[word, way]), node))
            return made if way == "outer" else _along_the_first(made)
        case ast.Call(
            func=ast.Call(
                ast.Attribute(owner, "vectorize"), args=[ast.Name() | ast.Attribute() as function], keywords=[]
            )
        ) if _dotted(owner) in NUMPY_PREFIXES:
            return replaced(node, func=function)  # entry by entry, as every function of numbers is here
        case ast.Call(func=ast.Name(id="int"), args=[number]):
            return _called(node, "trunc", number)
        case ast.Call(func=ast.Attribute(value=owner, attr="int32" | "int64" | "int_"), args=[number]) if (
            _dotted(owner) in NUMPY_PREFIXES
        ):
            return _called(node, "trunc", number)
        case ast.Call(func=ast.Attribute(value=array, attr=word), args=[other]) if word in _SHAPED_AS:
            method = located(ast.Attribute(array, _SHAPED_AS[word]), node)
            return replaced(node, func=method, args=[located(ast.Attribute(other, "shape"), node)])
        case ast.Call(func=ast.Attribute(value=owner, attr=word), args=arguments):
            if _dotted(owner) in PREFIXES:
                return _size(node, word, arguments[0], arguments[1:]) if arguments else None
            return _size(node, word, owner, arguments) or _conversion(node, word, owner)
        case ast.Attribute(value=owner, attr="size") if _dotted(owner) not in PREFIXES:
            return _count(owner, node)
        case ast.Attribute(value=owner, attr="ndim") if _dotted(owner) not in PREFIXES:
            return _called(node, "len", located(ast.Attribute(owner, "shape"), node))
        case ast.Subscript(value=ast.Call() as call, slice=ast.Constant(value=int() as at)) if at in (0, 1):
            return _picked(call, at, node)
        case _:
            return None


def _along_the_first(call: ast.Call) -> ast.Call:
    """A call with the axis that NumPy's `reduce` and `accumulate` take where none is named: the first."""
    if len(call.args) > 1 or any(one.arg == "axis" for one in call.keywords):
        return call
    first = ast.keyword("axis", located(ast.Constant(0), call))
    return replaced(call, keywords=[*call.keywords, first])


def _size(node: ast.Call, word: str, array: ast.expr, arguments: list[ast.expr]) -> ast.expr | None:
    is_method = array not in node.args
    shape = located(ast.Attribute(array, "shape"), node)
    match word, arguments:
        case "numel" | "nelement", []:
            return _count(array, node)
        case "dim", [] if is_method:
            return _called(node, "len", shape)
        case "size", []:
            return shape if is_method else _count(array, node)
        case "size", [at]:
            return located(ast.Subscript(shape, at), node)
        case "shape", [] if not is_method:
            return shape
        case _:
            return None


def _count(array: ast.expr, node: ast.AST) -> ast.expr:
    return _called(node, "len", _called(node, "flatten", array))


def _conversion(node: ast.Call, word: str, array: ast.expr) -> ast.expr | None:
    """`array` itself, cut to whole numbers or to truths: what `node` makes of it; None if it is no conversion."""
    kind = _kind_after(node, word)
    if kind in _REAL or (kind and isinstance(array, ast.Compare)):
        return _called(node, "float", array)
    if kind in _WHOLE:
        return _called(node, "trunc", array)
    if kind in _TRUTH:
        return located(ast.Compare(array, [ast.NotEq()], [located(ast.Constant(0), node)]), node)
    return None


def _kind_after(node: ast.Call, word: str) -> str:
    """The type of the numbers after a conversion; empty if a method converts nothing."""
    if word in ("long", "int", "short", "byte", "bool"):
        return word
    if word in ("cpu", "cuda", "type_as", "requires_grad_"):
        return "float"
    if word not in ("astype", "to", "type"):
        return ""
    given = [*node.args, *(one.value for one in node.keywords if one.arg in ("dtype", "device"))]
    # What else `to` is given is a device, or an array whose type and place are taken over.
    unknown = "float" if word == "to" else ""
    return next((one for one in map(_last_word, given) if one in _REAL | _WHOLE | _TRUTH), unknown)


def _picked(call: ast.Call, at: int, node: ast.expr) -> ast.expr | str | None:
    """`x.max(dim=1).values` for `x.max(dim=1)[0]`, which in NumPy's `x.max(axis=1)[0]` is an entry."""
    match call.func:
        case ast.Attribute(value=owner, attr=word):
            module = _dotted(owner)
        case ast.Name(id=word):
            module = ""
        case _:
            return None
    is_method = isinstance(call.func, ast.Attribute) and module not in PREFIXES
    options = {one.arg for one in call.keywords}
    operands = len(call.args) + is_method
    along = operands > 1 or bool(options & {"dim", "axis", "k"}) or word == "sort"
    if word == "lstsq" and at == 0:
        return located(ast.Attribute(call, "solution"), node)
    if word not in _TOGETHER or not along or module.partition(".")[0] in ("np", "numpy", "jnp", "jax"):
        return None
    of_torch = module.startswith("torch") or options & _TORCH_OPTIONS or word in ("topk", "kthvalue", "mode")
    if of_torch or (is_method and word in ("sort", "median")):
        return located(ast.Attribute(call, ("values", "indices")[at]), node)
    if "axis" in options or (not is_method and _is_two_numbers(call)):
        return None
    return f"`{ast.unparse(call)}.{('values', 'indices')[at]}`, or `axis=` in it for its entry {at}"


def _is_two_numbers(call: ast.Call) -> bool:
    """Whether Python's own `max(a, b)` is meant, which has no axis."""
    return not (len(call.args) == 2 and isinstance(call.args[1], ast.Constant | ast.UnaryOp))


def _last_word(node: ast.expr) -> str:
    match node:
        case ast.Constant(value=str() as word):
            return word.rpartition(".")[2]
        case ast.Attribute(attr=word) | ast.Name(id=word):
            return word
        case _:
            return ""


def _called(node: ast.AST, word: str, *arguments: ast.expr) -> ast.Call:
    return located(ast.Call(located(ast.Name(word), node), list(arguments), []), node)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=owner, attr=word):
            return f"{_dotted(owner)}.{word}"
        case _:
            return ""
