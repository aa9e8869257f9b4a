"""The worked solutions taken apart, so that they can be put together again in another style.

A `Derivation` is a list of plain statements: what the program starts from, the lines forwards, the lines backwards.
A style changes such a list (`Derivation -> Derivation`) or lays it out as a program (`Derivation -> Program`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from grader.exercise.load import collection, find, load
from grader.exercise.types import Exercise
from tests.solutions import styles as taken_apart

Body = list[ast.stmt]

SOLUTIONS = Path(__file__).parents[2] / "solutions"
EXERCISES = tuple(path.stem for path in collection())


class DoesNotFit(Exception):
    """A style has nothing to change in a derivation, or would change what it says."""


@dataclass(frozen=True, slots=True)
class HandedIn:
    """A function an exercise asks for: its name, its arguments, what it returns."""

    name: str
    arguments: str
    returned: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """`before` brings in libraries, helpers and the given numbers; `forward` ends before the first step, `backward`
    with the last; `after` is what else the program does. `kept` says where a step is found that is no plain name,
    and `holder` what all of them are kept in. `functions` are those of an exercise that asks for functions."""

    exercise: str
    before: Body
    forward: Body
    backward: Body
    inputs: tuple[str, ...]
    asked: tuple[str, ...]
    after: Body = field(default_factory=list)
    kept: Mapping[str, str] = field(default_factory=dict)
    holder: str = ""
    functions: tuple[HandedIn, ...] = ()

    def spelled(self, name: str) -> str:
        return self.kept.get(name, name)

    @property
    def loaded(self) -> Exercise:
        return loaded(self.exercise)

    @property
    def loss(self) -> str:
        """What the program computes in the end."""
        if self.functions:
            return "L"
        bound = names_bound(self.forward)
        return [step.name for step in self.loaded.forward_steps if step.name in bound][-1]


@dataclass(frozen=True, slots=True)
class Program:
    """Cells of statements; of a script there is one, or one for each `# %%`."""

    cells: tuple[Body, ...]
    notebook: bool = False


@cache
def loaded(exercise: str) -> Exercise:
    return load(find(exercise))


def parsed(text: str) -> Body:
    return ast.parse(text).body


def written(body: Iterable[ast.stmt]) -> str:
    return "\n".join(ast.unparse(ast.fix_missing_locations(one)) for one in body)


def fresh(body: Iterable[ast.stmt]) -> Body:
    """A copy that can be changed."""
    return parsed(written(body))


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def names_read(node: ast.AST | Iterable[ast.AST]) -> set[str]:
    return {one.id for one in _all(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def names_bound(node: ast.AST | Iterable[ast.AST]) -> set[str]:
    """Names that are bound as a whole; not those an entry of is."""
    return {one.id for one in _all(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)}


def names_changed(node: ast.AST | Iterable[ast.AST]) -> set[str]:
    """Names that are bound, or have entries bound."""
    entries = (one for one in _all(node) if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store))
    return names_bound(node) | {one.value.id for one in entries if isinstance(one.value, ast.Name)}


def _all(node: ast.AST | Iterable[ast.AST]) -> Iterator[ast.AST]:
    for one in [node] if isinstance(node, ast.AST) else node:
        yield from ast.walk(one)


class _Renamed(ast.NodeTransformer):
    def __init__(self, made: Mapping[str, str]) -> None:
        self.made = made

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.made:
            return node
        new = expression(self.made[node.id])
        new.ctx = node.ctx  # type: ignore[attr-defined]  # a name, an attribute or a subscript
        return new

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        """`:=` binds plain names only."""
        if not self.made.get(node.target.id, node.target.id).isidentifier():
            raise DoesNotFit
        return self.generic_visit(node)  # type: ignore[return-value]


def renamed(body: Iterable[ast.stmt], made: Mapping[str, str]) -> Body:
    """With other names, or places in a container, for names."""
    return [_Renamed(made).visit(one) for one in fresh(body)]


def is_step(statement: ast.stmt, asked: Iterable[str]) -> str | None:
    """The step that a statement `step = formula` binds."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)]) if name in asked:
            return name
    return None


@cache
def derivation(exercise: str) -> Derivation:
    source = (SOLUTIONS / f"{exercise}.py").read_text("utf-8")
    known = loaded(exercise)
    asked = tuple(dict.fromkeys(step.family or step.name for step in known.steps))
    inputs = tuple(one.name for one in known.inputs)
    if known.answer:
        return _handed_in(exercise, source, inputs, asked)
    flat = taken_apart.flat(source, inputs, asked)
    before = [one for one in flat.before if not _is_text(one)]
    return Derivation(exercise, before, flat.forward, flat.backward, inputs, asked)


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _handed_in(exercise: str, source: str, inputs: tuple[str, ...], asked: tuple[str, ...]) -> Derivation:
    """The bodies of the functions an exercise asks for, without the cache that goes from one to the other."""
    answer = loaded(exercise).answer or ""
    tree = [one for one in parsed(source.split("# %% Check")[0]) if not _is_text(one)]
    functions = [one for one in tree if isinstance(one, ast.FunctionDef) and f"{one.name}(" in answer]
    before = [one for one in tree if isinstance(one, ast.Import) or (_is_function(one) and one not in functions)]
    bodies = [fresh(_without_cache(one.body)) for one in functions]
    signatures = tuple(
        HandedIn(one.name, ast.unparse(one.args), ast.unparse(one.body[-1]).removeprefix("return ").strip("()"))
        for one in functions
    )
    forward, backward = bodies if len(bodies) == 2 else _parted(bodies[0], asked)
    return Derivation(exercise, before, forward, backward, inputs, asked, functions=signatures)


def _is_function(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.FunctionDef)


def _without_cache(body: Body) -> Body:
    return [one for one in body if not isinstance(one, ast.Return) and not _is_text(one) and not _about_cache(one)]


def _about_cache(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Assign) and "cache" in (
        ast.unparse(statement.targets[0]),
        ast.unparse(statement.value),
    )


def _parted(body: Body, asked: tuple[str, ...]) -> tuple[Body, Body]:
    """A function that goes forwards and backwards, before its first step."""
    first = next(place for place, one in enumerate(body) if names_bound(one) & {*asked, "said"})
    return body[:first], body[first:]


def with_backward(one: Derivation, backward: Body) -> Derivation:
    if written(backward) == written(one.backward):
        raise DoesNotFit
    return replace(one, backward=backward)
