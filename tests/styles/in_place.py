"""Styles of changing in place: a step that is filled, scaled or added to after it was first bound."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import numpy
import torch

from tests.styles.derivations import Body, Derivation, DoesNotFit, derivation, expression, fresh, names_read, parsed
from tests.styles.programs import MARK, instead_of, script
from tests.styles.running import last_values

Formula = tuple[str, ast.expr]
"""A step's name and what it is."""


@cache
def held(exercise: str) -> dict[str, Any]:
    """What each name of the solution held last."""
    one = derivation(exercise)
    return last_values(script(one), one)


def value_of(one: Derivation, node: ast.expr) -> Any:
    """What an expression is worth in the solution; None where it cannot be told."""
    libraries = {"np": numpy, "torch": torch, MARK: lambda value: value}
    try:
        return eval(ast.unparse(node), {**libraries, **held(one.exercise)})
    except Exception:
        return None


def shape_of(one: Derivation, node: ast.expr) -> tuple[int, ...] | None:
    value = value_of(one, node)
    return None if value is None else tuple(getattr(value, "shape", ()))


def library(one: Derivation) -> str:
    """What a program's arrays are of; empty where it computes with numbers."""
    imported = [
        alias.asname or alias.name for part in one.before if isinstance(part, ast.Import) for alias in part.names
    ]
    return next((name for name in ("torch", "np") if name in imported), "")


def on_formulas(one: Derivation, change: Callable[[Derivation, str, ast.expr], str | None]) -> Derivation:
    """The lines backwards, where `change` says what stands for `step = formula`, or None."""
    changed = False
    backward: Body = []
    for statement in fresh(one.backward):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name not in names_read(value):
                made = change(one, name, value)
                changed |= made is not None
                backward += [statement] if made is None else instead_of(statement, made)
            case _:
                backward.append(statement)
    if not changed:
        raise DoesNotFit
    return replace(one, backward=backward)


def _pair(value: ast.expr, *kinds: type[ast.operator]) -> tuple[str, ast.operator, str] | None:
    match value:
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, kinds):
            return ast.unparse(left), op, ast.unparse(right)
    return None


def _whole(one: Derivation, name: str, text: str) -> bool:
    """Whether an expression is an array of the step's own shape."""
    shape = shape_of(one, expression(name))
    return bool(shape) and shape_of(one, expression(text)) == shape


def _copied(one: Derivation, text: str) -> str:
    if not text.isidentifier():
        return text
    return f"{text}.clone()" if library(one) == "torch" else f"{text}.copy()"


def multiplied(one: Derivation) -> Derivation:
    """`dZ = dH.copy(); dZ *= mask` for `dZ = dH * mask`."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Mult)
        if pair is None or not _whole(one, name, pair[0]) or name in names_read(value):
            return None
        return f"{name} = {_copied(one, pair[0])}\n{name} *= {pair[2]}"

    return on_formulas(one, change)


def divided(one: Derivation) -> Derivation:
    """`dx = P - right; dx /= n`."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Div)
        if pair is None or not _whole(one, name, pair[0]):
            return None
        return f"{name} = {_copied(one, pair[0])}\n{name} /= {pair[2]}"

    return on_formulas(one, change)


def accumulated(one: Derivation) -> Derivation:
    """`dx = 0.0; dx += part; dx += part` or the same from zeros."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Add, ast.Sub)
        if pair is None:
            return None
        sign = "+" if isinstance(pair[1], ast.Add) else "-"
        return f"{name} = {zero(one, name)}\n{name} += {pair[0]}\n{name} {sign}= {pair[2]}"

    return on_formulas(one, change)


def upstream_changed(one: Derivation) -> Derivation:
    """`dH *= mask; dZ = dH`: what arrived is changed itself, as nothing reads it any more."""
    fixed = {name for name, held in _last_reads(one).items() if held is None}

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Mult)
        for own, factor in ((pair[0], pair[2]), (pair[2], pair[0])) if pair else ():
            if own in one.asked and own not in fixed and _whole(one, name, own) and _last(one, own) == name:
                return f"{own} *= {factor}\n{name} = {own}"
        return None

    return on_formulas(one, change)


def added_upstream(one: Derivation) -> Derivation:
    """`dx = dc; dx += part`: two names for one array."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Add)
        if pair and pair[0] in one.asked and _whole(one, name, pair[0]) and _last(one, pair[0]) == name:
            return f"{name} = {pair[0]}\n{name} += {pair[2]}"
        return None

    return on_formulas(one, change)


def _last_reads(one: Derivation) -> dict[str, str | None]:
    """The step in whose formula each step is read last; None where that is in no formula. Handed out ones are read at
    the end."""
    found: dict[str, str | None] = {}
    for statement in one.backward:
        target = ast.unparse(statement.targets[0]) if isinstance(statement, ast.Assign) else None
        found |= dict.fromkeys(names_read(statement), target)
    return found | {name: None for name in one.asked if one.functions}


def _last(one: Derivation, name: str) -> str | None:
    return _last_reads(one).get(name)


def masked(one: Derivation) -> Derivation:
    """`dZ = dH.copy(); dZ[Z <= 0] = 0` for a product with a mask."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Mult)
        if pair is None or not _whole(one, name, pair[0]):
            return None
        mask = value_of(one, expression(pair[2]))
        if getattr(mask, "dtype", None) not in (bool, torch.bool):
            return None
        return f"{name} = {_copied(one, pair[0])}\n{name}[~({pair[2]})] = 0"

    return on_formulas(one, change)


def out_argument(one: Derivation) -> Derivation:
    """`dZ = np.empty((5, 4)); np.multiply(dH, slope, out=dZ)`."""
    functions = {ast.Mult: "multiply", ast.Add: "add", ast.Sub: "subtract", ast.MatMult: "matmul"}

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, *functions)
        shape = shape_of(one, expression(name))
        if pair is None or not shape or library(one) != "np":
            return None
        return f"{name} = np.empty({shape})\nnp.{functions[type(pair[1])]}({pair[0]}, {pair[2]}, out={name})"

    return on_formulas(one, change)


def methods_in_place(one: Derivation) -> Derivation:
    """torch's `dZ = dH.clone(); dZ.mul_(slope)` and `add_`."""
    if library(one) != "torch":
        raise DoesNotFit

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Mult, ast.Add)
        if pair is None or not _whole(one, name, pair[0]):
            return None
        method = "mul_" if isinstance(pair[1], ast.Mult) else "add_"
        return f"{name} = ({pair[0]}).clone()\n{name}.{method}({pair[2]})"

    return on_formulas(one, change)


def filled_by_slices(one: Derivation) -> Derivation:
    """`dx = np.zeros((5, 3)); dx[:] = ...`: room made first, filled as a whole."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        shape = shape_of(one, expression(name))
        if not shape or shape_of(one, value) != shape or not isinstance(value, ast.BinOp | ast.Call):
            return None
        return f"{name} = {zero(one, name)}\n{name}[...] = {ast.unparse(value)}"

    return on_formulas(one, change)


def added_at(one: Derivation) -> Derivation:
    """`np.add.at(dx, ..., part)` onto zeros."""

    def change(one: Derivation, name: str, value: ast.expr) -> str | None:
        pair = _pair(value, ast.Add)
        shape = shape_of(one, expression(name))
        if pair is None or not shape or library(one) != "np":
            return None
        rows = f"np.arange({shape[0]})"
        if not (_whole(one, name, pair[0]) and _whole(one, name, pair[2])):
            return None
        return f"{name} = np.zeros({shape})\nnp.add.at({name}, {rows}, {pair[0]})\nnp.add.at({name}, {rows}, {pair[2]})"

    return on_formulas(one, change)


def zeros_before_all(one: Derivation) -> Derivation:
    """Every step bound to zeros first, all in a row, and to its value later."""
    zeros = [f"{name} = {zero(one, name)}" for name in one.asked]
    return replace(one, backward=[*parsed("\n".join(zeros)), *one.backward])


def zero(one: Derivation, name: str) -> str:
    """Zeros of a quantity's shape."""
    shape = shape_of(one, expression(name))
    if not shape:
        return "0.0"
    double = getattr(value_of(one, expression(name)), "dtype", None) == torch.float64
    return f"{library(one)}.zeros({shape}{', dtype=torch.float64' if double else ''})"


def _all_styles() -> Iterator[Callable[[Derivation], Derivation]]:
    yield from (multiplied, divided, accumulated, upstream_changed, added_upstream, masked, out_argument)
    yield from (methods_in_place, filled_by_slices, added_at, zeros_before_all)


STYLES = tuple(_all_styles())
