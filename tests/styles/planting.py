"""One mistake, planted in a derivation before a style is applied to it."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from grader.exercise.load import find
from tests.quality.mutants import Spot, changes, formulas, spots
from tests.quality.oracle import Watched, truth_of
from tests.styles.derivations import Body, Derivation, derivation, fresh, names_bound, written
from tests.styles.programs import MARK, file, script

KINDS = frozenset(
    {
        "sign",
        "name",
        "transpose",
        "axis",
        "term missing",
        "minus missing",
        "factor missing",
        "operator",
        "order",
        "power",
        "constant",
        "reduction missing",
        "mean for sum",
        "sum for mean",
        "function missing",
        "factor too many",
    }
)
"""The kinds of change that are planted: those that leave the statement what it is."""


@dataclass(frozen=True, slots=True)
class Planted:
    """A derivation with a marked mistake. `wrong` are the steps whose own line it spoils, in the order they are made:
    the first of them is the one that is lost."""

    wrong: tuple[str, ...]
    kind: str
    derivation: Derivation


@cache
def mistakes(exercise: str, count: int) -> tuple[Planted, ...]:
    """Mistakes that show: each in another kind of change, as long as there are others."""
    right = derivation(exercise)
    watched = Watched(file(script(right)).text, right.loaded)
    found: list[Planted] = []
    for place, number, kind in _drawn(right):
        if len(found) == count:
            break
        made = _planted(right, place, number)
        truth = None if made is None else truth_of(watched, file(script(made)).text, Path(find(exercise)))
        if made is not None and truth is not None and truth.wrong:
            found.append(Planted(truth.wrong, kind, made))
    return tuple(found)


Choice = tuple[int, int, str]
"""Which change, counted over the lines backwards: the statement, the number of the change in it, its kind."""


def _drawn(right: Derivation) -> Iterator[Choice]:
    by_kind: dict[str, list[Choice]] = {}
    for place, number, kind, _, _ in _changes(right.backward, right):
        by_kind.setdefault(kind, []).append((place, number, kind))
    source = random.Random(right.exercise)
    for choices in by_kind.values():
        source.shuffle(choices)
    while by_kind:
        for kind in source.sample(sorted(by_kind), len(by_kind)):
            yield by_kind[kind].pop()
            if not by_kind[kind]:
                del by_kind[kind]


def _changes(body: Body, right: Derivation) -> Iterator[tuple[int, int, str, Spot, ast.expr]]:
    tree = ast.Module([*fresh(right.forward), *body], [])
    inside = {id(part) for one in body for part in ast.walk(one)}
    statements = [(one, known) for one, known in formulas(tree, frozenset(right.inputs)) if id(one) in inside]
    for place, (statement, known) in enumerate(statements):
        seen = 0
        for spot in spots(statement):
            for kind, new in changes(spot, (*right.inputs, *known)):
                seen += 1
                if kind in KINDS:
                    yield place, seen, kind, spot, new


def _planted(right: Derivation, place: int, number: int) -> Derivation | None:
    body = fresh(right.backward)
    for here, seen, _, spot, new in _changes(body, right):
        if (here, seen) == (place, number):
            spot.put(ast.Call(ast.Name(MARK, ast.Load()), [new], []))
            return replace(right, backward=fresh(body))
    return None


def is_inside(one: Derivation) -> bool:
    """Whether the mark is still there, once."""
    return written([*one.forward, *one.backward]).count(MARK) == 1 and bool(names_bound(one.backward))
