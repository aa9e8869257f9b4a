"""Systematic mistakes in a derivation: every small change of every step's formula, made by Python's own syntax tree.

Independent of the grader: mutants are made, and what they do is computed, here.
"""

from __future__ import annotations

import ast
import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """`source` has `wrong` where the solution has `right`, at `step`."""

    step: str
    right: str
    wrong: str
    source: str


OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div)


def mutants(solution: str, steps: list[str], names: list[str]) -> Iterator[Mutant]:
    """Every single mutant of the top-level assignments to `steps`; `names` may be put in one another's place."""
    lines = solution.splitlines()
    for statement in ast.parse(solution).body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        step = statement.targets[0].id
        if step not in steps:
            continue
        right = ast.unparse(statement.value)
        for wrong in dict.fromkeys(map(ast.unparse, changed(statement.value, names))):
            if wrong != right:
                line = statement.lineno - 1
                source = "\n".join([*lines[:line], f"{step} = {wrong}", *lines[line + 1 :]])
                yield Mutant(step, right, wrong, source)


def changed(expression: ast.expr, names: list[str]) -> Iterator[ast.expr]:
    """The expression with one of its nodes changed."""
    nodes = [node for node in ast.walk(expression) if isinstance(node, ast.expr)]
    for place, node in enumerate(nodes):
        for new in changes(node, names):
            whole = copy.deepcopy(expression)
            target = [one for one in ast.walk(whole) if isinstance(one, ast.expr)][place]
            yield new if target is whole else Swap(target, new).visit(whole)


class Swap(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def generic_visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().generic_visit(node)

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else super().visit(node)


def changes(node: ast.expr, names: list[str]) -> Iterator[ast.expr]:
    match node:
        case ast.Name(id=name):
            yield from (ast.Name(other, ast.Load()) for other in names if other != name)
        case ast.Constant(value=int() | float() as number):
            yield from (ast.Constant(other) for other in (0, 1, 2, 3) if other != number)
        case ast.BinOp(left=left, op=op, right=right):
            yield left
            if isinstance(op, OPERATORS):
                yield right
                yield from (ast.BinOp(left, other(), right) for other in OPERATORS if not isinstance(op, other))
    yield ast.UnaryOp(ast.USub(), node)


def values(source: str, inputs: dict[str, float]) -> dict[str, float]:
    """What a script of assignments computes at other inputs; names that cannot be computed are left out."""
    names: dict[str, Any] = {"math": math}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            try:
                names[name] = (
                    inputs[name]
                    if name in inputs
                    else eval(compile(ast.Expression(statement.value), "", "eval"), names)
                )
            except ArithmeticError:
                names[name] = math.nan
    return {name: float(value) for name, value in names.items() if isinstance(value, int | float)}


POINTS = ({"h0": 0.61, "w_h": 1.23, "w_y": 0.87}, {"h0": 1.37, "w_h": 0.71, "w_y": 1.52})
"""Points of our own to tell an equivalent mutant, and what a mutant feeds, by."""


def differing(source: str, other: str) -> set[str]:
    """Names that two scripts give different values."""
    found = set()
    for point in POINTS:
        left, right = values(source, point), values(other, point)
        found |= {
            name
            for name in right
            if not math.isclose(left.get(name, math.nan), right[name], rel_tol=1e-9, abs_tol=1e-12)
        }
    return found
