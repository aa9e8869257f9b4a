"""One mistake, planted in a derivation before a style is applied to it."""

from __future__ import annotations

import ast
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path

from grader.exercise.load import find
from tests.quality.mutants import Spot, changes, formulas, spots
from tests.quality.oracle import Watched, truth_of
from tests.styles.derivations import Body, Derivation, derivation, fresh, names_bound, names_read
from tests.styles.layouts import shared_helper
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
    """Mistakes in the lines backwards that show: each in another kind of change, as long as there are others."""
    right = derivation(exercise)
    return tuple(islice(_that_show(right, _in_the_lines_backwards(right)), count))


@cache
def mistakes_in_a_helper(exercise: str, count: int) -> tuple[Planted, ...]:
    """The same in a function that is called for several steps. Raises `DoesNotFit`."""
    right = shared_helper(derivation(exercise))
    return tuple(islice(_that_show(right, _in_the_helper(right)), count))


Change = tuple[str, Derivation]
"""What kind of mistake that is, and the derivation with it."""


def _that_show(right: Derivation, changed: Iterator[Change]) -> Iterator[Planted]:
    """Those that make a step's own line wrong at every point."""
    watched = Watched(file(script(right)).text, right.loaded)
    for kind, made in changed:
        truth = truth_of(watched, file(script(made)).text, Path(find(right.exercise)))
        if truth is not None and truth.wrong:
            yield Planted(truth.wrong, kind, made)


def _in_the_lines_backwards(right: Derivation) -> Iterator[Change]:
    known = [*right.inputs, *sorted(names_bound(right.forward))]
    for kind, body in _in_turn(right.exercise, right.backward, known):
        if not _either_of_two(right, body):
            yield kind, replace(right, backward=body)


def _either_of_two(right: Derivation, body: Body) -> bool:
    """Whether the changed line reads a local that nobody asked for and no other line reads: the same mistake may then
    as well have been made in the line before, and nobody can tell."""
    lines = [one for one in _plain_lines(right.backward) if not isinstance(one, ast.For)]
    readers = Counter(name for one in lines for name in names_read(one))
    own = names_bound(right.backward) - set(right.asked)
    (changed,) = (one for one in _plain_lines(body) if MARK in names_read(one) and not isinstance(one, ast.For))
    return any(readers[name] == 1 for name in own & names_read(changed))


def _plain_lines(body: Body) -> list[ast.stmt]:
    return [part for one in body for part in ast.walk(one) if isinstance(part, ast.stmt)]


def _in_the_helper(right: Derivation) -> Iterator[Change]:
    *before, helper = right.before
    for kind, body in _in_turn(right.exercise, [helper], []):
        yield kind, replace(right, before=[*before, *body])


def _in_turn(seed: str, lines: Body, known: list[str]) -> Iterator[tuple[str, Body]]:
    """Every change of some lines, marked: of each kind one after the other, in an order that the seed draws."""
    by_kind: dict[str, list[int]] = {}
    for number, (kind, _, _) in enumerate(_changes(lines, known)):
        by_kind.setdefault(kind, []).append(number)
    source = random.Random(seed)
    for numbers in by_kind.values():
        source.shuffle(numbers)
    while by_kind:
        for kind in source.sample(sorted(by_kind), len(by_kind)):
            yield kind, _with_change(lines, known, by_kind[kind].pop())
            if not by_kind[kind]:
                del by_kind[kind]


def _changes(lines: Body, known: list[str]) -> Iterator[tuple[str, Spot, ast.expr]]:
    for statement, bound in formulas(ast.Module(lines, []), frozenset()):
        for spot in spots(statement):
            for kind, new in changes(spot, (*known, *bound)):
                if kind in KINDS:
                    yield kind, spot, new


def _with_change(lines: Body, known: list[str], number: int) -> Body:
    body = fresh(lines)
    _, spot, new = next(islice(_changes(body, known), number, None))
    spot.put(ast.Call(ast.Name(MARK, ast.Load()), [new], []))
    return fresh(body)
