"""Styles of looping: arrays made entry by entry and row by row."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, replace

import torch

from tests.styles.derivations import Body, Derivation, DoesNotFit, expression, fresh, names_read, parsed
from tests.styles.in_place import library, on_formulas, shape_of, value_of, zero
from tests.styles.programs import MARK

ELEMENTWISE = frozenset({"tanh", "exp", "log", "sqrt", "sigmoid", MARK})


def entry(one: Derivation, node: ast.expr, shape: tuple[int, ...], at: tuple[str, ...]) -> ast.expr:
    """An elementwise formula for one entry, or one row, of an array of `shape`: what stands at the indices `at`."""
    match node:
        case ast.Constant():
            return node
        case ast.BinOp(left=left, op=op, right=right) if not isinstance(op, ast.MatMult):
            return ast.BinOp(entry(one, left, shape, at), op, entry(one, right, shape, at))
        case ast.UnaryOp(op=op, operand=operand):
            return ast.UnaryOp(op, entry(one, operand, shape, at))
        case ast.Compare(left=left, ops=ops, comparators=[right]):
            return ast.Compare(entry(one, left, shape, at), ops, [entry(one, right, shape, at)])
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[inner], keywords=[]) if _is_elementwise(
            node, name
        ):
            return ast.Call(node.func, [entry(one, inner, shape, at)], [])
        case ast.Name() | ast.Call() | ast.Subscript():
            return _indexed(one, node, shape, at)
    raise DoesNotFit


def _is_elementwise(node: ast.Call, name: str) -> bool:
    return name in ELEMENTWISE and (isinstance(node.func, ast.Name) or ast.unparse(node.func.value) in ("np", "torch"))


def _indexed(one: Derivation, node: ast.expr, shape: tuple[int, ...], at: tuple[str, ...]) -> ast.expr:
    own = shape_of(one, node)
    if own is None:
        raise DoesNotFit
    if not own:
        return node
    if not isinstance(node, ast.Name):
        raise DoesNotFit
    places = [
        "0" if size == 1 else at[len(shape) - len(own) + place]
        for place, size in enumerate(own)
        if len(shape) - len(own) + place < len(at)
    ]
    return expression(f"{node.id}[{', '.join(places)}]") if places else node


def _entries(one: Derivation, name: str, value: ast.expr, at: tuple[str, ...]) -> tuple[tuple[int, ...], str] | None:
    """The shape of a step, and its formula for one entry (or row: fewer indices than axes)."""
    shape = shape_of(one, expression(name))
    if not shape or len(shape) < len(at) or shape_of(one, value) != shape:
        return None
    try:
        return shape, ast.unparse(entry(one, value, shape, at[: len(shape)]))
    except DoesNotFit:
        return None


def _loops(shape: tuple[int, ...], at: Iterable[str], inside: str) -> str:
    """`inside` under a loop for each index."""
    text = inside
    for index, size in reversed(list(zip(at, shape, strict=False))):
        text = f"for {index} in range({size}):\n" + "\n".join("    " + line for line in text.split("\n"))
    return text


def entry_by_entry(one: Derivation) -> Derivation:
    """`for i ...: for j ...: dZ[i, j] = dH[i, j] * (1 - H[i, j] ** 2)`."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        shape = shape_of(one, expression(name)) or ()
        at = ("i", "j")[: len(shape)]
        made = _entries(one, name, value, at) if 0 < len(shape) < 3 else None
        return made and f"{name} = {zero(one, name)}\n" + _loops(made[0], at, f"{name}[{', '.join(at)}] = {made[1]}")

    return on_formulas(_with_free(one, {"i", "j"}), change)


def rows_by_while(one: Derivation) -> Derivation:
    """The same row by row, with a counter and `while`."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        made = _entries(one, name, value, ("k",))
        return made and (
            f"{name} = {zero(one, name)}\nk = 0\nwhile k < {made[0][0]}:\n    {name}[k] = {made[1]}\n    k += 1"
        )

    return on_formulas(_with_free(one, {"k"}), change)


def rows_in_a_comprehension(one: Derivation) -> Derivation:
    """`dZ = np.array([dH[k] * (1 - H[k] ** 2) for k in range(5)])`."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        made = _entries(one, name, value, ("k",))
        together = "torch.stack" if library(one) == "torch" else "np.array"
        return made and f"{name} = {together}([{made[1]} for k in range({made[0][0]})])"

    return on_formulas(one, change)


def rows_appended(one: Derivation) -> Derivation:
    """A list to which row after row is appended, made an array afterwards under the same name."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        made = _entries(one, name, value, ("k",))
        together = "torch.stack" if library(one) == "torch" else "np.array"
        if made is None or name in names_read(value):
            return None
        return f"{name} = []\nfor k in range({made[0][0]}):\n    {name}.append({made[1]})\n{name} = {together}({name})"

    return on_formulas(_with_free(one, {"k"}), change)


def rows_under_its_own_name(one: Derivation) -> Derivation:
    """A row has the step's name inside of the loop, and the array has it afterwards."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        made = _entries(one, name, value, ("k",))
        together = "torch.stack" if library(one) == "torch" else "np.array"
        if made is None or name in names_read(value):
            return None
        return (
            f"rows = []\nfor k in range({made[0][0]}):\n    {name} = {made[1]}\n    rows.append({name})\n"
            f"{name} = {together}(rows)"
        )

    return on_formulas(_with_free(one, {"k", "rows"}), change)


def _masked(one: Derivation, value: ast.expr) -> tuple[ast.expr, ast.expr] | None:
    """Factor and mask of a product with a comparison, or with a name of one."""
    match value:
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            for mask, other in ((right, left), (left, right)):
                if getattr(value_of(one, mask), "dtype", None) in (bool, torch.bool):
                    return other, mask
    return None


def _by_mask(one: Derivation, form: Callable[[str, str, str], str]) -> Derivation:
    """Products with a mask, by a loop whose passes differ: `form` gets the entry, its value and its mask."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        parts = _masked(one, value)
        shape = shape_of(one, expression(name)) or ()
        at = ("i", "j")[: len(shape)]
        if parts is None or not 0 < len(shape) < 3:
            return None
        try:
            made, mask = (ast.unparse(entry(one, part, shape, at)) for part in parts)
        except DoesNotFit:
            return None
        place = f"{name}[{', '.join(at)}]"
        return f"{name} = {zero(one, name)}\n" + _loops(shape, at, form(place, made, mask))

    return on_formulas(_with_free(one, {"i", "j"}), change)


def entries_with_if(one: Derivation) -> Derivation:
    """`if Z[i, j] > 0: dZ[i, j] = dH[i, j]`."""
    return _by_mask(one, lambda place, made, mask: f"if {mask}:\n    {place} = {made}")


def entries_with_else(one: Derivation) -> Derivation:
    """The same with `else: dZ[i, j] = 0.0`."""
    return _by_mask(one, lambda place, made, mask: f"if {mask}:\n    {place} = {made}\nelse:\n    {place} = 0.0")


def entries_with_continue(one: Derivation) -> Derivation:
    """`if not (Z[i, j] > 0): continue`."""
    return _by_mask(one, lambda place, made, mask: f"if not ({mask}):\n    continue\n{place} = {made}")


def chosen_entries_with_if(one: Derivation) -> Derivation:
    """`dlogprobs[rows, y] = -1 / n` by a loop over the columns with `if j == y[i]`."""
    target = {"Yb", "y"} & set(one.inputs)
    changed = False
    backward: Body = []
    for statement in fresh(one.backward):
        match statement:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=[_, ast.Name(id=y)]))]
            ) if y in target:
                shape = shape_of(one, expression(name)) or ()
                inside = f"if j == {y}[i]:\n    {name}[i, j] = {ast.unparse(statement.value)}"
                backward += parsed(_loops(shape, ("i", "j"), inside))
                changed = True
            case _:
                backward.append(statement)
    if not changed:
        raise DoesNotFit
    return replace(_with_free(one, {"i", "j"}), backward=backward)


@dataclass(frozen=True, slots=True)
class ByRow:
    """A statement done for one example: how it starts before the loop, what it does in it, and whether it is complete
    only behind the loop."""

    name: str
    start: str
    inside: str
    sums: bool


def by_row(one: Derivation, name: str, value: ast.expr, rows: int) -> ByRow | None:
    """A line of the derivation for example `k` of `rows`; None where it is no such line."""
    shape = shape_of(one, expression(name)) or ()
    found = [_outer(one, value, rows), _product(one, value, rows), _summed(one, value, (rows, *shape))]
    if len(shape) == 2 and shape[0] == rows:
        made = _entries(one, name, value, ("k",))
        found.append(("[k] =", made[1]) if made else None)
    operator, row = next((part for part in found if part), ("", ""))
    return ByRow(name, zero(one, name), f"{name}{operator} {row}", operator == " +=") if shape and row else None


def _outer(one: Derivation, value: ast.expr, rows: int) -> tuple[str, str] | None:
    """Of `X.T @ dZ`."""
    match value:
        case ast.BinOp(ast.Attribute(ast.Name(id=left) as first, "T"), ast.MatMult(), ast.Name(id=right) as second):
            if _rows(one, first) == _rows(one, second) == rows:
                outer = "torch.outer" if library(one) == "torch" else "np.outer"
                return " +=", f"{outer}({left}[k], {right}[k])"
    return None


def _product(one: Derivation, value: ast.expr, rows: int) -> tuple[str, str] | None:
    """Of `dZ @ W.T`."""
    match value:
        case ast.BinOp(ast.Name(id=left) as first, ast.MatMult(), right):
            if _rows(one, first) == rows and left not in names_read(right):
                return "[k] =", f"{left}[k] @ {ast.unparse(right)}"
    return None


def _summed(one: Derivation, value: ast.expr, shape: tuple[int, ...]) -> tuple[str, str] | None:
    """Of `dZ.sum(axis=0)`, `shape` that of dZ."""
    match value:
        case ast.Call(ast.Attribute(inner, "sum")) if ast.unparse(value).endswith((".sum(0)", ".sum(axis=0)")):
            if shape_of(one, inner) == shape:
                with suppress(DoesNotFit):
                    return " +=", ast.unparse(entry(one, inner, shape, ("k",)))
    return None


def _rows(one: Derivation, node: ast.expr) -> int:
    shape = shape_of(one, node) or ()
    return shape[0] if len(shape) == 2 else 0


def example_by_example(one: Derivation) -> Derivation:
    """`for k in range(N): dz[k] = ...; dW += np.outer(x[k], dz[k])`: step after step for one example inside one loop,
    the gradients of weights accumulated over the passes."""
    rows = _examples(one)
    backward: Body = []
    run: list[ByRow] = []
    longest = 0
    for statement in [*fresh(one.backward), *parsed("pass")]:
        made = _made(one, statement, rows)
        sums = {part.name for part in run if part.sums}
        if made is not None and not names_read(statement) & sums:
            run.append(made)
            continue
        longest = max(longest, len(run))
        backward += _one_loop(run, rows)
        run = [made] if made is not None else []
        backward += [statement] if made is None else []
    if longest < 2:
        raise DoesNotFit
    return replace(_with_free(one, {"k"}), backward=backward[:-1])


def _made(one: Derivation, statement: ast.stmt, rows: int) -> ByRow | None:
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in names_read(value):
            return by_row(one, name, value, rows)
    return None


def _one_loop(run: list[ByRow], rows: int) -> Body:
    if not run:
        return []
    start = "\n".join(f"{part.name} = {part.start}" for part in run)
    return parsed(f"{start}\nfor k in range({rows}):\n" + "\n".join(f"    {part.inside}" for part in run))


def _examples(one: Derivation) -> int:
    """The length most arrays among the steps begin with."""
    firsts = [shape[0] for name in one.asked if len(shape := shape_of(one, expression(name)) or ()) == 2]
    if not firsts or library(one) == "":
        raise DoesNotFit
    return max(set(firsts), key=lambda size: (firsts.count(size), size))


def _with_free(one: Derivation, indices: set[str]) -> Derivation:
    """Unfit where an index would take the name of something that is read."""
    taken = names_read([*one.forward, *one.backward]) | set(one.inputs) | set(one.asked)
    loops = {name for part in [*one.backward] for name in names_read(part) if name in indices}
    if indices & taken - (loops if one.exercise == "conv1d" else set()):
        raise DoesNotFit
    return one


def rows_cut_out(one: Derivation) -> Derivation:
    """One example after the other in views: `row = dZ[k]; row[:] = ...`."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        made = _entries(one, name, value, ("k",))
        if made is None or len(made[0]) < 2:
            return None
        return f"{name} = {zero(one, name)}\nfor k in range({made[0][0]}):\n    row = {name}[k]\n    row[:] = {made[1]}"

    return on_formulas(_with_free(one, {"k", "row"}), change)


STYLES = (
    entry_by_entry,
    rows_by_while,
    rows_in_a_comprehension,
    rows_appended,
    rows_under_its_own_name,
    entries_with_if,
    entries_with_else,
    entries_with_continue,
    chosen_entries_with_if,
    example_by_example,
    rows_cut_out,
)
