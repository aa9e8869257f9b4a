"""What a submission's mistakes do, found by running it here: independent of the grader's runner and judge.

The script is run at numbers of the suite's own, as written and with the truth fed in; each binding of a step is
looked at by a call put behind it. `right` is the solution a wrong script was made from: its values are the truth.
"""

from __future__ import annotations

import ast
import contextlib
import io
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy

from grader.exercise.load import load
from grader.exercise.types import Draw, Exercise, Input

Point = Mapping[str, Any]
Values = dict[str, list[Any]]
"""What each step was bound to, one time after the other."""

SEEN, GIVEN = "__seen__", "__given__"


PASSES = 200
"""How often a step may be bound: a script that trains for longer is not looked at here."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The quantities a script gets wrong by itself, in the order it came to them, and those only fed by these."""

    wrong: tuple[str, ...]
    carried: frozenset[str]


@cache
def points(exercise: Path, count: int = 2) -> tuple[Point, ...]:
    """Numbers of our own for every input."""
    source = numpy.random.default_rng(20)
    return tuple({one.name: _drawn(one, source) for one in load(exercise).inputs} for _ in range(count))


def _drawn(one: Input, source: numpy.random.Generator) -> Any:
    if one.fixed and one.given is not None:
        held = numpy.frombuffer(one.given.data, dtype="<f8").reshape(one.shape)
        made: Any = held.astype(int) if one.whole else held.copy()
    else:
        made = _from(one, one.draw if one.given is None else one.probe or one.draw, source)
    return made if one.shape else made.item()


def _from(one: Input, draw: Draw, source: numpy.random.Generator) -> Any:
    if draw.kind == "normal":
        return numpy.asarray(source.normal(size=one.shape))
    if draw.kind == "integers":
        return numpy.asarray(source.integers(int(draw.low), int(draw.high), size=one.shape))
    if draw.kind == "uniform":
        return numpy.asarray(source.uniform(draw.low, draw.high, size=one.shape))
    given = 1.0 if one.given is None else numpy.frombuffer(one.given.data, dtype="<f8").reshape(one.shape)
    return numpy.copysign(source.uniform(0.4, 1.6, size=one.shape), given)


class Watched:
    """A script ready to be run at any point. Raises `SyntaxError`."""

    def __init__(self, source: str, exercise: Exercise) -> None:
        self.exercise = exercise
        self._at: tuple[Values | None, ...] | None = None
        self.quantities = (*exercise.forward_steps, *exercise.steps)
        tree = _without_asserts(ast.parse(source + ("\n" + exercise.answer if exercise.answer else "")))
        families = {step.family: step for step in self.quantities if step.family}
        listed = {name for node in ast.walk(tree) if (name := _item_of(node, set(families)))}
        watcher = _Watcher(exercise, listed)
        watcher.block(tree.body, top=True)
        self.code = compile(ast.fix_missing_locations(tree), "script", "exec")

    def at(self, exercise: Path) -> tuple[Values | None, ...]:
        """The values at each of our points."""
        if self._at is None:
            self._at = tuple(self.values(point) for point in points(exercise))
        return self._at

    def values(self, point: Point, truth: Values | None = None) -> Values | None:
        """All values of all steps; with the last of each put right where `truth` is fed in. None where it raises."""
        seen: Values = {}
        members = {step.family: [] for step in self.quantities if step.family}
        for step in self.quantities:
            if step.family:
                members[step.family].append(step.name)
        passes: dict[str, int] = {}

        def look(name: str, value: Any, index: int | None = None, whole: bool = True) -> Any:
            if index is not None:
                name = f"{name}[{int(index)}]"
            elif name in members:
                passes[name] = passes.get(name, -1) + 1
                name = members[name][min(passes[name], len(members[name]) - 1)]
            before = seen.pop(name, [])
            seen[name] = before  # in the order of the last bindings
            before.append(_copied(value))
            if len(before) > PASSES:
                raise RecursionError("a training loop")
            if truth is not None and len(before) == len(truth.get(name, ())) and not same(value, truth[name][-1]):
                return _copied(truth[name][-1])
            return value

        names: dict[str, Any] = {"__name__": "__main__", SEEN: look, GIVEN: lambda name, old: _like(old, point[name])}
        names.update({name: _copied(value) for name, value in point.items()})
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), numpy.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                exec(self.code, names)
        except Exception:
            return None
        return seen


class _Watcher:
    """Puts a call behind every binding of a step, and one behind the first binding of every input."""

    def __init__(self, exercise: Exercise, listed: set[str]) -> None:
        quantities = (*exercise.forward_steps, *exercise.steps)
        self.steps = {step.family or step.name for step in quantities}
        self.families = {step.family for step in quantities if step.family}
        self.inputs = {one.name for one in exercise.inputs}
        self.listed = listed

    def block(self, body: list[ast.stmt], top: bool = False) -> None:
        for statement in list(body):
            for field in ("body", "orelse", "finalbody"):
                inner = getattr(statement, field, None)
                if inner:
                    self.block(inner, top and isinstance(statement, ast.With))
            place = body.index(statement) + 1
            body[place:place] = list(self.behind(statement, top))

    def behind(self, statement: ast.stmt, top: bool) -> Iterator[ast.stmt]:
        for target in targets(statement):
            name = label(target)
            if top and isinstance(target, ast.Name) and name in self.inputs:
                self.inputs.discard(name)
                yield _statement(f"{name} = {GIVEN}({name!r}, {name})")
            elif name in self.steps and name not in self.listed:
                spelled = ast.unparse(target)
                yield _statement(f"{spelled} = {SEEN}({name!r}, {spelled})")
            elif isinstance(target, ast.Subscript) and (owner := label(target.value)) in self.steps:
                spelled = ast.unparse(target.value)
                if owner in self.families:
                    spelled, key = ast.unparse(target), ast.unparse(target.slice)
                    yield _statement(f"{spelled} = {SEEN}({owner!r}, {spelled}, {key})")
                else:
                    yield _statement(f"{spelled} = {SEEN}({owner!r}, {spelled})")


def targets(statement: ast.stmt) -> list[ast.expr]:
    """What a statement binds or changes."""
    match statement:
        case ast.Assign(targets=found):
            return [part for one in found for part in (one.elts if isinstance(one, ast.Tuple | ast.List) else [one])]
        case ast.AugAssign(target=target) | ast.AnnAssign(target=target, value=ast.expr()):
            return [target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="at"), args=[first, *_])):
            return [first]
    return []


def label(target: ast.expr) -> str:
    """`dh2` of `dh2`, `self.dh2` and `grads["dh2"]`."""
    match target:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=str(name))):
            return name
    return ""


def _without_asserts(tree: ast.Module) -> ast.Module:
    """Checks of the script's own would end a wrong one."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            inner = getattr(node, field, None)
            if isinstance(inner, list):
                inner[:] = [ast.Pass() if isinstance(one, ast.Assert) else one for one in inner]
    return tree


def _item_of(node: ast.AST, families: set[str]) -> str:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
        name = label(node.value)
        return name if name in families else ""
    return ""


def _statement(text: str) -> ast.stmt:
    return ast.parse(text).body[0]


def _copied(value: Any) -> Any:
    if hasattr(value, "detach"):
        return value.detach().clone()
    return value.copy() if isinstance(value, numpy.ndarray) else value


def _like(old: Any, new: Any) -> Any:
    """The point's number in the form the script keeps it in."""
    if hasattr(old, "detach"):
        import torch

        made = torch.tensor(new, dtype=torch.float64 if old.is_floating_point() else old.dtype)
        made = made.reshape(old.shape) if made.numel() == old.numel() else made
        return made.requires_grad_(old.requires_grad)
    if isinstance(old, numpy.ndarray):
        made = numpy.array(new, dtype=None if old.dtype.kind == "f" else old.dtype)
        return made.reshape(old.shape) if made.size == old.size else made
    if isinstance(old, list):
        return numpy.asarray(new).tolist()
    return int(new) if isinstance(old, int) and float(new).is_integer() else new


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal but for axes of size 1."""
    try:
        first, second = _squeezed(left), _squeezed(right)
    except (TypeError, ValueError):
        return False
    if first.shape != second.shape:
        return False
    return bool(
        numpy.allclose(first, second, rtol=1e-7, atol=1e-10 + 1e-9 * float(numpy.max(numpy.abs(second), initial=0)))
    )


def _finite(value: Any) -> bool:
    try:
        return bool(numpy.all(numpy.isfinite(_squeezed(value))))
    except (TypeError, ValueError):
        return False


def _squeezed(value: Any) -> Any:
    return numpy.asarray(value.detach() if hasattr(value, "detach") else value, dtype=float).squeeze()


def truth_of(right: Watched, wrong: str, exercise: Path) -> Truth | None:
    """What the mistakes of `wrong` do; None where it raises somewhere, or binds other steps than `right` does."""
    try:
        watched = Watched(wrong, right.exercise)
    except SyntaxError:
        return None
    bad: dict[str, None] = {}
    fed: set[str] = set()
    for k, point in enumerate(points(exercise)):
        truth = right.at(exercise)[k]
        natural = watched.values(point)
        forced = None if natural is None or truth is None else watched.values(point, truth)
        if truth is None or natural is None or forced is None:
            return None
        if any(not _finite(values[-1]) for values in natural.values()):
            return None
        if any(len(run.get(name, ())) != len(values) for run in (natural, forced) for name, values in truth.items()):
            return None
        bad |= {name: None for name in forced if name in truth and not same(forced[name][-1], truth[name][-1])}
        fed |= {name for name, values in truth.items() if not same(natural[name][-1], values[-1])}
    # Right as it stands, by errors that cancel, is another matter.
    return None if set(bad) - fed else Truth(tuple(bad), frozenset(fed - set(bad)))


def complete(right: Watched, exercise: Path) -> bool:
    """Whether a solution can be run here and binds every step."""
    values = right.values(points(exercise)[0])
    return values is not None and {step.name for step in right.exercise.steps} <= set(values)


def exercise_named(text: str) -> str:
    """The exercise a script says it is for."""
    named = re.search(r"^# exercise: (\S+)$", text, re.M)
    return named[1] if named else "tanh-chain"
