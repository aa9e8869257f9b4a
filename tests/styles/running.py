"""A program run in plain Python, without the grader: what everything in it held, line by line."""

from __future__ import annotations

import ast
import contextlib
import io
import os
import sys
import types
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy
import torch

from grader.exercise.load import find
from tests.quality.oracle import points
from tests.styles.derivations import Derivation, Program, written
from tests.styles.programs import MARK

NAME = "submission under test"

Values = dict[str, list[Any]]
"""By name, one after the other."""


def last_values(program: Program, one: Derivation) -> dict[str, Any]:
    """What each name held in the end."""
    return {name: values[-1] for name, values in run(program, one, seen=Seen(lines=False)).items()}


def run(
    program: Program, one: Derivation, given: Mapping[str, Any] | None = None, seen: Seen | None = None
) -> dict[str, list[Any]]:
    """What each name, attribute and entry held, line by line: plain Python, no grader. What never ends is left out.
    `given` is there before the program, and once more before functions asked for are called."""
    texts = [written(part for part in cell if not _is_endless(part)) for cell in program.cells]
    # As a module of its own: a dataclass looks for the one it is made in.
    module = types.ModuleType("handed_in")
    module.__dict__.update({MARK: lambda value: value, "input": lambda _: "", "__name__": "__main__"})
    seen = seen or Seen()
    given = given or (point(one.exercise) if one.functions else {})
    module.__dict__.update(given)
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
    os.environ.setdefault("MPLBACKEND", "Agg")
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
    """The values of a run, looked at after every line, as they were then; or at the ends of functions and cells."""

    def __init__(self, lines: bool = True) -> None:
        self.lines = lines
        self.values: Values = {}
        self.last: dict[tuple[int, str], Any] = {}

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self.trace)
        try:
            yield
        finally:
            sys.settrace(before)

    def trace(self, frame: types.FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != NAME:
            return None
        frame.f_trace_lines = self.lines
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
