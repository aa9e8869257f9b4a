"""Whether code only computes: then it keeps no state between runs and cannot tell one run from another; and which of
its statements nothing reads: a loss, a printed check, a function for checks.

The answer is derived from the text and is conservative: code that is not recognised as plain may be harmless too. Plain
code imports libraries for numbers and plots, calls their functions, and binds the results to its own names. It does not
inspect the interpreter, modify or pass on library objects, or query the libraries' state.

`lasting` is the weaker question: whether it might keep state beyond its process, in a file, another process, a socket.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from grader.submission.shifted import Statement, Statements
from grader.submission.text_search import TextPattern, words
from grader.syntax_trees import children_of, nodes_of, shared_tree

_WAYS = (
    TextPattern(re.compile(r"\bopen\([^()]*,|\.open\(\s*[\"'][wax]"), ("open(",)),
    TextPattern(
        re.compile(r"\bos\.(open|mkdir|makedirs|utime|symlink|link|rename|replace|setxattr|mkfifo)\b"), ("os.",)
    ),
    TextPattern(re.compile(r"\bsavez\w*\b"), ("savez",)),
    words(
        *("write_text", "write_bytes", "touch", "mkdir", "copyfile", "save", "savetxt", "dump", "dumps", "tofile"),
        *("memmap", "mkstemp", "NamedTemporaryFile", "shelve", "dbm", "sqlite3", "mmap", "shared_memory", "h5py"),
        *("multiprocessing", "subprocess", "socket", "ctypes", "joblib", "FileHandler", "exec", "eval", "__import__"),
        *("import_module", "__builtins__"),
    ),
)


_LIBRARIES = frozenset({"__future__", "math", "matplotlib", "numpy", "random", "torch", "typing"})

_CHANGING = frozenset(
    {"breakpoint", "compile", "delattr", "dir", "eval", "exec", "getattr", "globals", "hash", "help", "id", "input"}
    | {"locals", "memoryview", "object", "open", "setattr", "type", "vars", "exit", "quit", "copyright", "license"}
)
"""Built-in names that inspect the interpreter or change its state."""

_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_")) - _CHANGING | {"__file__", "__name__"}

_NUMERIC = frozenset({"array", "copy", "math", "numbers", "random", "select", "signal", "trace"})

_MODULES = frozenset(sys.stdlib_module_names) - _NUMERIC
"""Modules that a library may have imported itself: `torch.sys`."""

_KEEPING = (
    "get",
    "set",
    "gc",
    "save",
    "load",
    "dump",
    "open",
    "mem",
    "tofile",
    "fromfile",
    "from_file",
    "initial_seed",
)
"""Prefixes of library functions that access the libraries' state, or write to lasting storage."""

_SET_ANEW = frozenset({"set_default_dtype"})
"""Settings that are reset before every run."""

_OF_TENSORS = frozenset({"data", "grad", "requires_grad"})

_OWN = frozenset({"self", "cls"})

_UNDERSCORED = frozenset({"__init__"})

_LOOKING = frozenset({ast.Attribute, ast.keyword, ast.ClassDef, ast.BinOp, ast.UnaryOp, ast.Compare, ast.arg})
"""Types of nodes, besides calls, that may contain a library object because they only read it."""

_HANDING_NOTHING_ON = _LOOKING | {ast.Name}

_HANDED = frozenset({ast.Name, ast.Attribute})

_TELLING = frozenset({ast.Name, ast.Attribute, ast.Subscript, ast.Global, ast.AsyncFunctionDef, ast.Await}) | {
    ast.Yield,
    ast.YieldFrom,
}
"""Types of nodes that may be harmful."""

_PURE = frozenset(
    {"abs", "exp", "float", "item", "log", "log1p", "max", "mean", "min", "norm", "sqrt", "square", "sum"}
)
"""Functions and methods that return a result and change nothing, unless the code gives another meaning to the name."""

_PURE_OPTIONS = frozenset({"axis", "dim", "keepdims", "keepdim"})

_PURE_NODES = (
    *(ast.Name, ast.Constant, ast.Attribute, ast.Subscript, ast.Slice, ast.Tuple, ast.BinOp, ast.UnaryOp),
    *(ast.JoinedStr, ast.FormattedValue, ast.operator, ast.unaryop, ast.expr_context),
)

_SCOPES = (ast.FunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_NAMING = frozenset({ast.Name, ast.FunctionDef, ast.arg, ast.Attribute, ast.alias})


def may_last(sources: Sequence[str]) -> bool:
    """Whether code in these sources might keep such state."""
    return any(one.is_in_any(sources) for one in _WAYS) and not is_plain(sources)


def is_plain(sources: Sequence[str]) -> bool:
    """Whether all of these cells, as one program, only compute."""
    return _is_plain(tuple(sources))


@lru_cache(maxsize=8)
def _is_plain(sources: tuple[str, ...]) -> bool:
    nodes = [node for source in sources for node in nodes_of(shared_tree(source)) if type(node) is not ast.Constant]
    taken = set(_imported(nodes))
    if None in taken:
        return False
    imported = frozenset(name for name in taken if name is not None)
    known = _BUILTINS | imported | set(_bound(nodes))
    reading = {id(node.func) for node in nodes if isinstance(node, ast.Call) and _reads_a_file(node)}
    telling = (node for node in nodes if type(node) in _TELLING and id(node) not in reading)
    return all(_is_harmless(node, known, imported) for node in telling) and not any(
        _is_handed_around(parent, child, imported)
        for parent in nodes
        if type(parent) not in _HANDING_NOTHING_ON
        for child in children_of(parent)
        if type(child) in _HANDED
    )


def _imported(nodes: Sequence[ast.AST]) -> Iterator[str | None]:
    """The names bound to libraries and to what is imported from them; None for anything from an unknown library."""
    for node in nodes:
        if isinstance(node, ast.Import):
            for one in node.names:
                plain = one.name.partition(".")[0] in _LIBRARIES
                yield (one.asname or one.name.partition(".")[0]) if plain else None
        elif isinstance(node, ast.ImportFrom):
            plain = not node.level and (node.module or "").partition(".")[0] in _LIBRARIES
            for one in node.names:
                yield (one.asname or one.name) if plain and one.name != "*" and _is_open(one.name) else None


def _bound(nodes: Sequence[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _is_open(name: str) -> bool:
    """Whether a library name is callable and gives no access to the library's state."""
    return name in _SET_ANEW or (name not in _MODULES and not name.startswith(("_", *_KEEPING)))


def _is_harmless(node: ast.AST, known: frozenset[str], imported: frozenset[str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in known and not (isinstance(node.ctx, ast.Store | ast.Del) and name in imported)
        case ast.Attribute(value=owner, attr=name, ctx=ast.Load()):
            if _root(owner) in imported:
                return _is_open(name)
            own = _root(owner) in _OWN and not name.startswith("__")
            return not name.startswith(("_", "get_")) or own or name in _UNDERSCORED
        case ast.Attribute(value=owner, attr=name):
            held = isinstance(owner, ast.Name) and owner.id in _OWN and not name.startswith("__")
            return _root(owner) not in imported and (held or name in _OF_TENSORS)
        case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
            return _root(owner) not in imported
        case ast.Global() | ast.AsyncFunctionDef() | ast.Await() | ast.Yield() | ast.YieldFrom():
            return False
        case _:
            return True


def _reads_a_file(call: ast.Call) -> bool:
    """Whether a call opens a file beside the submission for reading, such as a data file."""
    told = [one.value for one in call.args if isinstance(one, ast.Constant)]
    named = isinstance(call.func, ast.Name) and call.func.id == "open" and len(told) == len(call.args)
    beside = bool(told) and isinstance(told[0], str) and not told[0].startswith(("/", "~")) and ".." not in told[0]
    return named and beside and told[1:] in ([], ["r"]) and all(one.arg == "encoding" for one in call.keywords)


def _root(node: ast.AST) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_handed_around(parent: ast.AST, child: ast.AST, imported: frozenset[str]) -> bool:
    """Whether a library object gets another name, by which it could be changed unnoticed."""
    part = child
    while isinstance(part, ast.Attribute):
        part = part.value
    if not (isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load) and part.id in imported):
        return False
    return not isinstance(parent, ast.Call) or (child is not parent.func and _root(parent.func) not in imported)


def without_unread(statements: Statements, wanted: Collection[ast.stmt]) -> Statements:
    """The `statements` of plain code, without those that bind plain names to a pure expression if
    nothing reads these names but others of this kind and `print`. Those in `wanted` are kept."""
    nodes = [node for statement in statements for node in statement.nodes]
    if any(isinstance(node, ast.ClassDef) for node in nodes):
        return statements  # its operators and attributes may do anything
    pure = _PURE.difference(_given_meanings(nodes))
    kept = [one for one in statements if one.tree in wanted or not _is_pure_statement(one.tree, pure)]
    chosen = {one.tree for one in kept}
    binding: dict[str, list[Statement]] = {}
    for one in statements:
        for name in _names(one, ast.Store):
            binding.setdefault(name, []).append(one)
    waiting = kept
    while waiting:
        for name in _names(waiting.pop(), ast.Load):
            needed = [one for one in binding.pop(name, []) if one.tree not in chosen]
            waiting += needed
            chosen.update(one.tree for one in needed)
    return [one for one in statements if one.tree in chosen]


def reached(statements: Statements, wanted: Collection[ast.stmt]) -> Statements:
    """The `statements` of plain code on which those in `wanted` can depend."""
    mentioned = {one.tree: _mentioned(one) for one in statements}
    binding, mentioning = defaultdict[str, list[ast.stmt]](list), defaultdict[str, list[ast.stmt]](list)
    for tree, mentions in mentioned.items():
        for name in _bound_by(tree):
            binding[name].append(tree)
        for name in mentions:
            mentioning[name].append(tree)
    changing = {name for name, by in binding.items() if not all(map(_is_fixed, by))}
    changing |= {name for one in statements for node in one.nodes for name in _written_into(node)}
    # A function that reads what changes may change it: then its calls matter too.
    growing = True
    while growing:
        size = len(changing)
        changing |= {name for name, by in binding.items() if any(not changing.isdisjoint(mentioned[one]) for one in by)}
        growing = len(changing) > size
    chosen = {one.tree for one in statements if one.tree in wanted}
    waiting = {name for tree in chosen for name in mentioned[tree]}
    seen: set[str] = set()
    while waiting:
        name = waiting.pop()
        seen.add(name)
        for tree in (*binding[name], *(mentioning[name] if name in changing else ())):
            chosen.add(tree)
            waiting |= mentioned[tree] - seen
    return [one for one in statements if one.tree in chosen]


def _bound_by(statement: ast.stmt) -> set[str]:
    """The names that a top-level statement binds at the top level, and maybe others."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    found = {
        node.id for node in nodes_of(statement) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    }
    named = (
        node for node in nodes_of(statement) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.ExceptHandler)
    )
    imported = (node for node in nodes_of(statement) if isinstance(node, ast.alias))
    found.update(one.name for one in named if one.name)
    return found.union((one.asname or one.name).partition(".")[0] for one in imported)


def _is_fixed(statement: ast.stmt) -> bool:
    """Whether what a statement binds holds nothing that could change: a function, a library, a number."""
    match statement:
        case ast.FunctionDef(decorator_list=[], args=arguments):
            defaults = (*arguments.defaults, *arguments.kw_defaults)
            return all(one is None or isinstance(one, ast.Constant) for one in defaults)
        case ast.Import() | ast.ImportFrom() | ast.Assign(targets=[ast.Name()], value=ast.Constant()):
            return True
        case _:
            return False


def _written_into(node: ast.AST) -> Iterator[str]:
    """The name of an object of which an entry or an attribute is changed."""
    changes = isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load)
    while changes and isinstance(node, ast.Subscript | ast.Attribute | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    if changes and isinstance(node, ast.Name):
        yield node.id


def _mentioned(statement: Statement) -> frozenset[str]:
    """The names that a top-level statement mentions; a function's own variables are none of them."""
    tree = statement.tree
    found = {node.id for node in statement.nodes if isinstance(node, ast.Name)}
    return frozenset((found - _own(tree) if isinstance(tree, ast.FunctionDef) else found) | _bound_by(tree))


def _own(function: ast.FunctionDef) -> set[str]:
    """The variables of a function, without those that only belong to a function or a comprehension inside it."""
    found = {node.arg for node in nodes_of(function.args) if isinstance(node, ast.arg)}
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, _SCOPES):
            waiting += children_of(node)
    return found


def _given_meanings(nodes: Sequence[ast.AST]) -> Iterator[str]:
    """All names that the code gives a meaning of its own."""
    for node in nodes:
        if type(node) not in _NAMING:
            continue
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=str(other)) if other != name:
                yield other


def _is_pure_statement(statement: ast.stmt, pure: Collection[str]) -> bool:
    match statement:
        case ast.Assign(targets=targets, value=value):
            return all(isinstance(one, ast.Name) for one in targets) and _is_pure(value, pure)
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=arguments, keywords=[])):
            return all(_is_pure(one, pure) for one in arguments)
        case _:
            return False


def _is_pure(node: ast.AST, pure: Collection[str]) -> bool:
    if isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", None))
        # A further argument may be the array to put the result into; a constant is an axis.
        own = all(isinstance(one, ast.Constant) for one in node.args[1:])
        options = all(one.arg in _PURE_OPTIONS for one in node.keywords)
        return name in pure and own and options and all(_is_pure(one, pure) for one in (*node.args, *_owner(node)))
    return isinstance(node, _PURE_NODES) and all(_is_pure(one, pure) for one in children_of(node))


def _owner(call: ast.Call) -> list[ast.expr]:
    return [call.func.value] if isinstance(call.func, ast.Attribute) else []


def _names(statement: Statement, context: type[ast.expr_context]) -> frozenset[str]:
    return frozenset(one.id for one in statement.nodes if isinstance(one, ast.Name) and isinstance(one.ctx, context))
