"""From a derivation to a file: how it is laid out where no style says otherwise, run, and written."""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy
import torch

from grader.exercise.load import find
from tests.quality.oracle import points
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


NAME = "submission under test"


def run(program: Program, one: Derivation, given: Mapping[str, Any] | None = None) -> dict[str, list[Any]]:
    """What each name, attribute and entry held, line by line: plain Python, no grader. What never ends is left out.
    `given` is there before the program, and once more before functions asked for are called."""
    texts = [written(part for part in cell if not _is_endless(part)) for cell in program.cells]
    # As a module of its own: a dataclass looks for the one it is made in.
    module = types.ModuleType("handed_in")
    module.__dict__.update({MARK: lambda value: value, "input": lambda _: "", "__name__": "__main__"})
    given = given or (point(one.exercise) if one.functions else {})
    module.__dict__.update(given)
    seen = Seen()
    with _quietly(), seen.watching():
        for text in texts:
            _executed(text, module.__dict__)
        module.__dict__.update(given if one.functions else {})
        _executed(one.loaded.answer or "", module.__dict__)
    return seen.values


def point(exercise: str) -> Mapping[str, Any]:
    """Numbers for all inputs."""
    return points(Path(find(exercise)))[0]


def _is_endless(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.While) and isinstance(statement.test, ast.Constant)


def _executed(text: str, names: dict[str, Any]) -> None:
    """A cell that ends with an error leaves what it had until then."""
    with contextlib.suppress(Exception, SystemExit):
        exec(compile(text, NAME, "exec"), names)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    dtype = torch.get_default_dtype()
    arguments, sys.argv = sys.argv, ["mine.py"]
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            sys.argv = arguments
            torch.set_default_dtype(dtype)


class Seen:
    """The values of a run, looked at after every line, as they were then."""

    def __init__(self) -> None:
        self.values: dict[str, list[Any]] = {}
        self.last: dict[tuple[int, str], Any] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        sys.settrace(self.trace)
        try:
            yield
        finally:
            sys.settrace(None)

    def trace(self, frame: types.FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != NAME:
            return None
        if event in ("line", "return"):
            self.note(id(frame.f_code), dict(frame.f_locals), 0 if event == "return" else 2)
        return self.trace

    def note(self, owner: int, names: dict[str, Any], depth: int = 0) -> None:
        for name, value in names.items():
            if str(name).startswith("__") or isinstance(value, types.ModuleType):
                continue
            if isinstance(value, int | float | numpy.generic | numpy.ndarray | torch.Tensor):
                self.keep(owner, str(name), value)
            if depth < 3 and not (depth == 2 and hasattr(value, "dtype")):
                self.note(owner, _inside(value), depth + 1)
            if isinstance(value, list):
                self.values.setdefault(str(name), []).append(list(value))

    def keep(self, owner: int, name: str, value: Any) -> None:
        before = self.last.get((owner, name))
        if before is value and not isinstance(value, numpy.ndarray | torch.Tensor):
            return
        if before is not None and type(before) is type(value) and _unchanged(before, value):
            return
        kept = _copied(value)
        self.last[owner, name] = kept
        self.values.setdefault(name, []).append(kept)


def _copied(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    return value.copy() if isinstance(value, numpy.ndarray) else value


def _unchanged(before: Any, value: Any) -> bool:
    if isinstance(value, torch.Tensor):
        return before.shape == value.shape and bool((before == value).all())
    return bool(numpy.array_equal(before, value))


def _inside(value: Any) -> dict[str, Any]:
    """Entries of a container, attributes of an object, rows of an array."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list | tuple):
        fields = getattr(value, "_fields", None) or [f"[{place}]" for place in range(len(value))]
        return dict(zip(fields, value, strict=True))
    if isinstance(value, numpy.ndarray | torch.Tensor) and len(value.shape) == 2:
        return {f"[{place}]": row for place, row in enumerate(value)}
    if getattr(value, "__module__", type(value).__module__) in ("handed_in", "__main__", "types"):
        return {**_class_level(value), **getattr(value, "__dict__", {})}
    return {}


def _class_level(value: Any) -> dict[str, Any]:
    owner = value if isinstance(value, type) else type(value)
    return (
        {name: held for name, held in vars(owner).items() if not callable(held)} if owner.__module__ != "types" else {}
    )
