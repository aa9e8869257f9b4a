"""A submission's cells as code objects: compiled once by the grader and run by the child, which never sees the source.

Serialised with marshal. The grader only writes marshal data and never loads any, since loading untrusted marshal data
is unsafe. What would take too long to compile has been refused before (`submission.syntax.overgrown`).
"""

from __future__ import annotations
import __future__

import ast
import marshal
from collections.abc import Iterable, Sequence
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


Guarded = frozenset[tuple[int, Position]]
"""Assignments (cell, position) for which the grader may supply a value where they raise."""


def instrumented(sources: Iterable[str], guarded: Guarded = frozenset()) -> tuple[Instrumented, ...]:
    """All cells of a submission, instrumented; sites are numbered across cells. Raises `SyntaxError`."""
    made: list[Instrumented] = []
    for number, source in enumerate(sources):
        here = frozenset(position for cell, position in guarded if cell == number)
        made.append(asking(instrument(source, number, sum(len(one.sites) for one in made), here), source, number))
    return tuple(made)


def program(cells: Sequence[Instrumented], names: Sequence[str]) -> bytes:
    """The cells, each as its name and its statements, serialised for exactly this version of the interpreter."""
    return _packed([one.statements for one in cells], names)


def places(cells: Iterable[Instrumented]) -> bytes:
    """All sites of the cells, serialised."""
    return marshal.dumps([_FIELDS(site) for cell in cells for site in cell.sites])


def noisy_program(sources: Sequence[str], names: Sequence[str], guarded: Guarded = frozenset()) -> bytes:
    """The program in which every operator and call passes its result to `runner.child.noise`."""
    return _packed([[disturbed(tree) for tree in one.statements] for one in instrumented(sources, guarded)], names)


def unchecked_program(
    sources: Sequence[str],
    names: Sequence[str],
    places: Iterable[tuple[int, int, int]] = (),
    guarded: Guarded = frozenset(),
) -> bytes:
    """The program, of which no assertion fails, with perturbed slopes for the functions at `places` (cell, line,
    column)."""
    return _packed([[unchecked(tree) for tree in trees] for trees in _bent(sources, places, guarded)], names)


def bent_program(
    sources: Sequence[str],
    names: Sequence[str],
    places: Iterable[tuple[int, int, int]],
    guarded: Guarded = frozenset(),
) -> bytes:
    """The program with perturbed slopes for the functions at `places` (cell, line, column)."""
    return _packed(_bent(sources, places, guarded), names)


def sloped_program(
    sources: Sequence[str], names: Sequence[str], shifts: Iterable[Shift], guarded: Guarded = frozenset()
) -> bytes:
    """The program, of which no assertion fails, with other slopes for everything computed from shifted values."""
    bases: list[dict[tuple[int, int, int, int], int]] = [{} for _ in sources]
    for one in shifts:
        bases[one.cell][one.position] = one.base
    cells = zip(instrumented(sources, guarded), bases, strict=True)
    return _packed([[sloped(unchecked(tree), here) for tree in one.statements] for one, here in cells], names)


def nonlinear_program(
    sources: Sequence[str],
    names: Sequence[str],
    ends: Iterable[tuple[int, int, int]],
    guarded: Guarded = frozenset(),
) -> bytes:
    """The program, of which no assertion fails, with perturbed slopes for functions named in expressions with these
    `ends` (cell, line, column)."""
    here: list[set[tuple[int, int]]] = [set() for _ in sources]
    for cell, line, column in ends:
        here[cell].add((line, column))
    cells = zip(instrumented(sources, guarded), here, strict=True)
    return _packed([[nonlinear(unchecked(tree), meant) for tree in one.statements] for one, meant in cells], names)


def _bent(sources: Sequence[str], places: Iterable[tuple[int, int, int]], guarded: Guarded) -> list[list[ast.Module]]:
    made = []
    for number, one in enumerate(instrumented(sources, guarded)):
        here = frozenset((line, column) for cell, line, column in places if cell == number)
        made.append([bent(tree, here) for tree in one.statements])
    return made


def _packed(cells: Sequence[Iterable[ast.Module]], names: Sequence[str]) -> bytes:
    futures, made = 0, []
    for trees, name in zip(cells, names, strict=True):
        statements: list[Statement] = []
        for tree in trees:
            code = _compiled(tree, name, futures)
            # `from __future__ import annotations` holds for everything that follows, other cells included.
            futures |= code.co_flags & _FUTURES if isinstance(code, CodeType) else 0
            statements.append(code)
        made.append((name, statements))
    return marshal.dumps(made)


def _compiled(tree: ast.Module, name: str, futures: int) -> Statement:
    try:
        code: CodeType = compile(tree, name, "exec", futures, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError, SystemError) as error:
        return type(error).__name__, str(error)
    return code
