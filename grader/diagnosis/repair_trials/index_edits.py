"""Small changes of indices, slices, bounds, axes, arguments and their order, and of assignment operators."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, permutations

from grader.diagnosis.source_writer import SourceEdit, SourceWriter, replacing
from grader.formula.syntax import STRENGTH, Place

_X = STRENGTH["x"]


def index_edits(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield all such changes of a statement, without those inside its block."""
    nodes = list(_own_expressions(statement))
    steps = {part.step for part in _own_slices(statement)}
    yield from assigned_otherwise(writer, statement)
    yield from _subtracted(writer, statement)
    yield from _added_at(writer, statement)
    for node in nodes:
        yield from _swapped(writer, node)
    yield from _swapped_targets(writer, nodes)
    yield from _other_slices(writer, statement)
    yield from _counters_swapped(writer, statement, nodes)
    for node in nodes:
        yield from _one_in_each_row(writer, node)
    yield from _counted_along(writer, statement, nodes)
    kinds = (_shifted, _moved_back, _numbers_changed, _powers, _axes, _called_otherwise, _sliced_otherwise, _reversed)
    for kind in kinds:
        for node in nodes:
            if node not in steps:
                yield from kind(writer, node)
    yield from _along_the_other_axis(writer, statement, nodes)
    for node in nodes:
        yield from _keyed_further(writer, statement, node)
    for node in nodes:
        yield from _taken_whole(writer, node)
        yield from _moved_along(writer, statement, node)


def _own_expressions(statement: ast.stmt) -> Iterator[ast.expr]:
    for part in ast.iter_child_nodes(statement):
        if isinstance(part, ast.expr):
            yield from (node for node in ast.walk(part) if isinstance(node, ast.expr))


def _own_slices(statement: ast.stmt) -> Iterator[ast.Slice]:
    return (node for node in _own_expressions(statement) if isinstance(node, ast.Slice))


def _replaced(writer: SourceWriter, node: ast.expr | ast.stmt, text: str) -> SourceEdit:
    return replacing(writer.place(node), writer.text(node), text)


def assigned_otherwise(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield `+=` in place of `=` (in loops, for entries and for fields), and `=` or the opposite sign in place of `+=`
    and `-=`."""
    own, signs = "", tuple[str, ...]()
    match statement:
        case ast.Assign([ast.Attribute() as target], value) if writer.function_of(statement) is not None:
            own, signs = "=", ("+=",)
        case ast.Assign([ast.Name() | ast.Subscript() as target], value):
            again = isinstance(target, ast.Subscript) or _is_bound_above(writer, statement, target)
            own, signs = "=", ("+=",) if again or writer.loops_around(statement) else ()
        case ast.AugAssign(target, ast.Add(), value):
            own, signs = "+=", ("=", "-=")
        case ast.AugAssign(target, ast.Sub(), value):
            own, signs = "-=", ("+=", "=")
        case ast.AugAssign(target, ast.FloorDiv(), value):
            own, signs = "//=", ("/=",)
        case _:
            return
    yield from _with_signs(writer, statement, (target, own, value), signs)


def _is_bound_above(writer: SourceWriter, statement: ast.stmt, target: ast.Name) -> bool:
    """Whether a variable has a value before a statement: it may have been meant to grow."""
    scope = ast.walk(writer.function_of(statement) or writer.tree)
    bound = (one for one in scope if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))
    return any(one.id == target.id and one.lineno < statement.lineno for one in bound)


def _subtracted(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield `-=` in place of `=` in loops. Where the sign of the value may be what is wrong, that comes first."""
    match statement:
        case ast.Assign([ast.Name() | ast.Subscript() as target], value) if writer.loops_around(statement):
            yield from _with_signs(writer, statement, (target, "=", value), ("-=",))


def _with_signs(
    writer: SourceWriter, statement: ast.stmt, parts: tuple[ast.expr, str, ast.expr], signs: Sequence[str]
) -> Iterator[SourceEdit]:
    """Yield each of the signs in place of that of an assignment, whose parts are its target, its sign and its value."""
    target, own, value = parts
    end = writer.place(target)
    column = end.end_column + writer.between(target, value).index(own)
    place = Place(end.end_line, column, end.end_line, column + len(own))
    for sign in signs:
        text, until = sign, place
        if sign == "+=" and isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):  # `-= x` for `+= -x`
            last = writer.place(value)
            text = f"-= {writer.text(value.operand)}"
            until = Place(place.line, column, last.end_line, last.end_column)
        message = f"`{text[:2]}` is needed where `{own}` stands in `{writer.first_line(statement)}`."
        yield SourceEdit(until, text, message)


def _swapped(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that swap two arguments of a call or two elements of a tuple."""
    match node:
        case ast.Call(args=parts) if 2 <= len(parts) <= 4:
            pass
        case ast.Tuple(elts=[_, _] as parts) if any(map(_is_whole, parts)):
            return  # `x[:, i]`: `_sliced_otherwise` writes `x[i]` for `x[i, :]`
        case ast.Tuple(elts=parts) if 2 <= len(parts) <= 6:
            pass
        case _:
            return
    yield from _pairs_swapped(writer, parts)


_LONGEST = 12
"""How many elements a list may have in which two are swapped."""


def lists_swapped(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield edits that swap two elements of a list, or of what a line returns."""
    indices = {node.slice for node in nodes if isinstance(node, ast.Subscript)}
    for node in nodes:
        if isinstance(node, ast.List | ast.Tuple) and node not in indices and 2 <= len(node.elts) <= _LONGEST:
            yield from _pairs_swapped(writer, node.elts)
            if len(node.elts) <= _ALL_ORDERS:
                yield from _all_moved(writer, node.elts)


_ALL_ORDERS = 4
"""How many elements a list may have of which every order is tried."""


def _all_moved(writer: SourceWriter, parts: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield every other order of the elements of a list that moves more than two of them."""
    texts = list(map(writer.text, parts))
    start, end = writer.place(parts[0]), writer.place(parts[-1])
    place = Place(start.line, start.column, end.end_line, end.end_column)
    for order in permutations(texts):
        if sum(one != other for one, other in zip(order, texts, strict=True)) > 2:
            yield replacing(place, ", ".join(texts), ", ".join(order))


def _pairs_swapped(writer: SourceWriter, parts: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    for first in range(len(parts)):
        for second in range(first + 1, len(parts)):
            yield _exchanged(writer, parts[first], parts[second])


def _exchanged(writer: SourceWriter, first: ast.expr, second: ast.expr) -> SourceEdit:
    start, end = writer.place(first), writer.place(second)
    between = writer.between(first, second)
    text = f"{writer.text(second)}{between}{writer.text(first)}"
    whole = f"{writer.text(first)}{between}{writer.text(second)}"
    place = Place(start.line, start.column, end.end_line, end.end_column)
    return replacing(place, whole, text)


def _swapped_targets(writer: SourceWriter, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    for node in nodes:
        if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp):
            for generator in node.generators:
                for part in (generator.target, generator.iter):
                    yield from _swapped(writer, part)


_NEAR = {0: (1, -1, 2), 1: (0, 2, -1), -1: (1, 0), 2: (1, 3, 0), 3: (2, 4)}


def _numbers_changed(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that replace a number with one close to it."""
    number = _number(node)
    if number is None or writer.is_negated(node):
        return
    # 0 in place of any fraction would undo the line that has it: `w -= 0` is nobody's repair.
    for other in _NEAR.get(number, (number - 1, number + 1, 0)) if isinstance(number, int) else (-number, number - 1):
        yield writer.instead(node, repr(other), _X if other >= 0 else STRENGTH["-x"])


def _number(node: ast.expr) -> int | float | None:
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.UnaryOp(ast.USub(), ast.Constant(value=int() | float() as number)) if not isinstance(number, bool):
            return -number
        case _:
            return None


def _powers(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that add a missing square or cube or remove a power, and `1 - b` in place of `a - b`."""
    match node:
        case ast.BinOp(left, ast.Mult() | ast.Div() | ast.Sub(), right):
            for part in (left, right):
                if isinstance(part, ast.Name | ast.Subscript):
                    for exponent in (2, 3):
                        yield writer.instead(part, f"{writer.text(part)}**{exponent}", STRENGTH["**"])
        case ast.BinOp(base, ast.Pow(), _):
            yield writer.instead(node, writer.text(base), _X)
    match node:
        case ast.BinOp(ast.Name() as left, ast.Sub(), _):
            yield writer.instead(left, "1", _X)


def _shifted(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that change an index, a slice bound or an argument of `range` by one, or drop or flip its offset."""
    match node:
        case ast.Call(ast.Name("range"), [ast.Constant(), end], []):
            yield _replaced(writer, node, f"range({writer.text(end)})")
    for part in _counted(node):
        text = writer.text(part)
        match part:
            case ast.BinOp(left, ast.Add() | ast.Sub(), ast.Constant(value=int() as number)):
                yield _replaced(writer, part, writer.text(left))
                other = "-" if isinstance(part.op, ast.Add) else "+"
                yield _replaced(writer, part, f"{writer.text(left)} {other} {number}")
            case ast.Name() | ast.Attribute() | ast.Subscript() | ast.Call():
                yield _replaced(writer, part, f"{text} + 1")
                yield _replaced(writer, part, f"{text} - 1")


def _moved_back(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield `k:k + T` in place of `k + 1:k + T + 1`."""
    match node:
        case ast.Slice(
            ast.BinOp(first, ast.Add() | ast.Sub() as one, ast.Constant(number)),
            ast.BinOp(last, ast.Add() | ast.Sub() as other, ast.Constant(same)),
            None,
        ) if type(one) is type(other) and number == same:
            yield _replaced(writer, node, f"{writer.text(first)}:{writer.text(last)}")


def _counted(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.Subscript(slice=ast.Tuple(elts=parts)):
            found = list(parts)
        case ast.Subscript(slice=part):
            found = [part]
        case ast.Call(ast.Name("range"), parts, []):
            found = list(parts)
        case _:
            return []
    bounds = [bound for part in found if isinstance(part, ast.Slice) for bound in (part.lower, part.upper) if bound]
    return [part for part in (*found, *bounds) if not isinstance(part, ast.Slice)]


def _axes(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits of a reduction's axis and of `keepdims`."""
    match node:
        case ast.Call(keywords=keywords):
            for keyword in keywords:
                match keyword:
                    case ast.keyword("keepdims" | "keepdim", ast.Constant(value=bool() as kept)):
                        yield writer.instead(keyword.value, repr(not kept), _X)
        case _:
            return
    if isinstance(node.func, ast.Attribute) and node.func.attr in ("sum", "mean", "max", "min"):
        asked = {keyword.arg for keyword in keywords}
        torch = "dim" in asked or "keepdim" in asked
        inner = writer.text(node)[:-1]
        comma = "" if inner.endswith("(") else ", "
        if not asked & {"axis", "dim"}:
            for axis in (0, 1):
                yield _replaced(writer, node, f"{inner}{comma}{'dim' if torch else 'axis'}={axis})")
        elif not asked & {"keepdims", "keepdim"}:
            yield _replaced(writer, node, f"{inner}, {'keepdim' if torch else 'keepdims'}=True)")


_ALIKE = (
    ("sum", "mean"), ("max", "min"), ("maximum", "minimum"), ("zeros_like", "ones_like"), ("zeros", "ones"),
    ("vstack", "hstack"), ("argmax", "argmin"), ("dot", "outer"), ("sqrt", "square"), ("multiply", "divide"),
    ("exp", "log"), ("sum", "trace"),
)  # fmt: skip


def _called_otherwise(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that replace a function with one it is often confused with, and elementwise with outer products."""
    match node:
        case ast.Call(ast.Attribute(owner, "multiply")):
            text = writer.text(node)
            yield _replaced(writer, node, text.replace(".multiply(", ".multiply.outer(", 1))
        case ast.BinOp(left, ast.Mult(), right):
            yield from _outer_products(writer, node, left, right)
    match node:
        case ast.Call(ast.Attribute(owner, name)):
            for pair in _ALIKE:
                if name in pair:
                    other = pair[1 - pair.index(name)]
                    yield writer.instead(node.func, f"{writer.text(owner)}.{other}", _X)
        case ast.Compare(left, [ast.Eq() | ast.NotEq() as operator], [right]):
            sign = "!=" if isinstance(operator, ast.Eq) else "=="
            yield writer.instead(node, f"{writer.text(left)} {sign} {writer.text(right)}", STRENGTH["<"])


def _outer_products(writer: SourceWriter, node: ast.expr, left: ast.expr, right: ast.expr) -> Iterator[SourceEdit]:
    library = writer.library
    if library is not None and not any(isinstance(one, ast.Constant) for one in (left, right)):
        for function in ("outer", "multiply.outer"):
            if not (function == "multiply.outer" and library == "torch"):
                text = f"{library}.{function}({writer.text(left)}, {writer.text(right)})"
                yield writer.instead(node, text, _X)


def _sliced_otherwise(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that take a row in place of a column or vice versa, or move a slice bound to the other end, or drop
    it."""
    if not isinstance(node, ast.Subscript):
        return
    value, inner = writer.text(node.value), writer.text(node.slice)
    match node.slice:
        case ast.Tuple([ast.Slice(None, None, None), other]):
            yield _replaced(writer, node, f"{value}[{writer.text(other)}]")
        case ast.Tuple(elts) if len(elts) == 2:
            yield _replaced(writer, node, f"{value}[{writer.text(elts[1])}, {writer.text(elts[0])}]")
            for kept in (0, 1):
                texts = [":", ":"]
                texts[kept] = writer.text(elts[kept])
                yield _replaced(writer, node, f"{value}[{', '.join(texts)}]")
        case ast.Tuple():
            pass
        case _:
            yield _replaced(writer, node, f"{value}[:, {inner}]")
    slices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    for one in slices:
        match one:
            case ast.Slice(lower, upper, None) if lower is not None or upper is not None:
                for start, end in _bounds(writer, lower, upper):
                    text = f"{start}:{end}"
                    if text.replace(" ", "") != writer.text(one).replace(" ", ""):
                        yield _replaced(writer, one, text)


def _taken_whole(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield `dout[:, f, :]` in place of `dout[:, f, 0]`, and counters in place of those that run backwards: `t + k` in
    place of `t + 4 - k`."""
    match node:
        case ast.Subscript(slice=ast.Tuple(elts) as slices, ctx=ast.Load()):
            for part in elts:
                if isinstance(part, ast.Constant | ast.Name):
                    texts = [":" if one is part else writer.text(one) for one in elts]
                    yield _replaced(writer, slices, ", ".join(texts))
    counters = writer.counters
    for part in _counted(node):
        read = [one for one in ast.walk(part) if isinstance(one, ast.Name) and one.id in counters]
        alone = " + ".join(one.id for one in sorted(read, key=lambda one: (one.lineno, one.col_offset)))
        if isinstance(part, ast.BinOp) and read and writer.text(part) != alone:
            yield _replaced(writer, part, alone)


def _keyed_further(writer: SourceWriter, statement: ast.stmt, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield one entry in place of a whole row: `H[j, j] += lam` for `H[j] += lam`, `X[i, j]` for `X[i]`, where `j`
    counts a loop around."""
    match node:
        case ast.Subscript(ast.Name(array), ast.Name(key), ctx=context) if not writer.is_of_something(node):
            loops = (loop.target for loop in writer.loops(statement) if isinstance(loop, ast.For))
            counters = dict.fromkeys(one.id for one in loops if isinstance(one, ast.Name))
            written = isinstance(context, ast.Store)
            for other in (one for one in counters if written or one != key):
                yield _replaced(writer, node, f"{array}[{key}, {other}]")


def _moved_along(writer: SourceWriter, statement: ast.stmt, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield slices that move with a counter of the loops around: `x[t:t + k]` in place of `x[:k]`."""
    if not isinstance(node, ast.Slice) or node.upper is None or node.step is not None:
        return
    loops = (loop for loop in writer.loops(statement) if isinstance(loop, ast.For))
    known = {loop.target.id for loop in loops if isinstance(loop.target, ast.Name)}
    for counter in sorted(known - {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}):
        begins = node.lower is not None and _number(node.lower) != 0
        start = f"{writer.operand(node.lower, '+')} + {counter}" if begins and node.lower else counter
        end = writer.operand(node.upper, "+", True)
        yield _replaced(writer, node, f"{start}:{counter} + {end}")


def _other_slices(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield edits that take another part of an array, which is taken somewhere in the source: `da[:, H:2 * H]` for
    `da[:, :H]`."""
    found = (node for node in ast.walk(writer.tree) if isinstance(node, ast.Slice) and not _is_whole(node))
    texts = list(dict.fromkeys(writer.text(node) for node in found if not _turns(node)))
    for node in _own_slices(statement):
        if not _is_whole(node) and not _turns(node):
            for text in texts[:_MOST_SLICES]:
                if text != writer.text(node):
                    yield _replaced(writer, node, text)


_MOST_SLICES = 10
"""How many parts that are taken elsewhere are tried, at most."""


def _counters_swapped(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield `M[i][j]` in place of `M[j][i]`, and two counters in one another's place in all that a line reads, `da[i] *
    h[j]` in place of `da[j] * h[i]`, or in all of it: `dC[k] += de[i]` in place of `dC[i] += de[k]`."""
    for node in nodes:
        match node:
            case ast.Subscript(ast.Subscript(array, first), second) if not isinstance(first, ast.Slice | ast.Constant):
                text = f"{writer.text(array)}[{writer.text(second)}][{writer.text(first)}]"
                yield _replaced(writer, node, text)
    match statement:
        case ast.Assign(value=value) | ast.AugAssign(value=value):
            known = writer.counters.union(writer.counters_of(statement))
            for whole in (value, statement):
                read = [one for one in ast.walk(whole) if isinstance(one, ast.Name) and one.id in known]
                for one, other in combinations(dict.fromkeys(node.id for node in read), 2):
                    renamed = {one: other, other: one}
                    text, start = writer.text(whole), writer.place(whole)
                    for node in sorted(read, key=lambda node: -node.col_offset):
                        at = writer.place(node)
                        if node.id in renamed and at.line == start.line == start.end_line:
                            begin, end = at.column - start.column, at.end_column - start.column
                            text = text[:begin] + renamed[node.id] + text[end:]
                    yield SourceEdit(start, text, f"`{one}` and `{other}` are exchanged in this line.")


def _counted_along(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield a counter of the loops around in place of a number as an index: `g[:, t]` for `g[:, 0]`."""
    counters = writer.counters_of(statement)
    for node in nodes:
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            keys = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            for key in keys:
                if isinstance(_number(key), int):
                    yield from (_replaced(writer, key, counter) for counter in counters)


def _along_the_other_axis(writer: SourceWriter, statement: ast.stmt, nodes: Sequence[ast.expr]) -> Iterator[SourceEdit]:
    """Yield loops over the columns of a table in place of its rows, `for c in zip(*d)` for `for r in d`, and the
    reverse; and two loops of nested comprehensions in one another's place."""
    loops = [one for node in nodes for one in getattr(node, "generators", ())]
    overs = [one.iter for one in loops] + ([statement.iter] if isinstance(statement, ast.For) else [])
    for over in overs:
        match over:
            case ast.Call(ast.Name("zip"), [ast.Starred(inner)], []):
                message = f"This loop goes over the columns of `{writer.text(inner)}`; its rows are needed."
                yield SourceEdit(writer.place(over), writer.text(inner), message)
            case ast.Name() | ast.Attribute() | ast.Subscript():
                table, place = writer.text(over), writer.place(over)
                message = f"This loop goes over the rows of `{table}`; its columns are needed."
                yield SourceEdit(place, f"zip(*{table})", message)
    for outer in nodes:
        if isinstance(outer, ast.ListComp | ast.GeneratorExp):
            for part in ast.walk(outer.elt):
                if isinstance(part, ast.ListComp | ast.GeneratorExp):
                    yield from _loops_exchanged(writer, outer, part)


def _loops_exchanged(
    writer: SourceWriter, outer: ast.ListComp | ast.GeneratorExp, inner: ast.ListComp | ast.GeneratorExp
) -> Iterator[SourceEdit]:
    """Yield `[sum(a[i][j] for j in m) for i in n]` for `[sum(a[i][j] for i in n) for j in m]`."""
    first, second = inner.generators[0], outer.generators[0]
    if len(outer.generators) == len(inner.generators) == 1 and not (first.ifs or second.ifs):
        parts = (inner.elt, first.target, first.iter, second.target, second.iter)
        start, end = writer.place(inner.elt), writer.place(second.iter)
        between = writer.between(first.iter, second.target)
        texts = [writer.text(one) for one in parts]
        text = f"{texts[0]} for {texts[3]} in {texts[4]}{between}{texts[1]} in {texts[2]}"
        message = f"The loops over `{texts[1]}` and `{texts[3]}` are exchanged."
        if start.line == end.end_line:
            yield SourceEdit(Place(start.line, start.column, end.end_line, end.end_column), text, message)


def _one_in_each_row(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield `p[rows, y]` in place of `p[:, y]` and `p[y]`, which pick more than one entry in each row."""
    match node:
        case ast.Subscript(slice=ast.Tuple([ast.Slice(None, None, None) as whole, ast.Name() | ast.Attribute() as y])):
            for rows in writer.rows_of(y):
                yield _replaced(writer, whole, rows)
        case ast.Subscript(slice=ast.Name() | ast.Attribute() as y, ctx=ast.Store()):
            for rows in writer.rows_of(y):
                yield _replaced(writer, y, f"{rows}, {writer.text(y)}")


def _bounds(writer: SourceWriter, lower: ast.expr | None, upper: ast.expr | None) -> Iterator[tuple[str, str]]:
    start, end = ("" if one is None else writer.text(one) for one in (lower, upper))
    yield end, start
    for one in (lower, upper):
        if _number(one) is not None if one is not None else False:
            yield from (("1", "-1"), ("1", ""), ("", "-1"))
    for text in (start, end):
        bare = text.lstrip("-")
        if bare:
            yield from (("", bare), (bare, ""))
            if bare.isidentifier() or bare.isdigit():  # the other part of `x[:k]` and `x[k:]`
                yield from (("", f"-{bare}"), (f"-{bare}", ""))


def _reversed(writer: SourceWriter, node: ast.expr) -> Iterator[SourceEdit]:
    """Yield edits that reverse an order, or remove a reversal."""
    match node:
        case ast.Subscript(value, ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(value=1)))):
            yield writer.instead(node, writer.text(value), _X)
        case ast.Subscript(value, ast.Tuple(elts)) if any(_turns(one) for one in elts):
            kept = list(elts)
            while kept and (_turns(kept[-1]) or _is_whole(kept[-1])):
                kept.pop()
            texts = [":" if _turns(one) else writer.text(one) for one in kept]
            yield _replaced(writer, node, f"{writer.text(value)}[{', '.join(texts)}]" if texts else writer.text(value))
        case ast.Call(ast.Name("reversed"), [inner], []):
            yield writer.instead(node, writer.text(inner), _X)
        case ast.Call(ast.Name("range"), _, []) if isinstance(node, ast.Call):
            yield _replaced(writer, node, f"reversed({writer.text(node)})")
        case ast.Name(ctx=ast.Load()) | ast.Attribute(ctx=ast.Load()):
            if not (isinstance(node, ast.Name) and node.id in (*writer.counters, *writer.lengths)):
                yield writer.instead(node, f"{writer.text(node)}[::-1]", _X)


def _turns(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and isinstance(node.step, ast.UnaryOp)


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and node.lower is node.upper is node.step is None


def _added_at(writer: SourceWriter, statement: ast.stmt) -> Iterator[SourceEdit]:
    """Yield `dC[ix] += d`, or `=`, as `np.add.at(dC, ix, d)`, or with the function of torch, which also sums over
    repeated entries of `ix`."""
    match statement:
        case ast.AugAssign(ast.Subscript(array, index), ast.Add(), value) | ast.Assign(
            [ast.Subscript(array, index)], value
        ) if not any(isinstance(part, ast.Slice) for part in ast.walk(index)):
            table, added = writer.text(array), writer.text(value)
            places = f"({writer.text(index)})" if isinstance(index, ast.Tuple) else writer.text(index)
            if writer.library in ("np", "numpy"):
                yield _replaced(writer, statement, f"{writer.library}.add.at({table}, {places}, {added})")
            elif writer.library == "torch":
                each = places if isinstance(index, ast.Tuple) else f"({places},)"
                yield _replaced(writer, statement, f"{table}.index_put_({each}, {added}, accumulate=True)")
