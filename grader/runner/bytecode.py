"""A submission's cells as code objects: compiled once by the grader and run by the child, which never sees the source.

Serialised with marshal. The grader only writes marshal data and never loads any, since loading untrusted marshal data
is unsafe. What would take too long to compile has been refused before (`submission.syntax.overgrown`).
"""

from __future__ import annotations
import __future__

import ast
import marshal
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from operator import attrgetter
from types import CodeType

from grader.instrument.site import Position, Site
from grader.instrument.sites import Instrumented, instrument, instrumented_again
from grader.runner.perturbation_transform import asserts, is_near, noisy, nonlinear, perturbed, sloped, unchecked
from grader.runner.program_ends import asking
from grader.submission.shifted import Shift
from grader.syntax_trees import nodes_of

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
    made = instrument(source, cell, first, _here(guarded, cell))
    return replace(made, statements=asking(made.statements, source, cell))


def _here(guarded: Guarded, cell: int) -> frozenset[Position]:
    return frozenset(position for at, position in guarded if at == cell)


def places(cells: Iterable[Instrumented]) -> bytes:
    """All sites of the cells, serialised."""
    return marshal.dumps([_FIELDS(site) for cell in cells for site in cell.sites])


@dataclass(frozen=True, slots=True)
class Program:
    """A submission as it is run, and the changed versions that show what was borrowed.

    `sources` and `names` are the cells'; `starts` has, for each of their statements, the number of its first site.
    `cells` are their statements, compiled. `guarded` is what they were instrumented with."""

    sources: tuple[str, ...]
    names: tuple[str, ...]
    starts: tuple[tuple[int, ...], ...]
    cells: tuple[tuple[Statement, ...], ...]
    guarded: Guarded

    def packed(self) -> bytes:
        """The cells, each as its name and its statements, serialised for exactly this version of the interpreter."""
        return _packed(self.names, self.cells)

    def noisy(self) -> bytes:
        """The program in which every operator and call passes its result to `runner.child.noise`."""
        return self._changed(range(len(self.sources)), lambda _, tree: noisy(tree))

    def perturbed(self, places: Iterable[Place]) -> bytes:
        """The program with perturbed slopes for the functions at `places`."""
        of = _by_cell(places)
        return self._changed(of, lambda cell, tree: perturbed(tree, of[cell]), _Near(of))

    def unchecked(self, places: Iterable[Place] = ()) -> bytes:
        """The program, of which no assertion fails, with perturbed slopes for the functions at `places`."""
        of = _by_cell(places)
        cells = {*of, *self._asserting()}
        return self._changed(cells, lambda cell, tree: unchecked(perturbed(tree, of[cell])), _NearOrAsserting(of))

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
        cells = {*of, *self._asserting()}
        return self._changed(cells, lambda cell, tree: nonlinear(unchecked(tree), of[cell]), _NearOrAsserting(of))

    def _asserting(self) -> list[int]:
        """The cells that may hold assertions."""
        return [cell for cell, source in enumerate(self.sources) if "assert" in source]

    def _changed(
        self,
        cells: Collection[int],
        change: Callable[[int, ast.Module], ast.Module],
        meant: Callable[[int, ast.stmt], bool] = lambda *_: True,
    ) -> bytes:
        """The program with the statements of these cells that are `meant` changed. All others are those of the usual
        program."""
        made: list[tuple[Statement, ...]] = []
        futures = 0
        for cell, statements in enumerate(self.cells):
            trees = self._again(cell, meant) if cell in cells else {}
            found: list[Statement] = []
            for top, usual in enumerate(statements):
                again = top in trees
                found.append(_code(change(cell, trees[top]), self.names[cell], futures) if again else usual)
                futures |= _futures_of(found[-1:])
            made.append(tuple(found))
        return _packed(self.names, made)

    def _again(self, cell: int, meant: Callable[[int, ast.stmt], bool]) -> dict[int, ast.Module]:
        """The statements of a cell that are `meant`, instrumented anew."""
        source, guarded = self.sources[cell], _here(self.guarded, cell)
        trees = instrumented_again(source, cell, self.starts[cell], guarded, lambda one: meant(cell, one))
        return dict(zip(trees, asking(tuple(trees.values()), source, cell), strict=True))


@dataclass(frozen=True, slots=True)
class _Near:
    """Whether a statement of a cell has one of these places."""

    places: Mapping[int, Set[tuple[int, int]]]

    def __call__(self, cell: int, statement: ast.stmt) -> bool:
        return is_near(statement, {line for line, _ in self.places.get(cell, ())})


@dataclass(frozen=True, slots=True)
class _NearOrAsserting(_Near):
    """Whether a statement of a cell has one of these places, or an assertion."""

    def __call__(self, cell: int, statement: ast.stmt) -> bool:
        return _Near.__call__(self, cell, statement) or any(map(asserts, nodes_of(statement)))


def program(
    sources: Sequence[str], names: Sequence[str], cells: Sequence[Instrumented], guarded: Guarded = frozenset()
) -> Program:
    """Compile a submission. `cells` are the sources, instrumented with `guarded`."""
    made: list[tuple[Statement, ...]] = []
    futures = 0
    for one, name in zip(cells, names, strict=True):
        made.append(_compiled(one.statements, name, futures))
        futures |= _futures_of(made[-1])
    return Program(tuple(sources), tuple(names), tuple(map(_starts, cells)), tuple(made), guarded)


def _starts(cell: Instrumented) -> tuple[int, ...]:
    """The number of the first site of each statement of a cell; for one without sites, any."""
    first = {site.top: site.number for site in reversed(cell.sites)}
    return tuple(first.get(top, 0) for top in range(len(cell.statements)))


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
