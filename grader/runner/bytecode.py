"""A submission's cells as code objects: compiled once by the grader and run by the child, which never sees the source.

Serialised with marshal. The grader only writes marshal data and never loads any, since loading untrusted marshal data
is unsafe. What would take too long to compile has been refused before (`submission.syntax.overgrown`).
"""

from __future__ import annotations
import __future__

import ast
import marshal
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import CodeType

from grader.instrument.site import Position, Site
from grader.instrument.sites import Instrumented, instrument
from grader.runner.perturbation_transform import bent, disturbed, nonlinear, sloped, unchecked
from grader.runner.program_ends import asking
from grader.submission.shifted import Shift

Statement = CodeType | tuple[str, str]
"""A code object; or type and text of the error, for a statement that cannot be compiled (nested too deep)."""

_FIELDS = attrgetter(*Site.__slots__)

_FUTURES = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})
"""All compiler flags that `from __future__ import ...` may set."""


Place = tuple[int, int, int]
"""A cell, a line, a column."""

Guarded = frozenset[tuple[int, Position]]
"""Assignments (cell, position) for which the grader may supply a value where they raise."""


def instrumented(sources: Iterable[str], guarded: Guarded = frozenset()) -> tuple[Instrumented, ...]:
    """All cells of a submission, instrumented; sites are numbered across cells. Raises `SyntaxError`."""
    made: list[Instrumented] = []
    for number, source in enumerate(sources):
        made.append(_instrumented(source, number, sum(len(one.sites) for one in made), guarded))
    return tuple(made)


def _instrumented(source: str, cell: int, first: int, guarded: Guarded) -> Instrumented:
    here = frozenset(position for at, position in guarded if at == cell)
    return asking(instrument(source, cell, first, here), source, cell)


def places(cells: Iterable[Instrumented]) -> bytes:
    """All sites of the cells, serialised."""
    return marshal.dumps([_FIELDS(site) for cell in cells for site in cell.sites])


@dataclass(frozen=True, slots=True)
class Program:
    """A submission as it is run, and the changed versions that show what was borrowed.

    `sources` and `names` are the cells'; `sites` says how many sites each has. `cells` are their statements. `guarded`
    is what they were instrumented with."""

    sources: tuple[str, ...]
    names: tuple[str, ...]
    sites: tuple[int, ...]
    cells: tuple[tuple[Statement, ...], ...]
    guarded: Guarded

    def packed(self) -> bytes:
        """The cells, each as its name and its statements, serialised for exactly this version of the interpreter."""
        return _packed(self.names, self.cells)

    def noisy(self) -> bytes:
        """The program in which every operator and call passes its result to `runner.child.noise`."""
        return self._changed(range(len(self.sources)), lambda _, tree: disturbed(tree))

    def bent(self, places: Iterable[Place]) -> bytes:
        """The program with perturbed slopes for the functions at `places`."""
        of = _by_cell(places)
        return self._changed(of, lambda cell, tree: bent(tree, of[cell]))

    def unchecked(self, places: Iterable[Place] = ()) -> bytes:
        """The program, of which no assertion fails, with perturbed slopes for the functions at `places`."""
        of = _by_cell(places)
        return self._changed({*of, *self._asserting()}, lambda cell, tree: unchecked(bent(tree, of[cell])))

    def sloped(self, shifts: Iterable[Shift]) -> bytes:
        """The program, of which no assertion fails, with other slopes for everything computed from shifted values."""
        bases = defaultdict[int, dict[tuple[int, int, int, int], int]](dict)
        for one in shifts:
            bases[one.cell][one.position] = one.base
        return self._changed(range(len(self.sources)), lambda cell, tree: sloped(unchecked(tree), bases[cell]))

    def nonlinear(self, ends: Iterable[Place]) -> bytes:
        """The program, of which no assertion fails, with perturbed slopes for functions named in expressions with these
        `ends`."""
        of = _by_cell(ends)
        return self._changed({*of, *self._asserting()}, lambda cell, tree: nonlinear(unchecked(tree), of[cell]))

    def _asserting(self) -> list[int]:
        """The cells that may hold assertions."""
        return [cell for cell, source in enumerate(self.sources) if "assert" in source]

    def _changed(self, cells: Collection[int], change: Callable[[int, ast.Module], ast.Module]) -> bytes:
        """The program with each statement of these cells changed. Other cells need not be compiled again."""
        made: list[tuple[Statement, ...]] = []
        futures = 0
        for cell, (source, name, statements) in enumerate(zip(self.sources, self.names, self.cells, strict=True)):
            if cell in cells:
                one = _instrumented(source, cell, sum(self.sites[:cell]), self.guarded)
                statements = _compiled([change(cell, tree) for tree in one.statements], name, futures)
            made.append(statements)
            futures |= _futures_of(statements)
        return _packed(self.names, made)


def program(
    sources: Sequence[str], names: Sequence[str], cells: Sequence[Instrumented], guarded: Guarded = frozenset()
) -> Program:
    """Compile a submission. `cells` are the sources, instrumented with `guarded`."""
    made: list[tuple[Statement, ...]] = []
    futures = 0
    for one, name in zip(cells, names, strict=True):
        made.append(_compiled(one.statements, name, futures))
        futures |= _futures_of(made[-1])
    return Program(tuple(sources), tuple(names), tuple(len(one.sites) for one in cells), tuple(made), guarded)


def _by_cell(places: Iterable[Place]) -> defaultdict[int, set[tuple[int, int]]]:
    found = defaultdict[int, set[tuple[int, int]]](set)
    for cell, line, column in places:
        found[cell].add((line, column))
    return found


def _packed(names: Sequence[str], cells: Sequence[Sequence[Statement]]) -> bytes:
    return marshal.dumps([(name, list(statements)) for name, statements in zip(names, cells, strict=True)])


def _futures_of(statements: Iterable[Statement]) -> int:
    """The flags of `from __future__ import annotations` and alike, which hold for everything that follows, other cells
    included."""
    found = 0
    for one in statements:
        found |= one.co_flags & _FUTURES if isinstance(one, CodeType) else 0
    return found


def _compiled(trees: Iterable[ast.Module], name: str, futures: int) -> tuple[Statement, ...]:
    made: list[Statement] = []
    for tree in trees:
        made.append(_code(tree, name, futures))
        futures |= _futures_of(made[-1:])
    return tuple(made)


def _code(tree: ast.Module, name: str, futures: int) -> Statement:
    try:
        code: CodeType = compile(tree, name, "exec", futures, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError) as error:
        return type(error).__name__, str(error)
    return code
