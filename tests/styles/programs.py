"""From a derivation to a file: how it is laid out where no style says otherwise, run, and written."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from dataclasses import dataclass

from tests.styles.derivations import (
    Body,
    Derivation,
    Program,
    fresh,
    names_bound,
    names_read,
    parsed,
    renamed,
    written,
)

MARK = "planted_here"
"""Called on what a planted mistake put in the place of what is right: no style takes it away, so that it can be told
afterwards on which line the mistake ended up."""

Place = tuple[int | None, int]
"""Cell and line."""


def script(one: Derivation) -> Program:
    """Everything at the top level; or, where functions are asked for, these."""
    body = functions(one) if one.functions else [*one.before, *one.forward, *one.backward]
    return Program(([*body, *one.after],))


def functions(one: Derivation) -> Body:
    """The functions asked for, with what the second needs in a cache."""
    steps = {name: one.spelled(name) for name in one.asked}
    if len(one.functions) == 1:
        return [*one.before, *_function(one, 0, [*one.forward, *one.backward], steps)]
    names = cached(one)
    kept = names[0] if len(names) == 1 else f"({', '.join(names)})"
    forward = [*one.forward, *parsed(f"cache = {kept}")]
    backward = [*parsed(f"{', '.join(names)} = cache"), *one.backward]
    return [*one.before, *_function(one, 0, forward, {}), *_function(one, 1, backward, steps)]


def cached(one: Derivation) -> list[str]:
    """What the lines backwards read of what was there or made forwards."""
    own = {name.strip() for name in one.functions[-1].arguments.split(",")} if one.functions else set()
    there = names_bound(one.forward) | set(one.inputs)
    return sorted((names_read(one.backward) & there) - own) or sorted(there - own)[:1]


def _function(one: Derivation, place: int, body: Body, steps: dict[str, str]) -> Body:
    asked = one.functions[place]
    made = parsed(f"def {asked.name}({asked.arguments}):\n    return {asked.returned}")
    (function,) = made
    assert isinstance(function, ast.FunctionDef)
    function.body = [*fresh(body), *renamed(function.body, steps)]
    return made


@dataclass(frozen=True, slots=True)
class File:
    """A submission as it is handed in: its text, its kind, and the places of a mistake planted in it."""

    text: str
    suffix: str
    planted: tuple[Place, ...]


def file(program: Program, comment: str = "") -> File:
    texts = [written(cell) for cell in program.cells]
    plain = [written([_Unmarked().visit(statement) for statement in parsed(text)]) for text in texts]
    assert [text.count("\n") for text in texts] == [text.count("\n") for text in plain]
    found = [list(lines_of(text)) for text in texts]
    if program.notebook:
        places = tuple((number, line) for number, lines in enumerate(found, 1) for line in lines)
        return File(notebook(plain), ".ipynb", places)
    head = [comment] if comment else []
    lines, places = head, ()
    for text, marked in zip(plain, found, strict=True):
        lines = [*lines, "# %%"] if len(program.cells) > 1 else lines
        places += tuple((None, len(lines) + line) for line in marked)
        lines = [*lines, *text.split("\n")]
    return File("\n".join(lines) + "\n", ".py", places)


def lines_of(text: str) -> Iterator[int]:
    """Lines on which something marked stands."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == MARK:
            yield from range(node.lineno, (node.end_lineno or node.lineno) + 1)


def instead_of(statement: ast.stmt, made: str) -> Body:
    """Lines in the place of one. Where that one has a mistake in it, all of them that compute something are its lines:
    of `dZ = dH.copy(); dZ *= mask` nobody can tell which has the wrong sign."""
    body = parsed(made)
    if MARK not in names_read(statement):
        return body
    for part in (part for one in body for part in ast.walk(one)):
        match part:
            case ast.Assign(value=value) | ast.AugAssign(value=value) | ast.Expr(value=value) if _computes(value):
                part.value = ast.Call(ast.Name(MARK, ast.Load()), [value], [])
    return fresh(body)


def _computes(value: ast.expr) -> bool:
    """Whether an expression reads anything, is not marked yet, and does more than `np.array(rows)`."""
    converts = isinstance(value, ast.Call) and ast.unparse(value.func) in ("np.array", "torch.stack")
    read = names_read(value) - {"np", "torch"}
    return bool(read) and MARK not in read and not (converts and len(read) == 1)


class _Unmarked(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        return node.args[0] if isinstance(node.func, ast.Name) and node.func.id == MARK else node


def notebook(cells: list[str]) -> str:
    made = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": text,
        }
        for number, text in enumerate(cells, 1)
    ]
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)
