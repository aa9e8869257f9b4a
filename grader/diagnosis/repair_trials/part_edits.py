"""Inserts parts found near a statement into it: an entry, a length or a root, as a factor, as a summand, or in place of
something else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.python_trees import bracketed, strength_of
from grader.formula.syntax import STRENGTH

MOST = 14
"""How many parts are tried, at most."""


def parts_put_in(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    parts = _parts(writer, statement) | dict.fromkeys(_entries_unread(writer, statement), STRENGTH["x"])
    known = dict.fromkeys(beside(writer, statement, nodes, names), STRENGTH["x"])
    for node in nodes:
        if isinstance(node, ast.Subscript | ast.Call | ast.Name | ast.Attribute) and not _is_called(node, nodes):
            own = writer.text(node)
            for text, strength in (*parts.items(), *(() if isinstance(node, ast.Name) else known.items())):
                if text != own:
                    yield writer.instead(node, text, strength)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
            for text, strength in (known | parts).items():
                yield writer.instead(node, text, strength)
        if isinstance(node, ast.List) and 1 <= len(node.elts) <= 4:
            inner = ", ".join(map(writer.text, node.elts))
            for text in known | parts:
                yield writer.instead(node, f"[{text}, {inner}]", STRENGTH["x"])
                yield writer.instead(node, f"[{inner}, {text}]", STRENGTH["x"])
    roots = list(_roots(nodes))
    products = (node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult))
    within = {one for node in products for one in (node.left, node.right)}
    for root in roots:
        number = isinstance(root, ast.Constant)
        for text, strength in (known | parts).items():
            if text == writer.text(root):
                continue  # `x - x`, and a power that nobody forgets
            above = {writer.text(one) for one in factors_of(root)}
            # A factor of a factor is one of the product.
            for sign in ("/", "-") if number else ("+", "-") if root in within else ("/", "*", "+", "-"):
                if sign == "/" and text in above:
                    continue  # `x / n / x` is written `1 / n`
                put = bracketed(text, strength, STRENGTH[sign] + 1)
                yield writer.instead(root, f"{writer.operand(root, sign)} {sign} {put}", STRENGTH[sign])


def beside(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]) -> list[str]:
    """Return the names that may stand by themselves in a statement: no counters; and where it computes with entries of
    arrays alone, no arrays that have entries."""
    read = [node for node in nodes if isinstance(node, ast.Name) and node.id in writer.indexed]
    by_entries = bool(read) and all(map(writer.is_of_something, read)) and writer.loops_around(statement)
    return [one for one in names if one not in writer.counters and not (by_entries and one in writer.indexed)]


def factors_of(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the factors of a product that it does not divide by."""
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            yield from factors_of(left)
            yield from factors_of(right)
        case ast.BinOp(left, ast.Div(), _):
            yield from factors_of(left)
        case _:
            yield node


def _is_called(node: ast.expr, nodes: Sequence[ast.expr]) -> bool:
    return any(isinstance(one, ast.Call) and one.func is node for one in nodes)


def _roots(nodes: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield the expressions to which a factor or summand may be missing: the whole value, elements, arguments,
    summands, factors and branches."""
    found: dict[ast.expr, None] = dict.fromkeys(nodes[:1])
    for node in nodes:
        match node:
            case ast.ListComp(elt=inner) | ast.GeneratorExp(elt=inner):
                found[inner] = None
            case ast.Call(args=arguments):
                found |= dict.fromkeys(arguments)
            case ast.List(elts=parts) | ast.Tuple(elts=parts):
                found |= dict.fromkeys(parts)
            case ast.BinOp(left, ast.Add() | ast.Sub(), right):
                found |= dict.fromkeys((left, right))
            case ast.BinOp(left, ast.Mult(), right):
                found |= dict.fromkeys((left, right))
            case ast.IfExp(body=body, orelse=orelse):
                found |= dict.fromkeys((body, orelse))
    made = (ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp, ast.Slice, ast.Starred, ast.Lambda)
    return (node for node in found if not isinstance(node, made))


def _parts(writer: SourceWriter, statement: ast.stmt) -> dict[str, int]:
    """Return the entries, shapes, lengths, roots and differences like `1 - p` in the same function (at the top level:
    in the whole source), nearest first, with their precedence."""
    scope = writer.function_of(statement) or writer.tree
    found: dict[str, tuple[int, int]] = {}
    elsewhere = writer.counters - _counted_at(writer, statement)

    def has_no_value(node: ast.expr) -> bool:
        return any(isinstance(one, ast.Name) and one.id in elsewhere for one in ast.walk(node))

    last = statement.end_lineno or statement.lineno
    # Of `x[n][j]` the row `x[n]` is no part: it would take the place of one, and fits nothing there.
    rows = {node.value for node in ast.walk(scope) if isinstance(node, ast.Subscript)}
    for node in ast.walk(scope):
        # An entry that is written can be read further down.
        known = isinstance(node, ast.Call | ast.BinOp | ast.Subscript) and node not in rows
        if isinstance(node, ast.expr) and known and _is_simple(node) and node.lineno <= last and not has_no_value(node):
            text, away = writer.text(node), abs(statement.lineno - node.lineno)
            found[text] = min((away, strength_of(node)), found.get(text, (away, strength_of(node))))
    nearest = sorted(found, key=lambda text: (found[text][0], text))[:MOST]
    alike = {f"1 - {name}": STRENGTH["-"] for name in _lacking(writer, statement, scope)}
    fields = dict.fromkeys(_fields_near(writer, statement), STRENGTH["x"])
    return {text: found[text][1] for text in nearest} | fields | alike


def _lacking(writer: SourceWriter, statement: ast.stmt, scope: ast.AST) -> list[str]:
    """Return the factors `f` of a statement, `df * f`, if lines nearby have factors with their complements, `di * i *
    (1 - i)`."""
    near, own = (
        {writer.text(part) for node in ast.walk(where) if isinstance(node, ast.BinOp) for part in factors_of(node)}
        for where in (scope, statement)
    )
    complements = {one.removeprefix("1 - ").removeprefix("1-") for one in near if one.startswith(("1 - ", "1-"))}
    return sorted(one for one in own - complements if one.isidentifier()) if complements & near else []


def _fields_near(writer: SourceWriter, statement: ast.stmt) -> list[str]:
    """Return the fields that the other lines of the same function read: `out.grad` of `a.grad += b.data * out.grad`."""
    function = writer.function_of(statement)
    nodes = [] if function is None else list(ast.walk(function))
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    found: dict[str, int] = {}
    for node in nodes:
        match node:
            case ast.Attribute(ast.Name(owner), ctx=ast.Load()) if node not in called and owner != writer.library:
                found.setdefault(writer.text(node), abs(node.lineno - statement.lineno))
    return sorted(found, key=lambda text: (found[text], text))[:MOST_FIELDS]


MOST_FIELDS = 4
"""How many fields are tried as what is missing, at most."""


def _counted_at(writer: SourceWriter, statement: ast.stmt) -> set[str]:
    """Return the counters of the loops around a statement and of its own comprehensions: those of others have no
    meaning there."""
    targets = [one.target for one in writer.loops(statement) if isinstance(one, ast.For)]
    targets += [one.target for one in ast.walk(statement) if isinstance(one, ast.For | ast.comprehension)]
    return {name.id for one in targets for name in ast.walk(one) if isinstance(name, ast.Name)}


def _entries_unread(writer: SourceWriter, statement: ast.stmt) -> Iterator[str]:
    """Yield the entries, at the counters of the loops around, of what was computed before and is read nowhere."""
    counters = [
        one.target.id
        for one in writer.loops(statement)
        if isinstance(one, ast.For | ast.AsyncFor) and isinstance(one.target, ast.Name)
    ]
    scope = list(ast.walk(writer.function_of(statement) or writer.tree))
    names = [one for one in scope if isinstance(one, ast.Name)]
    read = {one.id for one in names if isinstance(one.ctx, ast.Load)}
    made = (one for one in names if isinstance(one.ctx, ast.Store) and one.lineno < statement.lineno)
    unread = dict.fromkeys(one.id for one in sorted(made, key=lambda one: -one.lineno) if one.id not in read)
    for name in [*_carried(writer, statement), *list(unread)[:MOST_UNREAD]]:
        yield from (f"{name}[{counter}]" for counter in counters)


def _carried(writer: SourceWriter, statement: ast.stmt) -> Iterator[str]:
    """Yield the names that a loop around binds, but does not read: what one pass should hand to the next."""
    for loop in writer.loops(statement):
        inner = [one for part in loop.body for one in ast.walk(part) if isinstance(one, ast.Name)]
        read = {one.id for one in inner if isinstance(one.ctx, ast.Load)}
        yield from dict.fromkeys(one.id for one in inner if isinstance(one.ctx, ast.Store) and one.id not in read)


MOST_UNREAD = 3
"""How many arrays that are read nowhere are tried, at most."""


def _is_simple(node: ast.expr) -> bool:
    """Whether this is a part to insert: `h[t - 1]`, `x.shape[0]`, `len(y)`, `np.sqrt(d)`, `1 - p`, `t - 1`."""
    match node:
        case ast.Subscript(ast.Name() | ast.Attribute(ast.Name(), "shape") | ast.Subscript(ast.Name()), inner):
            return sum(1 for _ in ast.walk(inner)) <= 8
        case ast.BinOp(ast.Constant(), ast.Sub(), ast.Name() | ast.Subscript(slice=ast.Name())):
            return True
        case ast.BinOp(ast.Name(), ast.Add() | ast.Sub(), ast.Constant()):
            return True
        case ast.Call(ast.Name("len") | ast.Attribute(ast.Name(), "sqrt"), [ast.Name()], []):
            return True
        case _:
            return False
