"""A submission's cells as code: made by the grader, once, and run by the child, which never sees a line of source.

Packed as Python packs its own code, which must not be read where anybody else may have written it: the grader writes
this, and never reads any. What would take too long to compile has been refused before (`submission.growth`).
"""

from __future__ import annotations
import __future__

import ast
import marshal
from collections.abc import Iterable, Sequence
from operator import attrgetter
from types import CodeType

from grader.runner.perturbation_transform import bent, disturbed, unchecked
from grader.runner.program_ends import asking
from grader.runner.site import Site
from grader.runner.sites import Instrumented, instrument

Statement = CodeType | tuple[str, str]
"""Code, or the type and the text of the error of a statement that cannot be compiled (nested too deep)."""

_FIELDS = attrgetter(*Site.__slots__)

_FUTURES = sum({getattr(__future__, name).compiler_flag for name in __future__.all_feature_names})
"""All flags `from __future__ import ...` may set."""


def instrumented(sources: Iterable[str]) -> tuple[Instrumented, ...]:
    """All cells of a submission, their sites numbered throughout. Raises `SyntaxError`."""
    made: list[Instrumented] = []
    for number, source in enumerate(sources):
        made.append(asking(instrument(source, number, sum(len(one.sites) for one in made)), source, number))
    return tuple(made)


def program(cells: Sequence[Instrumented], names: Sequence[str]) -> bytes:
    """The cells, each as its name and its statements; for an interpreter of this very version."""
    return _packed([one.statements for one in cells], names)


def places(cells: Iterable[Instrumented]) -> bytes:
    """All their sites."""
    return marshal.dumps([_FIELDS(site) for cell in cells for site in cell.sites])


def noisy_program(sources: Sequence[str], names: Sequence[str]) -> bytes:
    """The same, with every operator and call handing over what it gives."""
    return _packed([[disturbed(tree) for tree in one.statements] for one in instrumented(sources)], names)


def unchecked_program(sources: Sequence[str], names: Sequence[str]) -> bytes:
    """The same without assertions."""
    return _packed([[unchecked(tree) for tree in one.statements] for one in instrumented(sources)], names)


def bent_program(sources: Sequence[str], names: Sequence[str], places: Iterable[tuple[int, int, int]]) -> bytes:
    """The same with the functions at some places (cell, line, column) bent."""
    made = []
    for number, one in enumerate(instrumented(sources)):
        here = frozenset((line, column) for cell, line, column in places if cell == number)
        made.append([bent(tree, here) for tree in one.statements])
    return _packed(made, names)


def _packed(cells: Sequence[Iterable[ast.Module]], names: Sequence[str]) -> bytes:
    futures, made = 0, []
    for trees, name in zip(cells, names, strict=True):
        statements: list[Statement] = []
        for tree in trees:
            code = _compiled(tree, name, futures)
            # `from __future__ import annotations` holds for all that follows, other cells included.
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
