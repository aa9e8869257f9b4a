"""Small changes of the expressions in a statement: parts removed, negated, exchanged or inserted."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import permutations
from textwrap import dedent
from typing import TypeGuard

from grader.diagnosis.expressions import takes_entry
from grader.diagnosis.repair_search.subtree_edits import equations
from grader.diagnosis.repair_trials.index_edits import index_edits, lists_swapped
from grader.diagnosis.repair_trials.part_edits import beside, factors_of, parts_put_in
from grader.diagnosis.source_writer import SourceEdit, SourceWriter
from grader.formula.python_trees import SIGN, bracketed, strength_of
from grader.formula.syntax import STRENGTH, Place


def parts_changed(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes of a statement's expressions that remove, move, negate, reorder or exchange existing parts."""
    nodes = list(_expressions(statement))
    if only_reads_a_field(statement):
        yield from _exchanged(writer, statement, nodes, names)
        yield from _fields_exchanged(writer, statement, nodes)
        yield from _of_other_objects(writer, statement)
        return
    yield from _taken_away(writer, statement, nodes)
    for node in nodes:
        yield from _regrouped(writer, node)
        yield from _taken_into_a_call(writer, node)
    yield from _counted_otherwise(writer, nodes)
    yield from _begun_otherwise(writer, statement)
    yield from _doubled(writer, statement, nodes)
    yield from _turned_round(writer, nodes)
    yield from _exchanged(writer, statement, nodes, names)
    yield from _entries_exchanged(writer, statement, nodes, names)
    yield from _fields_exchanged(writer, statement, nodes)
    yield from _kept_otherwise(writer, statement)
    yield from _called_otherwise(writer, nodes)
    yield from index_edits(writer, statement)


def parts_missing(writer: SourceWriter, statement: ast.stmt, names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield changes that insert something missing into its expressions."""
    nodes = list(_expressions(statement))
    yield from _summed(writer, statement)
    yield from _other_term_of_a_product(writer, nodes)
    yield from _by_product_rule(writer, nodes)
    yield from _handed_and_unread(writer, nodes)
    yield from _left_out_of_a_sum(writer, statement, nodes, names)
    yield from _grown(writer, nodes)
    listed = bool(nodes) and _is_made(nodes[0])  # `[d * c for ...]` comes before `np.array([d for ...]) * c`
    around = list(_scaled(writer, statement, nodes, names))
    yield from () if listed else around
    yield from _times_a_matrix(writer, statement, nodes, names)
    yield from _put_between(writer, nodes, names)
    yield from _for_a_divisor(writer, nodes, names)
    yield from _on_the_diagonal(writer, statement)
    yield from _lacking_a_summand(writer, statement, nodes)
    yield from lists_swapped(writer, nodes)
    yield from parts_put_in(writer, statement, nodes, names)
    yield from around if listed else ()


def only_reads_a_field(statement: ast.stmt) -> bool:
    """Whether a statement takes a field as it is, `dw = weight.grad`: only another field can be meant here."""
    value = statement.value if isinstance(statement, ast.Assign) else None
    return isinstance(value, ast.Attribute) and takes_entry(value)


def _expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions that a statement evaluates, outer ones first; of its targets only the indices."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            yield from _within(value)
            for target in targets:
                yield from _indices(target)
        case ast.AugAssign(target=target, value=value):
            yield from _within(value)
            yield from _indices(target)
        case ast.Expr(value=value):
            yield from _within(value)
        case ast.Return(value=value) | ast.AnnAssign(value=value) if value is not None:
            yield from _within(value)
        case ast.If(test=test) | ast.While(test=test):
            yield from _within(test)
        case ast.For(iter=over):
            yield from _within(over)


def _indices(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Subscript):
        yield from _within(target.slice)


_READ = (ast.Load, type(None))
"""The `ctx` of nodes that are read; None for nodes without a `ctx`."""


def _within(node: ast.expr) -> Iterator[ast.expr]:
    """Yield the subexpressions that have a value; slices and targets of comprehensions have none."""
    for part in ast.walk(node):
        read = isinstance(getattr(part, "ctx", None), _READ)
        if isinstance(part, ast.expr) and not isinstance(part, ast.Slice) and read:
            yield part


def _taken_away(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    counting = _counting(nodes)
    for node in nodes:
        if isinstance(node, ast.UnaryOp) and node in counting:
            continue
        for kept, what in _kept(node):
            if not _binds_to_itself(writer, statement, node, kept):
                yield writer.taken(node, kept, what)
        match node:
            case ast.BinOp(ast.Name() | ast.Subscript() | ast.Attribute() as left, ast.Div(), _):
                yield writer.instead(left, "1", STRENGTH["x"])
            case ast.BinOp(ast.UnaryOp(ast.USub(), ast.Constant()), ast.Mult(), right):  # `-P` for `-0.5 * P`
                yield writer.instead(node, f"-{writer.operand(right, '-x')}", STRENGTH["-x"])
    yield from _left_out_of_a_list(writer, nodes)


def _left_out_of_a_list(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that leave an element out of a list or tuple in which it stands twice: the later one first."""
    for node in nodes:
        if not isinstance(node, ast.List | ast.Tuple) or not 3 <= len(node.elts) <= _LONGEST:
            continue
        texts = list(map(writer.text, node.elts))
        left, right = "()" if writer.text(node).startswith("(") else "[]" if isinstance(node, ast.List) else ("", "")
        for number in reversed(range(len(texts))):
            if texts.count(texts[number]) > 1:
                kept = f"{left}{', '.join(texts[:number] + texts[number + 1 :])}{right}"
                message = f"`{texts[number]}` stands twice in `{writer.text(node)}`."
                yield SourceEdit(writer.place(node), kept, message)


_LONGEST = 12
"""Of how many elements a list may be from which one is left out."""


def _binds_to_itself(writer: SourceWriter, statement: ast.stmt, node: ast.expr, kept: ast.expr) -> bool:
    """Whether the change would leave `x = x`."""
    if not isinstance(statement, ast.Assign) or node is not statement.value:
        return False
    return any(writer.text(kept) == writer.text(target) for target in statement.targets)


def _kept(node: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """Yield what remains of an expression when a part is removed, with the word for that part."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.MatMult(), right):
            yield left, "a factor"
            yield right, "a factor"
        case ast.BinOp(left, ast.Div() | ast.FloorDiv(), _):
            yield left, "a divisor"
        case ast.BinOp(left, ast.Add(), right):
            yield left, "a term"
            yield right, "a term"
        case ast.BinOp(left, ast.Sub(), _):
            yield left, "a term"
        case ast.UnaryOp(ast.USub(), operand):
            yield operand, "a sign"
        case ast.Attribute(value, "T"):
            yield value, "a transpose"
        case ast.Call(ast.Attribute(value, "mean" | "sum" | "transpose" | "detach"), _, _):
            yield value, "a call"
        case ast.Call(_, [argument], []):
            yield argument, "a call"


def _exchanged(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that replace a name with another: once, everywhere in the statement, or everywhere in its loop."""
    read = _names_read(nodes)
    counters = writer.counters
    matched = {part for node in nodes if _is_match(node) for part in ast.walk(node)}
    for node in (one for one in read if one not in matched):
        for name in names:
            number = name in writer.lengths and node.id in writer.indexed and writer.is_of_something(node)
            if name != node.id and (name in counters) == (node.id in counters) and not number:
                yield writer.instead(node, name, STRENGTH["x"])
    around = next(writer.loops(statement), None)
    inside = [] if around is None else [one for one in ast.walk(around) if isinstance(one, ast.expr)]
    functions = [node.name for node in writer.tree.body if isinstance(node, ast.FunctionDef)]
    for one in nodes:
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in functions:
            for name in functions:
                if name != one.func.id:
                    yield writer.instead(one.func, name, STRENGTH["x"])
    for within in (read, _names_read(inside)):
        for old in dict.fromkeys(node.id for node in read):
            everywhere = [node for node in within if node.id == old]
            for name in names if len(everywhere) > 1 else ():
                if name != old and (name in counters) == (old in counters):
                    yield _everywhere(writer, everywhere, name)


def _entries_exchanged(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that read an entry of another array, at other counters: `w[d, m]` for `x[n, d]`."""
    counters = writer.counters_of(statement)
    arrays = [name for name in names if name not in {*writer.counters, *writer.lengths, *counters}][:_MOST_ARRAYS]
    for node in nodes:
        match node:
            case ast.Subscript(ast.Name(own), ast.Tuple([ast.Name(first), ast.Name(second)])):
                way = "{}[{}, {}]"
            case ast.Subscript(ast.Subscript(ast.Name(own), ast.Name(first)), ast.Name(second)):
                way = "{}[{}][{}]"
            case _:
                continue
        if {first, second} <= {*counters}:
            for array in (one for one in arrays if one != own):
                for keys in permutations(counters, 2):
                    yield writer.instead(node, way.format(array, *keys), STRENGTH["x"])


_MOST_ARRAYS = 6
"""How many arrays are tried in place of one of which an entry is read."""


def _is_match(node: ast.expr) -> bool:
    """Whether this compares with `==`: with another array there, it is nowhere true, and what it chooses is 0."""
    return isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)


def _fields_exchanged(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of a method that read another field, `self.v` for `self.d` in `__mul__` of dual numbers, or what the
    method is handed in place of a field, `self.x = x` for `self.x = self.W`, and the reverse."""
    own = function = outer = writer.function_of(statement)
    while outer is not None:
        function, outer = outer, writer.function_of(outer)
    if own is None or function is None:
        return
    around = writer.class_of(function) or function
    within = [node for node in ast.walk(around) if isinstance(node, ast.Attribute)]
    within = [one for one in within if not (isinstance(one.value, ast.Name) and one.value.id == writer.library)]
    owners = list(dict.fromkeys(one.value.id for one in within if isinstance(one.value, ast.Name)))[:_MOST_OBJECTS]
    kept = [one for one in within if isinstance(one.ctx, ast.Store)]  # maybe nothing reads it yet
    read = {one.attr for one in within if isinstance(one.ctx, ast.Load)}
    unread = [one for one in kept if one.attr not in read and one.lineno < own.lineno]
    names = list(dict.fromkeys(one.attr for one in (*unread, *_fields(within), *kept)))[:_MOST_FIELDS]
    handed = [one.arg for one in own.args.args[1:]]
    for node in _fields(nodes):
        for text in (f"{owner}.{name}" for owner in owners for name in names):
            if text != writer.text(node):
                yield writer.instead(node, text, STRENGTH["x"])
        for name in handed:
            yield writer.instead(node, name, STRENGTH["x"])
    for read_name in (one for one in _names_read(nodes) if one.id in handed and one.id not in owners):
        for name in names:
            yield writer.instead(read_name, f"{own.args.args[0].arg}.{name}", STRENGTH["x"])


def _kept_otherwise(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits of a field that keeps what a method returns, not what it was handed: `self.y = np.tanh(x)` for
    `self.y = x`."""
    match statement:
        case ast.Assign([ast.Attribute()], ast.Name() as value) if (
            function := writer.function_of(statement)
        ) is not None:
            for one in function.body:
                if isinstance(one, ast.Return) and isinstance(one.value, ast.Call | ast.BinOp):
                    yield writer.instead(value, writer.text(one.value), STRENGTH["x"])


def _called_otherwise(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that call another variable that is called or read nowhere: `back2(d)` for `back1(d)`."""
    named = [node for node in ast.walk(writer.tree) if isinstance(node, ast.Name)]
    bound = dict.fromkeys(node.id for node in named if isinstance(node.ctx, ast.Store))
    read = {node.id for node in named if isinstance(node.ctx, ast.Load)}
    calls = (node.func for node in ast.walk(writer.tree) if isinstance(node, ast.Call))
    called = {node.id for node in calls if isinstance(node, ast.Name)}
    others = [name for name in bound if name not in read] + [name for name in bound if name in called]
    for node in nodes:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in bound:
            for name in others[:_MOST_CALLED]:
                if name != node.func.id:
                    yield writer.instead(node.func, name, STRENGTH["x"])


_MOST_CALLED = 6
"""How many other functions are tried in a call."""


def _left_out_of_a_sum(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that add what was computed before and is read nowhere, also divided by another name: `dmean / n`."""
    if not nodes or not isinstance(statement, ast.Assign | ast.Return):
        return
    scope = list(ast.walk(writer.function_of(statement) or writer.tree))
    made = [one for one in scope if isinstance(one, ast.Assign) and one.lineno < statement.lineno]
    read = {one.id for one in scope if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    targets = (one.targets[0] for one in sorted(made, key=lambda one: -one.lineno))
    bound = [target.id for target in targets if isinstance(target, ast.Name)]
    whole = writer.operand(nodes[0], "+")
    for name in [one for one in dict.fromkeys(bound) if one not in read][:MOST_UNREAD]:
        for sign in ("+", "-"):
            yield writer.instead(nodes[0], f"{whole} {sign} {name}", STRENGTH["+"])
        for divisor in names:
            yield writer.instead(nodes[0], f"{whole} + {name} / {divisor}", STRENGTH["+"])


MOST_UNREAD = 3
"""How many names that are read nowhere are tried as summands."""


def _summed(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that add up what a line keeps or returns over an axis: `self.db = dout.sum(axis=0)`."""
    if writer.library is None:
        return
    match statement:
        case ast.Assign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value):
            if isinstance(value, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp | ast.Call):
                axis = "dim" if writer.library == "torch" else "axis"
                for taken in (f"{axis}=0", f"{axis}=1", f"{axis}=-1", ""):
                    yield writer.instead(value, f"{writer.operand(value, 'x')}.sum({taken})", STRENGTH["x"])


def _other_term_of_a_product(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that complete the product rule: `a.v * b.d + a.d * b.v` for `a.v * b.d`."""
    for node in nodes:
        match node:
            case ast.BinOp(
                ast.Attribute(ast.Name(one), left) as first, ast.Mult(), ast.Attribute(ast.Name(other), right) as second
            ) if one != other and left != right:
                text = f"{writer.text(first)} * {writer.text(second)} + {one}.{right} * {other}.{left}"
                yield writer.instead(node, text, STRENGTH["+"])


def _by_product_rule(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of a product of derivatives that is meant for the derivative of a product: `du * v + u * dv` for
    `du * dv`, where the function is handed `u` and `v` too; `a.d * b.v + a.v * b.d` for `a.d * b.d`."""
    for node in nodes:
        match node:
            case ast.BinOp(ast.Name(left), ast.Mult(), ast.Name(right)) if left != right:
                handed = writer.parameters_of(node)
                others = [one for one in handed if one not in (left, right)][:_MOST_FIELDS]
                for one, other in permutations(others if {left, right} <= {*handed} else (), 2):
                    yield writer.instead(node, f"{left} * {one} + {other} * {right}", STRENGTH["+"])
            case ast.BinOp(ast.Attribute(ast.Name(one), left), ast.Mult(), ast.Attribute(ast.Name(other), right)) if (
                one != other and left == right
            ):
                within = _fields([*ast.walk(writer.function_of(node) or node)])
                for name in dict.fromkeys(field.attr for field in within if field.attr != left):
                    text = f"{one}.{left} * {other}.{name} + {one}.{name} * {other}.{left}"
                    yield writer.instead(node, text, STRENGTH["+"])


def _of_other_objects(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that add the same field of another object: `one.dw + two.dw` for `two.dw`."""
    match statement:
        case ast.Assign(value=ast.Attribute(ast.Name(own), field) as value):
            pass
        case _:
            return
    others = (
        node.value.id for node in ast.walk(writer.tree) if isinstance(node, ast.Attribute) and _is_object(node.value)
    )
    for name in [one for one in dict.fromkeys(others) if one not in (own, writer.library, "self")][:_MOST_OBJECTS]:
        yield writer.instead(value, f"{writer.text(value)} + {name}.{field}", STRENGTH["+"])


def _is_object(node: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(node, ast.Name)


def _handed_and_unread(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of a lambda that read the parameters which it is handed and does not read: `d * f + u` and `d * f *
    u` for `lambda u, d, f: d * f`."""
    for node in nodes:
        if isinstance(node, ast.Lambda):
            read = {one.id for one in ast.walk(node.body) if isinstance(one, ast.Name)}
            for name in (one.arg for one in node.args.args if one.arg not in read):
                for sign in ("+", "*", "/", "-"):
                    text = f"{writer.operand(node.body, sign)} {sign} {name}"
                    yield writer.instead(node.body, text, STRENGTH[sign])


_MOST_OBJECTS = 3
_MOST_FIELDS = 4
"""How many objects of a method, and how many fields of each, are tried."""

_MOST_READ = 8
"""How many fields are tried in place of one that a method reads."""


def _fields(nodes: Sequence[ast.AST]) -> list[ast.Attribute]:
    """The fields of objects that are read, without methods that are called."""
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    read = (node for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load))
    return [node for node in read if node not in called and isinstance(node.value, ast.Name)]


def _names_read(nodes: Sequence[ast.expr]) -> list[ast.Name]:
    called = {node.func for node in nodes if isinstance(node, ast.Call)}
    named = (node for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    return [node for node in named if node not in called]


def _everywhere(writer: SourceWriter, nodes: Sequence[ast.Name], name: str) -> SourceEdit:
    """Return one edit that puts another name at all these nodes; it rewrites the lines from the first to the last."""
    places = sorted(map(writer.place, nodes), key=lambda one: (one.line, one.column), reverse=True)
    first, last = places[-1].line, places[0].line
    lines = writer.lines(first, last)
    for place in places:
        line = lines[place.line - first]
        lines[place.line - first] = line[: place.column - 1] + name + line[place.end_column - 1 :]
    indent = len(lines[0]) - len(lines[0].lstrip())
    text = "\n".join(lines)
    message = f"`{nodes[0].id}` stands where `{name}` is needed, at all its places."
    end = len(writer.lines(last, last)[0])
    return SourceEdit(Place(first, indent + 1, last, end + 1), text[indent:], message, dedent(text))


_SIGNS: dict[type[ast.operator], tuple[str, ...]] = {
    ast.Add: ("-", "*"),
    ast.Sub: ("+", "*"),
    ast.Mult: ("@", "/", "+", "-"),
    ast.MatMult: ("*",),
    ast.Div: ("*",),
    ast.FloorDiv: ("/",),
    ast.BitXor: ("**",),
    ast.Pow: ("*",),
}


_OPPOSITE: dict[type[ast.cmpop], str] = {ast.Lt: ">", ast.Gt: "<", ast.LtE: ">=", ast.GtE: "<="}


_STRICT: dict[type[ast.cmpop], str] = {ast.LtE: "<", ast.GtE: ">"}


def _turned_round(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits of operators, operand order, comparisons, the letters of `einsum`, and signs."""
    for node in nodes:
        match node:
            case ast.BinOp(left, operator, right):
                if isinstance(operator, ast.BitXor):
                    yield _powered(writer, left, right)
                for sign in _SIGNS.get(type(operator), ()):
                    if not (sign == "*" and _is_one(left)):  # `1 * z` is z
                        yield _joined(writer, node, left, sign, right)
                if isinstance(operator, ast.Mult):  # the value of a relu was taken for its slope
                    for one in (left, right):
                        if isinstance(one, ast.Name) and one.id not in writer.counters:
                            yield writer.instead(one, f"({one.id} > 0)", STRENGTH["x"])
                if isinstance(operator, ast.Sub) and _is_one(left):
                    yield writer.instead(node, writer.text(right), strength_of(right))
                if isinstance(operator, ast.MatMult):
                    for one in (left, right):
                        yield writer.instead(one, f"{writer.operand(one, 'x')}.T", STRENGTH["x"])
                if isinstance(operator, ast.Sub | ast.Div | ast.MatMult):
                    yield _joined(writer, node, right, SIGN[type(operator)], left)
            case ast.Compare(left, [operator], [right]) if type(operator) in _OPPOSITE:
                for sign in (_OPPOSITE[type(operator)], *_STRICT.get(type(operator), ())):
                    text = f"{writer.text(left)} {sign} {writer.text(right)}"
                    yield writer.instead(node, text, STRENGTH["<"])
            case ast.Call(function, [ast.Constant(str() as equation) as letters, *_]) if _name_of(function) == "einsum":
                mark = writer.text(letters)[0]
                for other in equations(equation):
                    yield writer.instead(letters, f"{mark}{other}{mark}", STRENGTH["x"])
    yield from _slopes_exchanged(writer, nodes)
    yield from _negated(writer, nodes)


def _slopes_exchanged(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield the slope of tanh in place of that of a sigmoid, `1 - h**2` for `h * (1 - h)`, and the reverse."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Mult(), ast.BinOp(ast.Constant(1), ast.Sub(), out)):
                around, factor = (left.left, left.right) if _is_product(left) else (None, left)
                if writer.text(factor) == writer.text(out):
                    slope = f"1 - {writer.operand(out, '**')}**2"
                    if around is None:
                        yield writer.instead(node, slope, STRENGTH["-"])
                    else:
                        yield writer.instead(node, f"{writer.operand(around, '*')} * ({slope})", STRENGTH["*"])
            case ast.BinOp(ast.Constant(1), ast.Sub(), ast.BinOp(out, ast.Pow(), ast.Constant(2))):
                slope = f"{writer.operand(out, '*')} * (1 - {writer.operand(out, '-', True)})"
                yield writer.instead(node, slope, STRENGTH["*"])


def _is_product(node: ast.expr) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _negated(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that put a minus sign: outer expressions first, but `[-a for ...]` before `-np.array([a for ...])`,
    and `-a * b` for `-(a * b)`."""
    apart = _counting(nodes).union(_later_factors(nodes))
    signed = [one for one in nodes if _takes_sign(one) and one not in apart and not writer.is_of_something(one)]
    for node in sorted(signed, key=_is_made):
        text = f"-{bracketed(writer.text(node), strength_of(node), STRENGTH['-x'])}"
        message = f"The sign of `{writer.text(node)}` is wrong."
        yield replace(writer.instead(node, text, STRENGTH["-x"]), message=message)


def _counting(nodes: Sequence[ast.expr]) -> set[ast.AST]:
    """Return the nodes inside indices, axes, arguments of `range` and comparisons, which count or choose entries."""
    found: set[ast.AST] = set()
    for node in nodes:
        match node:
            case ast.Subscript(slice=inner):
                found |= set(ast.walk(inner))
            case ast.Call(ast.Name("range")) | ast.Compare():
                found |= set(ast.walk(node))
            case ast.Call(ast.Attribute(attr="sum" | "mean" | "max" | "min"), keywords=keywords):
                axes = [one.value for one in keywords if one.arg in ("axis", "dim")]
                found |= {part for one in axes for part in ast.walk(one)}
    return found


def _later_factors(nodes: Sequence[ast.expr]) -> Iterator[ast.AST]:
    """Yield the factors of products but the first, at which the sign of a product stands."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Mult() | ast.Div() | ast.MatMult(), right):
                while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult | ast.Div | ast.MatMult):
                    left = left.left
                if _takes_sign(left):
                    yield right


def _takes_sign(node: ast.expr) -> bool:
    """Whether a sign may be put before an expression; that of a product stands at its first factor."""
    match node:
        case ast.BinOp(op=ast.Mult() | ast.Div() | ast.FloorDiv() | ast.MatMult()):
            return False
        case ast.BinOp() | ast.Constant() | ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call():
            return True
        case _:
            return False


def _is_made(node: ast.expr) -> bool:
    """Whether this is a call that makes an array of a list."""
    match node:
        case ast.Call(args=[ast.List() | ast.Tuple() | ast.ListComp() | ast.GeneratorExp(), *_]):
            return _name_of(node.func) in ("array", "asarray", "tensor", "stack", "vstack", "hstack", "list", "tuple")
        case _:
            return False


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _powered(writer: SourceWriter, left: ast.expr, right: ast.expr) -> SourceEdit:
    """Return the edit from `^` to `**`. Only the operator is replaced, as `^` has a lower precedence than intended."""
    start, end = writer.place(left), writer.place(right)
    place = Place(start.end_line, start.end_column, end.line, end.column)
    text = writer.between(left, right).replace("^", "**")
    return SourceEdit(place, text, "`^` is no power in Python: `**` is needed.")


def _joined(writer: SourceWriter, node: ast.expr, left: ast.expr, sign: str, right: ast.expr) -> SourceEdit:
    text = f"{writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)}"
    return writer.instead(node, text, STRENGTH[sign])


def _regrouped(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that move brackets.

    Brackets around too much: `a * (b + c)` as `b + a * c` or `a * b + c`, `f(b + c)` as `b + f(c)` or `f(b) + c`.
    Missing brackets: `a * b + c` as `a * (b + c)`, `a + b / c` as `(a + b) / c`. A power of too much: `(a - b)**2` as
    `a - b**2`."""
    match node:
        case ast.BinOp(
            ast.BinOp(outer, ast.Mult() | ast.Div() as product, left), ast.Add() | ast.Sub() as operator, right
        ):
            outer_sign, sign = SIGN[type(product)], SIGN[type(operator)]
            inner = f"({writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)})"
            text = f"{writer.operand(outer, outer_sign)} {outer_sign} {inner}"
            yield writer.instead(node, text, STRENGTH["*"])
            return
        case ast.BinOp(
            left, ast.Add() | ast.Sub() as operator, ast.BinOp(right, ast.Mult() | ast.Div() as product, outer)
        ):
            outer_sign, sign = SIGN[type(product)], SIGN[type(operator)]
            inner = f"({writer.operand(left, sign)} {sign} {writer.operand(right, sign, True)})"
            text = f"{inner} {outer_sign} {writer.operand(outer, outer_sign, True)}"
            yield writer.instead(node, text, STRENGTH["*"])
            return
        case ast.BinOp(ast.BinOp(left, ast.Add() | ast.Sub() as operator, right), ast.Pow(), power):
            sign = SIGN[type(operator)]
            powered = f"{writer.operand(right, '**')}**{writer.text(power)}"
            yield writer.instead(node, f"{writer.operand(left, sign)} {sign} {powered}", STRENGTH[sign])
            return
        case ast.BinOp(outer, ast.Mult(), ast.BinOp(left, ast.Add() | ast.Sub() as operator, right)) | ast.BinOp(
            ast.BinOp(left, ast.Add() | ast.Sub() as operator, right), ast.Mult(), outer
        ):
            texts = [f"{writer.operand(outer, '*')} * {writer.operand(one, '*', True)}" for one in (left, right)]
        case ast.Call(function, [ast.BinOp(left, ast.Add() | ast.Sub() as operator, right)], []):
            texts = [f"{writer.text(function)}({writer.text(one)})" for one in (left, right)]
        case _:
            return
    sign = SIGN[type(operator)]
    yield writer.instead(node, f"{writer.operand(left, sign)} {sign} {texts[1]}", STRENGTH[sign])
    yield writer.instead(node, f"{texts[0]} {sign} {writer.operand(right, sign, True)}", STRENGTH[sign])


def _taken_into_a_call(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield `f(b + c)` in place of `f(b) + c`, and `a / f(b + c)` in place of `a / f(b) + c`."""
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub() as operator, right):
            call = left.right if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult | ast.Div) else left
            if isinstance(call, ast.Call) and len(call.args) == 1 and not call.keywords:
                sign = SIGN[type(operator)]
                inner = f"{writer.text(call.args[0])} {sign} {writer.operand(right, sign, True)}"
                text = f"{writer.text(left).removesuffix(writer.text(call))}{writer.text(call.func)}({inner})"
                yield writer.instead(node, text, strength_of(left))


def _counted_otherwise(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield the number of rows, and that of columns, in place of that of all entries."""
    for node in nodes:
        match node:
            case ast.Attribute(value=array, attr="size") | ast.Call(ast.Attribute(array, "numel" | "nelement"), [], []):
                yield writer.instead(node, f"len({writer.text(array)})", STRENGTH["x"])
                yield writer.instead(node, f"{writer.operand(array, 'x')}.shape[1]", STRENGTH["x"])


def _begun_otherwise(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield 1 in place of a 0 that is assigned, and the reverse: a seed that does not start, a sum that begins at 1."""
    match statement:
        case ast.Assign(value=ast.Constant(value=int() | float() as number) as node) if number in (0, 1):
            other = type(number)(1 - number)
            yield writer.instead(node, repr(other), STRENGTH["x"])


def _doubled(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield the missing factor 2 of a square's derivative, of the whole or of a summand that is computed here, and that
    of a root's below a line: `g / (2 * s)` for `g / s`."""
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    sums = [node for node in nodes if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)]
    for one in (nodes[0], *(part for whole in sums for part in (whole.left, whole.right))):
        if one is nodes[0] or isinstance(one, ast.BinOp):
            yield writer.instead(one, f"2 * {writer.operand(one, '*')}", STRENGTH["*"])
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Div(), ast.Name() | ast.Attribute() | ast.Subscript() as below):
                text = f"{writer.text(left)} / (2 * {writer.text(below)})"
                yield writer.instead(node, text, STRENGTH["/"])


def _grown(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing `1 -`, transpose, copy or axis."""
    for node in nodes:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
            for one in (node.left, node.right):
                if isinstance(one, ast.Name | ast.Subscript) and not writer.is_of_something(one):
                    yield writer.instead(one, f"1 - {writer.text(one)}", STRENGTH["-"])
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
            yield writer.instead(node, f"{writer.text(node)}.T", STRENGTH["x"])
        if isinstance(node, ast.Subscript):
            yield writer.instead(node, f"{writer.text(node)}.copy()", STRENGTH["x"])
    for node in _stretched(nodes) if writer.library is not None else ():
        yield writer.instead(node, f"{writer.text(node)}[:, None]", STRENGTH["x"])


def _scaled(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing factor or divisor of the whole."""
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    whole = nodes[0]
    above = set(map(writer.text, factors_of(whole)))
    for name in beside(writer, statement, nodes, names):
        for sign in ("*", "@") if name in above else ("*", "/", "@"):  # `x / n / x` is written `1 / n`
            yield writer.instead(whole, f"{writer.operand(whole, sign)} {sign} {name}", STRENGTH[sign])


def _lacking_a_summand(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that insert a missing summand that the loop around reads."""
    if not nodes or not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return):
        return
    summands = dict.fromkeys(writer.text(node) for node in _parts_near(writer, statement))
    for node in nodes:
        if isinstance(node, ast.Name | ast.Subscript) or _is_negative(node):
            inner, negative = (node.operand, True) if isinstance(node, ast.UnaryOp) else (node, False)
            for part in summands:
                text = writer.operand(inner, "-", True)
                yield writer.instead(node, f"{part} - {text}" if negative else f"{text} - {part}", STRENGTH["-"])
                if not negative:
                    yield writer.instead(node, f"{text} + {part}", STRENGTH["+"])


def _put_between(writer: SourceWriter, nodes: Sequence[ast.expr], names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield edits that put a matrix between the two of a product: `P @ A @ D` for `P @ D`."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.MatMult(), _):
                yield from (
                    writer.instead(left, f"{writer.operand(left, '@')} @ {name}", STRENGTH["@"]) for name in names
                )
            case ast.Call(ast.Attribute(left, "dot" | "mm" | "matmul" as product), [_], []):
                yield from (
                    writer.instead(left, f"{writer.operand(left, 'x')}.{product}({name})", STRENGTH["x"])
                    for name in names
                    if name != writer.library
                )


def _times_a_matrix(
    writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr], names: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield edits that multiply by a missing matrix: what is appended, an element of a list, or the whole value."""
    match statement:
        case ast.Expr(ast.Call(ast.Attribute(attr="append"), [appended], [])):
            roots = [appended]
        case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.Return(value=ast.expr() as value):
            roots = [value]
        case _:
            return
    roots += [node.elt for node in nodes if isinstance(node, ast.ListComp | ast.GeneratorExp)]
    dotted = "@" not in writer.everything and f"{writer.library}.dot(" in writer.everything
    for root in roots if writer.library is not None else ():
        if isinstance(root, ast.Constant | ast.List | ast.Tuple | ast.ListComp) or _is_made(root):
            continue
        read = {part.id for part in ast.walk(root) if isinstance(part, ast.Name)}
        for name in (one for one in names if one not in read | writer.counters):
            for left, right in ((name, ""), (f"{name}.T", ""), ("", name), ("", f"{name}.T")):
                if dotted:
                    text = f"{writer.library}.dot({left or writer.text(root)}, {right or writer.text(root)})"
                    yield writer.instead(root, text, STRENGTH["x"])
                else:
                    text = f"{left or writer.operand(root, '@')} @ {right or writer.operand(root, '@', True)}"
                    yield writer.instead(root, text, STRENGTH["@"])


def _for_a_divisor(writer: SourceWriter, nodes: Sequence[ast.expr], names: Sequence[str]) -> Iterator[SourceEdit]:
    """Yield a factor in place of the number that something is divided by: `dp * mask` for `dp / 4`, as a maximum passes
    on what a mean would share out."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Div(), ast.Constant()):
                for name in names:
                    yield writer.instead(node, f"{writer.operand(left, '*')} * {name}", STRENGTH["*"])


def _on_the_diagonal(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield `H += lam * np.eye(len(H))` for `H += lam`, which adds to every entry."""
    match statement:
        case ast.AugAssign(ast.Name(array), ast.Add() | ast.Sub(), value) if writer.library is not None:
            sizes = [*writer.lengths, f"len({array})"]
            for size in sizes:
                text = f"{writer.operand(value, 'x')} * {writer.library}.eye({size})"
                yield writer.instead(value, text, STRENGTH["*"])


def _stretched(nodes: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield the operands that may be one number per row, to be stretched over its columns."""
    for node in nodes:
        match node:
            case ast.BinOp(left, ast.Mult() | ast.Div() | ast.Add() | ast.Sub(), right):
                yield from (one for one in (left, right) if isinstance(one, ast.Name | ast.Attribute))


def _is_negative(node: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)


def _parts_near(writer: SourceWriter, statement: ast.stmt) -> list[ast.expr]:
    """Return the array entries that the loop around a statement reads: candidates for a missing summand."""
    around = next(writer.loops(statement), None)
    if around is None:
        return []
    entries = (node for node in ast.walk(around) if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load))
    return [node for node in entries if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Name)]
