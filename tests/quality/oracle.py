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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

from grader.exercise.load import load
from grader.exercise.types import Draw, Exercise, Input

Point = Mapping[str, Any]
Values = dict[str, list[Any]]
"""What each step was bound to, one time after the other."""

SEEN, GIVEN, OTHER = "__seen__", "__given__", "__other__"

Place = tuple[int, int]
"""A statement, as it is counted, and which time it ran."""


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


@dataclass
class Run:
    """What one run bound: `seen` every step, one time after the other; `others` every other name, by statement and
    occurrence, with when that was. `commits` is what each step was worth before the right value was put in its place,
    in the order in which that was found out."""

    seen: Values
    others: dict[Place, tuple[int, Any]]
    last: dict[str, int]
    commits: dict[str, Any]
    passes: dict[str, int]


@dataclass(frozen=True)
class Known:
    """The truth at one point, and the bindings that hold a step's value before it gets its name: a helper's, or an
    earlier one of the name's own."""

    values: Values
    helpers: Mapping[Place, str]
    earlier: frozenset[tuple[str, int]]


class Watched:
    """A script ready to be run at any point. Raises `SyntaxError`."""

    def __init__(self, source: str, exercise: Exercise) -> None:
        self.exercise = exercise
        self._known: tuple[Known, ...] | None = None
        self.late: dict[str, int] = {}
        self.quantities = (*exercise.forward_steps, *exercise.steps)
        self.members: dict[str, list[str]] = {}
        for step in self.quantities:
            if step.family:
                self.members.setdefault(step.family, []).append(step.name)
        tree = _without_asserts(ast.parse(source + ("\n" + exercise.answer if exercise.answer else "")))
        inputs = {one.name for one in exercise.inputs}
        loops = (one for node in ast.walk(tree) if isinstance(node, ast.For | ast.While) for one in ast.walk(node))
        # A script that goes on training has other numbers in every pass.
        self.trains = any(label(target) in inputs for one in loops for target in targets(one))
        listed = {name for node in ast.walk(tree) if (name := _item_of(node, set(self.members)))}
        watcher = _Watcher(exercise, listed, tree)
        watcher.block(tree.body, top=True)
        self.code = compile(ast.fix_missing_locations(tree), "script", "exec")

    def known(self, exercise: Path) -> tuple[Known, ...]:
        """The truth at each of our points, as this script, which is right, has it; empty where it does not run."""
        if self._known is None:
            runs = [self.run(point) for point in points(exercise)]
            if runs[0] is not None:
                self._note_late(runs[0])
                runs = [self.run(point) for point in points(exercise)]
            there = [run for run in runs if run is not None]
            self._known = () if len(there) < len(runs) else tuple(_known(there))
        return self._known

    def _note_late(self, run: Run) -> None:
        """Families bound once less than they have members: the first of them is from before the loop."""
        for family, count in run.passes.items():
            self.late[family] = int(count == len(self.members[family]) - 1)

    def run(self, point: Point, known: Known | None = None) -> Run | None:
        """One run, with steps put right where the truth is `known`. None where it raises."""
        run = Run({}, {}, {}, {}, {})
        truth = None if known is None else known.values
        clock = iter(range(10**9))

        def right(name: str, value: Any) -> Any:
            assert truth is not None
            run.commits.setdefault(name, _copied(value))
            return value if same(value, truth[name][-1]) else _copied(truth[name][-1])

        def look(name: str, value: Any, index: int | None = None) -> Any:
            if index is not None:
                name = f"{name}[{int(index)}]"
            elif name in self.members:
                name = self._member(name, run.passes)
            before = run.seen.setdefault(name, [])
            before.append(_copied(value))
            run.last[name] = next(clock)
            if len(before) > PASSES:
                raise RecursionError("a training loop")
            if known is None or truth is None or name not in truth:
                return value
            here = len(before) - 1
            due = here == len(truth[name]) - 1 or (name, here) in known.earlier
            return right(name, value) if due else value

        def other(statement: int, value: Any) -> Any:
            place = statement, sum(1 for one in run.others if one[0] == statement)
            run.others[place] = next(clock), _copied(value)
            if len(run.others) > 100 * PASSES:
                raise RecursionError("a training loop")
            return value if known is None or place not in known.helpers else right(known.helpers[place], value)

        names: dict[str, Any] = {"__name__": "__main__", SEEN: look, OTHER: other}
        names[GIVEN] = lambda name, old: _like(old, point[name])
        names.update({name: _copied(value) for name, value in point.items()})
        try:
            with _quietly(), _in_doubles(), _uncompiled():
                exec(self.code, names)
        except (Exception, SystemExit):
            return None
        return run

    def _member(self, family: str, passes: dict[str, int]) -> str:
        """Which member one more binding of a family's name is."""
        members, count = self.members[family], passes.get(family, 0)
        passes[family] = count + 1
        return members[min(count + self.late.get(family, 0), len(members) - 1)]


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), numpy.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def _uncompiled() -> Iterator[None]:
    """What torch would compile runs as it is written: traced, the calls that note bindings would not come to an end."""

    def as_it_is(model: Any = None, *_: Any, **options: Any) -> Any:
        return as_it_is if model is None else model

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch, "compile", as_it_is)
        patch.setattr(torch.jit, "script", as_it_is)
        yield


@contextlib.contextmanager
def _in_doubles() -> Iterator[None]:
    """Whatever a script makes torch's default dtype, other tests find theirs as it was."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def _known(runs: Sequence[Run]) -> Iterator[Known]:
    """The truth of every run of a right script."""
    seen = [run.seen for run in runs]
    helpers: dict[Place, str] = {}
    for place in set.intersection(*(set(run.others) for run in runs)):
        held = [run.others[place][1] for run in runs]
        later = [name for name, when in runs[0].last.items() if when > runs[0].others[place][0]]
        for name in sorted(later, key=lambda one: runs[0].last[one]):
            if _is(held, [values[name][-1] for values in seen if name in values]):
                helpers[place] = name
                break
    earlier = {
        (name, here)
        for name, values in seen[0].items()
        for here in range(min(len(one[name]) for one in seen) - 1)
        if _is([one[name][here] for one in seen], [one[name][-1] for one in seen])
    }
    for values in seen:
        yield Known(values, helpers, frozenset(earlier))


def _is(held: Sequence[Any], values: Sequence[Any]) -> bool:
    """Whether something holds a value at every point, and that is another one at each."""
    pairs = list(zip(held, values, strict=False))
    return len(pairs) == len(held) > 1 and all(same(*pair) for pair in pairs) and not same(values[0], values[1])


class _Watcher:
    """Puts a call behind every binding of a step, and one behind the first binding of every input."""

    def __init__(self, exercise: Exercise, listed: set[str], tree: ast.Module) -> None:
        self.number = {id(one): place for place, one in enumerate(ast.walk(tree)) if isinstance(one, ast.stmt)}
        quantities = (*exercise.forward_steps, *exercise.steps)
        self.steps = {step.family or step.name for step in quantities}
        self.families = {step.family for step in quantities if step.family}
        self.inputs = {one.name for one in exercise.inputs}
        self.all_inputs = frozenset(self.inputs)
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
            elif isinstance(target, ast.Name | ast.Attribute | ast.Subscript) and name not in self.all_inputs:
                spelled = ast.unparse(target)
                yield _statement(f"{spelled} = {OTHER}({self.number[id(statement)]}, {spelled})")


def targets(statement: ast.AST) -> list[ast.expr]:
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
    except (TypeError, ValueError, RuntimeError):
        return False
    if first.shape != second.shape:
        return False
    return bool(
        numpy.allclose(first, second, rtol=1e-7, atol=1e-10 + 1e-9 * float(numpy.max(numpy.abs(second), initial=0)))
    )


def _finite(value: Any) -> bool:
    try:
        return bool(numpy.all(numpy.isfinite(_squeezed(value))))
    except (TypeError, ValueError, RuntimeError):
        return False


def _squeezed(value: Any) -> Any:
    return numpy.asarray(value.detach() if hasattr(value, "detach") else value, dtype=float).squeeze()


def truth_of(right: Watched, wrong: str, exercise: Path) -> Truth | None:
    """What the mistakes of `wrong` do; None where it raises somewhere, binds other steps than `right` does, is right
    by errors that cancel, or is off by so little that it is a matter of taste."""
    try:
        watched = Watched(wrong, right.exercise)
    except SyntaxError:
        return None
    watched.late = right.late
    bad: dict[str, None] = {}
    fed: set[str] = set()
    for point, known in zip(points(exercise), right.known(exercise), strict=True):
        truth = known.values
        natural = watched.run(point)
        forced = None if natural is None else watched.run(point, known)
        if natural is None or forced is None or any(not _finite(one[-1]) for one in natural.seen.values()):
            return None
        runs = (natural.seen, forced.seen)
        if any(len(run.get(name, ())) != len(values) for run in runs for name, values in truth.items()):
            return None
        pairs = [(natural.seen[name][-1], truth[name][-1]) for name in truth]
        if any(
            _close(*pair) for pair in (*pairs, *((value, truth[name][-1]) for name, value in forced.commits.items()))
        ):
            return None
        bad |= {name: None for name, value in forced.commits.items() if not same(value, truth[name][-1])}
        fed |= {name for name, values in truth.items() if not same(natural.seen[name][-1], values[-1])}
    return None if set(bad) - fed else Truth(tuple(bad), frozenset(fed - set(bad)))


def _close(value: Any, right: Any) -> bool:
    """Whether a value is not the right one, and yet within a thousandth of it."""
    try:
        have, want = _squeezed(value), _squeezed(right)
    except (TypeError, ValueError, RuntimeError):
        return False
    if have.shape != want.shape or same(value, right):
        return False
    return bool(numpy.max(numpy.abs(have - want), initial=0) <= 1e-3 * float(numpy.max(numpy.abs(want), initial=0)))


def complete(right: Watched, exercise: Path) -> bool:
    """Whether a solution can be run here, follows its inputs, and binds every step, each at one place."""
    known = right.known(exercise)
    if right.trains or not known or not {step.name for step in right.exercise.steps} <= set(known[0].values):
        return False
    forward = [step.name for step in right.exercise.forward_steps if step.name in known[0].values]
    return all(not same(known[0].values[name][-1], known[1].values[name][-1]) for name in forward)


def exercise_named(text: str) -> str:
    """The exercise a script says it is for."""
    named = re.search(r"^# exercise: (\S+)$", text, re.M)
    return named[1] if named else "tanh-chain"
