"""Skeletons of the functions that an exercise's `answer` calls: parameters and results are read from the calls."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from grader.exercise.types import Exercise, Step
from grader.formula.syntax import Program, Statement, names, statements
from grader.syntax_trees import tree_of


@dataclass(frozen=True, slots=True)
class Function:
    """A called function: its parameters, and the names of its results (empty: they have no names)."""

    name: str
    parameters: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the `answer` needs from a submission: functions, `forward` quantities that it reads before any function has
    returned them, and `values` that nothing has computed yet."""

    functions: tuple[Function, ...] = ()
    forward: frozenset[str] = frozenset()
    values: tuple[str, ...] = ()


def answer_of(exercise: Exercise) -> Answer:
    """Read from an exercise's `answer` what it calls and reads."""
    if exercise.answer is None:
        return Answer()
    forward = {step.family or step.name for step in exercise.forward_steps}
    known = {one.name for one in exercise.inputs} | {"np", "torch", "math"}
    functions: dict[str, Function] = {}
    read: dict[str, None] = {}
    for statement in tree_of(exercise.answer).body:
        targets = _targets(statement)
        called = {}
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not _is_builtin(node.func.id):
                own = targets if node is getattr(statement, "value", None) else ()
                called[node.func.id] = Function(node.func.id, _parameters(node), own)
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not _is_builtin(node.id):
                read.update(dict.fromkeys({node.id} - known - called.keys() - functions.keys()))
        functions = {**called, **functions}
        known.update(targets)
    ordered = sorted(functions.values(), key=lambda one: (exercise.answer or "").index(one.name))
    values = tuple(name for name in read if name not in forward)
    return Answer(tuple(ordered), frozenset(forward & read.keys()), values)


def _is_builtin(name: str) -> bool:
    return hasattr(builtins, name)


def _targets(statement: ast.stmt) -> tuple[str, ...]:
    if not isinstance(statement, ast.Assign):
        return ()
    parts = [part for target in statement.targets for part in _parts(target)]
    return tuple(part.id if isinstance(part, ast.Name) else f"result{at}" for at, part in enumerate(parts, 1))


def _parts(target: ast.expr) -> list[ast.expr]:
    return target.elts if isinstance(target, ast.Tuple | ast.List) else [target]


def _parameters(call: ast.Call) -> tuple[str, ...]:
    found: list[str] = []
    for at, argument in enumerate(call.args, 1):
        match argument:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                pass
            case ast.Starred():
                name = "*arguments"
            case _:
                name = f"argument{at}"
        found.append(name if name not in found else f"{name}{at}")
    return (*found, *(keyword.arg or "**options" for keyword in call.keywords))


def sliced(program: Program, wanted: Collection[str], known: Collection[str]) -> Program | None:
    """The statements that compute `wanted` from `known`; None if further names are needed."""
    needed, kept = set(wanted), list[Statement]()
    for statement in reversed(program):
        inside = list(statements((statement,)))
        assigned = {one.name for one in inside}
        if not assigned & needed:
            continue
        read = {name for one in inside for name in names(one.value).union(*map(names, one.keys))}
        needed = (needed - assigned) | (read - assigned)
        kept.append(statement)
    loops = {name for statement in kept for name in _loop_names(statement)}
    return tuple(reversed(kept)) if needed - loops <= set(known) else None


def _loop_names(statement: Statement) -> Iterable[str]:
    from grader.formula.syntax import For

    if isinstance(statement, For):
        yield statement.variable
        yield from (name for end in (statement.start, statement.stop, statement.step) for name in names(end))
        for inner in statement.body:
            yield from _loop_names(inner)


def steps_of(exercise: Exercise, functions: tuple[Function, ...]) -> dict[str, list[Step]]:
    """The steps computed in each function: in the one that returns them, otherwise in the last that returns one."""
    found: dict[str, list[Step]] = {one.name: [] for one in functions}
    home = {name: one.name for one in reversed(functions) for name in one.results}
    keys = [step.family or step.name for step in exercise.steps]
    last = next((home[key] for key in reversed(keys) if key in home), functions[-1].name if functions else "")
    for step, key in zip(exercise.steps, keys, strict=True):
        if functions:
            found[home.get(key, last)].append(step)
    return found
